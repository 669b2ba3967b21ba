"""Rescales of two inputs: residual additions and subtractions. Inputs are raw integers, zero points not taken off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.prove.rounding import Float32, to_odd, two_sum
from hwcomp.prove.steps_onnx import clamp_levels, clip_float32, quantize_float32
from hwcomp.prove.steps_tflite import TfliteDouble, multiply_double, quantize_multiplier


@dataclass(frozen=True, slots=True)
class QdqAdd:
    """DequantizeLinear twice -> Add or Sub -> [Clip] -> QuantizeLinear, each step rounded to float32."""

    a_scale: float
    a_zero: int
    b_scale: float
    b_zero: int
    y_scale: float
    zero: int
    lo: int
    hi: int
    clip_lo: float | None = None
    clip_hi: float | None = None
    subtract: bool = False
    reference: str = "onnx"

    @property
    def channels(self) -> int:
        return 1

    @property
    def slopes(self) -> tuple[float, float]:
        return self.a_scale / self.y_scale, (-1 if self.subtract else 1) * self.b_scale / self.y_scale

    @property
    def clamp(self) -> tuple[int, int]:
        """The levels of the float clip's two ends, within [lo, hi]."""
        return clamp_levels(self.clip_lo, self.clip_hi, self.y_scale, self.zero, self.lo, self.hi)

    def __call__(self, *accumulators: IntArray) -> IntArray:
        a, b = accumulators
        fa: Float32 = (a - self.a_zero).astype(np.float32) * np.float32(self.a_scale)
        fb: Float32 = (b - self.b_zero).astype(np.float32) * np.float32(self.b_scale)
        v = clip_float32(fa - fb if self.subtract else fa + fb, self.clip_lo, self.clip_hi)
        return quantize_float32(v, self.y_scale, self.zero, self.lo, self.hi)


@dataclass(frozen=True, slots=True)
class OrtQLinearAdd:
    """com.microsoft.QLinearAdd of two 8-bit tensors on x86 (MLAS): ratios and one fixed part in float32.

        ra = a_scale / y_scale;  rb = b_scale / y_scale
        fused (AVX2):  fixed = zero - fma(ra, a_zero, rb * b_zero);  y = saturate(rint(fma(a, ra, fma(b, rb, fixed))))
        else (SSE2):   fixed = zero - (ra * a_zero + rb * b_zero);   y = saturate(rint((fixed + a * ra) + b * rb))

    Source: microsoft/onnxruntime `onnxruntime/core/mlas/lib/intrinsics/avx2/qladd_avx2.cpp`, `qladd.cpp`; the first fma
    is the compiler's contraction (found by running 1.32: of three forms this one has no difference in 3.9 M pairs).
    """

    a_scale: float
    a_zero: int
    b_scale: float
    b_zero: int
    y_scale: float
    zero: int
    lo: int
    hi: int
    fused: bool = True
    reference: str = "onnxruntime"

    @property
    def channels(self) -> int:
        return 1

    @property
    def slopes(self) -> tuple[float, float]:
        return self.a_scale / self.y_scale, self.b_scale / self.y_scale

    def __call__(self, *accumulators: IntArray) -> IntArray:
        a, b = accumulators
        ratio_a = np.float32(self.a_scale) / np.float32(self.y_scale)
        ratio_b = np.float32(self.b_scale) / np.float32(self.y_scale)
        part_b = ratio_b * np.float32(self.b_zero)
        if self.fused:
            zeros = _fused(np.array(self.a_zero), ratio_a, np.array(part_b))
            v = _fused(a, ratio_a, _fused(b, ratio_b, np.float32(self.zero) - zeros))
        else:
            fixed = np.float32(self.zero) - (ratio_a * np.float32(self.a_zero) + part_b)
            v = (fixed + a.astype(np.float32) * ratio_a) + b.astype(np.float32) * ratio_b
        return np.clip(np.rint(v), self.lo, self.hi).astype(np.int64)


