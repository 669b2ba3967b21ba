"""TFLite's rescales that `steps_tflite` has not: FullyConnected in doubles (LiteRT) and MEAN of raw sums.

Source: google-ai-edge/LiteRT `tflite/kernels/internal/reference/integer_ops/fully_connected.h`,
`reference/fully_connected.h` (uint8); tensorflow/tflite-micro `reference/reduce.h`, QuantizedMeanOrSum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hwcomp.ir.dyadic import NegativeCorrection
from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Definition
from hwcomp.prove.steps_tflite import TfliteDouble


@dataclass(frozen=True, slots=True)
class LitertDense:
    """FULLY_CONNECTED of LiteRT's reference kernels: y = clamp(round(double(acc) * scale) + zero), half away from zero.

    scale: per channel or one, double(x scale) * double(w scale) / double(y scale).
    """

    scale: tuple[float, ...]
    zero: int
    lo: int
    hi: int
    reference: str = "litert"

    @property
    def channels(self) -> int:
        return len(self.scale)

    @property
    def domain(self) -> tuple[int, int]:
        """int32 accumulators."""
        return -(1 << 31), (1 << 31) - 1

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        product = acc.astype(np.float64) * np.array(self.scale, np.float64).reshape(-1, 1)
        magnitude = np.abs(product)
        floor = np.floor(magnitude)
        nearest = floor + (magnitude - floor >= 0.5)
        bounded = np.clip(np.copysign(nearest, product), -(2.0**31), 2.0**31)
        levels: IntArray = np.clip(bounded.astype(np.int64) + self.zero, self.lo, self.hi)
        return levels


@dataclass(frozen=True, slots=True)
class TfliteMean:
    """MEAN, SUM: to the sum of raw elements `offset` = -zero_point * count is added, then it is rescaled by `inner`."""

    inner: TfliteDouble
    offset: int

    @property
    def reference(self) -> str:
        return self.inner.reference

    @property
    def channels(self) -> int:
        return 1

    @property
    def lo(self) -> int:
        return self.inner.lo

    @property
    def hi(self) -> int:
        return self.inner.hi

    @property
    def domain(self) -> tuple[int, int]:
        low, high = self.inner.domain
        return low - self.offset, high - self.offset

    def __call__(self, *accumulators: IntArray) -> IntArray:
        (acc,) = accumulators
        return self.inner(acc + self.offset)

    @property
    def definition(self) -> Definition | None:
        """The multiplier's, the offset multiplied out."""
        inner = self.inner.definition
        if inner is None:
            return None
        moved = self.offset * inner.mult[0][0]
        negative = None if inner.negative is None else NegativeCorrection(moved, inner.negative.amount)
        return replace(inner, offset=(inner.offset[0] + moved,), negative=negative)
