"""The references' arithmetic of scales: float32 where they multiply floats, double where they multiply doubles.

Source: tensorflow/tflite-micro `tensorflow/lite/kernels/kernel_util.cc`, `micro/kernels/*_common.cc`;
google-ai-edge/LiteRT `tflite/kernels/*.cc`. Scales are float32 values held exactly in Python floats.
"""

from __future__ import annotations

import math

import numpy as np

from hwcomp.frontends.tflite.options import Activation
from hwcomp.frontends.tflite.records import SourceTensor
from hwcomp.ir.types import IntType


def single(value: float) -> float:
    """Rounded to float32."""
    with np.errstate(over="ignore", under="ignore"):
        return float(np.float32(value))


def round_away(value: float) -> int:
    """C's std::round: to the nearest integer, halves away from zero."""
    floor = math.floor(abs(value))
    nearest = floor + (abs(value) - floor >= 0.5)
    return int(math.copysign(nearest, value))


def channel_scales(x: SourceTensor, weights: SourceTensor, y: SourceTensor) -> tuple[float, ...]:
    """Convolution, per channel: double(x) * double(w) / double(y)."""
    return tuple(x.scale * scale / y.scale for scale in weights.scales)


def tensor_scale(x: SourceTensor, weights: SourceTensor, y: SourceTensor) -> float:
    """GetQuantizedConvolutionMultipler: double(float32(x * w)) / double(y)."""
    return single(x.scale * weights.scale) / y.scale


def ratio_single(x: SourceTensor, y: SourceTensor) -> float:
    """float32(x / y): a quotient of two float32 is rounded rightly by way of a double."""
    return single(x.scale / y.scale)


def activation_range(activation: Activation, y: SourceTensor, dtype: IntType) -> tuple[int, int]:
    """CalculateActivationRangeQuantized: the clamp of a fused activation, within the output's type."""

    def level(value: float) -> int:
        return y.zero_point + round_away(single(value / y.scale))

    match activation:
        case Activation.RELU:
            return max(dtype.min, level(0.0)), dtype.max
        case Activation.RELU6:
            return max(dtype.min, level(0.0)), min(dtype.max, level(6.0))
        case Activation.RELU_N1_TO_1:
            return max(dtype.min, level(-1.0)), min(dtype.max, level(1.0))
        case _:
            return dtype.min, dtype.max
