"""QONNX models against the package's arithmetic, written anew in `qonnx_oracle.py`: equal floats, not close ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from hwcomp import driver
from hwcomp.frontends.input_form import input_forms
from hwcomp.ir.certificate import Verdict
from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.parser import parse
from hwcomp.ir.printer import PrintOptions, to_text
from hwcomp.support.errors import HwcompError
from tests.frontends.onnx_build import Net
from tests.frontends.qonnx_build import DOMAIN, batch_norm, bipolar, float_outputs, quant
from tests.frontends.qonnx_oracle import Oracle
from tests.resources import shared_model

MODES = ("ROUND", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN", "ROUND_TO_ZERO", "HALF_EVEN")


def same(net: Net, folder: Path, x: Any, real: Any = np.float32) -> Graph:
    """Both levels of the graph give the oracle's floats for every row of x; gives the integer graph."""
    path = net.save(folder)
    name = net.inputs[0].name
    oracle = Oracle(path, real)
    quant_level, integers = driver.read(path), driver.inspect(path, exact="strict")
    assert integers.reference == "qonnx"
    for row in x:
        wanted = [np.asarray(y, np.float32) for y in oracle.run({name: row})]
        for graph in (quant_level, integers):
            for got, expected in zip(float_outputs(graph, {name: row}), wanted, strict=True):
                assert got.shape == expected.shape
                assert np.array_equal(got, expected), np.argwhere(got != expected)[:4]
    return integers


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("bits", "signed", "narrow"), [(1, 0, 0), (2, 1, 1), (3, 1, 0), (4, 0, 1), (8, 1, 1), (11, 0, 0)]
)
def test_widths_and_roundings(tmp_path: Path, mode: str, bits: int, signed: int, narrow: int) -> None:
    """A rescale by 1/2 meets ties; one by 0.37 does not."""
    for factor in (0.5, 0.37):
        net = Net()
        x = quant(net, net.input((1, 9), np.float32), 0.25, 6)
        x = net.node("Mul", [x, net.constant(factor, np.float32)])
        net.output(quant(net, x, 0.25, bits, signed=signed, narrow=narrow, rounding_mode=mode), np.float32)
        levels = np.concatenate([np.arange(-32, 32), [40, -40]]) * 0.25
        same(net, tmp_path, np.resize(levels, (8, 1, 9)).astype(np.float32))


@pytest.mark.parametrize("mode", ["ROUND", "FLOOR", "HALF_DOWN"])
@pytest.mark.parametrize(("zero", "dtype"), [(3.0, np.float32), (3, np.int64), (0.25, np.float32), (-7.5, np.float32)])
def test_zero_points(tmp_path: Path, mode: str, zero: float, dtype: Any) -> None:
    """Integers and fractions, added in float32 or in float64; at the border and behind it."""
    net = Net()
    x = quant(net, net.input((1, 8), np.float32), 0.11, 6, zero, dtype=dtype, rounding_mode=mode)
    weights = net.constant(np.random.default_rng(1).normal(0, 1, (8, 5)), np.float32)
    y = net.node("MatMul", [x, quant(net, weights, 0.25, 4, 2.0, signed=0)])
    net.output(quant(net, y, 0.3, 6, zero, dtype=dtype, rounding_mode=mode), np.float32)
    same(net, tmp_path, np.random.default_rng(2).normal(0, 2, (20, 1, 8)).astype(np.float32), np.float64)


@pytest.mark.parametrize(("plus", "by"), [(1.0, 2.0), (-3.0, 4.0), (0.125, 1.0), (200.0, 1.0)])
def test_constants_between_a_quantiser_and_a_dot_product(tmp_path: Path, plus: float, by: float) -> None:
    """They make another scale and zero point; one that is no level of the input's type meets padding, too."""
    rng = np.random.default_rng(5)
    for kind in ("Gemm", "Conv"):
        net = Net()
        shape = (1, 6) if kind == "Gemm" else (1, 2, 4, 5)
        x = quant(net, net.input(shape, np.float32), 0.5, 4)
        x = net.node("Add", [x, net.constant(plus, np.float32)])
        x = net.node("Div", [x, net.constant(by, np.float32)])
        w = net.constant(rng.normal(0, 1, (6, 3) if kind == "Gemm" else (3, 2, 3, 3)), np.float32)
        w = quant(net, w, 0.25, 4)
        y = net.node(kind, [x, w], **({} if kind == "Gemm" else {"pads": [1, 1, 1, 1]}))
        net.output(quant(net, y, 0.5, 8), np.float32)
        same(net, tmp_path, rng.normal(0, 2, (10, *shape)).astype(np.float32))


