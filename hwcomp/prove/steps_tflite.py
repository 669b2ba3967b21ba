"""TFLite's rescales of one accumulator: fixed-point multipliers and the average's division.

Source: tensorflow/tflite-micro `tensorflow/lite/kernels/internal/common.cc`, `quantization_util.cc`,
`reference/reduce.h`, `reference/integer_ops/pooling.h`, and gemmlowp `fixedpoint.h`.
TFLite-Micro uses double rounding throughout; LiteRT's reference kernels use single rounding for FullyConnected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Definition, common_shift

INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1


def quantize_multiplier(real: float) -> tuple[int, int]:
    """TFLite's QuantizeMultiplier: (m, shift) with real ~ m * 2**(shift - 31), 2**30 <= m < 2**31, or (0, 0) for tiny
    values.

    The mantissa is rounded half away from zero (std::round), in doubles as TFLite does.
    """
    if real == 0.0:
        return 0, 0
    mantissa, shift = math.frexp(real)
    scaled = abs(mantissa) * (1 << 31)
    fixed = math.floor(scaled)
    fixed += scaled - fixed >= 0.5
    if fixed == 1 << 31:
        fixed, shift = fixed >> 1, shift + 1
    if shift < -31:
        return 0, 0
    return (fixed if real > 0 else -fixed), shift


def mean_multiplier(real: float, count: int) -> tuple[int, int]:
    """MEAN's multiplier over the *sum* of `count` elements: QuantizedMeanOrSum divides the fixed-point multiplier.

    real = input_scale / output_scale in doubles. The sum has the zero points already taken off.
    """
    multiplier, output_shift = quantize_multiplier(real)
    shift = min(count.bit_length() - 1, 32, 31 + output_shift)
    return (multiplier << shift) // count, output_shift - shift


def saturating_rounding_doubling_high_mul(x: IntArray, m: IntArray) -> IntArray:
    """gemmlowp: int32 x int32 -> round(x * m / 2**31), INT32_MAX for INT32_MIN squared.

    gemmlowp's nudge and C's truncating division are together the floor of (x * m + 2**30) / 2**31 for both signs.
    """
    high = (x * m + (1 << 30)) >> 31
    return np.where((x == INT32_MIN) & (m == INT32_MIN), INT32_MAX, high)


def rounding_divide_by_pot(x: IntArray, exponent: IntArray) -> IntArray:
    """gemmlowp: x / 2**exponent, rounded to nearest, half away from zero; 0 <= exponent <= 31."""
    mask = (np.int64(1) << exponent) - 1
    threshold = (mask >> 1) + (x < 0)
    return (x >> exponent) + ((x & mask) > threshold)


def multiply_double(x: IntArray, m: IntArray, shift: IntArray) -> IntArray:
    """MultiplyByQuantizedMultiplier with double rounding; the left shift wraps in int32."""
    shifted = wrap_int32(x << np.maximum(shift, 0))
    return rounding_divide_by_pot(saturating_rounding_doubling_high_mul(shifted, m), np.maximum(-shift, 0))


def wrap_int32(x: IntArray) -> IntArray:
    """x modulo 2**32, in the int32 range."""
    return ((x + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


def as_column(values: tuple[int, ...]) -> IntArray:
    """[channels, 1], to broadcast over accumulators [channels, n]."""
    return np.array(values, dtype=np.int64).reshape(-1, 1)


def _half_up(acc: IntArray, multiplier: tuple[int, ...], right: tuple[int, ...]) -> IntArray:
    """(acc * m + 2**(r-1)) >> r with each channel's multiplier m and right shift r >= 1."""
    shift = as_column(right)
    return (acc * as_column(multiplier) + (np.int64(1) << (shift - 1))) >> shift


def _half_up_definition(multiplier: tuple[int, ...], right: tuple[int, ...], zero: int) -> Definition | None:
    """`_half_up` itself, at the channels' largest shift."""
    if min(multiplier) < 0:
        return None
    rows = [(m, 1 << (r - 1), 0, r) for m, r in zip(multiplier, right, strict=True)]
    mult, offset, _, shift = common_shift(rows)
    return Definition((mult,), offset, shift, Tie.FLOOR, None, zero)


