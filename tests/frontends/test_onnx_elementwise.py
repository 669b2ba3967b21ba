"""Elementwise operators between DequantizeLinear and QuantizeLinear: equal to ONNX Runtime with optimisation off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.frontends.onnx_build import Net, differing, read

SHAPE = (1, 5, 4, 7)


def chain(*operators: tuple[str, dict[str, float]], dtype: type = np.int8, opset: int = 13) -> Net:
    """x -> DQ -> the operators -> Q."""
    net = Net(opset)
    x = net.active(("N", 256), 0.047, 3 if dtype is np.int8 else 131, dtype)
    for name, attributes in operators:
        x = net.node(name, [x], **attributes)
    net.output(net.q(x, 0.031, -7 if dtype is np.int8 else 90, dtype), dtype)
    return net


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize(
    "operators",
    [
        (("Relu", {}),),
        (("LeakyRelu", {"alpha": 0.1}),),
        (("HardSigmoid", {"alpha": 0.2, "beta": 0.5}),),
        (("Sigmoid", {}),),
        (("Tanh", {}),),
        (("Elu", {"alpha": 0.7}),),
        (("Selu", {}),),
        (("Celu", {"alpha": 2.0}),),
        (("Softplus", {}),),
        (("Softsign", {}),),
        (("ThresholdedRelu", {"alpha": 0.4}),),
        (("Erf", {}),),
        (("Exp", {}),),
        (("Abs", {}),),
        (("Neg", {}),),
        (("Sign", {}),),
        (("Floor", {}),),
        (("Ceil", {}),),
        (("Abs", {}), ("Sqrt", {})),
        (("Sin", {}), ("Cos", {})),
        (("Neg", {}), ("Relu", {})),
    ],
    ids=lambda operators: "-".join(name for name, _ in operators),
)
def test_functions(tmp_path: Path, operators: tuple[tuple[str, dict[str, float]], ...], dtype: type) -> None:
    wrong, total = differing(chain(*operators, dtype=dtype), tmp_path)
    assert (wrong, total) == (0, 768)


@pytest.mark.parametrize(("name", "opset"), [("HardSwish", 14), ("Mish", 18), ("Gelu", 20)])
def test_newer_functions(tmp_path: Path, name: str, opset: int) -> None:
    assert differing(chain((name, {}), opset=opset), tmp_path)[0] == 0


def test_gelu_by_tanh(tmp_path: Path) -> None:
    assert differing(chain(("Gelu", {"approximate": "tanh"}), opset=20), tmp_path)[0] == 0


@pytest.mark.parametrize("opset", [10, 13])
def test_clip_bounds_as_attributes_or_inputs(tmp_path: Path, opset: int) -> None:
    net = Net(opset)
    x = net.active((1, 300), 0.05, -3)
    if opset < 11:
        y = net.node("Clip", [x], min=-0.3, max=1.7)
    else:
        y = net.node("Clip", [x, net.constant(np.float32(-0.3)), net.constant(np.float32(1.7))])
    net.output(net.q(y, 0.02, 5))
    assert differing(net, tmp_path)[0] == 0
    (op,) = read(net, tmp_path).ops
    assert (op.step.lo, op.step.hi) == (-10, 90)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("operator", "same_shape"), [("Add", True), ("Sub", True), ("Add", False), ("Sub", False)])
def test_sums(tmp_path: Path, operator: str, same_shape: bool) -> None:
    net = Net()
    a = net.active(SHAPE, 0.037, 4)
    b = net.active(SHAPE if same_shape else (5, 1, 1), 0.0211, -9)
    net.output(net.q(net.node(operator, [a, b]), 0.05, 11))
    assert differing(net, tmp_path, rounds=6)[0] == 0


def test_sum_with_relu(tmp_path: Path) -> None:
    net = Net()
    y = net.node("Add", [net.active(SHAPE, 0.037, 4), net.active(SHAPE, 0.0211, -9)])
    net.output(net.q(net.node("Relu", [y]), 0.05, -128))
    assert differing(net, tmp_path)[0] == 0


def test_a_tensor_with_itself_is_one_table(tmp_path: Path) -> None:
    net = Net()
    x = net.active(SHAPE, 0.037, 4)
    y = net.node("Mul", [x, net.node("Sigmoid", [x])])
    net.output(net.q(y, 0.03, -100))
    assert differing(net, tmp_path)[0] == 0
    assert [type(op).__name__ for op in read(net, tmp_path).ops] == ["Lut"]


@pytest.mark.parametrize("shape", [SHAPE, (1, 5, 1, 1), (1, 1, 4, 7)])
def test_products(tmp_path: Path, shape: tuple[int, ...]) -> None:
    net = Net()
    y = net.node("Mul", [net.active(SHAPE, 0.037, 4), net.active(shape, 0.0211, -9)])
    net.output(net.q(y, 0.05, 11))
    assert differing(net, tmp_path, rounds=6)[0] == 0


@pytest.mark.parametrize("operator", ["Min", "Max"])
def test_extremes_of_two_quantisations(tmp_path: Path, operator: str) -> None:
    net = Net()
    y = net.node(operator, [net.active(SHAPE, 0.037, 4), net.active(SHAPE, 0.0211, -9)])
    net.output(net.q(y, 0.03, 2))
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("operator", ["Add", "Sub", "Mul", "Div", "Min", "Max"])
@pytest.mark.parametrize("shape", [(), (5, 1, 1)])
def test_constants(tmp_path: Path, operator: str, shape: tuple[int, ...]) -> None:
    net = Net()
    constant = np.random.default_rng(1).uniform(0.2, 2.5, shape).astype(np.float32)
    y = net.node(operator, [net.active(SHAPE, 0.037, 4), net.constant(constant)])
    net.output(net.q(y, 0.06, 2))
    assert differing(net, tmp_path)[0] == 0


def test_constant_first_and_negative_factor(tmp_path: Path) -> None:
    net = Net()
    y = net.node("Sub", [net.constant(np.float32(1.25)), net.active(SHAPE, 0.037, 4)])
    net.output(net.q(net.node("Mul", [y, net.constant(np.float32(-0.7))]), 0.03, 2))
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("slopes", [(5, 1, 1), (1,)])
def test_prelu(tmp_path: Path, slopes: tuple[int, ...]) -> None:
    net = Net()
    values = np.random.default_rng(2).uniform(-0.5, 0.5, slopes).astype(np.float32)
    net.output(net.q(net.node("PRelu", [net.active(SHAPE, 0.037, 4), net.constant(values)]), 0.04, -20))
    assert differing(net, tmp_path)[0] == 0


def test_batch_normalization(tmp_path: Path) -> None:
    net = Net()
    rng = np.random.default_rng(3)
    parameters = [net.constant(rng.uniform(0.3, 1.5, 5).astype(np.float32)) for _ in range(4)]
    net.output(net.q(net.node("BatchNormalization", [net.active(SHAPE, 0.037, 4), *parameters]), 0.04, -20))
    assert differing(net, tmp_path)[0] == 0


def test_same_quantisation_costs_nothing(tmp_path: Path) -> None:
    net = Net()
    net.output(net.q(net.active(SHAPE, 0.037, 4), 0.037, 4))
    assert read(net, tmp_path).ops == ()
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize(("dtype", "zero"), [(np.uint8, 132), (np.uint16, 900), (np.int16, -3)])
def test_requantisation_to_other_types(tmp_path: Path, dtype: type, zero: int) -> None:
    net = Net(21)
    net.output(net.q(net.active(SHAPE, 0.037, 4), 0.0009 if zero != 132 else 0.037, zero, dtype), dtype)
    assert differing(net, tmp_path)[0] == 0


def test_sixteen_bit_activations(tmp_path: Path) -> None:
    net = Net(21)
    x = net.active(SHAPE, 0.00037, 40, np.int16)
    net.output(net.q(net.node("Tanh", [x]), 0.0001, -7, np.int16), np.int16)
    assert differing(net, tmp_path)[0] == 0


def test_scales_per_channel_of_activations(tmp_path: Path) -> None:
    net = Net()
    scales = np.array([0.1, 0.02, 0.03, 0.04, 0.5], np.float32)
    zeros = np.array([1, -2, 3, 0, 7], np.int8)
    x = net.dq(net.input(SHAPE, np.int8), scales, zeros, axis=1)
    net.output(net.q(x, scales[::-1].copy(), zeros[::-1].copy(), axis=1))
    assert differing(net, tmp_path)[0] == 0
