"""MEAN, SUM, REDUCE_MAX, ARG_MAX."""

from __future__ import annotations

import math

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.handlers.dot import double_step
from hwcomp.frontends.tflite.options import Activation, ReduceOptions
from hwcomp.frontends.tflite.records import DType, Reference, SourceOp
from hwcomp.ir.ops.reduce import ArgMax, ReduceMax, ReduceSum
from hwcomp.ir.ops.requant import Rescale
from hwcomp.prove.steps import TfliteDouble, mean_multiplier
from hwcomp.prove.steps_tflite_real import TfliteMean


def _axes(ctx: Context, op: SourceOp) -> tuple[int, ...]:
    """The constant axes, non-negative, each once, in order."""
    rank = len(ctx.tensor(op, 0).shape)
    axes = ctx.integers(op, 1)
    if not all(-rank <= axis < rank for axis in axes):
        ctx.fail(op, "HWC216", f"axes {axes} are not axes of a tensor of rank {rank}", "export it again")
    return tuple(sorted({axis % rank for axis in axes}))


def convert_mean(ctx: Context, op: SourceOp) -> None:
    """MEAN: the multiplier is divided by the count, in integers."""
    x, y = ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, x)
    count = math.prod(x.shape[axis] for axis in _axes(ctx, op))
    _total(ctx, op, mean_multiplier(x.scale / y.scale, count) if y.scales else (0, 0), count)


def convert_sum(ctx: Context, op: SourceOp) -> None:
    """SUM. LiteRT's reference kernel reads int8 as uint8, so there only uint8 has a meaning."""
    x, y = ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, x)
    ctx.require_quantized(op, y)
    if ctx.reference is Reference.LITERT and x.dtype is not DType.UINT8:
        what = "LiteRT's reference kernel computes SUM of int8 wrongly (it reads uint8)"
        ctx.fail(op, "HWC304", what, "take the reference 'tflm', or MEAN instead of SUM")
    step = double_step(ctx, op, (x.scale / y.scale,), y, Activation.NONE)
    count = math.prod(x.shape[axis] for axis in _axes(ctx, op))
    _total(ctx, op, (step.multiplier[0], step.shift[0]), count)


def _total(ctx: Context, op: SourceOp, multiplier: tuple[int, int], count: int) -> None:
    assert isinstance(op.options, ReduceOptions)
    value, x, y = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y)
    dtype = ctx.dtype(y)
    total = ctx.add(ReduceSum(**ctx.at(op, f"{y.name}/sum", value), axes=_axes(ctx, op), keepdims=op.options.keep_dims))
    inner = TfliteDouble((multiplier[0],), (multiplier[1],), y.zero_point, dtype.min, dtype.max, ctx.reference.value)
    step = TfliteMean(inner, -x.zero_point * count)
    ctx.bind(op, y, ctx.add(Rescale(**ctx.at(op, y.name, total), step=step, dtype=dtype)))


def convert_reduce_max(ctx: Context, op: SourceOp) -> None:
    """REDUCE_MAX of the stored integers: input and output share their quantisation."""
    assert isinstance(op.options, ReduceOptions)
    value, x, y = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y)
    if (x.scale, x.zero_point) != (y.scale, y.zero_point):
        what = "input and output have different scales, but the stored integers are compared"
        ctx.fail(op, "HWC101", what, "convert with one quantisation for both")
    reduced = ReduceMax(**ctx.at(op, y.name, value), axes=_axes(ctx, op), keepdims=op.options.keep_dims)
    ctx.bind(op, y, ctx.add(reduced))


def convert_arg_max(ctx: Context, op: SourceOp) -> None:
    """ARG_MAX: of equals the first."""
    value, y = ctx.activation(op, 0), ctx.output(op)
    axes = _axes(ctx, op)
    if len(axes) != 1:
        ctx.fail(op, "HWC216", f"{len(axes)} axes where one is wanted", "export it again")
    ctx.bind(op, y, ctx.add(ArgMax(**ctx.at(op, y.name, value), axis=axes[0])))