@dataclass(frozen=True, slots=True)
class TfliteDouble:
    """MultiplyByQuantizedMultiplier with TFLITE_SINGLE_ROUNDING 0: conv, depthwise, MEAN; in TFLM also FullyConnected.

    multiplier, shift: per channel (or one), from `quantize_multiplier` or `mean_multiplier`; shift > 0 is to the left.
    """

    multiplier: tuple[int, ...]
    shift: tuple[int, ...]
    zero: int
    lo: int
    hi: int
    reference: str = "tflm"

    @property
    def channels(self) -> int:
        return len(self.multiplier)

    @property
    def domain(self) -> tuple[int, int]:
        """The int32 accumulators that the left shift does not wrap."""
        left = max(0, *self.shift)
        return INT32_MIN >> left, INT32_MAX >> left

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        scaled = multiply_double(acc, as_column(self.multiplier), as_column(self.shift))
        y: IntArray = np.clip(scaled + self.zero, self.lo, self.hi)
        return y

    @property
    def definition(self) -> Definition | None:
        """One multiply and one shift: with p = acc * m and right shift r >= 1

            y = (p + 2**30 + 2**(30 + r) - [p < 0] * 2**31) >> (31 + r),

        and (p + 2**30) >> 31 without a right shift. [p < 0] may stand for the sign of the high product h (DESIGN has
        [p + 2**30 < 0]): they differ where h == 0, and there (2**(r-1) - 1) >> r is still 0.
        """
        if min(self.multiplier) < 0 or max(self.shift) > 31:
            return None
        rows: list[tuple[int, int, int, int]] = []
        for m, s in zip(self.multiplier, self.shift, strict=True):
            if s < 0:
                rows.append((m, (1 << 30) + (1 << (30 - s)), 1 << 31, 31 - s))
            else:
                rows.append((m, (1 << (30 - s)) if s < 31 else 0, 0, 31 - s))
        mult, offset, amount, shift = common_shift(rows)
        negative = NegativeCorrection(0, amount) if any(amount) else None
        return Definition((mult,), offset, shift, Tie.FLOOR, negative, self.zero)


@dataclass(frozen=True, slots=True)
class TfliteSingle:
    """MultiplyByQuantizedMultiplier with TFLITE_SINGLE_ROUNDING 1: (acc * m + 2**(30-shift)) >> (31-shift), shift <=
    30.

    LiteRT's FullyConnected. A dyadic as it stands.
    """

    multiplier: tuple[int, ...]
    shift: tuple[int, ...]
    zero: int
    lo: int
    hi: int
    reference: str = "litert"

    @property
    def channels(self) -> int:
        return len(self.multiplier)

    @property
    def domain(self) -> tuple[int, int]:
        return INT32_MIN, INT32_MAX

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        scaled = _half_up(acc, self.multiplier, tuple(31 - s for s in self.shift))
        y: IntArray = np.clip(scaled + self.zero, self.lo, self.hi)
        return y

    @property
    def definition(self) -> Definition | None:
        """Itself, at the channels' largest shift."""
        return _half_up_definition(self.multiplier, tuple(31 - s for s in self.shift), self.zero)


@dataclass(frozen=True, slots=True)
class TfliteWide:
    """MultiplyByQuantizedMultiplier of an int64 accumulator (int16 activations, |acc| < 2**47): a 16-bit multiplier.

    reduced = (m + 2**15) >> 16, at most 0x7FFF;  y = (acc * reduced + 2**(14-shift)) >> (15-shift).
    """

    multiplier: tuple[int, ...]
    shift: tuple[int, ...]
    zero: int
    lo: int
    hi: int
    reference: str = "tflm"

    @property
    def channels(self) -> int:
        return len(self.multiplier)

    @property
    def domain(self) -> tuple[int, int]:
        return -(1 << 47), (1 << 47) - 1

    @property
    def reduced(self) -> tuple[int, ...]:
        """The 16-bit multipliers."""
        return tuple((m + (1 << 15)) >> 16 if m < 0x7FFF0000 else 0x7FFF for m in self.multiplier)

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        scaled = _half_up(acc, self.reduced, tuple(15 - s for s in self.shift))
        y: IntArray = np.clip(scaled + self.zero, self.lo, self.hi)
        return y

    @property
    def definition(self) -> Definition | None:
        """Itself, at the channels' largest shift."""
        return _half_up_definition(self.reduced, tuple(15 - s for s in self.shift), self.zero)


@dataclass(frozen=True, slots=True)
class TfliteAverage:
    """AVERAGE_POOL_2D of int8, int16: the sum of `count` raw elements divided, half away from zero; of uint8 (sums >=
    0) too.

    count: window elements inside the tensor, per channel or one. The zero point stays in the sum: input and output
    share it.
    """

    count: tuple[int, ...]
    lo: int
    hi: int
    reference: str = "tflm"

    @property
    def channels(self) -> int:
        return len(self.count)

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        count = as_column(self.count)
        magnitude = (np.abs(acc) + (count >> 1)) // count
        y: IntArray = np.clip(np.sign(acc) * magnitude, self.lo, self.hi)
        return y
