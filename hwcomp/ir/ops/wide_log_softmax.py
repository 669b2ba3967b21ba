"""`WideLogSoftmax`, a macro: LogSoftmax with the exponentials summed in 64 bits, for references in floating point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.log_softmax import LOG_FRACTION_BITS, logarithm
from hwcomp.ir.ops.softmax import ONE_Q31, rounding_shift
from hwcomp.ir.types import S32, IntArray, Range, Result, TensorType, Value

MANTISSA_BITS = 31
MANTISSA_POWER = 12  # a mantissa of 31 bits is below 2^12 in the Q12.19 of `logarithm`
LOG_2_Q40 = 762123384786  # round(log(2) * 2^40)
MAX_ROW = 1 << 24
LOG_SLACK = 8  # units of 2^-26 by which the logarithm of a smaller sum may stand above that of a greater one


def log_of_sum(total: IntArray) -> IntArray:
    """log(total / 2^31) in Q5.26, total >= 2^31 - 1: `logarithm` of the upper 31 bits, and log(2) for the others.

    The error is below 2^-24: 4e-8, nearly all of it that of `logarithm`.
    """
    length = np.array([int(v).bit_length() for v in total.ravel()], np.int64).reshape(total.shape)
    down = length - MANTISSA_BITS
    power = (down - MANTISSA_POWER) * LOG_2_Q40
    whole = logarithm(total >> down) + ((power + (1 << (39 - LOG_FRACTION_BITS))) >> (40 - LOG_FRACTION_BITS))
    return np.maximum(whole, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WideLogSoftmax(Op):
    """y = x - max(x) - log(sum(exp(x - max(x)))) over the last axis, in units of 2^-fraction_bits, by integers.

    Inputs: x; diff_table [entries], x - max(x) in units of 2^-fraction_bits, from 0 down; exp_table [entries], its
    exponential in Q0.31, the first entry 2^31 - 1; both are indexed by max(x) - x.
    """

    fraction_bits: int

    def verify(self, operands: Sequence[Value]) -> list[str]:
        x, diff_table, exp_table = operands
        if diff_table.data is None or exp_table.data is None or diff_table.shape != exp_table.shape:
            return ["wide_log_softmax wants two constant tables of one size"]
        if x.range.max - x.range.min >= diff_table.shape[0]:
            return [f"x in {x.range} reaches past the {diff_table.shape[0]} entries of the tables"]
        if exp_table.data[0] != ONE_Q31 - 1 or exp_table.range.min < 0 or exp_table.range.max >= ONE_Q31:
            return ["the exponentials are Q0.31, the first one 2^31 - 1"]
        if diff_table.range.max > 0 or not 0 <= self.fraction_bits <= LOG_FRACTION_BITS or x.shape[-1] > MAX_ROW:
            return [f"differences above 0, {self.fraction_bits} fraction bits, or rows of {x.shape[-1]}"]
        return [] if self._least(operands) >= S32.min else ["the results leave 32 bits"]

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        return (Result(TensorType(operands[0].shape, S32), Range.whole(self._least(operands), 0)),)

    def _least(self, operands: Sequence[Value]) -> int:
        x, diff_table, _ = operands
        greatest = int(self._scaled_log(np.array([x.shape[-1] * (ONE_Q31 - 1)]))[0])
        return diff_table.range.min - greatest - LOG_SLACK

    def _scaled_log(self, total: IntArray) -> IntArray:
        return rounding_shift(log_of_sum(total), np.array(LOG_FRACTION_BITS - self.fraction_bits, np.int64))

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, diff_table, exp_table = operands
        distance = x.max(axis=-1, keepdims=True) - x
        return (diff_table[distance] - self._scaled_log(exp_table[distance].sum(axis=-1, keepdims=True)),)
