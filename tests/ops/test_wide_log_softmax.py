"""wide_log_softmax."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import WideLogSoftmax
from hwcomp.ir.ops.wide_log_softmax import LOG_2_Q40, log_of_sum
from hwcomp.ir.types import S8, S32, IntArray
from tests.ops.ladder import LADDER, climb, constant, fields, operand, rejects, tensors

SCALE = 0.0471
ONE = (1 << 31) - 1


def tables(scale: float, fraction_bits: int) -> tuple[IntArray, IntArray]:
    """-distance * scale in 2^-fraction_bits, and its exponential in Q0.31."""
    exact = -scale * np.arange(256)
    exp = np.minimum(np.rint(np.exp(exact) * 2.0**31), ONE)
    return np.rint(exact * 2.0**fraction_bits).astype(np.int64), exp.astype(np.int64)


def op(fraction_bits: int = 26) -> WideLogSoftmax:
    return WideLogSoftmax(**fields("x", "d", "e"), fraction_bits=fraction_bits)  # type: ignore[arg-type]


def test_the_logarithm_of_every_magnitude() -> None:
    assert round(np.log(2) * 2.0**40) == LOG_2_Q40
    powers = np.int64(1) << np.arange(31, 55)
    total = np.concatenate([np.geomspace(2**31 - 1, 2**54, 4001).astype(np.int64), powers, powers - 1, powers + 1])
    assert np.abs(log_of_sum(total) / 2.0**26 - np.log(total / 2.0**31)).max() < 2.0**-24
    assert log_of_sum(np.array([ONE, ONE + 1])).tolist() == [0, 0]


@LADDER
@given(st.data(), st.integers(1, 40), st.sampled_from([(SCALE, 26), (0.31, 24)]))
def test_integers_evaluate_and_infer_agree(data, classes: int, form: tuple[float, int]) -> None:  # type: ignore[no-untyped-def]
    scale, bits = form
    x = data.draw(tensors((2, classes), S8))
    got = climb(op(bits), [(x, S8)], [(table, S32) for table in tables(scale, bits)])
    shifted = scale * (x - x.max(axis=1, keepdims=True))
    real = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    assert np.abs(got / 2.0**bits - real).max() < 2.0 ** -(bits - 2)


@pytest.mark.parametrize("classes", [1, 1000])
def test_equal_values_share_the_logarithm_of_their_number(classes: int) -> None:
    (got,) = op().evaluate(np.zeros((1, classes), np.int64), *tables(SCALE, 26))
    assert np.abs(got / 2.0**26 + np.log(classes)).max() < 2.0**-23


def test_what_it_rejects() -> None:
    d, e = (constant(table, S32) for table in tables(SCALE, 26))
    x = operand(np.array([[-128, 127]], np.int64), S8, "type")
    assert op().verify([x, d, e]) == []
    rejects(op(), [x, x, e], "constant")
    rejects(op(), [x, *(constant(np.array([0, 5]), S32),) * 2], "reaches past")
    rejects(op(), [x, d, d], "Q0.31")
    rejects(op(27), [x, d, e], "27 fraction bits")
    rejects(op(), [x, constant(np.full(256, -(2**31)), S32), e], "leave 32 bits")
