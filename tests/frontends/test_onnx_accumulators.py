"""What may stand between a dot product and QuantizeLinear: constants, and functions that do not decrease.

The reference is the real number; ONNX Runtime rounds to float32 on the way, so it may stand on the other side of a tie.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from hwcomp import driver
from hwcomp.ir.op import Op
from hwcomp.ir.ops import Lut, Max, Min, Mul, Requant, Thresholds
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.support.errors import HwcompError
from tests.frontends.onnx_build import Net, differing, graph_outputs, ort_outputs, read

RNG = np.random.default_rng
COUNT = 6


def gemm(net: Net, per_channel: bool = True, **attributes: Any) -> str:
    """Gemm of 40 inputs to 6 outputs with accumulators far past 16 bits."""
    rng = RNG(3)
    scale = (2.0 ** -np.arange(6, 6 + COUNT)).astype(np.float32) if per_channel else np.float32(2.0**-9)
    w = net.weights(rng.integers(-128, 128, (COUNT, 40), dtype=np.int8), scale)
    bias = net.constant(rng.integers(-40, 40, COUNT).astype(np.float32) / 8)
    return net.node("Gemm", [net.active((64, 40), 0.25, -3), w, bias], transB=1, **attributes)


def equal_but_at_ties(net: Net, folder: Path) -> None:
    """Assert that levels differ from ONNX Runtime's only where its own float32 tensor is at the edge of two levels."""
    graph, model = read(net, folder), net.model()
    quantize = model.graph.node[-1]
    scale = next(float(numpy_helper.to_array(c)) for c in model.graph.initializer if c.name == quantize.input[1])
    model.graph.output.append(helper.make_tensor_value_info(quantize.input[0], TensorProto.FLOAT, None))
    for seed in range(3):
        feeds = net.samples(seed)
        (got,), (wanted, floats) = graph_outputs(graph, feeds), ort_outputs(model, feeds)
        place = np.clip(floats.astype(np.float64) / scale, -400, 400)
        edge = np.abs(place - np.floor(place) - 0.5) < 1e-6 * np.maximum(np.abs(place), 1)
        assert (got == wanted)[~edge].all() and got.size == wanted.size
        assert np.abs(got - wanted).max() <= 1 and edge.mean() < 0.05


def behind(operators: list[tuple[str, list[Any], dict[str, float]]], scale: float, zero: int = 3) -> Net:
    """Gemm, the operators with their constant operands (None: the tensor), Q."""
    net = Net(17)
    x = gemm(net)
    for name, operands, attributes in operators:
        inputs = [x if v is None else net.constant(v, np.float32) for v in operands or [None]]
        x = net.node(name, inputs, **attributes)
    net.output(net.q(x, scale, zero))
    return net


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize(
    "attributes", [{"alpha": 0.5}, {"alpha": -2.0}, {"alpha": 0.3}, {"alpha": -1.7, "beta": 0.9}, {"beta": 0.0}]
)
def test_alpha_and_beta_of_gemm(tmp_path: Path, attributes: dict[str, float], per_channel: bool) -> None:
    net = Net()
    net.output(net.q(gemm(net, per_channel, **attributes), 0.7, 3))
    equal_but_at_ties(net, tmp_path)


def test_alpha_of_a_power_of_two_is_part_of_the_scale(tmp_path: Path) -> None:
    net = Net()
    net.output(net.q(gemm(net, alpha=-0.25), 0.7, 3))
    graph = read(net, tmp_path)
    term = graph.ops[-1].step.term  # type: ignore[attr-defined]
    assert term.factors[0] == (0.0625, 2.0**-6)


CONSTANTS = [
    [("Mul", [None, 0.37], {})],
    [("Mul", [[[0.5, -0.31, 1.5, 0.0, -2.0, 1.0]], None], {})],
    [("Div", [None, [[0.5, -0.3, 1.5, 1.0, -2.0, 1.0]]], {}), ("Add", [None, [[1, 2, 3, 4, 5, 6]]], {})],
    [("Sub", [1.25, None], {})],
    [("Sub", [None, 1.25], {}), ("Mul", [None, 0.3], {}), ("Relu", [], {})],
    [("Neg", [], {})],
    [("Mul", [None, -0.3], {}), ("Relu", [], {})],
]


@pytest.mark.parametrize("operators", CONSTANTS, ids=lambda ops: "-".join(name for name, _, _ in ops))
def test_constants_on_accumulators(tmp_path: Path, operators: list[tuple[str, list[Any], dict[str, float]]]) -> None:
    net = behind(operators, 0.6)
    equal_but_at_ties(net, tmp_path)
    lowered = driver.lower(read(net, tmp_path), Policy.STRICT, ShiftPreference())
    assert any(isinstance(op, Requant) for op in lowered.ops)  # over a line, multipliers are exact


def test_batch_normalisation_of_a_convolution(tmp_path: Path) -> None:
    net, rng = Net(), RNG(5)
    w = net.weights(rng.integers(-128, 128, (5, 8, 3, 3), dtype=np.int8), np.full(5, 2.0**-8, np.float32))
    y = net.node("Conv", [net.active((1, 8, 9, 9), 0.25, 3), w])
    values = [rng.normal(0, 1, 5), rng.normal(0, 1, 5), rng.normal(0, 3, 5), rng.uniform(0.5, 4, 5)]
    y = net.node("BatchNormalization", [y, *(net.constant(v, np.float32) for v in values)])
    net.output(net.q(y, 0.11, 3))
    graph = read(net, tmp_path)
    assert sum(isinstance(op, Mul) for op in graph.ops) == 1  # some gains are negative
    assert differing(net, tmp_path)[0] == 0


