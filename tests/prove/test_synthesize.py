"""Every Rescaling equals its step on all reachable accumulators; shifts are minimal; certificates catch mutations."""

from __future__ import annotations

import pickle
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hwcomp.ir.certificate import Certificate, Verdict, check
from hwcomp.ir.dyadic import NegativeCorrection, Tie, apply_requant
from hwcomp.ir.recheck import recheck
from hwcomp.prove.steps import (
    DyadicStep,
    OnnxReferenceQLinear,
    OrtQLinear,
    QdqFloat32,
    Step,
    TfliteAverage,
    TfliteDouble,
    TfliteSingle,
    TfliteWide,
    quantize_multiplier,
)
from hwcomp.prove.synthesize import Policy, Rescaling, ShiftPreference, synthesize
from hwcomp.support.errors import HwcompError


def evaluate(found: Rescaling, acc: np.ndarray) -> np.ndarray:
    return apply_requant(
        [acc], found.mult, found.offset, found.shift, found.tie, found.negative, found.zero, found.lo, found.hi
    )


def check_all(found: Rescaling) -> list[str]:
    return check(
        found.certificate,
        found.mult[0],
        found.offset,
        found.shift,
        found.zero,
        found.lo,
        found.hi,
        found.tie,
        found.negative,
    )


def brute(found: Rescaling, step: Step, lo: int, hi: int) -> int:
    """Differences over all accumulators of [lo, hi], all channels."""
    acc = np.broadcast_to(np.arange(lo, hi + 1), (found.certificate.acc_lo.size, hi - lo + 1))
    return int((evaluate(found, acc) != step(acc)).sum())


