"""synthesize_requant: what becomes of a Rescale under each policy, and what its proof stands on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwcomp.ir.builder import Builder
from hwcomp.ir.certificate import Verdict
from hwcomp.ir.graph import Graph, Interpreter, Level
from hwcomp.ir.ops import Dense, Lut, Requant, Rescale, Thresholds
from hwcomp.ir.spec import InvalidGraph, require_valid
from hwcomp.ir.types import S8, S32, Location, TensorType
from hwcomp.passes.check_certificates import check_certificates
from hwcomp.passes.place_thresholds import table_of
from hwcomp.passes.synthesize_requant import synthesize_requant
from hwcomp.prove.steps import OrtQLinear
from hwcomp.prove.synthesize import Policy
from hwcomp.prove.thresholds import StepTable
from hwcomp.support.errors import HwcompError


class Stairs:
    """A step that no line follows: 0 up to 4, then 10 at 5, 11 from 9 on."""

    channels, lo, hi, reference = 1, 0, 11, "stairs"

    def __call__(self, acc: np.ndarray) -> np.ndarray:
        return np.where(acc < 5, 0, np.where(acc < 9, 10, 11)).astype(np.int64)


class LongStairs(Stairs):
    """The same, of a type with more levels than a table of thresholds may have."""

    hi = 1 << 21


class Curve:
    """A root: a step that is far from every line."""

    channels, lo, hi, reference, is_curved = 1, -100, 20, "curve", True

    def __call__(self, acc: np.ndarray) -> np.ndarray:
        return np.clip(np.rint(np.sign(acc) * np.sqrt(np.abs(acc)) * 9), -100, 20).astype(np.int64)


def graph(step: OrtQLinear | Stairs | Curve, wide: bool, outputs: int = 2) -> Graph:
    """x -> Dense -> Rescale, or x -> Rescale of 8 bits."""
    b = Builder("g", "test")
    x = b.input("x", TensorType((1, 2), S8))
    for i in range(outputs):
        loc = Location("net.onnx", f"/q{i}", "QuantizeLinear")
        acc = x
        if wide:
            w = b.constant("w", np.array([[1, 0], [0, 1]]), S8)
            bias = b.constant("b", np.array([0, 0]), S32)
            acc = b.add1(Dense(name="d", inputs=(x, w, bias), outputs=("acc",), loc=loc))
        y = b.add1(Rescale(name=f"/q{i}", inputs=(acc,), outputs=("y",), loc=loc, step=step, dtype=S8))
        b.output(f"y{i}", y)
    return b.finish()


def test_a_step_that_no_line_follows_is_listed() -> None:
    lowered = synthesize_requant(graph(Stairs(), wide=True), Policy.LISTED)
    certificates = [op.certificate for op in lowered.ops if isinstance(op, Requant)]
    assert [cert.verdict for cert in certificates if cert] == [Verdict.LISTED] * 2
    assert all(cert and cert.exception_count > 0 for cert in certificates)
    check_certificates(lowered)


def test_strict_collects_every_refusal_at_its_operator() -> None:
    with pytest.raises(HwcompError) as caught:
        synthesize_requant(graph(LongStairs(), wide=True), Policy.STRICT)
    assert [problem.code for problem in caught.value.problems] == ["HWC301", "HWC301"]
    assert [problem.at for problem in caught.value.problems] == [
        "net.onnx: QuantizeLinear '/q0'",
        "net.onnx: QuantizeLinear '/q1'",
    ]


@pytest.mark.parametrize(
    ("step", "policy"),
    [(Stairs(), Policy.STRICT), (Curve(), Policy.STRICT), (Curve(), Policy.LISTED), (Curve(), Policy.FAST)],
    ids=["stairs-strict", "curve-strict", "curve-listed", "curve-fast"],
)
def test_thresholds_stand_where_no_line_does(step: Stairs | Curve, policy: Policy) -> None:
    source = graph(step, wide=True)
    lowered = synthesize_requant(source, policy)
    assert sum(isinstance(op, Thresholds) for op in lowered.ops) == 2
    require_valid(lowered, "a test")
    for value in range(-128, 128):
        x = {"x": np.array([[value, -1 - value]])}
        env, expected = Interpreter(lowered).run(x), Interpreter(source).run(x)
        assert all((env[port.value] == expected[port.value]).all() for port in source.outputs)


def test_a_channel_that_starts_higher_has_thresholds_below_its_least_value() -> None:
    table = StepTable(*(np.array(v) for v in ([-9, 0], [9, 5], [3, 5], [3, 0], [[-2, 0, 7], [1, 1, 1]])))
    assert table_of(table, 3, 6).tolist() == [[-2, 0, 7], [0, 0, 6]]


def test_a_small_value_becomes_a_table_instead() -> None:
    for policy in (Policy.STRICT, Policy.LISTED):
        source = graph(Stairs(), wide=False)
        lowered = synthesize_requant(source, policy)
        assert all(isinstance(op, Lut) for op in lowered.ops)
        for value in range(-128, 128):
            x = {"x": np.array([[value, -1 - value]])}
            env = Interpreter(lowered).run(x)
            expected = Interpreter(source).run(x)
            assert (env["y"] == expected["y"]).all()


def test_the_proof_covers_what_is_reachable_and_no_more() -> None:
    lowered = synthesize_requant(graph(OrtQLinear((0.3, 0.7), 3, -128, 127), wide=True), Policy.LISTED)
    (first, _) = [op.certificate for op in lowered.ops if isinstance(op, Requant)]
    assert first is not None
    assert (first.acc_lo.tolist(), first.acc_hi.tolist()) == ([-128, -128], [127, 127])


def test_a_falsified_requant_is_found() -> None:
    lowered = synthesize_requant(graph(OrtQLinear((0.3, 0.7), 3, -128, 127), wide=True), Policy.LISTED)
    check_certificates(lowered)
    for change in ("zero", "offset", "mult"):
        ops = list(lowered.ops)
        place, op = next((i, op) for i, op in enumerate(ops) if isinstance(op, Requant))
        wrong = {
            "zero": replace(op, zero=op.zero + 1),
            "offset": replace(op, offset=(op.offset[0] + (1 << op.shift), op.offset[1])),
            "mult": replace(op, mult=((op.mult[0][0] * 2, op.mult[0][1]),)),
        }[change]
        ops[place] = wrong
        with pytest.raises(HwcompError) as caught:
            check_certificates(replace(lowered, ops=tuple(ops)))
        assert caught.value.code == "HWC305"


def test_a_proof_on_too_small_a_range_is_found() -> None:
    lowered = synthesize_requant(graph(OrtQLinear((0.3, 0.7), 3, -128, 127), wide=True), Policy.LISTED)
    ops = list(lowered.ops)
    place, op = next((i, op) for i, op in enumerate(ops) if isinstance(op, Requant))
    assert op.certificate is not None
    ops[place] = replace(op, certificate=replace(op.certificate, acc_hi=op.certificate.acc_hi - 1))
    with pytest.raises(HwcompError, match="beyond what was proved"):
        check_certificates(replace(lowered, ops=tuple(ops)))


def test_a_requant_without_proof_is_invalid_unless_flagged() -> None:
    lowered = synthesize_requant(graph(OrtQLinear((0.3, 0.7), 3, -128, 127), wide=True), Policy.LISTED)
    bare = replace(
        lowered, ops=tuple(replace(op, certificate=None) if isinstance(op, Requant) else op for op in lowered.ops)
    )
    with pytest.raises(InvalidGraph, match="no certificate"):
        require_valid(bare, "a test")
    require_valid(bare, "a test", certificates=False)


def test_rescales_may_not_stand_at_level_integer() -> None:
    source = replace(graph(OrtQLinear((0.3, 0.7), 3, -128, 127), wide=True), level=Level.INTEGER)
    with pytest.raises(InvalidGraph, match="may not stand at level integer"):
        require_valid(source, "a test")