def _fused(x: IntArray, ratio: np.float32, addend: Float32) -> Float32:
    """float32 fma(x, ratio, addend) of 8-bit x: the product is exact in float64, the sum is rounded to odd, then
    once."""
    total, rest = two_sum(x.astype(np.float64) * np.float64(ratio), addend.astype(np.float64))
    return to_odd(total, rest).astype(np.float32)


@dataclass(frozen=True, slots=True)
class TfliteAdd:
    """ADD, SUB of int8, uint8 (left_shift 20) and int16 (15): three double-rounded multipliers.

        sa = multiply((a + a_offset) << left_shift, a_multiplier, a_shift); sb alike
        y  = clamp(multiply(sa +- sb, y_multiplier, y_shift) + zero)

    Offsets are the negated zero points. Source: tflite-micro `reference/integer_ops/add.h`, `reference/sub.h`.
    """

    a_offset: int
    a_multiplier: int
    a_shift: int
    b_offset: int
    b_multiplier: int
    b_shift: int
    y_multiplier: int
    y_shift: int
    zero: int
    lo: int
    hi: int
    left_shift: int = 20
    subtract: bool = False
    reference: str = "tflm"

    @property
    def channels(self) -> int:
        return 1

    @property
    def slopes(self) -> tuple[float, float]:
        def real(multiplier: int, shift: int) -> float:
            return multiplier * 2.0 ** (shift - 31)

        out = real(self.y_multiplier, self.y_shift) * 2.0**self.left_shift
        sign = -1 if self.subtract else 1
        return real(self.a_multiplier, self.a_shift) * out, sign * real(self.b_multiplier, self.b_shift) * out

    def first(self, a: IntArray) -> IntArray:
        """sa: the first input at the common scale, 32 bits."""
        return _multiply((a + self.a_offset) << self.left_shift, self.a_multiplier, self.a_shift)

    def second(self, b: IntArray) -> IntArray:
        """sb, or -sb for SUB: the second input at the common scale, 32 bits."""
        sb = _multiply((b + self.b_offset) << self.left_shift, self.b_multiplier, self.b_shift)
        return -sb if self.subtract else sb

    @property
    def last(self) -> TfliteDouble:
        """The rescale of the sum."""
        return TfliteDouble((self.y_multiplier,), (self.y_shift,), self.zero, self.lo, self.hi, self.reference)

    def __call__(self, *accumulators: IntArray) -> IntArray:
        a, b = accumulators
        raw = _multiply(self.first(a) + self.second(b), self.y_multiplier, self.y_shift)
        return np.clip(raw + self.zero, self.lo, self.hi)


def _multiply(x: IntArray, multiplier: int, shift: int) -> IntArray:
    return multiply_double(x, np.asarray(multiplier, dtype=np.int64), np.asarray(shift, dtype=np.int64))


def tflite_add(
    a_scale: float,
    a_zero: int,
    b_scale: float,
    b_zero: int,
    y_scale: float,
    zero: int,
    lo: int,
    hi: int,
    left_shift: int = 20,
    subtract: bool = False,
    reference: str = "tflm",
) -> TfliteAdd:
    """The step of ADD or SUB from float32 scales.

    TFLM computes ADD's three multipliers in doubles, and SUB's in float32 (`sub_common.cc`); LiteRT both in doubles.
    """
    real = np.float32 if subtract and reference == "tflm" else np.float64
    sa, sb, sy = (real(np.float32(s)) for s in (a_scale, b_scale, y_scale))
    twice = real(2) * max(sa, sb)
    ma, ha = quantize_multiplier(float(sa / twice))
    mb, hb = quantize_multiplier(float(sb / twice))
    my, hy = quantize_multiplier(float(twice / (real(1 << left_shift) * sy)))
    return TfliteAdd(-a_zero, ma, ha, -b_zero, mb, hb, my, hy, zero, lo, hi, left_shift, subtract, reference)