def bounds(lo: int, hi: int, channels: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full(channels, lo), np.full(channels, hi)


def f32(x: float) -> float:
    return float(np.float32(x))


FAMILIES = ("onnx", "ort", "qdq", "mean", "double", "single", "wide", "average")


def make(family: str, reals: list[float], zero: int, lo: int, hi: int) -> Step:
    if family == "onnx":
        return OnnxReferenceQLinear(tuple(f32(x) for x in reals), zero, lo, hi)
    if family == "ort":
        return OrtQLinear(tuple(f32(x) for x in reals), zero, lo, hi)
    if family == "qdq":
        return QdqFloat32(0.03, tuple(f32(x * 0.7) for x in reals), 0.021, zero, lo, hi, 0.0, 6.0)
    if family == "mean":
        return QdqFloat32(f32(reals[0]), (1.0,) * len(reals), 0.5, zero, lo, hi, count=49)
    if family == "average":
        return TfliteAverage(tuple(max(1, min(1000, round(1 / x))) for x in reals), lo, hi)
    kind = {"double": TfliteDouble, "single": TfliteSingle, "wide": TfliteWide}[family]
    ms, shifts = zip(*(quantize_multiplier(x) for x in reals), strict=True)
    return kind(ms, shifts, zero, lo, hi)


@settings(max_examples=150, deadline=None)
@given(
    family=st.sampled_from(FAMILIES),
    reals=st.lists(st.floats(2e-4, 6.0), min_size=1, max_size=4),
    zero=st.integers(-128, 127),
    relu=st.booleans(),
    lo=st.integers(-20000, 3000),
    size=st.integers(0, 30000),
    shift=st.sampled_from([None, 32]),
)
def test_equals_step_everywhere(
    family: str, reals: list[float], zero: int, relu: bool, lo: int, size: int, shift: int | None
) -> None:
    step = make(family, reals, zero, zero if relu else -128, 127)
    found = synthesize(step, *bounds(lo, lo + size, len(reals)), Policy.LISTED, ShiftPreference(shift))
    assert brute(found, step, lo, lo + size) == found.certificate.exception_count
    assert check_all(found) == []
    exact = found.certificate.verdict in (Verdict.PROVED, Verdict.DEFINITION)
    assert exact == (found.certificate.exception_count == 0)
    if family in ("double", "single", "wide", "average"):
        assert exact
    assert pickle.loads(pickle.dumps(step)) == step


@settings(max_examples=40, deadline=None)
@given(
    real=st.floats(0.01, 3.0),
    zero=st.integers(-4, 4),
    lo=st.integers(-40, 5),
    size=st.integers(1, 70),
    levels=st.sampled_from([(-4, 3), (0, 3), (-8, 7)]),
    family=st.sampled_from(["onnx", "single", "double"]),
)
@example(0.375, -3, -1, 4, (-4, 3), "double")  # one accumulator below zero, on the lower clamp
@example(0.375, -3, -1, 1, (-3, 3), "double")
def test_shift_is_minimal(real: float, zero: int, lo: int, size: int, levels: tuple[int, int], family: str) -> None:
    """No (b, r) at a smaller shift is exact: tried one by one, all r that matter for each b."""
    step = make(family, [real], zero, *levels)
    found = synthesize(step, *bounds(lo, lo + size, 1), Policy.LISTED)
    if found.certificate.verdict is not Verdict.PROVED or found.negative is not None or found.shift == 0:
        return
    acc = np.arange(lo, lo + size + 1)
    want = step(acc[None, :])[0]
    shift = min(found.shift - 1, 5)
    for b in range(4 << shift):
        for anchor in (0, -1) if b else (0,):
            # One exact offset puts some accumulator right at its level's beginning: only those need a try.
            r = np.unique(((want - zero) << shift) - b * acc + anchor)
            q = np.clip(((acc * b + r[:, None]) >> shift) + zero, *levels)
            assert not (q == want).all(axis=1).any(), (b, shift)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_certificate_rejects_mutations(data: st.DataObject) -> None:
    step = make(data.draw(st.sampled_from(["onnx", "single", "double"])), [0.0371, 0.00113], 5, -128, 127)
    lo, hi = -9000, 12000
    found = synthesize(step, *bounds(lo, hi, 2), Policy.LISTED)
    assert check_all(found) == []
    field = data.draw(st.sampled_from(["mult", "offset", "shift", "zero"]))
    delta = data.draw(st.sampled_from([-1, 1, -1000, 1000, 1 << 20]))
    if field == "mult":
        mutated = replace(found, mult=((max(0, found.mult[0][0] + delta), found.mult[0][1]),))
    elif field == "offset":
        mutated = replace(found, offset=(found.offset[0], found.offset[1] + delta))
    elif field == "shift":
        mutated = replace(found, shift=found.shift + (1 if delta > 0 else -1))
    else:
        mutated = replace(found, zero=found.zero + (1 if delta > 0 else -1))
    assert (check_all(mutated) == []) == (brute(mutated, step, lo, hi) == 0)
    assert check_all(mutated) or mutated == found or field in ("mult", "offset")


def test_checkers_agree() -> None:
    """The vectorised check and the plain one give the same answer, with every tie rule and with the correction."""
    rng = np.random.default_rng(5)
    seen = set()
    for _ in range(300):
        tie = list(Tie)[rng.integers(3)]
        negative = (
            NegativeCorrection(int(rng.integers(-40, 40)), (int(rng.integers(0, 9)),)) if rng.random() < 0.5 else None
        )
        b, r, c = int(rng.integers(0, 40)), int(rng.integers(-90, 90)), int(rng.integers(1, 6))
        acc = np.arange(-60, 61)[None, :]
        y = apply_requant([acc], [[b]], [r], c, tie, negative, 2, -8, 7)[0]
        assert (np.diff(y) >= 0).all()
        t = -60 + np.searchsorted(y, np.arange(y[0] + 1, y[-1] + 1))
        if t.size and rng.random() < 0.5:
            t[rng.integers(t.size)] += 1
        cert = Certificate("x", Verdict.PROVED, np.array([-60]), np.array([60]), y[:1], (t,))
        fast = check(cert, [b], [r], c, 2, -8, 7, tie, negative)
        bias, amount = (negative.bias, negative.amount[0]) if negative else (0, 0)
        slow = recheck(0, -60, 60, int(y[0]), t.tolist(), b, r, c, tie.value, bias, amount, 2, -8, 7)
        assert bool(fast) == bool(slow)
        seen.add(bool(fast))
    assert seen == {True, False}


@pytest.mark.parametrize("zero", [0, 2, 3])
def test_power_of_two_scale_ties_to_even(zero: int) -> None:
    """Half-even ties have no line; the tie rule 'even' is the definition, for odd zero points too."""
    for step in (OnnxReferenceQLinear((2.0**-7, 2.0**-9), zero, -128, 127), OrtQLinear((2.0**-7,), zero, -128, 127)):
        found = synthesize(step, *bounds(-20000, 20000, step.channels), Policy.STRICT)
        assert found.tie is Tie.EVEN
        assert brute(found, step, -20000, 20000) == 0


def test_strict_refuses_and_listed_counts() -> None:
    rng = np.random.default_rng(2)
    step = OrtQLinear(tuple(f32(x) for x in rng.uniform(1e-6, 3e-6, 40)), 0, -128, 127)
    lo, hi = bounds(-60_000_000, 50_000_000, 40)
    with pytest.raises(HwcompError, match="HWC301"):
        synthesize(step, lo, hi, Policy.STRICT)
    found = synthesize(step, lo, hi, Policy.LISTED)
    assert found.certificate.verdict is Verdict.LISTED and found.certificate.exception_count > 0
    for run in found.certificate.exceptions:
        acc = np.tile(np.array([run.acc_lo - 1, run.acc_lo, run.acc_hi, run.acc_hi + 1]), (40, 1))
        want, got = step(acc)[run.channel], evaluate(found, acc)[run.channel]
        assert want[1] == want[2] == run.expected and got[1] == got[2] == run.got != run.expected
    assert check_all(found) == []
    other = replace(found.certificate, exception_count=found.certificate.exception_count + 1)
    assert check_all(replace(found, certificate=other))


def test_fast_is_narrow_and_counted() -> None:
    step = make("onnx", [0.0123, 0.0077], 3, -128, 127)
    found = synthesize(step, *bounds(-20000, 20000, 2), Policy.FAST, ShiftPreference(fast_bits=10))
    assert found.certificate.verdict is Verdict.FAST and max(found.mult[0]) < 1024
    assert brute(found, step, -20000, 20000) == found.certificate.exception_count > 0


def test_preferred_shift_gives_half_offsets() -> None:
    step = make("single", [0.0123, 0.0077, 0.0301], -128, -128, 127)
    found = synthesize(step, *bounds(-30000, 40000, 3), Policy.STRICT, ShiftPreference(32))
    assert found.shift == 32 and found.offset == (1 << 31,) * 3 and max(found.mult[0]) < 1 << 31


def test_average_is_narrow() -> None:
    """The widths that division by small counts needs, half a level as offset."""
    for n, most in ((9, 12), (25, 13), (49, 16), (64, 16), (196, 17), (1000, 19)):
        step = TfliteAverage((n,), -128, 127)
        found = synthesize(step, *bounds(-128 * n, 127 * n, 1), Policy.STRICT)
        assert found.certificate.verdict is Verdict.PROVED and max(found.mult[0]).bit_length() <= most
        assert brute(found, step, -128 * n, 127 * n) == 0


def test_out_of_domain_is_refused() -> None:
    m, s = quantize_multiplier(100.0)
    with pytest.raises(HwcompError, match="HWC303"):
        synthesize(TfliteDouble((m,), (s,), 0, -128, 127), *bounds(-(1 << 30), 5, 1), Policy.LISTED)


def test_constant_channels_and_wide_outputs() -> None:
    step = TfliteSingle(*([v] * 2 for v in quantize_multiplier(0.001)), 0, 0, 127)
    found = synthesize(step, np.array([-5000, -70000]), np.array([-100, 90000]), Policy.STRICT)
    assert found.mult[0][0] == 0 and brute(found, step, -5000, -100) == 0
    wide = TfliteWide(*((v,) for v in quantize_multiplier(3.1e-7)), 0, -32768, 32767)
    start = time.perf_counter()
    found = synthesize(wide, *bounds(-(1 << 38), 1 << 38, 1), Policy.STRICT)
    print(f"int16 output: {time.perf_counter() - start:.2f} s, shift {found.shift}")  # noqa: T201
    acc = np.random.default_rng(0).integers(-(1 << 38), 1 << 38, (1, 200000))
    assert (evaluate(found, acc) == wide(acc)).all() and found.certificate.thresholds[0].size == 65535


def test_dyadic_step_narrows() -> None:
    step = DyadicStep((3 << 20,), (1 << 25,), 26, 0, -128, 127, "tflm")
    found = synthesize(step, *bounds(-500, 500, 1), Policy.STRICT)
    assert found.shift <= 6 and brute(found, step, -500, 500) == 0


@pytest.mark.slow
def test_speed_of_17000_channels() -> None:
    rng = np.random.default_rng(1)
    reach = rng.integers(2000, 200000, 17000)
    reals = [float(x) for x in rng.uniform(0.5, 2, 17000) * 100 / reach]
    for family in ("onnx", "ort", "qdq", "single", "double"):
        start = time.perf_counter()
        found = synthesize(make(family, reals, 3, -128, 127), -reach, reach, Policy.LISTED)
        spent = time.perf_counter() - start
        print(f"{family}: {spent:.2f} s, {found.certificate.verdict.value}, {found.certificate.exception_count}")  # noqa: T201
        assert check_all(found) == []


def test_float_clip_is_a_clamp() -> None:
    """Relu6 between Q and DQ: the Requant's clamp holds it, so the line need not bend."""
    step = QdqFloat32(0.03, (0.011,), 0.05, 3, -128, 127, clip_lo=0.0, clip_hi=5.0)
    found = synthesize(step, *bounds(-20000, 20000, 1), Policy.STRICT)
    assert (found.lo, found.hi) == (3, 103) and brute(found, step, -20000, 20000) == 0


@pytest.mark.parametrize("count", [4, 8, 49, 64])
@pytest.mark.parametrize("zero", [-3, 0, 128])
def test_average_with_equal_scales_is_exact(count: int, zero: int) -> None:
    """A float average over 2^n elements of one scale meets ties, and rounds them to even: exact, not listed."""
    lo, hi = (0, 255) if zero > 0 else (-128, 127)
    step = QdqFloat32((0.25,), (1.0,), 0.25, zero, lo, hi, count=count)
    found = synthesize(step, np.array([-count * 128]), np.array([count * 127]), Policy.STRICT)
    assert found.certificate.verdict is Verdict.PROVED
    acc = np.arange(-count * 128, count * 127 + 1)[None, :]
    got = apply_requant(
        [acc], found.mult, found.offset, found.shift, found.tie, found.negative, found.zero, found.lo, found.hi
    )
    assert np.array_equal(got, step(acc))