@pytest.mark.parametrize("plus", [0.3, -1e9])
def test_constants_that_make_no_scale_are_refused(tmp_path: Path, plus: float) -> None:
    """In float32 the levels of a tenth and 0.3 more are no multiples of one number."""
    net = Net()
    x = net.node("Add", [quant(net, net.input((1, 4), np.float32), 0.1, 8), net.constant(plus, np.float32)])
    y = net.node("MatMul", [x, quant(net, net.constant(np.ones((4, 2)), np.float32), 1.0, 2)])
    net.output(quant(net, y, 0.5, 8), np.float32)
    with pytest.raises(HwcompError) as caught:
        driver.read(net.save(tmp_path))
    assert caught.value.code == "HWC103"


@pytest.mark.parametrize("domain", [DOMAIN, "onnx.brevitas", "finn.custom_op.general", ""])
def test_a_bipolar_network(tmp_path: Path, domain: str) -> None:
    """Two layers of signs and trained normalisation with gains of both signs; what ends it is the border's."""
    net, rng = Net(), np.random.default_rng(3)
    x = net.node("Sub", [net.node("Mul", [net.input((1, 4, 8), np.float32), net.constant(2, np.float32)]),
                         net.constant([1.0], np.float32)])  # fmt: skip
    x = bipolar(net, net.node("Flatten", [x]), domain=domain)
    for width in (16, 6):
        weights = bipolar(
            net, net.constant(rng.normal(0, 1, (width, 32 if width == 16 else 16)), np.float32), 1.0, domain
        )
        x = net.node("MatMul", [x, net.node("Transpose", [weights], perm=[1, 0])])
        x = bipolar(net, batch_norm(net, x, width), domain=domain) if width == 16 else x
    x = net.node("Div", [net.node("Sub", [x, net.constant([0.45], np.float32)]), net.constant(17.8, np.float32)])
    net.output(x, np.float32)
    graph = same(net, tmp_path, rng.uniform(0, 1, (25, 1, 4, 8)).astype(np.float32))
    assert [str(graph.values[port.value].type.dtype) for port in graph.inputs] == ["u1"]
    dots = [op for op in graph.ops if isinstance(op, Dense)]
    assert [str(graph.values[op.inputs[1]].type.dtype) for op in dots] == ["s2", "s2"]
    assert len(graph.ops) <= 5, "the signs of the gains lie in the weights"


