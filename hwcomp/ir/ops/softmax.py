"""`Softmax`, a macro: tables for the exponential, then gemmlowp's reciprocal, integers throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray, IntType, Range, Result, TensorType, Value

ONE_Q31 = 1 << 31
NEWTON_STEPS = 3
FORTY_EIGHT_OVER_17 = 1515870810  # Q2.29
MINUS_THIRTY_TWO_OVER_17 = -1010580540  # Q2.29


def doubling_high_mul(a: IntArray, b: IntArray) -> IntArray:
    """round(a * b / 2^31), half away from zero below 0 as C's truncation gives it; never INT32_MIN squared here.

    Source: gemmlowp fixedpoint.h, SaturatingRoundingDoublingHighMul.
    """
    product = a * b
    nudged = product + np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    return np.where(nudged >= 0, nudged >> 31, -((-nudged) >> 31))


def rounding_shift(x: IntArray, exponent: IntArray) -> IntArray:
    """x / 2^exponent, half away from zero. Source: gemmlowp fixedpoint.h, RoundingDivideByPOT."""
    mask = (np.int64(1) << exponent) - 1
    threshold = (mask >> 1) + (x < 0)
    return (x >> exponent) + ((x & mask) > threshold)


def reciprocal(total: IntArray, integer_bits: int) -> tuple[IntArray, IntArray]:
    """1 / total as (mantissa in Q0.31, exponent): total is unsigned Q(integer_bits).(32 - integer_bits - 1 + 1), > 0.

    `total` is brought to 32 bits with its leading one at bit 31; the mantissa is 1 / (1 + x).
    Source: TFLite's GetReciprocal, `tensorflow/lite/kernels/internal/common.h`.
    """
    length = np.array([int(v).bit_length() for v in total.ravel()], np.int64).reshape(total.shape)
    headroom = 32 - length
    up, down = np.maximum(headroom, 0), np.maximum(-headroom, 0)
    shifted = ((total << up) >> down) - ONE_Q31
    return one_over_one_plus(shifted), integer_bits - headroom


def one_over_one_plus(fraction: IntArray) -> IntArray:
    """1 / (1 + fraction) in Q0.31 for fractions in [0, 1], Q0.31: three Newton steps.

    Source: gemmlowp fixedpoint.h, one_over_one_plus_x_for_x_in_0_1.
    """
    half_denominator = (fraction + (ONE_Q31 - 1) + 1) >> 1  # RoundingHalfSum(x, 1) for both at least 0
    x = FORTY_EIGHT_OVER_17 + doubling_high_mul(half_denominator, np.array(MINUS_THIRTY_TWO_OVER_17, np.int64))
    for _ in range(NEWTON_STEPS):
        error = (1 << 29) - doubling_high_mul(half_denominator, x)
        product = doubling_high_mul(x, error)
        x = x + np.clip(product << 2, -(1 << 31), (1 << 31) - 1)
    mantissa: IntArray = np.clip(x << 1, -(1 << 31), (1 << 31) - 1)
    return mantissa


@dataclass(frozen=True, slots=True, kw_only=True)
class Softmax(Op):
    """y = clamp(round(exp(x) / sum(exp(x)) * 2^out_bits) + zero, lo, hi) over the last axis, by integers.

    Inputs: x, exp_table [entries] in Q0.31 and sum_table [entries] in Q(integer_bits).(31 - integer_bits), both indexed
    by max(x) - x. With entries < 256 the tables are 0 beyond. `out_bits` is 8 for int8 outputs of scale 2^-8.
    """

    integer_bits: int
    out_bits: int
    zero: int
    lo: int
    hi: int
    dtype: IntType

    def verify(self, operands: Sequence[Value]) -> list[str]:
        x, exp_table, sum_table = operands
        if exp_table.data is None or sum_table.data is None or exp_table.shape != sum_table.shape:
            return ["softmax wants two constant tables of one size"]
        if x.range.max - x.range.min >= exp_table.shape[0]:
            return [f"x in {x.range} reaches past the {exp_table.shape[0]} entries of the table"]
        exp_fits = exp_table.range.min >= 0 and exp_table.range.max < ONE_Q31
        if not exp_fits or sum_table.range.min < 0 or sum_table.data[0] < 1:
            return ["softmax tables are Q0.31 from 0, and the sum's first entry is positive"]
        return []

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        return (Result(TensorType(operands[0].shape, self.dtype), Range.whole(self.lo, self.hi)),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, exp_table, sum_table = operands
        distance = x.max(axis=-1, keepdims=True) - x
        total = sum_table[distance].sum(axis=-1, keepdims=True)
        scale, exponent = reciprocal(total, self.integer_bits)
        product = doubling_high_mul(scale, exp_table[distance])
        y = rounding_shift(product, np.broadcast_to(exponent + 31 - self.out_bits, x.shape))
        return (np.clip(y + self.zero, self.lo, self.hi),)
