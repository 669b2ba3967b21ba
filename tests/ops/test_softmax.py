"""softmax."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Softmax
from hwcomp.ir.ops.softmax import ONE_Q31, doubling_high_mul, reciprocal, rounding_shift
from hwcomp.ir.types import S8, S32, IntArray
from tests.ops.ladder import LADDER, climb, constant, equal, fields, operand, rejects, tensors

INTEGER_BITS = 12
SCALE = 0.0625


def tables() -> tuple[IntArray, IntArray]:
    """exp(-scale * distance) in Q0.31, and the same in Q12.19 for the sum."""
    exp = np.exp(-SCALE * np.arange(256))
    return (
        np.minimum(np.rint(exp * ONE_Q31), ONE_Q31 - 1).astype(np.int64),
        np.rint(exp * 2.0 ** (31 - INTEGER_BITS)).astype(np.int64),
    )


def op() -> Softmax:
    return Softmax(**fields("x", "e", "s"), integer_bits=INTEGER_BITS, out_bits=8, zero=-128, lo=-128, hi=127, dtype=S8)


def naive(x: IntArray) -> list[int]:
    """One row by Python integers, each step of gemmlowp written out."""
    exp, total_table = tables()
    distance = [int(x.max() - v) for v in x]
    total = sum(int(total_table[d]) for d in distance)
    headroom = 32 - total.bit_length()
    shifted = ((total << headroom) if headroom >= 0 else (total >> -headroom)) - 2**31

    def high(a: int, b: int) -> int:
        product = a * b
        return (product + 2**30) >> 31 if product >= 0 else -((-product + 2**30 - 1) >> 31)

    half = (shifted + 2**31) >> 1
    y = 1515870810 + high(half, -1010580540)
    for _ in range(3):
        y += max(-(2**31), min(2**31 - 1, high(y, (1 << 29) - high(half, y)) << 2))
    mantissa = max(-(2**31), min(2**31 - 1, y << 1))
    exponent = INTEGER_BITS - headroom + 31 - 8
    levels = []
    for d in distance:
        product = high(mantissa, int(exp[d]))
        rounded = (product + (1 << (exponent - 1))) >> exponent
        levels.append(max(-128, min(127, rounded - 128)))
    return levels


@LADDER
@given(st.data(), st.integers(1, 20))
def test_integers_evaluate_and_infer_agree(data, classes: int) -> None:  # type: ignore[no-untyped-def]
    x = data.draw(tensors((3, classes), S8))
    got = climb(op(), [(x, S8)], [(tables()[0], S32), (tables()[1], S32)])
    equal(got, np.array([naive(row) for row in x]))


@LADDER
@given(st.data(), st.integers(2, 20))
def test_the_real_softmax_is_within_one_level(data, classes: int) -> None:  # type: ignore[no-untyped-def]
    x = data.draw(tensors((2, classes), S8))
    exp = np.exp(SCALE * (x - x.max(axis=1, keepdims=True)))
    real = np.clip(np.rint(exp / exp.sum(axis=1, keepdims=True) * 256) - 128, -128, 127)
    assert np.abs(op().evaluate(x, *tables())[0] - real).max() <= 1


def test_one_class_is_certain() -> None:
    equal(op().evaluate(np.array([[5]]), *tables())[0], np.array([[127]]))


@pytest.mark.parametrize(
    ("a", "b", "expected"), [(2**30, 1, 1), (-(2**30), 1, 0), (2**31 - 1, 2**31 - 1, 2**31 - 2), (-(2**30) - 1, 1, -1)]
)
def test_doubling_high_mul(a: int, b: int, expected: int) -> None:
    assert int(doubling_high_mul(np.array(a), np.array(b))) == expected


@pytest.mark.parametrize(
    ("x", "exponent", "expected"), [(5, 1, 3), (-5, 1, -3), (4, 3, 1), (-4, 3, -1), (3, 3, 0), (7, 0, 7)]
)
def test_rounding_shift_is_half_away(x: int, exponent: int, expected: int) -> None:
    assert int(rounding_shift(np.array(x), np.array(exponent))) == expected


def test_reciprocal_of_powers_of_two() -> None:
    mantissa, exponent = reciprocal(np.array([[1 << 19], [1 << 20]]), INTEGER_BITS)
    assert exponent.ravel().tolist() == [0, 1]
    assert np.abs(mantissa - (2**31 - 1)).max() <= 2


def test_what_is_wrong_is_said() -> None:
    x = operand(np.zeros((1, 3), np.int64), S8, "type")
    short = constant(tables()[0][:100], S32)
    rejects(op(), [x, short, short], "reaches past")
    rejects(op(), [x, constant(-tables()[0], S32), constant(tables()[1], S32)], "Q0.31")
    rejects(op(), [x, x, constant(tables()[1], S32)], "constant tables")
