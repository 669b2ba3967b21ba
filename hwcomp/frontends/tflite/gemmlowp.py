"""gemmlowp's fixed-point functions, bit for bit, on arrays: they fill tables, nothing of them runs in generated code.

`Fixed(bits)` is the arithmetic of FixedPoint<int16_t, ...> or FixedPoint<int32_t, ...>: raw values in int64,
Q(i).(bits-1-i) with the integer bits i kept by the caller. Source: google/gemmlowp `fixedpoint/fixedpoint.h`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwcomp.ir.types import IntArray

EXP_MINUS_EIGHTH = 1895147668  # exp(-1/8), Q0.31
ONE_THIRD = 715827883  # 1/3, Q0.31
# exp(-2^e) in Q0.31 for e = -2 .. 4
EXP_OF_POWERS = (
    (-2, 1672461947),
    (-1, 1302514674),
    (0, 790015084),
    (1, 290630308),
    (2, 39332535),
    (3, 720401),
    (4, 242),
)
FORTY_EIGHT_OVER_17 = 1515870810  # Q2.29
MINUS_32_OVER_17 = -1010580540  # Q2.29
NEWTON_STEPS = 3


def rounding_shift(x: IntArray, exponent: int) -> IntArray:
    """x / 2^exponent, half away from zero (RoundingDivideByPOT)."""
    mask = (1 << exponent) - 1
    up = (x & mask) > (mask >> 1) + (x < 0)
    return (x >> exponent) + up.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Fixed:
    """Fixed point in words of `bits` bits, 16 or 32."""

    bits: int

    @property
    def min(self) -> int:
        return -(1 << (self.bits - 1))

    @property
    def max(self) -> int:
        return (1 << (self.bits - 1)) - 1

    def constant(self, q31: int) -> int:
        """A 32-bit constant in this word, rounded (GEMMLOWP_CHECKED_FIXEDPOINT_CONSTANT)."""
        return q31 if self.bits == 32 else int(rounding_shift(np.array(q31, np.int64), 16))

    def mul(self, a: IntArray, b: IntArray | int) -> IntArray:
        """SaturatingRoundingDoublingHighMul; truncation of the nudged product is the floor of it plus a half."""
        shift = self.bits - 1
        high: IntArray = np.minimum((a * b + (1 << (shift - 1))) >> shift, self.max)
        return high

    def times_power(self, a: IntArray, exponent: int) -> IntArray:
        """a * 2^exponent, saturating, or rounding (SaturatingRoundingMultiplyByPOT)."""
        if exponent < 0:
            return rounding_shift(a, -exponent)
        return self.saturated(a << exponent)

    def add(self, a: IntArray, b: IntArray | int) -> IntArray:
        """Saturating for 16 bits, wrapping (never here) for 32 (AddSaturatingIf16Bit)."""
        return self.saturated(a + b)

    def saturated(self, a: IntArray) -> IntArray:
        """Within the word."""
        return np.maximum(np.minimum(a, self.max), self.min)

    def exp_of_quarter(self, a: IntArray) -> IntArray:
        """exp(a) for a in [-1/4, 0), Q0 -> Q0: a Taylor polynomial around -1/8."""
        x = a + (1 << (self.bits - 4))
        x2 = self.mul(x, x)
        x3, x4 = self.mul(x2, x), self.mul(x2, x2)
        third = self.mul(rounding_shift(x4, 2) + x3, self.constant(ONE_THIRD))
        rest = rounding_shift(third + x2, 1)
        constant = self.constant(EXP_MINUS_EIGHTH)
        return self.add(self.mul(x + rest, constant), constant)

    def exp_of_negative(self, a: IntArray, integer_bits: int) -> IntArray:
        """exp(a) for a <= 0, Q(integer_bits) -> Q0."""
        fraction = self.bits - 1 - integer_bits
        quarter = 1 << (fraction - 2)
        within = (a & (quarter - 1)) - quarter
        result = self.exp_of_quarter(self.times_power(within, integer_bits))
        remainder = within - a
        for exponent, factor in EXP_OF_POWERS:
            if integer_bits > exponent:
                bit = (remainder >> (fraction + exponent)) & 1
                result = np.where(bit == 1, self.mul(result, self.constant(factor)), result)
        if integer_bits > 5:
            result = np.where(a < -(1 << (self.bits + 4 - integer_bits)), 0, result)
        return np.where(a == 0, self.max, result)

    def _newton(self, a: IntArray) -> IntArray:
        """2 / (1 + a) in Q2 for a in [0, 1] in Q0."""
        half_denominator = (a + self.max + 1) >> 1
        x = self.mul(half_denominator, self.constant(MINUS_32_OVER_17)) + self.constant(FORTY_EIGHT_OVER_17)
        for _ in range(NEWTON_STEPS):
            error = (1 << (self.bits - 3)) - self.mul(half_denominator, x)
            x = x + self.times_power(self.mul(x, error), 2)
        return x

    def one_over_one_plus(self, a: IntArray) -> IntArray:
        """1 / (1 + a) for a in [0, 1], Q0."""
        return self.times_power(self._newton(a), 1)

    def one_minus_over_one_plus(self, a: IntArray) -> IntArray:
        """(1 - a) / (1 + a) for a in [0, 1], Q0."""
        return self.times_power(self._newton(a) - (1 << (self.bits - 3)), 2)

    def logistic(self, a: IntArray, integer_bits: int) -> IntArray:
        """1 / (1 + exp(-a)), Q(integer_bits) -> Q0."""
        positive = self.one_over_one_plus(self.exp_of_negative(self._negated(np.abs(a)), integer_bits))
        result = np.where(a > 0, positive, self.max - positive)
        return np.where(a == 0, 1 << (self.bits - 2), result)

    def tanh(self, a: IntArray, integer_bits: int) -> IntArray:
        """tanh(a), Q(integer_bits) -> Q0."""
        down = self._negated(np.abs(a))
        t = self.one_minus_over_one_plus(self.exp_of_negative(down, integer_bits + 1))
        return np.where(a == 0, 0, np.where(a < 0, -t, t))

    def _negated(self, magnitude: IntArray) -> IntArray:
        return np.maximum(-magnitude, self.min)
