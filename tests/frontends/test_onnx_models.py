"""Real QDQ models: every tensor equals ONNX Runtime's (optimisation off) but where its float32 sums cross a tie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from hwcomp.frontends.onnx import read
from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.spec import find_problems
from hwcomp.ir.types import IntArray
from hwcomp.prove.steps_onnx_float import QdqPair, QdqTerm
from hwcomp.prove.terms_onnx import Accumulated, Applied
from tests.frontends.onnx_build import graph_outputs
from tests.resources import shared_model

# Outputs that differ from the recorded ones, all of them, and the rows compared: ties passed on through the layers.
OUTPUTS = {
    "mlperf_kws_dscnn_int8_tf2onnx": (2, 192, 16),
    "mlperf_ad_ae_int8_tf2onnx": (0, 10240, 16),
    "mlperf_ic_resnet8_int8_tf2onnx": (6, 160, 16),
    "cifar_resnet20_qdq_s8s8_pc": (14, 160, 16),
    "coral_mobilenet_v1_0.25_128_quant_tf2onnx": (29, 4004, 4),
}
LARGE = ("coral_tf2_mobilenet_v2_1.0_224_ptq_tf2onnx", "efflite0_qdq_s8s8_pc")
NEAR = 2e-4  # levels: what a few hundred float32 additions lose


def path_of(name: str) -> Path:
    return shared_model(f"models/{name}.onnx")


def recorded(name: str) -> dict[str, NDArray[np.generic]]:
    return dict(np.load(shared_model(f"expected/{name}.npz")))


@pytest.mark.parametrize("name", OUTPUTS)
def test_recorded_outputs(name: str) -> None:
    wanted_wrong, wanted_total, rows = OUTPUTS[name]
    graph, data = read(path_of(name), "onnx"), recorded(name)
    wrong = total = 0
    for i in range(rows):
        (got,) = graph_outputs(graph, {graph.inputs[0].name: data["x"][i : i + 1]})
        expected = data["ort_noopt_y0"][i].reshape(got.shape)
        wrong += int((got != expected).sum())
        total += got.size
    assert (wrong, total) == (wanted_wrong, wanted_total)


class Tensors:
    """ONNX Runtime with every quantised tensor as an output."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        model = onnx.load(path)
        known = {o.name for o in model.graph.output}
        self.names = [n.output[0] for n in model.graph.node if n.op_type == "QuantizeLinear"]
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in self.names if name not in known)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(model.SerializeToString(), options)

    def run(self, x: NDArray[np.generic]) -> dict[str, IntArray]:
        found = self.session.run(self.names, {self.session.get_inputs()[0].name: x})
        return {name: array.astype(np.int64) for name, array in zip(self.names, found, strict=True)}


def as_held(array: IntArray, shape: tuple[int, ...]) -> IntArray:
    """The runtime's tensor (NCHW) in the graph's layout."""
    channels_last = array.transpose(0, 2, 3, 1) if array.ndim == 4 else array
    return channels_last if channels_last.shape == shape else array.reshape(shape)


def distance_to_tie(op: Rescale, acc: IntArray) -> NDArray[np.float64]:
    """How far each exact real quotient of an accumulator lies from the middle between two levels."""
    assert isinstance(op.step, QdqTerm)
    term = op.step.term
    while isinstance(term, Applied):
        term = term.argument
    assert isinstance(term, Accumulated)

    def column(values: tuple[float, ...]) -> NDArray[np.float64]:
        shape = [1] * acc.ndim
        shape[op.axis] = len(values)
        return np.array(values, np.float64).reshape(shape)

    real = (acc + column(term.offsets)) * column(term.scales) / term.divisor + column(term.biases)
    level = real / np.float64(np.float32(op.step.scales[0]))
    return np.abs(level - np.floor(level) - 0.5)


def compare_tensors(graph: Graph, tensors: Tensors, x: NDArray[np.generic]) -> tuple[int, int]:
    """(differing elements, elements) over all quantised tensors, each computed from the runtime's own inputs."""
    theirs = tensors.run(x)
    port, border = graph.values[graph.inputs[0].value], graph.inputs[0].quantizer
    if border is not None:
        x = np.clip(np.rint(x / np.float32(border.scale)) + border.zero_point, port.type.dtype.min, port.type.dtype.max)
    env = {v.name: v.data for v in graph.constants() if v.data is not None}
    env[port.name] = x.astype(np.int64).reshape(port.shape)
    wrong = total = 0
    for op in graph.ops:
        operands = [env[name] for name in op.inputs]
        ours = op.evaluate(*operands)[0]
        name = op.outputs[0]
        env[name] = as_held(theirs[name], ours.shape) if name in theirs else ours
        differs = ours != env[name]
        wrong, total = wrong + int(differs.sum()), total + (ours.size if name in theirs else 0)
        if isinstance(op, Softmax) or (isinstance(op, Rescale) and isinstance(op.step, QdqPair)):
            assert not differs.any(), f"{op.loc}: {int(differs.sum())} differ"
        elif isinstance(op, Rescale) and differs.any():
            assert np.abs(ours - env[name]).max() == 1
            assert distance_to_tie(op, operands[0])[differs].max() < NEAR, str(op.loc)
    return wrong, total


@pytest.mark.parametrize("name", [*OUTPUTS, *(pytest.param(n, marks=pytest.mark.slow) for n in LARGE)])
def test_every_tensor_differs_at_ties_only(name: str) -> None:
    graph, tensors, x = read(path_of(name), "onnx"), Tensors(path_of(name)), recorded(name)["x"]
    assert find_problems(graph) == []
    for i in range(2):
        wrong, total = compare_tensors(graph, tensors, x[i : i + 1])
        assert total > 1000
        assert wrong / total < 2e-5


def test_layout_moves_at_the_borders_only() -> None:
    graph = read(path_of("mlperf_ic_resnet8_int8_tf2onnx"), "onnx")
    kinds = [type(op).__name__ for op in graph.ops]
    assert "Transpose" not in kinds
    assert kinds.count("Reshape") == 1
