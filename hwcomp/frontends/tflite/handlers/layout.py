"""Operators that move elements: reshapes, transposition, padding, concatenation, gathering, resizing, blocks."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.functions import Scaled
from hwcomp.frontends.tflite.handlers.requantize import scaled
from hwcomp.frontends.tflite.options import Activation, BlockOptions, ConcatOptions, GatherOptions, ResizeOptions
from hwcomp.frontends.tflite.records import DType, SourceOp
from hwcomp.frontends.tflite.scales import round_away, single
from hwcomp.ir.ops.layout import Concat, DepthToSpace, Gather, Pad, Reshape, Resize, Transpose
from hwcomp.ir.types import IntArray

MOVED = (DType.INT8, DType.UINT8, DType.INT16)
MAX_INDICES = 1 << 16  # of a gather or a resize along one axis


def convert_reshape(ctx: Context, op: SourceOp) -> None:
    """RESHAPE, SQUEEZE, EXPAND_DIMS: the file says the result's shape; a constant that disagrees is an error."""
    value, x, y = ctx.activation(op, 0, MOVED), ctx.tensor(op, 0), ctx.output(op)
    asked = ctx.optional(op, 1) if op.kind == "RESHAPE" else None
    if asked is not None and asked.is_constant and asked.dtype is DType.INT32:
        wanted = [int(v) for v in asked.data().reshape(-1)]
        known = math.prod(v for v in wanted if v != -1)
        resolved = [x.size // known if v == -1 and known > 0 else v for v in wanted]
        if wanted.count(-1) > 1 or tuple(resolved) != y.shape:
            what = f"shape {wanted} is asked of {list(x.shape)}, but the result is {list(y.shape)}"
            ctx.fail(op, "HWC214", what, "export the model again")
    if x.size != y.size:
        what = f"{list(x.shape)} does not fill {list(y.shape)}"
        ctx.fail(op, "HWC214", what, "export the model again")
    ctx.bind(op, y, ctx.add(Reshape(**ctx.at(op, y.name, value), shape=y.shape)))


def convert_transpose(ctx: Context, op: SourceOp) -> None:
    """TRANSPOSE by a constant permutation."""
    value, x, y = ctx.activation(op, 0, MOVED), ctx.tensor(op, 0), ctx.output(op)
    permutation = [axis + len(x.shape) if axis < 0 else axis for axis in ctx.integers(op, 1)]
    if sorted(permutation) != list(range(len(x.shape))):
        ctx.fail(op, "HWC216", f"{permutation} does not permute {len(x.shape)} axes", "export it again")
    ctx.bind(op, y, ctx.add(Transpose(**ctx.at(op, y.name, value), permutation=tuple(permutation))))


def convert_pad(ctx: Context, op: SourceOp) -> None:
    """PAD (with the output's zero point) and PADV2 (with a constant of the tensor's quantisation)."""
    value, x, y = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y)
    widths = ctx.integers(op, 1)
    if len(widths) != 2 * len(x.shape) or min(widths, default=0) < 0 or sum(widths) > 1 << 24:
        ctx.fail(op, "HWC214", f"paddings {widths[:8]} do not fit {list(x.shape)}", "export it again")
    fill = y.zero_point
    if ctx.optional(op, 2) is not None:
        filling = ctx.constant(op, 2, (x.dtype,))
        constant = ctx.tensor(op, 2)
        if filling.size != 1 or (constant.scales and (constant.scale, constant.zero_point) != (y.scale, y.zero_point)):
            what = "the padding's value is not one level of the output's quantisation"
            ctx.fail(op, "HWC101", what, "convert with one quantisation for both")
        fill = int(filling.reshape(-1)[0])
    grown = tuple(size + before + after for size, before, after in zip(x.shape, widths[::2], widths[1::2], strict=True))
    if grown != y.shape:
        ctx.fail(op, "HWC214", f"the result is {list(grown)}, not {list(y.shape)}", "export it again")
    padded = Pad(**ctx.at(op, y.name, value), before=tuple(widths[::2]), after=tuple(widths[1::2]), value=fill)
    ctx.bind(op, y, ctx.add(padded))


def convert_concatenation(ctx: Context, op: SourceOp) -> None:
    """CONCATENATION: int8 inputs share the output's quantisation; LiteRT requantises uint8 in float32."""
    assert isinstance(op.options, ConcatOptions)
    y = ctx.output(op)
    ctx.require_quantized(op, y, MOVED)
    if op.options.activation is not Activation.NONE:
        ctx.fail(op, "HWC101", "a fused activation is not lowered here", "export it as an operator of its own")
    rank = len(y.shape)
    if not -rank <= op.options.axis < rank:
        ctx.fail(op, "HWC216", f"axis {op.options.axis} of a result of rank {rank}", "export it again")
    names: list[str] = []
    for position in range(len(op.inputs)):
        name, x = ctx.activation(op, position, (y.dtype,)), ctx.tensor(op, position)
        if len(x.shape) != rank:
            ctx.fail(
                op, "HWC214", f"input {position} is {list(x.shape)}, the result {list(y.shape)}", "export it again"
            )
        if (x.scale, x.zero_point) != (y.scale, y.zero_point):
            if y.dtype is not DType.UINT8:
                what = f"input {position} and the result have different scales; both references refuse it"
                ctx.fail(op, "HWC101", what, "convert with one quantisation for inputs and result")
            table = _concat_table(ctx.levels(x), scaled(ctx, x), scaled(ctx, y))
            name = ctx.lut(op, f"{y.name}/{x.name}", name, table, ctx.dtype(y))
        names.append(name)
    if not names:
        ctx.fail(op, "HWC218", "it has no input", "export it again")
    ctx.bind(op, y, ctx.add(Concat(**ctx.at(op, y.name, *names), axis=op.options.axis % rank)))


