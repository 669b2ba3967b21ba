"""Train and quantise the bundled digits model: `digits_qdq.onnx`, and its test set `digits_test.npz`.

Run `python models/train_digits.py`; it needs `pip install -e '.[train]'`. Seeds are fixed and one thread is used: the
same versions on the same kind of machine write the same bytes.

Data: scikit-learn's digits (1,797 grey images of 8x8, values 0 to 16), divided by 16; a quarter is the test set.
Network, N,C,H,W: conv 3x3 to 16 channels; a residual block (depthwise 3x3, pointwise, add); a depthwise-separable
step down to 4x4 and 32 channels; global average pool; dense to 10. Batch normalisation is folded into the
convolutions.
Quantisation: int8 everywhere, weights symmetric per output channel, activations affine per tensor from the extremes
on the training set, biases int32 at scale_input * scale_weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from digits_graph import Activation, QdqGraph, float_range
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

HERE = Path(__file__).resolve().parent
EPOCHS = 60
BATCH = 64
TARGET_ACCURACY = 0.97


@dataclass(frozen=True, slots=True)
class Data:
    """Images float32 [n,1,8,8] in 0..1 and labels int64 [n], for training and for the test."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load() -> Data:
    digits: Any = load_digits()
    images = (digits.images[:, None] / 16.0).astype(np.float32)
    x_train, x_test, y_train, y_test = train_test_split(
        images, digits.target.astype(np.int64), test_size=0.25, random_state=0, stratify=digits.target
    )
    return Data(x_train, y_train, x_test, y_test)


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution with 'same' padding, without bias, and its batch normalisation."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


class Net(nn.Module):
    """The float network. `forward` returns every activation that is quantised, by name; the last is `logits`."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(1, 16, 3)
        self.res_dw = conv(16, 16, 3, groups=16)
        self.res_pw = conv(16, 16, 1)
        self.down_dw = conv(16, 16, 3, stride=2, groups=16)
        self.down_pw = conv(16, 32, 1)
        self.head = nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        seen = {"image": x}
        seen["stem"] = self.stem(x).relu()
        seen["res_dw"] = self.res_dw(seen["stem"]).relu()
        seen["res_pw"] = self.res_pw(seen["res_dw"])
        seen["res_add"] = (seen["stem"] + seen["res_pw"]).relu()
        seen["down_dw"] = self.down_dw(seen["res_add"]).relu()
        seen["down_pw"] = self.down_pw(seen["down_dw"]).relu()
        seen["pool"] = seen["down_pw"].mean((2, 3), keepdim=True)
        seen["logits"] = self.head(seen["pool"].flatten(1))
        return seen


def shifted(x: torch.Tensor) -> torch.Tensor:
    """Move every image by -1, 0 or 1 pixel each way: the only augmentation."""
    dy, dx = (int(v) for v in torch.randint(-1, 2, (2,)))
    return nn.functional.pad(x, (1, 1, 1, 1))[:, :, 1 + dy : 9 + dy, 1 + dx : 9 + dx]


def train(data: Data) -> Net:
    torch.manual_seed(7)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    net, x, y = Net(), torch.from_numpy(data.x_train), torch.from_numpy(data.y_train)
    steps = EPOCHS * -(-len(x) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=steps)
    for _ in range(EPOCHS):
        for pick in torch.randperm(len(x)).split(BATCH):
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(shifted(x[pick]))["logits"], y[pick]).backward()
            optimiser.step()
            schedule.step()
    return net.eval()


def folded(layer: nn.Sequential) -> tuple[np.ndarray, np.ndarray]:
    """Weights [oc,ic/groups,kh,kw] and bias [oc] with the batch normalisation folded in."""
    weight: Any = layer[0].weight
    norm: Any = layer[1]
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    bias = norm.bias - norm.running_mean * gain
    return (weight * gain[:, None, None, None]).detach().numpy(), bias.detach().numpy()


def export(net: Net, data: Data) -> onnx.ModelProto:
    """The quantised graph; activation ranges are those of the training set."""
    with torch.no_grad():
        seen = net(torch.from_numpy(data.x_train))
    act = {name: float_range(name, value.numpy()) for name, value in seen.items()}
    graph = QdqGraph("digits", Activation("image", 1 / 255, -128), ("N", 1, 8, 8))
    stem = graph.conv("stem", graph.input, folded(net.stem), act["stem"], relu=True)
    x = graph.conv("res_dw", stem, folded(net.res_dw), act["res_dw"], groups=16, relu=True)
    x = graph.conv("res_pw", x, folded(net.res_pw), act["res_pw"], relu=False)
    x = graph.add("res_add", stem, x, act["res_add"])
    x = graph.conv("down_dw", x, folded(net.down_dw), act["down_dw"], groups=16, stride=2, relu=True)
    x = graph.conv("down_pw", x, folded(net.down_pw), act["down_pw"], relu=True)
    x = graph.pool_flatten("pool", x, act["pool"])
    head = (net.head.weight.detach().numpy(), net.head.bias.detach().numpy())
    graph.dense("head", x, head, act["logits"])
    return graph.finish("logits", ("N", 10))


def accuracy(model: onnx.ModelProto, data: Data) -> float:
    """Share of the test set that ONNX Runtime, without graph optimisations, labels rightly."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    logits: Any = session.run(None, {"image": data.x_test})[0]
    return float((logits.argmax(1) == data.y_test).mean())


def main() -> None:
    data = load()
    net = train(data)
    with torch.no_grad():
        logits = net(torch.from_numpy(data.x_test))["logits"].numpy()
    model = export(net, data)
    reached = accuracy(model, data)
    print(
        f"test accuracy: float {(logits.argmax(1) == data.y_test).mean():.4f}, int8 {reached:.4f} of {len(data.y_test)}"
    )
    if reached < TARGET_ACCURACY:
        raise SystemExit(f"the quantised model reaches less than {TARGET_ACCURACY}: nothing was written")
    onnx.save(model, HERE / "digits_qdq.onnx")
    np.savez_compressed(HERE / "digits_test.npz", image=data.x_test, labels=data.y_test.astype(np.uint8))


if __name__ == "__main__":
    main()