FUNCTIONS = [
    ("Sigmoid", {}, 1 / 256, -128), ("Tanh", {}, 1 / 128, 0),
    ("HardSigmoid", {"alpha": 0.1}, 1 / 256, -128), ("Elu", {"alpha": 0.7}, 0.1, -100), ("Selu", {}, 0.1, -90),
    ("Celu", {"alpha": 2.0}, 0.1, -90), ("Softplus", {}, 0.2, -128), ("Softsign", {}, 1 / 128, 0),
    ("Erf", {}, 1 / 127, 0),
    ("ThresholdedRelu", {"alpha": 1.5}, 0.3, -128), ("Exp", {}, 0.2, -128), ("Floor", {}, 0.9, 0), ("Sign", {}, 0.1, 0),
]  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f[0])
def test_functions_on_accumulators(tmp_path: Path, function: tuple[str, dict[str, float], float, int]) -> None:
    name, attributes, scale, zero = function
    net = behind([(name, [], attributes)], scale, zero)
    equal_but_at_ties(net, tmp_path)
    graph = read(net, tmp_path)
    for policy in (Policy.STRICT, Policy.LISTED):
        lowered = driver.lower(graph, policy, ShiftPreference())
        kind = Requant if name == "HardSigmoid" else Thresholds  # its bends lie at the ends of the type
        assert isinstance(lowered.ops[-1], kind)
        feeds = net.samples(9)
        assert (graph_outputs(lowered, feeds)[0] == graph_outputs(graph, feeds)[0]).all()


@pytest.mark.parametrize(
    ("name", "slopes", "kind"),
    [
        ("LeakyRelu", 0.1, Max),
        ("LeakyRelu", 1.7, Min),
        ("PRelu", [0.1, 0.2, 0.3, 0.0, 1.0, 0.5], Max),
        ("PRelu", [1.1, 1.2, 1.3, 2.0, 1.0, 1.5], Min),
        ("PRelu", [0.1, 1.2, 0.3, 2.0, 1.0, 0.0], Thresholds),
    ],
)
def test_a_bend_on_accumulators_is_two_lines(tmp_path: Path, name: str, slopes: Any, kind: type[Op]) -> None:
    net = behind([(name, [], {"alpha": slopes}) if name == "LeakyRelu" else (name, [None, slopes], {})], 0.61, -60)
    equal_but_at_ties(net, tmp_path)
    graph = read(net, tmp_path)
    lowered, feeds = driver.lower(graph, Policy.STRICT, ShiftPreference()), net.samples(9)
    assert isinstance(lowered.ops[-1], kind)
    assert (graph_outputs(lowered, feeds)[0] == graph_outputs(graph, feeds)[0]).all()


@pytest.mark.parametrize("name", ["HardSwish", "Abs", "Cos"])
def test_functions_that_turn_are_refused_on_accumulators(tmp_path: Path, name: str) -> None:
    with pytest.raises(HwcompError, match="between the operators") as caught:
        read(behind([(name, [], {})], 0.3), tmp_path)
    assert caught.value.code == "HWC103"


@pytest.mark.parametrize("gate", ["Sigmoid", "HardSigmoid"])
def test_a_gate_of_its_own_tensor_is_one_table(tmp_path: Path, gate: str) -> None:
    net = Net(14)
    x = net.active((4, 300), 0.047, 3)
    net.output(net.q(net.node("Mul", [x, net.node(gate, [x])]), 0.03, -100))
    assert differing(net, tmp_path)[0] == 0
    assert [type(op) for op in read(net, tmp_path).ops] == [Lut]


def test_small_accumulators_become_a_table(tmp_path: Path) -> None:
    net = Net()
    w = net.weights(RNG(1).integers(-9, 9, (3, 4), dtype=np.int8), np.float32(2.0**-3))
    y = net.node("Gemm", [net.active((8, 4), 0.25, -3), w], transB=1)
    net.output(net.q(net.node("HardSwish", [y]), 0.3, 4))
    net.opset = 14
    assert differing(net, tmp_path)[0] == 0
    assert isinstance(read(net, tmp_path).ops[-1], Lut)


@pytest.mark.parametrize("name", ["Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Atanh", "Shrink"])
def test_more_functions_of_small_values(tmp_path: Path, name: str) -> None:
    net = Net(13)
    x = net.active((4, 256), 0.007, 3)
    net.output(net.q(net.node(name, [x], **({"bias": 0.1, "lambd": 0.3} if name == "Shrink" else {})), 0.031, -7))
    wrong, total = differing(net, tmp_path)
    assert (wrong, total) == (0, 3 * 1024)


def test_rows_of_two_dimensions_are_no_bias(tmp_path: Path) -> None:
    net = Net()
    w = net.weights(np.ones((COUNT, 40), np.int8), np.float32(0.5))
    y = net.node("Gemm", [net.active((3, 40), 0.25, -3), w, net.constant(np.ones((3, 1)), np.float32)], transB=1)
    net.output(net.q(y, 0.5, 0))
    with pytest.raises(HwcompError) as caught:
        read(net, tmp_path)
    assert caught.value.code == "HWC214"


def test_alpha_zero_is_refused(tmp_path: Path) -> None:
    net = Net()
    net.output(net.q(gemm(net, alpha=0.0), 0.7, 3))
    with pytest.raises(HwcompError, match="alpha is 0"):
        read(net, tmp_path)


def test_ort_and_the_integers_agree_end_to_end(tmp_path: Path) -> None:
    net = behind([("Mul", [None, 0.5], {}), ("LeakyRelu", [], {"alpha": 0.25})], 0.5, -20)
    lowered = driver.lower(read(net, tmp_path), Policy.LISTED, ShiftPreference())
    for seed in range(3):
        feeds = net.samples(seed)
        assert (graph_outputs(lowered, feeds)[0] == ort_outputs(net.model(), feeds)[0]).all()
