"""`Rescale`, a rescale as the source model computes it, and `Requant`, the integer arithmetic proved equal to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hwcomp.ir.certificate import Certificate
from hwcomp.ir.dyadic import NegativeCorrection, Tie, apply_requant
from hwcomp.ir.op import Op
from hwcomp.ir.step import Step
from hwcomp.ir.types import IntArray, IntType, Range, Result, TensorType, Value

MAX_SHIFT = 62


def channel_rows(x: IntArray, axis: int, channels: int) -> IntArray:
    """x as [channels, n], channels along `axis`; [1, size] where there is one channel for all."""
    if channels == 1:
        return x.reshape(1, -1)
    return np.moveaxis(x, axis, 0).reshape(channels, -1)


def from_channel_rows(rows: IntArray, shape: Sequence[int], axis: int, channels: int) -> IntArray:
    """The inverse of `channel_rows`."""
    if channels == 1:
        return rows.reshape(shape)
    moved = [size for i, size in enumerate(shape) if i != axis % len(shape)]
    return np.moveaxis(rows.reshape(channels, *moved), 0, axis)


def _agreeing(operands: Sequence[Value], axis: int, channels: int) -> list[str]:
    shape = operands[0].shape
    if any(v.shape != shape for v in operands):
        return [f"rescaled inputs have one shape, not {', '.join(str(v.shape) for v in operands)}"]
    if channels != 1 and (not shape or shape[axis] != channels):
        return [f"{channels} channels of parameters for axis {axis} of {shape}"]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescale(Op):
    """The source's own rescale: y = step(x...), the step's channels along `axis`. Level.QUANT only."""

    step: Step
    dtype: IntType
    axis: int = -1

    def verify(self, operands: Sequence[Value]) -> list[str]:
        return _agreeing(operands, self.axis, self.step.channels)

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        shape = operands[0].shape
        if len(operands) > 1:
            return (Result(TensorType(shape, self.dtype), Range.whole(self.step.lo, self.step.hi)),)
        channels = shape[-1] if shape and self.axis in (-1, len(shape) - 1) else self.step.channels
        lo, hi = operands[0].range.channels(channels)
        low, high = (self._at(lo), self._at(hi)) if self._last(shape) else self._hull(operands[0].range)
        # Beyond its domain a step wraps, and is not monotone; synthesis refuses it there (HWC303).
        bounds = Range.of_arrays(low, high) if (low <= high).all() else Range.whole(self.step.lo, self.step.hi)
        return (Result(TensorType(shape, self.dtype), bounds),)

    def _last(self, shape: Sequence[int]) -> bool:
        return bool(shape) and self.axis in (-1, len(shape) - 1)

    def _at(self, acc: IntArray) -> IntArray:
        rows = acc[:, None] if self.step.channels > 1 else acc[None, :]
        return self.step(rows).reshape(-1)

    def _hull(self, bounds: Range) -> tuple[IntArray, IntArray]:
        """The least and the greatest level over all channels, an element each."""
        corners = np.tile(np.array([[bounds.min, bounds.max]], np.int64), (self.step.channels, 1))
        levels = self.step(corners)
        return levels[:, 0].min(keepdims=True), levels[:, 1].max(keepdims=True)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        channels = self.step.channels
        rows = self.step(*(channel_rows(x, self.axis, channels) for x in operands))
        return (from_channel_rows(rows, operands[0].shape, self.axis, channels),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requant(Op):
    """y = clamp(((sum_i x_i * mult_i + offset) >> shift) + zero, lo, hi): a dyadic rescale of n >= 1 inputs.

    `mult` has a tuple for each input, that and `offset` an entry for each channel along `axis` (or one for all). The
    shift floors; `tie` and `negative` correct it (see `ir/dyadic.py`). The certificate is the proof that this equals
    the source's rescale on every reachable accumulator.
    """

    mult: tuple[tuple[int, ...], ...]
    offset: tuple[int, ...]
    shift: int
    zero: int
    lo: int
    hi: int
    dtype: IntType
    tie: Tie = Tie.FLOOR
    negative: NegativeCorrection | None = None
    axis: int = -1
    certificate: Certificate | None = field(default=None, compare=False)

    @property
    def channels(self) -> int:
        return len(self.offset)

    def verify(self, operands: Sequence[Value]) -> list[str]:
        problems = _agreeing(operands, self.axis, self.channels)
        if len(self.mult) != len(operands) or any(len(m) != self.channels for m in self.mult):
            problems.append("mult has a tuple for each input, as long as offset")
        if not 0 <= self.shift <= MAX_SHIFT:
            problems.append(f"shift {self.shift} is not in 0..{MAX_SHIFT}")
        if len(operands) == 1 and min(self.mult[0]) < 0:
            problems.append("a multiplier is negative")
        if not self.dtype.min <= self.lo <= self.hi <= self.dtype.max:
            problems.append(f"clamp [{self.lo}, {self.hi}] does not fit {self.dtype}")
        if self.tie is Tie.AWAY and (self.shift < 1 or any(r != 1 << (self.shift - 1) for r in self.offset)):
            problems.append("tie away wants offset 2^(shift-1) and a shift of at least 1")
        return problems

    def accumulator_bounds(self, operands: Sequence[Value]) -> tuple[int, int]:
        """Bounds of sum x_i * mult_i + offset over all channels."""
        lo, hi = np.array(self.offset, object), np.array(self.offset, object)
        for value, mult in zip(operands, self.mult, strict=True):
            low, high = (b.astype(object) for b in self._operand_bounds(value))
            factor = np.array(mult, object)
            lo = lo + np.minimum(low * factor, high * factor)
            hi = hi + np.maximum(low * factor, high * factor)
        return int(lo.min()), int(hi.max())

    def _operand_bounds(self, value: Value) -> tuple[IntArray, IntArray]:
        if value.shape and self.axis in (-1, len(value.shape) - 1) and self.channels > 1:
            return value.range.channels(self.channels)
        return value.range.collapsed().channels(self.channels)

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        shape = operands[0].shape
        last = bool(shape) and self.axis in (-1, len(shape) - 1)
        channels = shape[-1] if last else self.channels
        corners_lo: list[IntArray] = []
        corners_hi: list[IntArray] = []
        for value, mult in zip(operands, self.mult, strict=True):
            low, high = value.range.channels(channels) if last else self._operand_bounds(value)
            up = np.array(mult, np.int64) >= 0
            corners_lo.append(np.where(up, low, high))
            corners_hi.append(np.where(up, high, low))
        lo, hi = self._at(corners_lo), self._at(corners_hi)
        bounds = Range.of_arrays(lo, hi) if last else Range.whole(int(lo.min()), int(hi.max()))
        return (Result(TensorType(shape, self.dtype), bounds),)

    def _at(self, corners: list[IntArray]) -> IntArray:
        rows = [c[:, None] if self.channels > 1 else c[None, :] for c in corners]
        return self._apply(rows).reshape(-1)

    def _apply(self, rows: Sequence[IntArray]) -> IntArray:
        return apply_requant(
            rows, self.mult, self.offset, self.shift, self.tie, self.negative, self.zero, self.lo, self.hi
        )

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        rows = self._apply([channel_rows(x, self.axis, self.channels) for x in operands])
        return (from_channel_rows(rows, operands[0].shape, self.axis, self.channels),)
