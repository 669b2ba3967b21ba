"""Functions of one 8-bit value, enumerated with a reference's own arithmetic.

Source: tensorflow/tflite-micro `tensorflow/lite/kernels/internal/reference/`; google-ai-edge/LiteRT
`tflite/kernels/activations.cc`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hwcomp.frontends.tflite.gemmlowp import Fixed, rounding_shift
from hwcomp.frontends.tflite.scales import round_away, single
from hwcomp.ir.types import IntArray, IntType
from hwcomp.prove.steps import quantize_multiplier
from hwcomp.prove.steps_tflite import multiply_double

INPUT_INTEGER_BITS = 4  # of LOGISTIC and TANH in TFLite-Micro
F16, F32 = Fixed(16), Fixed(32)


@dataclass(frozen=True, slots=True)
class Scaled:
    """How a tensor stands for real values."""

    scale: float
    zero: int
    dtype: IntType

    def clip(self, levels: IntArray) -> IntArray:
        return np.clip(levels, self.dtype.min, self.dtype.max)


def multiply(x: IntArray, real: float) -> IntArray:
    """MultiplyByQuantizedMultiplier(x, QuantizeMultiplier(real)), double rounding; the sign of `real` is kept."""
    multiplier, shift = quantize_multiplier(abs(real))
    scaled = multiply_double(x, np.array(multiplier, np.int64), np.array(shift, np.int64))
    return -scaled if real < 0 else scaled


def float_table(x: Scaled, y: Scaled, function: Callable[[float], float]) -> IntArray:
    """LiteRT's LUTPopulate: y = round(float32(f(float32)) * float32(1 / y.scale)) + zero."""
    inverse = single(1.0 / y.scale)
    levels: list[int] = []
    for q in range(x.dtype.min, x.dtype.max + 1):
        real = single(x.scale * (q - x.zero))
        levels.append(round_away(single(single(function(real)) * inverse)) + y.zero)
    return y.clip(np.array(levels, np.int64))


def logistic_float(value: float) -> float:
    """1 / (1 + expf(-value)) in float32."""
    try:
        exponential = single(math.exp(-value))
    except OverflowError:
        return 0.0
    return single(1.0 / single(1.0 + exponential))


def fixed_point_table(q: IntArray, x: Scaled, y: Scaled, tanh: bool) -> IntArray:
    """TFLite-Micro's int8 LOGISTIC and TANH: gemmlowp's functions of Q4.27, saturated beyond their radius."""
    mantissa, shift = math.frexp(x.scale * (1 << (31 - INPUT_INTEGER_BITS)))
    multiplier = round_away(mantissa * (1 << 31))
    radius = math.floor(((1 << INPUT_INTEGER_BITS) - 1) * (1 << (31 - INPUT_INTEGER_BITS)) / 2.0**shift)
    centred = q - x.zero
    inside = np.clip(centred, -radius, radius)
    q4 = multiply_double(inside, np.array(multiplier, np.int64), np.array(shift, np.int64))
    if tanh:
        levels = rounding_shift(F32.tanh(q4, INPUT_INTEGER_BITS), 24)
    else:
        levels = rounding_shift(F32.logistic(q4, INPUT_INTEGER_BITS), 23) - 128
    levels = np.where(centred <= -radius, y.dtype.min, np.where(centred >= radius, y.dtype.max, levels))
    return y.clip(levels)


def hard_swish_table(q: IntArray, x: Scaled, y: Scaled) -> IntArray:
    """HARD_SWISH: x * relu6(x + 3) / 6 in 16-bit fixed point (both references)."""
    hires = single(single(1.0 / 128.0) * x.scale)
    output, output_exponent = _sixteen(single(hires / y.scale))
    reluish, reluish_exponent = _sixteen(single(hires / single(single(3.0) / 32768.0)))
    if output_exponent > 0:
        raise ValueError(f"the output's scale {y.scale:g} is too small beside the input's {x.scale:g} / 128")
    high = (q - x.zero) << 7
    on_output_scale = F16.mul(high, output)
    relu = high
    if reluish_exponent > 0:
        relu = np.clip(relu << min(reluish_exponent - 1, 32), F16.min, F16.max)
    relu = F16.mul(relu, reluish)
    if reluish_exponent > 0:
        relu = np.clip(relu << 1, F16.min, F16.max)
    if reluish_exponent < 0:
        relu = rounding_shift(relu, -reluish_exponent)
    relu = (relu + (1 << 15)) >> 1
    product = relu * on_output_scale
    truncated = np.where(product < 0, -((-product) >> 15), product >> 15)
    return y.clip(rounding_shift(truncated, -output_exponent) + y.zero)


def _sixteen(real: float) -> tuple[int, int]:
    """QuantizeMultiplier and DownScaleInt32ToInt16Multiplier."""
    multiplier, shift = quantize_multiplier(real)
    if multiplier >= (1 << 31) - 1 - (1 << 15):
        return (1 << 15) - 1, shift
    return (multiplier + (1 << 15)) >> 16, shift


def leaky_table(q: IntArray, x: Scaled, y: Scaled, alpha: float) -> IntArray:
    """LEAKY_RELU: two multipliers, computed in float32 by both references."""
    centred = q - x.zero
    below = multiply(centred, single(single(x.scale * alpha) / y.scale))
    return y.clip(y.zero + np.where(centred >= 0, multiply(centred, single(x.scale / y.scale)), below))


def relu_table(q: IntArray, x: Scaled, y: Scaled, low: float, high: float | None) -> IntArray:
    """RELU family with requantisation: clamp to the levels of `low` and `high` (None: no upper bound)."""
    lo = max(y.dtype.min, y.zero + round_away(single(low / y.scale)))
    hi = y.dtype.max if high is None else min(y.dtype.max, y.zero + round_away(single(high / y.scale)))
    return np.minimum(np.maximum(y.zero + multiply(q - x.zero, single(x.scale / y.scale)), lo), hi)


def requantize_table(q: IntArray, x: Scaled, y: Scaled) -> IntArray:
    """QUANTIZE of integers: double(x scale) / double(y scale)."""
    return y.clip(multiply(q - x.zero, x.scale / y.scale) + y.zero)
