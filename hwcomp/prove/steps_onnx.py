"""ONNX rescales of one accumulator: QLinear ops of ONNX Runtime and of onnx.reference, and float32 between Q and DQ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.dyadic import Tie
from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Definition, common_shift
from hwcomp.prove.rounding import Float32, float32_of_product

INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1


def qlinear_scale(x_scale: float, w_scale: float, y_scale: float) -> float:
    """The scale both QLinear references use: float32(float32(x_scale * w_scale) / y_scale)."""
    return float(np.float32(x_scale) * np.float32(w_scale) / np.float32(y_scale))


def quantize_float32(v: Float32, y_scale: float, zero: int, lo: int, hi: int) -> IntArray:
    """QuantizeLinear of ONNX Runtime and onnx.reference: rint(v / y_scale) in float32, half even, + zero, saturate."""
    q = np.rint(v / np.float32(y_scale))
    y: IntArray = np.clip(np.clip(q, lo - zero, hi - zero).astype(np.int64) + zero, lo, hi)
    return y


def clip_float32(v: Float32, clip_lo: float | None, clip_hi: float | None) -> Float32:
    """The float Clip (Relu, Relu6) before quantising; None where there is no bound."""
    if clip_lo is not None:
        v = np.maximum(v, np.float32(clip_lo))
    return v if clip_hi is None else np.minimum(v, np.float32(clip_hi))


def clamp_levels(
    clip_lo: float | None, clip_hi: float | None, y_scale: float, zero: int, lo: int, hi: int
) -> tuple[int, int]:
    """The levels that a value clipped to [clip_lo, clip_hi] can be quantised to."""
    ends = [float("-inf") if clip_lo is None else clip_lo, float("inf") if clip_hi is None else clip_hi]
    low, high = quantize_float32(np.array(ends, np.float32), y_scale, zero, lo, hi).tolist()
    return low, high


def half_even_definition(scales: tuple[float, ...], zero: int) -> Definition | None:
    """round_half_even(acc * scale) as a Requant, where each scale has a short significand (powers of two, mostly).

    None where a significand is over 24 bits or a shift out of range. Exact in real arithmetic; that the reference's
    floats are exact as well is left to the thresholds to prove.
    """
    rows: list[tuple[int, int, int, int]] = []
    for scale in scales:
        numerator, denominator = float(scale).as_integer_ratio()
        shift = denominator.bit_length() - 1
        if numerator <= 0 or numerator.bit_length() > 24 or shift > 40:
            return None
        rows.append((numerator, 1 << (shift - 1), 0, shift) if shift else (numerator << 1, 1, 0, 1))
    mult, offset, _, shift = common_shift(rows)
    return Definition((mult,), offset, shift, Tie.EVEN, None, zero)


def half_even_after_zero(scales: tuple[float, ...], zero: int) -> Definition | None:
    """round_half_even(acc * scale + zero): an odd zero point is made even, and the offset larger by one level."""
    even = half_even_definition(scales, zero)
    if even is None or zero % 2 == 0:
        return even
    offset = tuple(r + (1 << even.shift) for r in even.offset)
    return Definition(even.mult, offset, even.shift, even.tie, None, zero - 1)


@dataclass(frozen=True, slots=True)
class OrtQLinear:
    """ONNX Runtime's QLinearConv, QLinearMatMul on x86 (MLAS): float32(acc) * scale, clamp, round half even, + zero.

    scale: float32 values, per channel or one (`qlinear_scale`). lo, hi: the output
    clamp, fused activation included (clamping integers before or after rounding is the same).
    """

    scale: tuple[float, ...]
    zero: int
    lo: int
    hi: int
    reference: str = "onnxruntime"

    @property
    def channels(self) -> int:
        return len(self.scale)

    @property
    def domain(self) -> tuple[int, int]:
        return INT32_MIN, INT32_MAX

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        v = acc.astype(np.float32) * np.array(self.scale, dtype=np.float32).reshape(-1, 1)
        v = np.clip(v, np.float32(self.lo - self.zero), np.float32(self.hi - self.zero))
        y: IntArray = np.rint(v).astype(np.int64) + self.zero
        return y

    @property
    def definition(self) -> Definition | None:
        """Half even, for dyadic scales."""
        return half_even_definition(self.scale, self.zero)


@dataclass(frozen=True, slots=True)
class OnnxReferenceQLinear:
    """onnx.reference's QLinearConv, QLinearMatMul: float64 product, + zero, clip, and only then round half even.

    An odd zero point flips which ties go up. scale: float32 values, per channel or one (`qlinear_scale`).
    """

    scale: tuple[float, ...]
    zero: int
    lo: int
    hi: int
    reference: str = "onnx"

    @property
    def channels(self) -> int:
        return len(self.scale)

    @property
    def domain(self) -> tuple[int, int]:
        return INT32_MIN, INT32_MAX

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        v = acc.astype(np.float64) * np.array(self.scale, dtype=np.float64).reshape(-1, 1) + self.zero
        return np.rint(np.clip(v, self.lo, self.hi)).astype(np.int64)

    @property
    def definition(self) -> Definition | None:
        """Half even after the zero point, for dyadic scales."""
        return half_even_after_zero(self.scale, self.zero)


@dataclass(frozen=True, slots=True)
class OrtQLinearMul:
    """ONNX Runtime's com.microsoft.QLinearMul on x86 (SSE2): rint(float32(float32(acc) * scale) + zero), half even.

    acc = (a - a_zero) * (b - b_zero), at most 16 bits; scale: `qlinear_scale`. The sum with the zero point is rounded
    to float32 too, and an odd zero point flips which ties go up. Source: microsoft/onnxruntime
    `onnxruntime/core/mlas/lib/qlmul.cpp`, MlasQLinearMulVectorS16.
    """

    scale: float
    zero: int
    lo: int
    hi: int
    reference: str = "onnxruntime"

    @property
    def channels(self) -> int:
        return 1

    @property
    def domain(self) -> tuple[int, int]:
        return INT32_MIN, INT32_MAX

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        v = acc.astype(np.float32) * np.float32(self.scale) + np.float32(self.zero)
        y: IntArray = np.clip(np.rint(v).astype(np.float64), self.lo, self.hi).astype(np.int64)
        return y

    @property
    def definition(self) -> Definition | None:
        """Half even after the zero point, for dyadic scales."""
        return half_even_after_zero((self.scale,), self.zero)


@dataclass(frozen=True, slots=True)
class QdqFloat32:
    """DequantizeLinear -> a linear op -> [Clip] -> QuantizeLinear, the float32 value rounded once.

        v = float32(acc * (x_scale * w_scale) / count)     the exact real number, rounded to float32 once
        v = min(max(v, clip_lo), clip_hi)                  where given
        y = saturate(rint(float32(v / y_scale)) + zero)    half even

    x_scale, w_scale: float32 values, w_scale per channel or one (1.0 where there are no weights); count: the elements
    of an average. The accumulation itself is exact here; unfused float kernels round it too, in an order of their own.
    """

    x_scale: float
    w_scale: tuple[float, ...]
    y_scale: float
    zero: int
    lo: int
    hi: int
    clip_lo: float | None = None
    clip_hi: float | None = None
    count: int = 1
    reference: str = "onnx"

    @property
    def channels(self) -> int:
        return len(self.w_scale)

    @property
    def domain(self) -> tuple[int, int]:
        return -(1 << 53), 1 << 53

    @property
    def clamp(self) -> tuple[int, int]:
        """The levels of the float clip's two ends, within [lo, hi]."""
        return clamp_levels(self.clip_lo, self.clip_hi, self.y_scale, self.zero, self.lo, self.hi)

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        x_scale = np.float64(np.float32(self.x_scale))
        scale = x_scale * np.array(self.w_scale, dtype=np.float32).astype(np.float64)  # 24 + 24 bits: exact
        v = clip_float32(float32_of_product(acc, scale.reshape(-1, 1), self.count), self.clip_lo, self.clip_hi)
        return quantize_float32(v, self.y_scale, self.zero, self.lo, self.hi)

    @property
    def definition(self) -> Definition | None:
        """Half even, for dyadic scales."""
        if self.count & (self.count - 1) or math.frexp(self.y_scale)[0] != 0.5:
            return None
        divisor = float(np.float32(self.y_scale)) * self.count
        scales = tuple(float(np.float32(self.x_scale)) * float(np.float32(w)) / divisor for w in self.w_scale)
        return half_even_definition(scales, self.zero)


@dataclass(frozen=True, slots=True)
class DyadicStep:
    """A rescale that is integer arithmetic by definition: clamp(((acc * mult + offset) >> shift) + zero)."""

    mult: tuple[int, ...]
    offset: tuple[int, ...]
    shift: int
    zero: int
    lo: int
    hi: int
    reference: str

    @property
    def channels(self) -> int:
        return len(self.mult)

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        b, r = (np.array(v, dtype=np.int64).reshape(-1, 1) for v in (self.mult, self.offset))
        y: IntArray = np.clip(((acc * b + r) >> self.shift) + self.zero, self.lo, self.hi)
        return y

    @property
    def definition(self) -> Definition | None:
        """Itself."""
        return Definition((self.mult,), self.offset, self.shift, Tie.FLOOR, None, self.zero)
