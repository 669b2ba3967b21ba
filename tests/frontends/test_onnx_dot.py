"""Conv, Gemm, MatMul, pools: equal to ONNX Runtime where its float32 sums are exact, else different at ties only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.requant import Rescale
from tests.frontends.onnx_build import Net, differing, graph_outputs, ort_outputs, read, reference_outputs

RNG = np.random.default_rng


def conv_net(
    x_shape: tuple[int, ...], w_shape: tuple[int, ...], x_type: Any = np.int8, w_type: Any = np.int8,
    per_channel: bool = True, bias: str = "integer", **attributes: Any,
) -> Net:  # fmt: skip
    """x -> DQ -> Conv with dequantised weights -> Q; scales of exact products, so that float32 sums are exact too."""
    net, rng = Net(13), RNG(len(x_shape) + w_shape[0])
    x = net.active(x_shape, 0.25, 5 if x_type is np.int8 else 120, x_type)
    limits = np.iinfo(w_type)
    levels = rng.integers(limits.min, limits.max + 1, w_shape, dtype=w_type)
    scale = 2.0 ** -rng.integers(3, 6, w_shape[0]).astype(np.float32) if per_channel else np.float32(0.125)
    zero = None if w_type is np.int8 else np.full(np.shape(scale), 128, w_type)
    inputs = [x, net.weights(levels, scale, zero)]
    if bias == "integer":
        b = net.constant(rng.integers(-3000, 3000, w_shape[0], dtype=np.int32))
        b_scale = (np.broadcast_to(scale, w_shape[0]) * np.float32(0.25)).astype(np.float32)
        inputs.append(net.dq(b, b_scale, np.zeros(w_shape[0], np.int32), np.int32, axis=0))
    elif bias == "float":
        inputs.append(net.constant(rng.integers(-40, 40, w_shape[0]).astype(np.float32) / 3))
    net.output(net.q(net.node("Conv", inputs, **attributes), 3.0, 7))
    return net


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "attributes"),
    [
        ((1, 3, 9, 8), (5, 3, 3, 3), {"pads": [1, 0, 2, 1]}),
        ((1, 3, 9, 8), (5, 3, 3, 3), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
        ((1, 3, 9, 8), (5, 3, 2, 4), {"auto_pad": "SAME_LOWER", "strides": [2, 3]}),
        ((1, 3, 9, 8), (5, 3, 3, 3), {"auto_pad": "VALID", "dilations": [2, 1]}),
        ((1, 6, 7, 7), (6, 1, 3, 3), {"group": 6, "pads": [1, 1, 1, 1]}),
        ((1, 6, 7, 7), (4, 3, 3, 3), {"group": 2}),
        (("N", 4, 5, 5), (3, 4, 1, 1), {"kernel_shape": [1, 1]}),
        ((1, 4, 11), (3, 4, 3), {"pads": [1, 1], "strides": [2]}),
        ((1, 1, 1, 1), (1, 1, 1, 1), {}),
    ],
)
@pytest.mark.parametrize("bias", ["none", "integer"])
def test_convolutions(
    tmp_path: Path, x_shape: tuple[int, ...], w_shape: tuple[int, ...], attributes: dict[str, Any], bias: str
) -> None:
    assert differing(conv_net(x_shape, w_shape, bias=bias, **attributes), tmp_path)[0] == 0


@pytest.mark.parametrize("x_type", [np.int8, np.uint8])
@pytest.mark.parametrize("w_type", [np.int8, np.uint8])
@pytest.mark.parametrize("per_channel", [True, False])
def test_types_of_convolutions(tmp_path: Path, x_type: Any, w_type: Any, per_channel: bool) -> None:
    net = conv_net((1, 3, 6, 6), (4, 3, 3, 3), x_type, w_type, per_channel, pads=[1, 1, 1, 1])
    assert differing(net, tmp_path)[0] == 0


def test_float_bias_is_added_before_quantising(tmp_path: Path) -> None:
    net = conv_net((1, 3, 6, 6), (4, 3, 3, 3), bias="float")
    graph = read(net, tmp_path)
    conv = next(op for op in graph.ops if isinstance(op, Conv2d))
    (rescale,) = (op for op in graph.ops if isinstance(op, Rescale))
    assert rescale.step.term.biases != (0.0,)  # type: ignore[attr-defined]
    folded = graph.values[conv.inputs[2]].data
    weights = graph.values[conv.inputs[1]].data
    assert folded is not None and weights is not None
    assert (folded == -5 * weights.reshape(4, -1).sum(axis=1)).all()
    assert differing(net, tmp_path)[0] == 0


def test_float_bias_of_whole_multiples_is_an_integer(tmp_path: Path) -> None:
    net = Net()
    x = net.active((1, 8), 0.25, 5)
    w = net.weights(RNG(1).integers(-128, 128, (3, 8), dtype=np.int8), np.float32(0.125))
    y = net.node("Gemm", [x, w, net.constant(np.array([1.0, -2.5, 0.03125], np.float32))], transB=1)
    net.output(net.q(y, 0.7, 1))
    graph = read(net, tmp_path)
    assert graph.ops[-1].step.term.biases == (0.0,)  # type: ignore[attr-defined]
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("activation", ["Relu", "Clip"])
def test_fused_activation_narrows_the_clamp(tmp_path: Path, activation: str) -> None:
    net = conv_net((1, 3, 6, 6), (4, 3, 3, 3))
    quantize = net.nodes[-1]
    source = quantize.input[0]
    bounds = [] if activation == "Relu" else [net.constant(np.float32(0)), net.constant(np.float32(6))]
    quantize.input[0] = "act"
    net.nodes.insert(-1, net.nodes[-1].__class__())
    from onnx import helper

    net.nodes[-2] = helper.make_node(activation, [source, *bounds], ["act"])
    graph = read(net, tmp_path)
    assert graph.values[graph.outputs[0].value].range.min >= 7
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("trans_b", [0, 1])
@pytest.mark.parametrize("per_channel", [True, False])
def test_gemm(tmp_path: Path, trans_b: int, per_channel: bool) -> None:
    net, rng = Net(), RNG(7)
    levels = rng.integers(-128, 128, (6, 20) if trans_b else (20, 6), dtype=np.int8)
    scale = (2.0 ** -np.arange(6)).astype(np.float32) if per_channel else np.float32(0.5)
    w = net.weights(levels, scale, axis=0 if trans_b else 1)
    b = net.dq(
        net.constant(rng.integers(-99, 99, 6, dtype=np.int32)),
        scale * np.float32(0.5),
        np.zeros_like(scale, np.int32),
        np.int32,
        axis=0,
    )
    y = net.node("Gemm", [net.active(("batch", 20), 0.5, -3), w, b], transB=trans_b)
    net.output(net.q(y, 9.0, 1))
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("shape", [(1, 20), (1, 5, 20), (1, 2, 5, 20)])
def test_matmul_and_bias(tmp_path: Path, shape: tuple[int, ...]) -> None:
    net, rng = Net(), RNG(8)
    scale = (2.0 ** -np.arange(6)).astype(np.float32)
    w = net.weights(rng.integers(-128, 128, (20, 6), dtype=np.int8), scale, axis=1)
    b = net.dq(
        net.constant(rng.integers(-99, 99, 6, dtype=np.int32)),
        scale * np.float32(0.5),
        np.zeros(6, np.int32),
        np.int32,
        axis=0,
    )
    y = net.node("Add", [net.node("MatMul", [net.active(shape, 0.5, -3), w]), b])
    net.output(net.q(y, 9.0, 1))
    graph = read(net, tmp_path)
    assert graph.ops[-1].step.term.offsets != (0,)  # type: ignore[attr-defined]
    assert differing(net, tmp_path)[0] == 0


def test_matmul_of_two_activations(tmp_path: Path) -> None:
    net = Net()
    y = net.node("MatMul", [net.active((1, 2, 5, 8), 0.5, -3), net.active((1, 2, 8, 3), 0.25, 9)])
    net.output(net.q(y, 9.0, 1))
    assert differing(net, tmp_path)[0] == 0


def test_four_bit_weights(tmp_path: Path) -> None:
    import onnx

    net = Net(21)
    x = net.active((1, 6), 0.5, -3)
    levels = [-8, 7, 3, -1, 0, 5, 1, 2, -4, 4, 6, -7, -3, 2, 1, 0, 7, -8]
    net.constants.append(onnx.helper.make_tensor("w4", onnx.TensorProto.INT4, [6, 3], levels))
    scale = net.constant(np.array([0.5, 0.25, 1.0], np.float32))
    w = net.node("DequantizeLinear", ["w4", scale], axis=1)
    net.output(net.q(net.node("MatMul", [x, w]), 2.0, 1))
    graph = read(net, tmp_path)
    dense = next(op for op in graph.ops if isinstance(op, Dense))
    assert str(graph.values[dense.inputs[1]].type) == "s4[3,6]"
    assert differing(net, tmp_path)[0] == 0


def test_quantised_float_weights_are_folded(tmp_path: Path) -> None:
    net = Net()
    floats = RNG(3).normal(0, 1, (6, 4)).astype(np.float32)
    scale, zero = np.float32(0.03125), np.int8(0)
    w = net.dq(net.q(net.constant(floats), scale, zero), scale, zero)
    net.output(net.q(net.node("MatMul", [net.active((1, 6), 0.5, -3), w]), 2.0, 1))
    assert differing(net, tmp_path)[0] == 0


def test_arbitrary_scales_differ_from_float32_sums_at_ties_only(tmp_path: Path) -> None:
    net, rng = Net(), RNG(11)
    x = net.active((1, 16, 12, 12), 0.0371, 4)
    scale = rng.uniform(0.001, 0.01, 24).astype(np.float32)
    y = net.node("Conv", [x, net.weights(rng.integers(-128, 128, (24, 16, 3, 3), dtype=np.int8), scale)])
    net.output(net.q(y, 0.05, 3))
    graph = read(net, tmp_path)
    feeds = net.samples(0)
    (got,), (wanted,) = graph_outputs(graph, feeds), ort_outputs(net.model(), feeds)
    conv = graph.ops[-2] if isinstance(graph.ops[-2], Conv2d) else next(o for o in graph.ops if isinstance(o, Conv2d))
    centred = feeds[net.inputs[0].name].astype(np.int64).transpose(0, 2, 3, 1)
    acc = conv.evaluate(centred, *(graph.values[name].data for name in conv.inputs[1:]))[0]  # type: ignore[arg-type]
    exact = acc * (np.float64(np.float32(0.0371)) * scale.astype(np.float64)) / np.float64(np.float32(0.05))
    to_tie = np.abs(exact - np.floor(exact) - 0.5).transpose(0, 3, 1, 2)
    assert (got[to_tie > 1e-3] == wanted[to_tie > 1e-3]).all()
    assert (got != wanted).sum() <= 3


@pytest.mark.parametrize("operator", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        ((1, 4, 8, 8), {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ((1, 4, 9, 7), {"kernel_shape": [3, 2]}),
        ((1, 4, 12), {"kernel_shape": [3], "strides": [2]}),
    ],
)
def test_pools(tmp_path: Path, operator: str, shape: tuple[int, ...], attributes: dict[str, Any]) -> None:
    net = Net()
    net.output(net.q(net.node(operator, [net.active(shape, 0.25, 4)], **attributes), 0.125, -9))
    assert differing(net, tmp_path)[0] == 0


def test_max_pool_padding_and_ceiling(tmp_path: Path) -> None:
    net = Net()
    y = net.node("MaxPool", [net.active((1, 3, 8, 9), 0.25, 4)], kernel_shape=[3, 3], strides=[2, 2],
                 pads=[1, 1, 1, 1], ceil_mode=1)  # fmt: skip
    net.output(net.q(y, 0.25, 4))
    assert differing(net, tmp_path)[0] == 0


def test_max_pool_right_after_a_convolution(tmp_path: Path) -> None:
    net = conv_net((1, 3, 10, 10), (4, 3, 3, 3))
    quantize = net.nodes[-1]
    from onnx import helper

    net.nodes[-1:] = [
        helper.make_node("Relu", [quantize.input[0]], ["r"]),
        helper.make_node("MaxPool", ["r"], ["m"], kernel_shape=[2, 2], strides=[2, 2]),
        quantize,
    ]
    quantize.input[0] = "m"
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("operator", "attributes", "inputs"),
    [
        ("GlobalAveragePool", {}, ()),
        ("GlobalMaxPool", {}, ()),
        ("ReduceMean", {"axes": [2, 3], "keepdims": 0}, ()),
        ("ReduceMean", {"axes": [-1]}, ()),
        ("ReduceMax", {"axes": [1], "keepdims": 0}, ()),
        ("ReduceMin", {"axes": [1], "keepdims": 0}, ()),
        ("ReduceMin", {}, ()),
        ("ReduceSum", {}, ([1, 2],)),
    ],
)
def test_reductions(tmp_path: Path, operator: str, attributes: dict[str, Any], inputs: tuple[list[int], ...]) -> None:
    net = Net()
    x = net.active((1, 4, 8, 4), 0.25, 4)
    y = net.node(operator, [x, *(net.constant(i, np.int64) for i in inputs)], **attributes)
    net.output(net.q(y, 0.4, -9))
    assert differing(net, tmp_path)[0] == 0


def test_average_with_counted_padding(tmp_path: Path) -> None:
    net = Net()
    y = net.node("AveragePool", [net.active((1, 3, 6, 6), 0.25, 4)], kernel_shape=[2, 2], pads=[1, 1, 1, 1],
                 count_include_pad=1)  # fmt: skip
    net.output(net.q(y, 0.2, 4))
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("size", [1, 2, 12, 300])
@pytest.mark.parametrize("axis", [-1, 1])
def test_softmax_differs_by_one_at_most_and_hardly_ever(tmp_path: Path, size: int, axis: int) -> None:
    net = Net()
    shape = (1, 40, size) if axis == -1 else (1, size, 40)
    net.output(net.q(net.node("Softmax", [net.active(shape, 0.0961, 4)], axis=axis), 1 / 256, -128))
    graph, feeds = read(net, tmp_path), net.samples(5)
    (got,), (wanted,) = graph_outputs(graph, feeds), ort_outputs(net.model(), feeds)
    assert np.abs(got - wanted).max() <= 1
    assert (got != wanted).mean() < 1e-4


def test_softmax_of_another_output_scale(tmp_path: Path) -> None:
    net = Net()
    net.output(net.q(net.node("Softmax", [net.active((30, 20), 0.13, 4)]), 0.0037, -120))
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("operator", ["ArgMax", "ArgMin"])
@pytest.mark.parametrize("last", [0, 1])
def test_indices_of_extremes(tmp_path: Path, operator: str, last: int) -> None:
    net = Net()
    x = net.active((1, 5, 900), 0.25, 4)
    net.output(net.node(operator, [x], axis=2, keepdims=0, select_last_index=last), np.int64)
    assert differing(net, tmp_path)[0] == 0


def test_onnx_reference_agrees_too(tmp_path: Path) -> None:
    net = conv_net((1, 3, 6, 6), (4, 3, 3, 3))
    net.opset = 21  # onnx.reference has DequantizeLinear from 19 on
    feeds = net.samples(1)
    (got,), (wanted,) = graph_outputs(read(net, tmp_path), feeds), reference_outputs(net.model(), feeds)
    assert (got == wanted).all()
