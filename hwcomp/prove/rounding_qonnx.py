"""QONNX's three quantisers, operation by operation as the package computes them in numpy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.types import IntArray
from hwcomp.support.border import Rounding

Reals = NDArray[np.floating]

_FUNCTIONS: Mapping[Rounding, Callable[[Reals], Reals]] = {
    Rounding.EVEN: np.round,
    Rounding.CEIL: np.ceil,
    Rounding.FLOOR: np.floor,
    Rounding.UP: lambda x: np.sign(x) * np.ceil(np.abs(x)),
    Rounding.DOWN: np.trunc,
    Rounding.HALF_UP: lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5),
    Rounding.HALF_DOWN: lambda x: np.sign(x) * np.ceil(np.abs(x) - 0.5),
    Rounding.SIGN: lambda x: (x >= 0).astype(x.dtype),
}


def rounded(x: Reals, mode: Rounding) -> Reals:
    """x rounded to integers in its own precision; SIGN gives 1 from 0 on, else 0."""
    return np.asarray(_FUNCTIONS[mode](x), x.dtype)


@dataclass(frozen=True, slots=True)
class QonnxQuant:
    """The levels of Quant, BipolarQuant or Trunc, of x [channels, n] in float32.

        v = x / scale + zero             float32; float64 from where `wide_scale`, `wide_zero` say so
        v = round(v) / divisor           Trunc alone: a divisor
        level = rounding(min(max(v, lo), hi))

    scales, zeros: one number or one a channel. The package's parameters may be float64 or integers, with which numpy
    computes in float64. Source: qonnx.custom_op.general.intquant, .bipolar_quant and .trunc, version 1.0.0.
    """

    scales: tuple[float, ...]
    zeros: tuple[float, ...]
    lo: int
    hi: int
    rounding: Rounding
    divisor: float | None = None
    wide_scale: bool = False
    wide_zero: bool = False

    @property
    def channels(self) -> int:
        return max(len(self.scales), len(self.zeros))

    def take(self, indices: Sequence[int]) -> QonnxQuant:
        """The same for the channels `indices` alone."""
        scales, zeros = (tuple(v[i] for i in indices) if len(v) > 1 else v for v in (self.scales, self.zeros))
        return replace(self, scales=scales, zeros=zeros)

    def __call__(self, x: Reals) -> IntArray:
        with np.errstate(all="ignore"):
            value = x / _column(self.scales, wide=self.wide_scale)
            value = value + _column(self.zeros, wide=self.wide_zero)
            if self.divisor is not None:
                value = np.round(value) / np.asarray(self.divisor, value.dtype)
            if self.rounding is not Rounding.SIGN:
                value = np.where(value > self.hi, np.asarray(self.hi, value.dtype), value)
                value = np.where(value < self.lo, np.asarray(self.lo, value.dtype), value)
            level = rounded(value, self.rounding)
        return np.clip(np.nan_to_num(level.astype(np.float64), nan=0.0), self.lo, self.hi).astype(np.int64)


def _column(values: Sequence[float], wide: bool) -> Reals:
    return np.array(values, np.float64)[:, None] if wide else np.array(values, np.float32)[:, None]
