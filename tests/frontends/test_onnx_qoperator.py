"""QOperator models: equal to ONNX Runtime under `onnxruntime`, to onnx.reference under `onnx`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcomp.ir.ops.requant import Rescale
from tests.frontends.onnx_build import Net, differing, graph_outputs, ort_outputs, read, reference_outputs

RNG = np.random.default_rng


def parameters(net: Net, scale: Any, zero: Any, dtype: Any = np.int8) -> list[str]:
    return [net.constant(np.array(scale, np.float32)), net.constant(np.array(zero, dtype))]


def qlinear_conv(x_type: Any, w_type: Any, per_channel: bool, bias: bool, **attributes: Any) -> Net:
    net, rng = Net(), RNG(3)
    limits = np.iinfo(w_type)
    groups = attributes.get("group", 1)
    w = net.constant(rng.integers(limits.min, limits.max + 1, (8, 4 // groups, 3, 3), dtype=w_type))
    scale = rng.uniform(0.001, 0.02, 8).astype(np.float32) if per_channel else np.float32(0.013)
    zero = 0 if w_type is np.int8 else 128
    zeros = np.full(np.shape(scale), zero, w_type)
    x_zero, y_zero = (4, -11) if x_type is np.int8 else (140, 117)
    inputs = [
        net.input((1, 4, 9, 9), x_type), *parameters(net, 0.0371, x_zero, x_type), w,
        *parameters(net, scale, zeros, w_type), *parameters(net, 0.09, y_zero, x_type),
    ]  # fmt: skip
    if bias:
        inputs.append(net.constant(rng.integers(-2000, 2000, 8, dtype=np.int32)))
    net.output(net.node("QLinearConv", inputs, **attributes), x_type)
    return net


def reference_differs(net: Net, folder: Path) -> int:
    """Outputs that differ from onnx.reference."""
    graph = read(net, folder, "onnx")
    wrong = 0
    for seed in range(3):
        feeds = net.samples(seed)
        for got, wanted in zip(graph_outputs(graph, feeds), reference_outputs(net.model(), feeds), strict=True):
            wrong += int((got != wanted).sum())
    return wrong


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize(("x_type", "w_type"), [(np.uint8, np.uint8), (np.uint8, np.int8), (np.int8, np.int8)])
@pytest.mark.parametrize("attributes", [{"pads": [1, 1, 1, 1]}, {"strides": [2, 2], "group": 4}])
def test_qlinear_conv(tmp_path: Path, x_type: Any, w_type: Any, per_channel: bool, attributes: dict[str, Any]) -> None:
    net = qlinear_conv(x_type, w_type, per_channel, bias=True, **attributes)
    assert differing(net, tmp_path, "onnxruntime")[0] == 0
    assert reference_differs(net, tmp_path) == 0


@pytest.mark.parametrize("right", ["constant", "input"])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_qlinear_matmul(tmp_path: Path, right: str, dtype: Any) -> None:
    net, rng = Net(), RNG(4)
    limits = np.iinfo(dtype)
    b = net.input((40, 6), dtype)
    if right == "constant":
        net.inputs.pop()
        del net.arrays[b]
        b = net.constant(rng.integers(limits.min, limits.max + 1, (40, 6), dtype=dtype))
    zero = 0 if dtype is np.int8 else 128
    inputs = [
        net.input((5, 40), dtype), *parameters(net, 0.021, zero + 3, dtype), b, *parameters(net, 0.013, zero, dtype),
        *parameters(net, 0.11, zero - 9, dtype),
    ]  # fmt: skip
    net.output(net.node("QLinearMatMul", inputs), dtype)
    assert differing(net, tmp_path, "onnxruntime")[0] == 0
    assert reference_differs(net, tmp_path) == 0


def test_qlinear_matmul_per_column(tmp_path: Path) -> None:
    net, rng = Net(), RNG(4)
    scale = rng.uniform(0.001, 0.02, 6).astype(np.float32)
    b = net.constant(rng.integers(-128, 128, (40, 6), dtype=np.int8))
    inputs = [
        net.input((5, 40), np.uint8), *parameters(net, 0.021, 131, np.uint8), b,
        *parameters(net, scale, np.zeros(6, np.int8)), *parameters(net, 0.11, 100, np.uint8),
    ]  # fmt: skip
    net.output(net.node("QLinearMatMul", inputs), np.uint8)
    assert differing(net, tmp_path, "onnxruntime")[0] == 0


def test_conv_integer_and_float_scaling(tmp_path: Path) -> None:
    net, rng = Net(), RNG(4)
    w = net.constant(rng.integers(0, 256, (8, 4, 3, 3), dtype=np.uint8))
    x = net.input((1, 4, 7, 7), np.uint8)
    acc = net.node("ConvInteger", [x, w, net.constant(np.uint8(120)), net.constant(np.uint8(131))], pads=[1, 1, 1, 1])
    net.output(acc, np.int32)
    y = net.node("Mul", [net.node("Cast", [acc], to=1), net.constant(np.float32(0.000321))])
    net.output(net.q(y, 0.07, 5))
    assert differing(net, tmp_path)[0] == 0


def test_matmul_integer_and_integer_bias(tmp_path: Path) -> None:
    net, rng = Net(), RNG(4)
    w = net.constant(rng.integers(-128, 128, (20, 6), dtype=np.int8))
    acc = net.node("MatMulInteger", [net.input((3, 20), np.uint8), w, net.constant(np.uint8(120))])
    net.output(net.node("Add", [acc, net.constant(rng.integers(-99, 99, 6, dtype=np.int32))]), np.int32)
    assert differing(net, tmp_path)[0] == 0


def microsoft(operator: str, dtype: Any = np.uint8, second: bool = False, **attributes: Any) -> Net:
    net = Net(microsoft=True)
    zero = 0 if dtype is np.int8 else 128
    inputs = [net.input((1, 4, 6, 6), dtype), *parameters(net, 0.021, zero + 3, dtype)]
    if second:
        inputs += [net.input((1, 4, 6, 6), dtype), *parameters(net, 0.013, zero - 4, dtype)]
    inputs += parameters(net, 0.017, zero - 9, dtype)
    net.output(net.node(operator, inputs, domain="com.microsoft", **attributes), dtype)
    return net


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("operator", ["QLinearAdd", "QLinearMul"])
def test_qlinear_binary(tmp_path: Path, operator: str, dtype: Any) -> None:
    assert differing(microsoft(operator, dtype, True), tmp_path, "onnxruntime", rounds=8)[0] == 0


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize(
    ("operator", "attributes"),
    [
        ("QLinearSigmoid", {}),
        ("QLinearLeakyRelu", {"alpha": 0.1}),
        ("QLinearGlobalAveragePool", {}),
    ],
)
def test_qlinear_of_one(tmp_path: Path, operator: str, attributes: dict[str, Any], dtype: Any) -> None:
    assert differing(microsoft(operator, dtype, **attributes), tmp_path, "onnxruntime", rounds=8)[0] == 0


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_qlinear_average_pool_differs_from_float32_sums_at_ties_only(tmp_path: Path, dtype: Any) -> None:
    net = microsoft("QLinearAveragePool", dtype, kernel_shape=[2, 2], strides=[2, 2])
    graph, x = read(net, tmp_path, "onnxruntime"), net.inputs[0].name
    for seed in range(8):
        feeds = net.samples(seed)
        (got,), (wanted,) = graph_outputs(graph, feeds), ort_outputs(net.model(), feeds)
        centred = feeds[x].astype(np.int64) - (3 if dtype is np.int8 else 131)
        sums = centred.reshape(1, 4, 3, 2, 3, 2).sum(axis=(3, 5))
        exact = sums * np.float64(np.float32(0.021)) / 4 / np.float64(np.float32(0.017))
        far = np.abs(exact - np.floor(exact) - 0.5) > 1e-4
        assert (got[far] == wanted[far]).all()
        assert np.abs(got - wanted).max() <= 1


def test_qlinear_concat(tmp_path: Path) -> None:
    net = Net(microsoft=True)
    inputs = parameters(net, 0.017, 90, np.uint8)
    for i in range(3):
        inputs += [net.input((1, 4, 6, 6), np.uint8), *parameters(net, 0.01 * i + 0.01, 100 + i, np.uint8)]
    net.output(net.node("QLinearConcat", inputs, domain="com.microsoft", axis=1), np.uint8)
    assert differing(net, tmp_path, "onnxruntime")[0] == 0


def test_qlinear_softmax(tmp_path: Path) -> None:
    net = Net(microsoft=True)
    inputs = [
        net.input((20, 50), np.uint8),
        *parameters(net, 0.071, 3, np.uint8),
        *parameters(net, 1 / 256, 0, np.uint8),
    ]
    net.output(net.node("QLinearSoftmax", inputs, domain="com.microsoft", axis=-1, opset=13), np.uint8)
    assert differing(net, tmp_path, "onnxruntime")[0] == 0


@pytest.mark.parametrize("closed", [True, False])
def test_qgemm(tmp_path: Path, closed: bool) -> None:
    net, rng = Net(microsoft=True), RNG(5)
    w = net.constant(rng.integers(-128, 128, (6, 30), dtype=np.int8))
    inputs = [
        net.input((2, 30), np.uint8), *parameters(net, 0.02, 121, np.uint8), w, *parameters(net, 0.25, 0),
        net.constant(rng.integers(-999, 999, 6, dtype=np.int32)),
    ]  # fmt: skip
    if closed:
        inputs += parameters(net, 1.3, 100, np.uint8)
    y = net.node("QGemm", inputs, domain="com.microsoft", transB=1)
    net.output(y, np.uint8 if closed else np.float32)
    assert differing(net, tmp_path, "onnxruntime")[0] == 0


def test_outputs_keep_the_names_of_the_source(tmp_path: Path) -> None:
    net = qlinear_conv(np.int8, np.int8, True, True)
    graph = read(net, tmp_path)
    rescale = next(op for op in graph.ops if isinstance(op, Rescale))
    assert rescale.outputs == (net.nodes[0].output[0],)
