"""Operators that move elements and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray, Range, Result, TensorType, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Op):
    """One input whose elements are rearranged: `evaluate` gives the shape, the type and the range stay."""

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x = operands[0]
        probe = np.broadcast_to(np.zeros((), np.int64), x.shape)
        shape = self.evaluate(probe)[0].shape
        return (Result(TensorType(shape, x.type.dtype), self.moved_range(x, shape)),)

    def moved_range(self, x: Value, shape: tuple[int, ...]) -> Range:
        """The range after the move; channels are kept apart only where the last axis is untouched."""
        return x.range.collapsed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshape(Movement):
    """The same elements in row-major order under another shape."""

    shape: tuple[int, ...]

    def verify(self, operands: Sequence[Value]) -> list[str]:
        if int(np.prod(self.shape, dtype=np.int64)) != operands[0].type.size:
            return [f"{operands[0].type.size} elements do not fill shape {self.shape}"]
        return []

    def moved_range(self, x: Value, shape: tuple[int, ...]) -> Range:
        """Channels stay apart where a last axis of m * c is made of one of c: index i is then of channel i mod c."""
        if len(x.range.lo) == 1 or not shape or shape[-1] % len(x.range.lo):
            return x.range.collapsed()
        repeats = shape[-1] // len(x.range.lo)
        return Range(x.range.lo * repeats, x.range.hi * repeats)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (operands[0].reshape(self.shape),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transpose(Movement):
    """Axis i of the result is axis `permutation[i]` of x."""

    permutation: tuple[int, ...]

    def verify(self, operands: Sequence[Value]) -> list[str]:
        if sorted(self.permutation) != list(range(len(operands[0].shape))):
            return [f"{self.permutation} does not permute the axes of {operands[0].shape}"]
        return []

    def moved_range(self, x: Value, shape: tuple[int, ...]) -> Range:
        return x.range if self.permutation and self.permutation[-1] == len(shape) - 1 else x.range.collapsed()

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.transpose(operands[0], self.permutation),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad(Movement):
    """x with `before[i]` and `after[i]` elements of `value` added along axis i."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    value: int

    def verify(self, operands: Sequence[Value]) -> list[str]:
        rank = len(operands[0].shape)
        if rank == 0 or not len(self.before) == len(self.after) == rank or min(*self.before, *self.after) < 0:
            return [f"padding {self.before}, {self.after} does not agree with {operands[0].shape}"]
        dtype = operands[0].type.dtype
        if not dtype.min <= self.value <= dtype.max:
            return [f"pad value {self.value} does not fit {dtype}"]
        return []

    def moved_range(self, x: Value, shape: tuple[int, ...]) -> Range:
        if self.before[-1] or self.after[-1]:
            return x.range.collapsed().union(Range.whole(self.value, self.value))
        lo, hi = x.range.channels(x.shape[-1])
        return Range.of_arrays(np.minimum(lo, self.value), np.maximum(hi, self.value))

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        widths = list(zip(self.before, self.after, strict=True))
        return (np.pad(operands[0], widths, constant_values=self.value),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Movement):
    """Elements start, start + step, ... (`sizes` of them) along each axis; steps may be negative, not 0."""

    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    steps: tuple[int, ...]

    def verify(self, operands: Sequence[Value]) -> list[str]:
        rank = len(operands[0].shape)
        if rank == 0 or not len(self.starts) == len(self.sizes) == len(self.steps) == rank:
            return [f"starts, sizes and steps have one entry for each of {rank} axes"]
        for size, start, count, step in zip(operands[0].shape, self.starts, self.sizes, self.steps, strict=True):
            last = start + (count - 1) * step
            if step == 0 or count < 1 or not 0 <= start < size or not 0 <= last < size:
                return [f"slice starts {self.starts} sizes {self.sizes} steps {self.steps} leaves {operands[0].shape}"]
        return []

    def moved_range(self, x: Value, shape: tuple[int, ...]) -> Range:
        lo, hi = x.range.channels(x.shape[-1])
        picked = self.starts[-1] + self.steps[-1] * np.arange(self.sizes[-1])
        return Range.of_arrays(lo[picked], hi[picked])

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x = operands[0]
        for axis, (start, size, step) in enumerate(zip(self.starts, self.sizes, self.steps, strict=True)):
            if (start, size, step) != (0, x.shape[axis], 1):
                x = np.take(x, start + step * np.arange(size), axis=axis)
        return (x,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concat(Op):
    """The inputs one after the other along `axis`; types agree."""

    axis: int

    def verify(self, operands: Sequence[Value]) -> list[str]:
        if not all(0 <= self.axis < len(v.shape) for v in operands):
            return [f"axis {self.axis} lies outside of {', '.join(str(v.shape) for v in operands)}"]
        shapes = {tuple(s for i, s in enumerate(v.shape) if i != self.axis) for v in operands}
        dtypes = {v.type.dtype for v in operands}
        if len(shapes) != 1 or len(dtypes) != 1:
            return [f"concat inputs do not agree: {', '.join(str(v.type) for v in operands)}"]
        return []

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        first = operands[0]
        shape = list(first.shape)
        shape[self.axis] = sum(v.shape[self.axis] for v in operands)
        bounds = [v.range.channels(v.shape[-1]) for v in operands]
        if self.axis == len(shape) - 1:
            lo, hi = (np.concatenate([b[side] for b in bounds]) for side in (0, 1))
        else:
            lo = np.min([b[0] for b in bounds], axis=0)
            hi = np.max([b[1] for b in bounds], axis=0)
        return (Result(TensorType(tuple(shape), first.type.dtype), Range.of_arrays(lo, hi)),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.concatenate(operands, axis=self.axis),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather(Movement):
    """Elements `indices` of x along `axis`; the axis keeps its place with len(indices) elements."""

    axis: int
    indices: tuple[int, ...]

    def verify(self, operands: Sequence[Value]) -> list[str]:
        if not 0 <= self.axis < len(operands[0].shape):
            return [f"axis {self.axis} lies outside of {operands[0].shape}"]
        size = operands[0].shape[self.axis]
        if not self.indices or not all(0 <= index < size for index in self.indices):
            return [f"gather indices leave [0, {size - 1}]"]
        return []

    def moved_range(self, x: Value, shape: tuple[int, ...]) -> Range:
        if self.axis != len(shape) - 1:
            return x.range
        lo, hi = x.range.channels(x.shape[-1])
        return Range.of_arrays(lo[list(self.indices)], hi[list(self.indices)])

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.take(operands[0], self.indices, axis=self.axis),)


class DepthOrder(Enum):
    """How a depth index is read: DCR as (block_y, block_x, c), CRD as (c, block_y, block_x)."""

    DCR = "dcr"  # TFLite's, and ONNX's default
    CRD = "crd"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthToSpace(Movement):
    """x [n, h, w, c * block^2] -> [n, h * block, w * block, c]; see `DepthOrder`."""

    block: int
    order: DepthOrder = DepthOrder.DCR

    def verify(self, operands: Sequence[Value]) -> list[str]:
        shape = operands[0].shape
        if len(shape) != 4 or self.block < 1 or shape[3] % (self.block * self.block):
            return [f"depth_to_space with block {self.block} does not divide {shape}"]
        return []

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, k = operands[0], self.block
        n, h, w, c = x.shape
        depth = c // (k * k)
        if self.order is DepthOrder.DCR:
            y = x.reshape(n, h, w, k, k, depth).transpose(0, 1, 3, 2, 4, 5)
        else:
            y = x.reshape(n, h, w, depth, k, k).transpose(0, 1, 4, 2, 5, 3)
        return (y.reshape(n, h * k, w * k, depth),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize(Movement):
    """Nearest neighbour: output row i is row `rows[i]` of x [n, h, w, c], output column j column `columns[j]`."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def verify(self, operands: Sequence[Value]) -> list[str]:
        shape = operands[0].shape
        if len(shape) != 4 or not self.rows or not self.columns:
            return ["resize wants x [n,h,w,c] and an output"]
        if min(*self.rows, *self.columns) < 0 or max(self.rows) >= shape[1] or max(self.columns) >= shape[2]:
            return [f"resize indices leave {shape}"]
        return []

    def moved_range(self, x: Value, shape: tuple[int, ...]) -> Range:
        return x.range

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (operands[0][:, self.rows][:, :, self.columns],)
