"""requant."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.ops import Requant
from hwcomp.ir.types import S8, S32, U8, IntArray, IntType, Range, TensorType, Value
from tests.ops.ladder import LADDER, climb, equal, fields, loop, operand, rejects, tensors


def naive(op: Requant, *x: IntArray) -> IntArray:
    """By exact fractions: floor of the real quotient, then the corrections of exact multiples."""

    def element(*index: int) -> int:
        ch = index[op.axis] if op.channels > 1 else 0
        p = sum(int(a[index]) * m[ch] for a, m in zip(x, op.mult, strict=True))
        acc = p + op.offset[ch]
        if op.negative is not None and p + op.negative.bias < 0:
            acc -= op.negative.amount[ch % len(op.negative.amount)]
        quotient = Fraction(acc, 2**op.shift)
        q = floor(quotient)
        if quotient == q and ((op.tie is Tie.EVEN and q % 2) or (op.tie is Tie.AWAY and p < 0)):
            q -= 1
        return max(op.lo, min(op.hi, q + op.zero))

    return loop(x[0].shape, element)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Requant, list[tuple[IntArray, IntType]]]:
    shape = draw(st.sampled_from([(), (1,), (5,), (2, 3), (1, 3, 2, 4)]))
    axis = draw(st.integers(-len(shape), len(shape) - 1)) if shape else -1
    channels = shape[axis] if shape and draw(st.booleans()) else 1
    count = draw(st.sampled_from([1, 1, 1, 2, 3]))
    dtype = draw(st.sampled_from([S8, U8]))
    lo = draw(st.integers(dtype.min, dtype.max))
    shift = draw(st.sampled_from([0, 1, 2, 7, 16, 31, 33, 62]))
    tie = draw(st.sampled_from(list(Tie))) if shift else Tie.FLOOR
    most = 1 << min(31, shift + 3)
    low = 0 if count == 1 else -most
    mult = tuple(tuple(draw(st.integers(low, most)) for _ in range(channels)) for _ in range(count))
    half = 1 << (shift - 1) if shift else 0
    offset = tuple(half if tie is Tie.AWAY else draw(st.integers(-4 * half, 4 * half)) for _ in range(channels))
    amount = draw(st.sampled_from([None, None, (half,), (half // 2,) * channels]))
    op = Requant(
        **fields(*"xyz"[:count]),
        mult=mult,
        offset=offset,
        shift=shift,
        zero=draw(st.integers(dtype.min, dtype.max)),
        lo=lo,
        hi=draw(st.integers(lo, dtype.max)),
        dtype=dtype,
        tie=tie,
        negative=None if amount is None or count > 1 else NegativeCorrection(0, amount),
        axis=axis,
    )
    kind = draw(st.sampled_from([S8, U8, S32])) if count == 1 else S8
    return op, [(draw(tensors(shape, kind)), kind) for _ in range(count)]


@LADDER
@given(cases())
def test_fractions_evaluate_and_infer_agree(case: tuple[Requant, list[tuple[IntArray, IntType]]]) -> None:
    op, operands = case
    equal(climb(op, operands), naive(op, *(x for x, _ in operands)))


def simple(**changes: object) -> Requant:
    base = {"mult": ((1,),), "offset": (0,), "shift": 0, "zero": 0, "lo": -128, "hi": 127, "dtype": S8}
    return Requant(**fields("x"), **{**base, **changes})


@pytest.mark.parametrize(
    ("tie", "expected"),
    [(Tie.FLOOR, [-2, -1, 0, 1, 2, 3]), (Tie.EVEN, [-2, -2, 0, 0, 2, 2]), (Tie.AWAY, [-3, -2, -1, 1, 2, 3])],
)
def test_ties(tie: Tie, expected: list[int]) -> None:
    """-2.5, -1.5, -0.5, 0.5, 1.5, 2.5 by each rule."""
    op = simple(mult=((1,),), offset=(1,), shift=1, tie=tie)
    equal(op.evaluate(np.array([-5, -3, -1, 1, 3, 5]))[0], np.array(expected))


def test_the_greatest_shift_and_products_beyond_62_bits() -> None:
    op = simple(mult=((2**31,),), offset=(-(2**61),), shift=62)
    x = np.array([-(2**31), -1, 0, 1, 2**31 - 1])
    equal(op.evaluate(x)[0], np.array([(int(v) * 2**31 - 2**61) >> 62 for v in x]))


def test_saturation_on_both_sides() -> None:
    equal(simple().evaluate(np.array([-(2**31), 2**31 - 1]))[0], np.array([-128, 127]))


def test_the_range_is_that_of_each_channel() -> None:
    x = Value("x", TensorType((1, 2), S32), Range((-100, 0), (-50, 7)))
    assert simple(mult=((1, 2),), offset=(0, 0), shift=1).infer([x])[0].range == Range((-50, 0), (-25, 7))


def test_accumulator_bounds_hold_the_offset_and_both_signs() -> None:
    op = simple(mult=((3,), (-2,)), offset=(10,))
    x = operand(np.array([1]), S8, "type")
    assert op.accumulator_bounds([x, x]) == (3 * -128 - 2 * 127 + 10, 3 * 127 + 2 * 128 + 10)


def test_what_is_wrong_is_said() -> None:
    x = operand(np.zeros((2, 3), np.int64), S8, "type")
    rejects(simple(shift=63), [x], "shift 63")
    rejects(simple(mult=((-1,),)), [x], "negative")
    rejects(simple(hi=128), [x], "does not fit")
    rejects(simple(mult=((1, 1),), offset=(0, 0)), [x], "2 channels")
    rejects(simple(mult=((1, 1, 1),)), [x], "as long as offset")
    rejects(simple(tie=Tie.AWAY, shift=2, offset=(1,)), [x], "2^(shift-1)")
    rejects(simple(mult=((1,), (1,))), [x, operand(np.zeros((3, 2), np.int64), S8, "type")], "one shape")
