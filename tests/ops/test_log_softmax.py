"""log_softmax."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import LogSoftmax
from hwcomp.ir.ops.log_softmax import logarithm
from hwcomp.ir.types import S8, S32, IntArray
from tests.ops.ladder import LADDER, climb, constant, equal, fields, operand, rejects, tensors

SCALE = 0.0625
# 2^26 * SCALE = 2^22 a level, so the way back is 2^-22: mantissa 2^30 (one half), shift -21.
REVERSE = (1 << 30, -21)


def tables() -> tuple[IntArray, IntArray]:
    """-distance * scale in Q5.26, and its exponential in Q12.19."""
    distance = np.arange(256)
    exp = np.rint(np.exp(-SCALE * distance) * 2.0**19).astype(np.int64)
    return (-distance * (1 << 22)).astype(np.int64), exp


def op(**changes: object) -> LogSoftmax:
    given_fields = {"radius": 255, "reverse": REVERSE, "lo": -128, "hi": 127, "dtype": S8} | changes
    return LogSoftmax(**fields("x", "d", "s"), **given_fields)  # type: ignore[arg-type]


def test_the_logarithm_of_every_magnitude() -> None:
    places = np.unique(np.geomspace(1 << 19, (1 << 31) - 1, 4001).astype(np.int64))
    powers = np.int64(1) << np.arange(19, 31)
    x = np.concatenate([places, powers, powers + 1, powers[1:] - 1])
    real = np.log(x / 2.0**19)
    assert np.abs(logarithm(x) / 2.0**26 - real).max() < 1e-7
    assert logarithm(np.array([1 << 19])).tolist() == [0]


@LADDER
@given(st.data(), st.integers(1, 20))
def test_integers_evaluate_and_infer_agree(data, classes: int) -> None:  # type: ignore[no-untyped-def]
    x = data.draw(tensors((2, classes), S8))
    got = climb(op(), [(x, S8)], [(tables()[0], S32), (tables()[1], S32)])
    shifted = SCALE * (x - x.max(axis=1, keepdims=True))
    real = (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))) / SCALE + 127
    assert np.abs(got - np.clip(real, -128, 127)).max() <= 0.51


def test_beyond_the_radius_is_the_least_level() -> None:
    x = np.array([[0, -9, -10, -11, -128]], np.int64)
    (got,) = op(radius=10).evaluate(x, *tables())
    (whole,) = op().evaluate(x, *tables())
    equal(got, np.where(x >= -10, whole, -128))


def test_what_it_rejects() -> None:
    d, s = constant(tables()[0], S32), constant(tables()[1], S32)
    x = operand(np.array([[-128, 127]], np.int64), S8, "type")
    rejects(op(), [x, x, s], "constant")
    rejects(op(), [x, constant(tables()[0][:9], S32), constant(tables()[1][:9], S32)], "reaches past")
    assert op().verify([x, d, s]) == []
