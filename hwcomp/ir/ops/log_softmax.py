"""`LogSoftmax`, a macro: a table for the exponential, then TFLite's fixed-point logarithm, integers throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.softmax import doubling_high_mul, one_over_one_plus, rounding_shift
from hwcomp.ir.types import IntArray, IntType, Range, Result, TensorType, Value

INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1
SUM_INTEGER_BITS = 12
ACCUMULATOR_BITS = 6  # integer bits while the logarithm is summed up
SQRT_HALF, SQRT_SQRT_HALF, LOG_2 = 1518500250, 1805811301, 1488522236  # Q0.31
ALPHA_N, ALPHA_D, ALPHA_I, ALPHA_F = 117049297, 127690142, 1057819769, 638450708  # Q0.31
QUARTER = 1 << (31 - ACCUMULATOR_BITS - 2)
LOG_FRACTION_BITS = 26  # of `logarithm`
OUTPUT_SHIFT = 22  # from Q5.26 to steps of 1/16


def _times(a: IntArray, b: IntArray | int) -> IntArray:
    return doubling_high_mul(a, np.asarray(b, np.int64))


def _shift(x: IntArray, exponent: IntArray | int) -> IntArray:
    """x * 2^exponent within 32 bits, saturated (SaturatingRoundingMultiplyByPOTParam)."""
    threshold = (np.int64(1) << (31 - np.asarray(exponent, np.int64))) - 1
    shifted = np.where(x > threshold, INT32_MAX, np.where(x < -threshold, INT32_MIN, x << exponent))
    return np.where(np.asarray(exponent) == 0, x, shifted)


def _leading_zeros(x: IntArray) -> IntArray:
    return np.array([32 - int(v).bit_length() for v in x.ravel()], np.int64).reshape(x.shape)


def logarithm(x: IntArray) -> IntArray:
    """log(x) in Q5.26 of x >= 1 in Q12.19: the exponent, and a rational function of the mantissa around 2^(-1/4).

    Source: tensorflow/tflite-micro `internal/common.h`, log_x_for_x_greater_than_or_equal_to_1_impl.
    """
    high = _leading_zeros(x)
    mantissa_a = _shift(_times(_shift(x, high - 1), SQRT_HALF), 1)
    power_a = _shift(SUM_INTEGER_BITS - high, 31 - ACCUMULATOR_BITS) + QUARTER
    headroom = _leading_zeros(_times(x, SQRT_HALF)) - 1
    power_b = _shift(SUM_INTEGER_BITS - headroom, 31 - ACCUMULATOR_BITS) - QUARTER
    r = np.minimum(mantissa_a, _shift(x, headroom))
    power = np.maximum(np.minimum(power_a, INT32_MAX), np.maximum(power_b, INT32_MIN))
    p, q = (r + SQRT_SQRT_HALF + 1) >> 1, 2 * (r - SQRT_SQRT_HALF)
    square = _times(q, q)
    numerator = _times(q, r) + _times(_times(q, square), ALPHA_N)
    denominator = _times(p, ALPHA_I + q + _times(square, ALPHA_D)) + _times(q, ALPHA_F)
    small = rounding_shift(numerator, np.array(ACCUMULATOR_BITS, np.int64))
    return _shift(_times(power, LOG_2) + _times(small, one_over_one_plus(denominator)), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSoftmax(Op):
    """y = clamp(round((x - max(x) - log(sum(exp(x - max)))) * 16) + hi, lo, hi) over the last axis, by integers.

    Inputs: x; diff_table [256], the scaled -distance in Q5.26; sum_table [256], its exponential in Q12.19, 0 beyond
    `radius`; both are indexed by max(x) - x. `reverse` (multiplier, shift <= 0) turns Q5.26 back to levels of x.
    """

    radius: int
    reverse: tuple[int, int]
    lo: int
    hi: int
    dtype: IntType

    def verify(self, operands: Sequence[Value]) -> list[str]:
        x, diff_table, sum_table = operands
        if diff_table.data is None or sum_table.data is None or diff_table.shape != sum_table.shape:
            return ["log_softmax wants two constant tables of one size"]
        if x.range.max - x.range.min >= diff_table.shape[0]:
            return [f"x in {x.range} reaches past the {diff_table.shape[0]} entries of the tables"]
        return []

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        return (Result(TensorType(operands[0].shape, self.dtype), Range.whole(self.lo, self.hi)),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, diff_table, sum_table = operands
        distance = x.max(axis=-1, keepdims=True) - x
        log_sum = logarithm(sum_table[distance].sum(axis=-1, keepdims=True))
        multiplier, shift = self.reverse
        least = rounding_shift(_times(log_sum + INT32_MIN, multiplier), np.array(-shift, np.int64))
        y = rounding_shift(diff_table[distance] - log_sum, np.array(OUTPUT_SHIFT, np.int64)) + self.hi
        seen = -distance > np.maximum(-self.radius - 1, least)
        return (np.where(seen, np.clip(y, self.lo, self.hi), self.lo),)
