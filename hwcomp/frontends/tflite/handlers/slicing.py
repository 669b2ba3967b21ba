"""SLICE, STRIDED_SLICE, SPLIT, SPLIT_V."""

from __future__ import annotations

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.handlers.layout import MOVED
from hwcomp.frontends.tflite.options import StridedSliceOptions
from hwcomp.frontends.tflite.records import SourceOp, SourceTensor
from hwcomp.ir.ops.layout import Reshape, Slice


def _take(
    ctx: Context, op: SourceOp, x: SourceTensor, y: SourceTensor, starts: list[int], sizes: list[int], steps: list[int]
) -> None:
    """Elements start, start + step ... of x as y; an axis the result has not is dropped by a reshape."""
    for size, start, count, step in zip(x.shape, starts, sizes, steps, strict=True):
        if count < 1 or not 0 <= start < size or not 0 <= start + (count - 1) * step < size:
            what = f"starts {starts}, sizes {sizes}, steps {steps} leave {list(x.shape)}"
            ctx.fail(op, "HWC214", what, "export the model again")
    whole = tuple(sizes) == y.shape
    wanted = y.name if whole else f"{y.name}/cut"
    header = ctx.at(op, wanted, ctx.value_of(x))
    result = ctx.add(Slice(**header, starts=tuple(starts), sizes=tuple(sizes), steps=tuple(steps)))
    if not whole:
        kept = [s for s in sizes if s != 1]
        if kept != [s for s in y.shape if s != 1]:
            ctx.fail(op, "HWC214", f"the result is {sizes}, not {list(y.shape)}", "export it again")
        result = ctx.add(Reshape(**ctx.at(op, y.name, result), shape=y.shape))
    ctx.bind(op, y, result)


def convert_slice(ctx: Context, op: SourceOp) -> None:
    """SLICE: size -1 is all that is left."""
    ctx.activation(op, 0, MOVED)
    x, begin, size = ctx.tensor(op, 0), ctx.integers(op, 1), ctx.integers(op, 2)
    if not len(begin) == len(size) == len(x.shape):
        ctx.fail(op, "HWC214", f"begin {begin}, size {size} do not fit {list(x.shape)}", "export it again")
    sizes = [have - start if count == -1 else count for have, start, count in zip(x.shape, begin, size, strict=True)]
    _take(ctx, op, x, ctx.output(op), begin, sizes, [1] * len(begin))


def convert_strided_slice(ctx: Context, op: SourceOp) -> None:
    """STRIDED_SLICE, without ellipsis and new axes.

    Source: tensorflow/tflite-micro `internal/strided_slice_logic.h` (StridedSliceStartForAxis, StridedSliceEndForAxis).
    """
    assert isinstance(op.options, StridedSliceOptions)
    options = op.options
    ctx.activation(op, 0, MOVED)
    x = ctx.tensor(op, 0)
    begin, end, steps = ctx.integers(op, 1), ctx.integers(op, 2), ctx.integers(op, 3)
    if options.ellipsis_mask or options.new_axis_mask or options.offset:
        ctx.fail(op, "HWC101", "ellipsis, new axes and offsets are not lowered", "spell the slice out, then reshape")
    if not len(begin) == len(end) == len(steps) <= len(x.shape) or 0 in steps:
        what = f"begin {begin}, end {end}, strides {steps} do not fit {list(x.shape)}"
        ctx.fail(op, "HWC214", what, "export the model again")
    starts: list[int] = []
    sizes: list[int] = []
    for axis, (first, last, step) in enumerate(zip(begin, end, steps, strict=True)):
        start, size = _extent(options, axis, x.shape[axis], first, last, step)
        starts.append(start)
        sizes.append(size)
    rest = x.shape[len(begin) :]
    _take(ctx, op, x, ctx.output(op), starts + [0] * len(rest), sizes + list(rest), steps + [1] * len(rest))


def _extent(options: StridedSliceOptions, axis: int, size: int, first: int, last: int, step: int) -> tuple[int, int]:
    """Start and number of elements along an axis."""
    bit = 1 << axis
    low, high = (0, size) if step > 0 else (-1, size - 1)
    start = min(max(first + size if first < 0 else first, low), high)
    if options.begin_mask & bit:
        start = 0 if step > 0 else size - 1
    if options.shrink_axis_mask & bit:
        return start, 1
    stop = min(max(last + size if last < 0 else last, low), high)
    if options.end_mask & bit:
        stop = size if step > 0 else -1
    return start, -((start - stop) // step)


def convert_split(ctx: Context, op: SourceOp) -> None:
    """SPLIT: inputs are the axis and the tensor; equal parts."""
    ctx.activation(op, 1, MOVED)
    x, parts = ctx.tensor(op, 1), len(op.outputs)
    axis = _axis(ctx, op, 0, x)
    if x.shape[axis] % parts:
        ctx.fail(op, "HWC214", f"{parts} parts do not divide axis {axis} of {list(x.shape)}", "export it again")
    _split(ctx, op, x, axis, [x.shape[axis] // parts] * parts)


def convert_split_v(ctx: Context, op: SourceOp) -> None:
    """SPLIT_V: inputs are the tensor, the sizes (one may be -1) and the axis."""
    ctx.activation(op, 0, MOVED)
    x, sizes = ctx.tensor(op, 0), ctx.integers(op, 1)
    axis = _axis(ctx, op, 2, x)
    rest = x.shape[axis] - sum(s for s in sizes if s != -1)
    sizes = [rest if s == -1 else s for s in sizes]
    if len(sizes) != len(op.outputs) or sum(sizes) != x.shape[axis] or min(sizes, default=0) < 1:
        ctx.fail(op, "HWC214", f"parts {sizes} do not fill axis {axis} of {list(x.shape)}", "export it again")
    _split(ctx, op, x, axis, sizes)


def _axis(ctx: Context, op: SourceOp, position: int, x: SourceTensor) -> int:
    axes, rank = ctx.integers(op, position), len(x.shape)
    if len(axes) != 1 or not -rank <= axes[0] < rank:
        ctx.fail(op, "HWC216", f"axis {axes} of a tensor of rank {rank}", "export it again")
    return axes[0] % rank


def _split(ctx: Context, op: SourceOp, x: SourceTensor, axis: int, sizes: list[int]) -> None:
    start = 0
    for position, size in enumerate(sizes):
        starts, counts = [0] * len(x.shape), list(x.shape)
        starts[axis], counts[axis] = start, size
        _take(ctx, op, x, ctx.output(op, position), starts, counts, [1] * len(x.shape))
        start += size
