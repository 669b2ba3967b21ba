"""Two-input Requants equal their steps on all pairs, or list what differs; their certificates catch mutations."""

from __future__ import annotations

import numpy as np
import pytest

from hwcomp.ir.certificate import Verdict, check_pair
from hwcomp.ir.dyadic import Tie, apply_requant
from hwcomp.prove.definition import PairStep
from hwcomp.prove.steps import OrtQLinearAdd, QdqAdd, tflite_add
from hwcomp.prove.synthesize import Policy, Rescaling, ShiftPreference
from hwcomp.prove.synthesize_pair import synthesize_pair
from hwcomp.support.errors import HwcompError

GRID = np.arange(-128, 128)
A, B = np.broadcast_to(GRID, (256, 256)), np.broadcast_to(GRID[:, None], (256, 256))
BYTE = (-128, 127)


def wrong(found: Rescaling, step: PairStep) -> int:
    got = apply_requant(
        [A, B], found.mult, found.offset, found.shift, found.tie, found.negative, found.zero, found.lo, found.hi
    )
    return int((got != step(A, B)).sum())


def recheck(found: Rescaling, offset_change: int = 0, mult_change: int = 0) -> list[str]:
    mult = (found.mult[0][0] + mult_change, found.mult[1][0])
    return check_pair(
        found.certificate,
        mult,
        found.offset[0] + offset_change,
        found.shift,
        found.zero,
        found.lo,
        found.hi,
        found.tie,
        -128,
    )


def steps(seed: int) -> list[PairStep]:
    rng = np.random.default_rng(seed)
    sa, sb, sy = (float(np.float32(v)) for v in rng.uniform(0.01, 0.1, 3))
    za, zb, zy = (int(v) for v in rng.integers(-128, 128, 3))
    numbers = (sa, za, sb, zb, sy, zy, -128, 127)
    return [
        QdqAdd(*numbers),
        QdqAdd(*numbers, clip_lo=0.0),
        QdqAdd(*numbers, subtract=True),
        OrtQLinearAdd(*numbers),
        tflite_add(*numbers),
        tflite_add(*numbers, subtract=True),
    ]


@pytest.mark.parametrize("seed", range(8))
def test_all_pairs(seed: int) -> None:
    for step in steps(seed):
        found = synthesize_pair(step, BYTE, BYTE, Policy.LISTED)
        assert wrong(found, step) == found.certificate.exception_count
        if found.certificate.verdict is Verdict.PROVED:
            assert recheck(found) == []
            assert recheck(found, offset_change=1 << found.shift) and recheck(
                found, mult_change=1 << (found.shift // 2 + 8)
            )


@pytest.mark.parametrize("zero", [0, 5])
def test_half_even_sums(zero: int) -> None:
    """The mean of two equal scales ties on half of all pairs."""
    for step in (
        QdqAdd(0.25, 3, 0.25, -7, 0.5, zero, -128, 127),
        OrtQLinearAdd(0.25, 3, 0.25, -7, 0.5, zero, -128, 127),
    ):
        found = synthesize_pair(step, BYTE, BYTE, Policy.STRICT)
        assert found.tie is Tie.EVEN and max(found.mult[0][0], found.mult[1][0]) <= 2 and wrong(found, step) == 0


def test_saturated_fast_and_preferred() -> None:
    flat = QdqAdd(0.1, -128, 0.1, -128, 0.001, 127, 127, 127)
    assert wrong(synthesize_pair(flat, BYTE, BYTE, Policy.STRICT), flat) == 0
    step = steps(3)[0]
    fast = synthesize_pair(step, BYTE, BYTE, Policy.FAST, ShiftPreference(fast_bits=10))
    assert max(fast.mult[0][0], fast.mult[1][0]) < 1024 and wrong(fast, step) == fast.certificate.exception_count
    at24 = synthesize_pair(step, BYTE, BYTE, Policy.STRICT, ShiftPreference(prefer_shift=24))
    assert at24.shift == 24 and wrong(at24, step) == 0


def test_too_many_pairs() -> None:
    with pytest.raises(HwcompError, match="HWC302"):
        synthesize_pair(steps(0)[0], (-32768, 32767), BYTE, Policy.LISTED)