def _concat_table(q: IntArray, x: Scaled, y: Scaled) -> IntArray:
    """LiteRT's ConcatenationWithScaling: round(float32(q * scale + bias)) + zero, in float32."""
    scale = single(x.scale * single(1.0 / y.scale))
    bias = single(-x.zero * scale)
    return y.clip(np.array([round_away(single(single(int(v) * scale) + bias)) + y.zero for v in q], np.int64))


def convert_gather(ctx: Context, op: SourceOp) -> None:
    """GATHER with constant indices of any shape."""
    assert isinstance(op.options, GatherOptions)
    value, x, y = ctx.activation(op, 0, MOVED), ctx.tensor(op, 0), ctx.output(op)
    rank, axis = len(x.shape), op.options.axis
    if op.options.batch_dims or not -rank <= axis < rank:
        what = f"axis {axis}, batch dimensions {op.options.batch_dims} of {list(x.shape)}"
        ctx.fail(op, "HWC101", f"{what} are not lowered", "gather along one axis, without batch dimensions")
    axis %= rank
    places = ctx.constant(op, 1, (DType.INT32, DType.INT64))
    if places.size > MAX_INDICES:
        ctx.fail(op, "HWC209", f"it gathers {places.size} elements of an axis", f"gather at most {MAX_INDICES}")
    indices = tuple(int(v) for v in places.reshape(-1))
    if not indices or not all(0 <= v < x.shape[axis] for v in indices):
        ctx.fail(op, "HWC216", f"an index lies outside of axis {axis} of {list(x.shape)}", "export it again")
    shape = (*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])
    wanted = y.name if places.ndim == 1 else f"{y.name}/flat"
    result = ctx.add(Gather(**ctx.at(op, wanted, value), axis=axis, indices=indices))
    if places.ndim != 1:
        result = ctx.add(Reshape(**ctx.at(op, y.name, result), shape=shape))
    ctx.bind(op, y, result)


def convert_resize_nearest(ctx: Context, op: SourceOp) -> None:
    """RESIZE_NEAREST_NEIGHBOR: rows and columns by float32 arithmetic."""
    assert isinstance(op.options, ResizeOptions)
    value, x, y = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op)
    size = ctx.integers(op, 1)
    if len(x.shape) != 4 or len(size) != 2 or tuple(size) != y.shape[1:3]:
        ctx.fail(op, "HWC214", f"size {size} is asked of {list(x.shape)} for {list(y.shape)}", "export it again")
    if max(*size, *x.shape) > MAX_INDICES:
        ctx.fail(op, "HWC209", f"it resizes {list(x.shape)} to {size}", f"resize to at most {MAX_INDICES} rows")
    rows, columns = (_nearest(have, want, op.options) for have, want in zip(x.shape[1:3], size, strict=True))
    ctx.bind(op, y, ctx.add(Resize(**ctx.at(op, y.name, value), rows=rows, columns=columns)))


def _nearest(have: int, want: int, options: ResizeOptions) -> tuple[int, ...]:
    """GetNearestNeighbor. Source: tflite-micro `reference/resize_nearest_neighbor.h`."""
    corners = options.align_corners and want > 1
    scale = single((have - 1) / single(want - 1)) if corners else single(have / single(want))
    offset = 0.5 if options.half_pixel_centers else 0.0
    places = (single(single(i + offset) * scale) for i in range(want))
    found = (round_away(p) if options.align_corners else math.floor(p) for p in places)
    return tuple(max(0, min(p, have - 1)) for p in found)


def convert_depth_to_space(ctx: Context, op: SourceOp) -> None:
    """DEPTH_TO_SPACE."""
    assert isinstance(op.options, BlockOptions)
    value, x, y, block = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op), op.options.block
    if len(x.shape) != 4 or not 1 <= block <= 1 << 12 or x.shape[3] % (block * block):
        ctx.fail(op, "HWC214", f"block {block} does not divide {list(x.shape)}", "export it again")
    ctx.bind(op, y, ctx.add(DepthToSpace(**ctx.at(op, y.name, value), block=block)))


def convert_space_to_depth(ctx: Context, op: SourceOp) -> None:
    """SPACE_TO_DEPTH: [n, h/b, b, w/b, b, c] with the block's axes moved before the channels."""
    assert isinstance(op.options, BlockOptions)
    value, x, y, block = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op), op.options.block
    if len(x.shape) != 4 or not 1 <= block <= 1 << 12 or x.shape[1] % block or x.shape[2] % block:
        ctx.fail(op, "HWC214", f"block {block} does not divide {list(x.shape)}", "export it again")
    n, h, w, c = x.shape
    split = ctx.add(
        Reshape(**ctx.at(op, f"{y.name}/blocks", value), shape=(n, h // block, block, w // block, block, c))
    )
    moved = ctx.add(Transpose(**ctx.at(op, f"{y.name}/moved", split), permutation=(0, 1, 3, 2, 4, 5)))
    shape = (n, h // block, w // block, c * block * block)
    ctx.bind(op, y, ctx.add(Reshape(**ctx.at(op, y.name, moved), shape=shape)))