def conv_net(seed: int = 5) -> Net:
    net, rng = Net(), np.random.default_rng(seed)
    x = quant(net, net.input((1, 3, 8, 8), np.float32), 1 / 64, 6, signed=0)
    x = quant(net, net.node("Sub", [x, net.constant(0.31, np.float32)]), 0.5, 1)
    weights = net.constant(rng.normal(0, 0.4, (8, 3, 3, 3)), np.float32)
    scales = rng.uniform(0.05, 0.2, (8, 1, 1, 1))
    bias = net.constant(rng.normal(0, 0.1, 8), np.float32)
    y = net.node("Conv", [x, quant(net, weights, scales, 3, narrow=1), bias], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    y = net.node("Relu", [batch_norm(net, y, 8)])
    y = net.node("MaxPool", [quant(net, y, 0.07, 3, signed=0)], kernel_shape=[2, 2], strides=[2, 2])
    weights = quant(net, net.constant(rng.normal(0, 0.4, (4, 8, 1, 1)), np.float32), 0.061, 4)
    y = net.node("DepthToSpace", [net.node("Conv", [y, weights], kernel_shape=[1, 1])], blocksize=2, mode="CRD")
    net.output(quant(net, y, 0.013, 5), np.float32)
    return net


def test_a_convolution_of_signs_with_padding(tmp_path: Path) -> None:
    """A one-bit Quant is bipolar; the padding's 0 is none of its levels."""
    x = np.random.default_rng(6).uniform(0, 1, (4, 1, 3, 8, 8)).astype(np.float32)
    graph = same(conv_net(), tmp_path, x, np.float64)
    assert sum(isinstance(op, Conv2d) for op in graph.ops) == 2
    assert all(
        op.certificate and op.certificate.verdict is Verdict.PROVED for op in graph.ops if isinstance(op, Requant)
    )


def test_the_integer_graph_prints_and_parses(tmp_path: Path) -> None:
    graph = driver.inspect(conv_net().save(tmp_path))
    options = PrintOptions(certificates=True)
    text = to_text(graph, options)
    assert to_text(parse(text), options) == text
    assert "rounding = ROUND" in text


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("mode", ["FLOOR", "ROUND", "CEIL"])
def test_trunc(tmp_path: Path, version: int, mode: str) -> None:
    """An average of four sums, its lower bits dropped."""
    net = Net()
    x = quant(net, net.input((1, 2, 4, 4), np.float32), 0.125, 5, signed=0)
    x = net.node(
        "Mul", [net.node("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2]), net.constant(4, np.float32)]
    )
    numbers = [0.125, 0.0, 7, 5] if version == 1 else [0.125, 0.0, 7, 0.5, 4]
    inputs = [x, *(net.constant(v, np.float32) for v in numbers)]
    if version == 2:
        inputs = [*inputs[:4], *inputs[4:]]
    extra = {"signed": 0, "narrow": 0} if version == 2 else {}
    net.output(net.node("Trunc", inputs, domain=DOMAIN, rounding_mode=mode, **extra), np.float32)
    same(net, tmp_path, np.random.default_rng(7).uniform(0, 4, (30, 1, 2, 4, 4)).astype(np.float32))


@pytest.mark.parametrize(("scales", "ops"), [((0.0625, 0.03125, 0.125), {"Requant"}), ((0.07, 0.035, 0.14), None)])
def test_a_residual_sum(tmp_path: Path, scales: tuple[float, float, float], ops: set[str] | None) -> None:
    """Ties in float32 that no pair of multipliers gives are a table of all pairs."""
    net = Net()
    x = net.input((1, 12), np.float32)
    a = quant(net, x, scales[0], 5)
    b = quant(net, net.node("Mul", [a, net.constant(0.43, np.float32)]), scales[1], 4)
    net.output(quant(net, net.node("Add", [a, b]), scales[2], 5), np.float32)
    graph = same(net, tmp_path, np.random.default_rng(8).normal(0, 1, (20, 1, 12)).astype(np.float32))
    kinds = {type(op).__name__ for op in graph.ops}
    assert kinds == ops if ops else {"Mul", "Add", "Lut"} <= kinds


def test_functions_of_a_small_value_are_tables(tmp_path: Path) -> None:
    net = Net()
    x = quant(net, net.input((1, 12), np.float32), 0.1, 5)
    net.output(quant(net, net.node("Abs", [x]), 0.13, 3, signed=0), np.float32)
    same(net, tmp_path, np.random.default_rng(9).normal(0, 1, (12, 1, 12)).astype(np.float32))


def test_a_tensor_quantised_twice_is_quantised_once(tmp_path: Path) -> None:
    net = Net()
    x = quant(net, quant(net, net.input((1, 4), np.float32), 0.1, 5), 0.1, 5)
    net.output(x, np.float32)
    assert not driver.inspect(net.save(tmp_path)).ops


def jet(folder: Path) -> Path:
    """A float input that nothing quantises, and a Softmax that nothing does either."""
    net, rng = Net(), np.random.default_rng(11)
    weights = quant(net, net.constant(rng.normal(0, 1, (4, 3)), np.float32), 0.125, 6)
    y = net.node("Add", [net.node("MatMul", [net.input((1, 4), np.float32), weights]),
                         quant(net, net.constant(rng.normal(0, 1, 3), np.float32), 0.125, 6)])  # fmt: skip
    net.output(net.node("Softmax", [y], axis=1), np.float32)
    return net.save(folder)


def test_an_input_that_the_user_quantises(tmp_path: Path) -> None:
    path = jet(tmp_path)
    graph = driver.inspect(path, inputs=input_forms(["s8:2^-5"]))
    x = np.random.default_rng(12).integers(-128, 128, (1, 4)).astype(np.float32) / 32
    name = graph.inputs[0].name
    (got,), (wanted,) = float_outputs(graph, {name: x}), Oracle(path).run({name: x})
    assert np.abs(got - wanted).max() <= np.spacing(np.float32(1))
    with pytest.raises(HwcompError, match="reaches it as floats") as caught:
        driver.read(path)
    assert caught.value.code == "HWC103" and "--input" in caught.value.problems[0].fix


@pytest.mark.parametrize(
    ("text", "words"),
    [("u8", "no type"), ("f8:1", "no type"), ("u8:0", "no positive scale"), ("u8:-1", "no positive"),
     ("u99:1", "no type"),
     ("u8:1:300", "zero point"), ("y=u8:1", "no float input"), ("=u8:1", "no name")],
)  # fmt: skip
def test_forms_that_are_none(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(HwcompError, match=words) as caught:
        driver.read(jet(tmp_path), inputs=input_forms([text]))
    assert caught.value.code == "HWC016"


def test_a_form_without_a_name_where_there_are_two_inputs(tmp_path: Path) -> None:
    net = Net()
    x, y = net.input((1, 4), np.float32), net.input((1, 4), np.float32)
    net.output(quant(net, net.node("Add", [x, y]), 0.5), np.float32)
    with pytest.raises(HwcompError, match="2 float inputs") as caught:
        driver.read(net.save(tmp_path), inputs=input_forms(["u8:1"]))
    assert caught.value.problems[0].fix == f"write --input '{net.inputs[0].name}=s8:2^-5'"


def refusal(folder: Path, reference: str | None = None, op: str = "Quant", **changes: Any) -> HwcompError:
    net = Net()
    x = net.input((1, 4), np.float32)
    given = {"scale": 0.1, "zero": 0.0, "bits": 4.0} | {k: v for k, v in changes.items() if k != "rounding_mode"}
    inputs = [x, *(net.constant(v, np.float32) for v in given.values())]
    attributes = {k: v for k, v in changes.items() if k == "rounding_mode"}
    net.output(net.node(op, inputs, domain=DOMAIN, signed=1, narrow=0, **attributes), np.float32)
    with pytest.raises(HwcompError) as caught:
        driver.read(net.save(folder), reference)
    return caught.value


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"scale": 0.0}, "HWC203", "zero"), ({"scale": -1.0}, "HWC204", "negative"),
        ({"scale": float("nan")}, "HWC202", "NaN"), ({"scale": float("inf")}, "HWC205", "infinite"),
        ({"bits": 2.5}, "HWC207", "bit width"), ({"bits": 0.0}, "HWC207", "bit width"),
        ({"bits": 40.0}, "HWC104", "40"),
        ({"bits": 28.0}, "HWC104", "28"), ({"zero": float("nan")}, "HWC221", "NaN"),
        ({"scale": [0.1, 0.2]}, "HWC215", "shape"), ({"rounding_mode": "DITHER"}, "HWC219", "DITHER"),
        ({"op": "FloatQuant"}, "HWC102", "minifloats"), ({"reference": "onnx"}, "HWC304", "qonnx"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, changes: dict[str, Any], code: str, words: str) -> None:
    error = refusal(tmp_path, **changes)
    assert error.code == code and words in str(error)


@pytest.mark.parametrize("name", ["qonnx_tfc_1w1a", "qonnx_tfc_2w2a", "mlperf07_kws_w3a3_qonnx"])
def test_real_models(name: str) -> None:
    """The package's recorded outputs; those of KWS are sums in float32, so the integers under them are compared."""
    graph = driver.inspect(shared_model(f"models/{name}.onnx"), exact="strict")
    data = np.load(shared_model(f"expected/{name}.npz"))
    port = graph.outputs[0].quantizer
    assert port is not None
    for x, wanted in zip(data["x"], data["qonnx_y0"], strict=True):
        (got,) = float_outputs(graph, {graph.inputs[0].name: x[None]})
        if name.startswith("qonnx"):
            assert np.array_equal(got[0], wanted)
        else:
            assert np.array_equal(np.rint(got[0] / port.scale), np.rint(wanted / port.scale))


@pytest.mark.parametrize(("kind", "bits"), [("INT2", 2), ("UINT2", 2), ("INT4", 4), ("UINT4", 4)])
def test_tensors_of_two_and_four_bits(tmp_path: Path, kind: str, bits: int) -> None:
    """Weights of DequantizeLinear, packed as ONNX has them."""
    rng, net = np.random.default_rng(13), Net(opset=25)
    low = -(1 << (bits - 1)) if kind.startswith("I") else 0
    levels = rng.integers(low, low + (1 << bits), (5, 8))
    fields = (levels & ((1 << bits) - 1)).reshape(-1, 8 // bits)
    packed = (fields << np.arange(0, 8, bits)).sum(axis=1).astype(np.uint8)
    name = net.name("c")
    number = onnx.TensorProto.DataType.Value(kind)
    net.constants.append(onnx.TensorProto(name=name, data_type=number, dims=(5, 8), raw_data=packed.tobytes()))
    weights = net.node("DequantizeLinear", [name, net.constant(0.07, np.float32)])
    y = net.node("MatMul", [net.active((1, 8), 0.1, 3), net.node("Transpose", [weights], perm=[1, 0])])
    net.output(net.q(y, 0.05, 0))
    graph = driver.inspect(net.save(tmp_path))
    (dot,) = (op for op in graph.ops if isinstance(op, Dense))
    data = graph.values[dot.inputs[1]].data
    assert data is not None and np.array_equal(data, levels)


def test_minifloats_are_refused_by_name(tmp_path: Path) -> None:
    net = Net(opset=23)
    name, number = net.name("c"), onnx.TensorProto.FLOAT4E2M1
    net.constants.append(onnx.TensorProto(name=name, data_type=number, dims=(2,), raw_data=b"\0"))
    net.output(net.node("DequantizeLinear", [name, net.constant(0.07, np.float32)]), np.float32)
    with pytest.raises(HwcompError, match="FLOAT4E2M1") as caught:
        driver.read(net.save(tmp_path))
    assert caught.value.code == "HWC104" and "road map" in caught.value.problems[0].fix
