"""Train one small network with weights of 8 to 1 bits on scikit-learn's digits, and write it as ONNX.

Run `python models/train_low_bit.py FOLDER [bits ...]`: it writes `low_bit_<bits>.onnx`; bench/low_bit.py does.

Conv 3x3 to 32 channels, conv 3x3 to 64 of stride 2, conv 1x1 to 64, global average, dense to 10; batch normalisation
folded. A float network is trained once; for each width it is then trained on with its weights rounded in the forward
pass (straight-through gradients), and written with those weights as int8 in QuantizeLinear / DequantizeLinear style, as
train_digits.py writes the bundled model. Activations have 8 bits. Data, seeds, thread count: as there.
Needs `pip install -e '.[train]'`.

Levels of b bits, symmetric for each output channel: 3 to 8 bits, -(2^(b-1) - 1) to 2^(b-1) - 1 at the scale of the
largest weight; 2 bits, {-1, 0, +1} where |w| exceeds 0.7 of its mean, at the mean of those (ternary weight networks, Li
et al. 2016); 1 bit, the sign, at the mean of |w|.
"""

from __future__ import annotations

import copy
import sys
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import torch
from digits_graph import Activation, QdqGraph, float_range
from torch import nn
from torch.nn import functional
from train_digits import Data, load, shifted

EPOCHS, TUNING_EPOCHS, BATCH = 20, 8, 64
WIDTHS = (8, 6, 4, 3, 2, 1)
FLOAT_BITS = 32


def rounded(weight: torch.Tensor, bits: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Levels and the scale [oc, 1, ...] of a weight [oc, ...]."""
    rows = weight.detach().abs().flatten(1)
    shape = (-1,) + (1,) * (weight.ndim - 1)
    if bits == 1:
        return torch.where(weight < 0, -1.0, 1.0), rows.mean(1).reshape(shape)
    if bits == 2:
        kept = rows > 0.7 * rows.mean(1, keepdim=True)
        scale = (rows * kept).sum(1) / kept.sum(1).clamp(min=1)
        return torch.sign(weight.detach()) * kept.reshape(weight.shape), scale.reshape(shape)
    most = 2 ** (bits - 1) - 1
    scale = (rows.amax(1) / most).clamp(min=1e-8).reshape(shape)
    return torch.clamp(torch.round(weight.detach() / scale), -most, most), scale


class Net(nn.Module):
    """`forward` returns every activation that is quantised, by name; `bits`: of weights, FLOAT_BITS for as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.bits = FLOAT_BITS
        self.convs = nn.ModuleDict(
            {
                "stem": nn.Conv2d(1, 32, 3, 1, 1, bias=False),
                "down": nn.Conv2d(32, 64, 3, 2, 1, bias=False),
                "mix": nn.Conv2d(64, 64, 1, bias=False),
            }
        )
        self.norms = nn.ModuleDict({name: nn.BatchNorm2d(conv.out_channels) for name, conv in self.convs.items()})
        self.head = nn.Linear(64, 10)

    def weight(self, layer: nn.Module) -> torch.Tensor:
        """A layer's weight as the forward pass has it; the gradient is the unrounded weight's."""
        weight = layer.weight
        assert isinstance(weight, torch.Tensor)
        if self.bits == FLOAT_BITS:
            return weight
        levels, scale = rounded(weight, self.bits)
        return weight + (levels * scale - weight).detach()

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        seen: dict[str, torch.Tensor] = {}
        for name, conv in self.convs.items():
            made = functional.conv2d(x, self.weight(conv), None, conv.stride, conv.padding)
            seen[name] = x = self.norms[name](made).relu()
        seen["pool"] = x.mean((2, 3), keepdim=True)
        seen["logits"] = functional.linear(seen["pool"].flatten(1), self.weight(self.head), self.head.bias)
        return seen


def train(net: Net, data: Data, epochs: int, rate: float) -> Net:
    """Trains in place, seeded; returns the network in its inference form."""
    torch.manual_seed(7)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    x, y = torch.from_numpy(data.x_train), torch.from_numpy(data.y_train)
    steps = epochs * -(-len(x) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    net.train()
    for _ in range(epochs):
        for pick in torch.randperm(len(x)).split(BATCH):
            optimiser.zero_grad()
            functional.cross_entropy(net(shifted(x[pick]))["logits"], y[pick]).backward()
            optimiser.step()
            schedule.step()
    return net.eval()


@cache
def digits() -> Data:
    """The data of the bundled model: 1,347 images to train, 450 to test."""
    return load()


@cache
def float_net() -> Net:
    """Where every width starts from."""
    torch.manual_seed(7)
    return train(Net(), digits(), EPOCHS, 1e-2)


class _LevelGraph(QdqGraph):
    """Weights come as levels; `scales` [oc] by layer's name."""

    def __init__(self, image: Activation) -> None:
        super().__init__("low_bit", image, ("N", 1, 8, 8))
        self.scales: dict[str, np.ndarray] = {}

    def _weights(self, name: str, x: Activation, weight: np.ndarray, bias: np.ndarray) -> list[str]:
        scale_w = self.scales[name].astype(np.float32)
        scale_b = (np.float32(x.scale) * scale_w).astype(np.float32)
        biases = np.rint(bias.astype(np.float64) / scale_b).astype(np.int32)
        return [
            self._channels(f"{name}_weight", weight.astype(np.int8), scale_w),
            self._channels(f"{name}_bias", biases, scale_b),
        ]


def exported(bits: int) -> onnx.ModelProto:
    """The network tuned for `bits` and quantised."""
    net = copy.deepcopy(float_net())
    net.bits = bits
    train(net, digits(), TUNING_EPOCHS, 3e-3)
    with torch.no_grad():
        seen = net(torch.from_numpy(digits().x_train))
        act = {name: float_range(name, value.numpy()) for name, value in seen.items()}
        graph = _LevelGraph(Activation("image", 1 / 255, -128))
        x = graph.input
        for name, conv in net.convs.items():
            levels, scale = rounded(conv.weight, bits)
            norm = net.norms[name]
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            bias = norm.bias - norm.running_mean * gain
            signed = levels * torch.sign(gain).reshape(-1, 1, 1, 1)
            graph.scales[name] = (scale.flatten() * gain.abs()).numpy()
            x = graph.conv(name, x, (signed.numpy(), bias.numpy()), act[name], relu=True, stride=conv.stride[0])
        x = graph.pool_flatten("pool", x, act["pool"])
        levels, scale = rounded(net.head.weight, bits)
        graph.scales["head"] = scale.flatten().numpy()
        graph.dense("head", x, (levels.numpy(), net.head.bias.numpy()), act["logits"])
    return graph.finish("logits", ("N", 10))


def main() -> None:
    """Write the models of the widths asked for."""
    for bits in [int(text) for text in sys.argv[2:]] or WIDTHS:
        onnx.save(exported(bits), Path(sys.argv[1]) / f"low_bit_{bits}.onnx")


if __name__ == "__main__":
    main()
