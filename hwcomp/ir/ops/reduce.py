"""Reductions and pooling, exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.types import S32, IntArray, Range, Result, TensorType, Value


def _reduced(shape: Sequence[int], axes: Sequence[int], keepdims: bool) -> tuple[int, ...]:
    if keepdims:
        return tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduce(Op):
    """A reduction of x over `axes` (non-negative, ascending)."""

    axes: tuple[int, ...]
    keepdims: bool = False

    def verify(self, operands: Sequence[Value]) -> list[str]:
        rank = len(operands[0].shape)
        if list(self.axes) != sorted(set(self.axes)) or not all(0 <= axis < rank for axis in self.axes):
            return [f"axes {self.axes} are not distinct axes of rank {rank} in order"]
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceSum(Reduce):
    """The exact sum of the elements."""

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x = operands[0]
        count = int(np.prod([x.shape[axis] for axis in self.axes], dtype=np.int64))
        shape = _reduced(x.shape, self.axes, self.keepdims)
        bounds = x.range if len(x.shape) - 1 not in self.axes else x.range.collapsed()
        if len(x.shape) - 1 in self.axes and len(x.range.lo) > 1 and self.axes == (len(x.shape) - 1,):
            exact = Range.whole(sum(x.range.lo), sum(x.range.hi))
            return (Result.covering(shape, exact, 32),)
        scaled = Range(tuple(v * count for v in bounds.lo), tuple(v * count for v in bounds.hi))
        return (Result.covering(shape, scaled, 32),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (operands[0].sum(axis=self.axes, keepdims=self.keepdims, dtype=np.int64),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceMax(Reduce):
    """The greatest of the elements."""

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x = operands[0]
        bounds = x.range if len(x.shape) - 1 not in self.axes else Range.whole(max(x.range.lo), max(x.range.hi))
        return (Result(TensorType(_reduced(x.shape, self.axes, self.keepdims), x.type.dtype), bounds),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.max(operands[0], axis=self.axes, keepdims=self.keepdims),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgMax(Op):
    """The index of the greatest element along `axis`; of equals the first, or the last with `select_last`."""

    axis: int
    keepdims: bool = False
    select_last: bool = False

    def verify(self, operands: Sequence[Value]) -> list[str]:
        rank = len(operands[0].shape)
        return [] if 0 <= self.axis < rank else [f"axis {self.axis} is not in 0..{rank - 1}"]

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x = operands[0]
        shape = _reduced(x.shape, (self.axis,), self.keepdims)
        return (Result(TensorType(shape, S32), Range.whole(0, x.shape[self.axis] - 1)),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x = operands[0]
        if self.select_last:
            index = x.shape[self.axis] - 1 - np.argmax(np.flip(x, self.axis), axis=self.axis)
        else:
            index = np.argmax(x, axis=self.axis)
        if self.keepdims:
            index = np.expand_dims(index, self.axis)
        return (index.astype(np.int64),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool2d(Op):
    """A window of `kernel` moved over x [n, h, w, c]; `padding` is (top, left, bottom, right)."""

    kernel: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilations: tuple[int, int] = (1, 1)

    def verify(self, operands: Sequence[Value]) -> list[str]:
        if len(operands[0].shape) != 4:
            return ["pooling wants x [n,h,w,c]"]
        if min(*self.kernel, *self.strides, *self.dilations) < 1 or min(self.padding) < 0:
            return ["kernel, strides and dilations are at least 1, padding at least 0"]
        if min(self.output_size(operands[0].shape)) < 1:
            return ["the window is larger than the padded input"]
        return []

    def output_size(self, x_shape: Sequence[int]) -> tuple[int, int]:
        """Output height and width."""
        top, left, bottom, right = self.padding
        height = x_shape[1] + top + bottom - (self.kernel[0] - 1) * self.dilations[0] - 1
        width = x_shape[2] + left + right - (self.kernel[1] - 1) * self.dilations[1] - 1
        return height // self.strides[0] + 1, width // self.strides[1] + 1

    def windows(self, x: IntArray, fill: int) -> list[IntArray]:
        """For each tap of the window the elements it sees, [n, oh, ow, c]; `fill` outside of x."""
        top, left, bottom, right = self.padding
        oh, ow = self.output_size(x.shape)
        padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)
        (sh, sw), (dh, dw) = self.strides, self.dilations
        return [
            padded[:, i * dh : i * dh + (oh - 1) * sh + 1 : sh, j * dw : j * dw + (ow - 1) * sw + 1 : sw, :]
            for i in range(self.kernel[0])
            for j in range(self.kernel[1])
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPool2d(Pool2d):
    """The greatest element of each window; padded places never win."""

    def verify(self, operands: Sequence[Value]) -> list[str]:
        problems = Pool2d.verify(self, operands)
        if not problems and any(self._sees_padding_alone(operands[0].shape, axis) for axis in (0, 1)):
            problems.append("a window would see padding alone")
        return problems

    def _sees_padding_alone(self, x_shape: Sequence[int], axis: int) -> bool:
        """Whether along rows (axis 0) or columns (1) some window has no tap inside of x."""
        start = np.arange(self.output_size(x_shape)[axis]) * self.strides[axis] - self.padding[axis]
        taps = start[:, None] + np.arange(self.kernel[axis])[None, :] * self.dilations[axis]
        inside = (taps >= 0) & (taps < x_shape[axis + 1])
        return not bool(inside.any(axis=1).all())

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x = operands[0]
        shape = (x.shape[0], *self.output_size(x.shape), x.shape[3])
        return (Result(TensorType(shape, x.type.dtype), x.range),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        lowest = int(np.iinfo(np.int64).min)
        return (np.max(np.stack(self.windows(operands[0], lowest)), axis=0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SumPool2d(Pool2d):
    """The sum of each window; padded places count as `pad_value`."""

    pad_value: int = 0

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x = operands[0]
        shape = (x.shape[0], *self.output_size(x.shape), x.shape[3])
        taps = self.kernel[0] * self.kernel[1]
        lo, hi = x.range.channels(x.shape[3])
        if any(self.padding):
            lo, hi = np.minimum(lo, self.pad_value), np.maximum(hi, self.pad_value)
        return (Result.covering(shape, Range.of_arrays(lo * taps, hi * taps), 32),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.stack(self.windows(operands[0], self.pad_value)).sum(axis=0, dtype=np.int64),)
