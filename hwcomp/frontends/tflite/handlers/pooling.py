"""MAX_POOL_2D and AVERAGE_POOL_2D."""

from __future__ import annotations

import numpy as np

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.handlers.dot import MAX_STRIDE, window_padding
from hwcomp.frontends.tflite.options import PoolOptions
from hwcomp.frontends.tflite.records import SourceOp
from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.reduce import MaxPool2d, SumPool2d
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.types import IntArray
from hwcomp.prove.steps import TfliteAverage

MAX_WINDOW = 1 << 16


def _window(ctx: Context, op: SourceOp) -> tuple[PoolOptions, tuple[int, int, int, int]]:
    assert isinstance(op.options, PoolOptions)
    options, x, y = op.options, ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y)
    ctx.require_quantized(op, x)
    if len(x.shape) != 4:
        ctx.fail(op, "HWC214", f"the input {list(x.shape)} is not 4-D", "export it again")
    sizes = (*options.kernel, *options.strides)
    if not all(1 <= v <= MAX_STRIDE for v in sizes) or options.kernel[0] * options.kernel[1] > MAX_WINDOW:
        what = f"the window {list(options.kernel)} or its strides {list(options.strides)} are out of range"
        ctx.fail(op, "HWC219", what, "export the model again")
    if abs(x.scale - y.scale) > 1e-6 or x.zero_point != y.zero_point:
        what = "input and output have different scales; both references pool the stored integers"
        ctx.fail(op, "HWC101", what, "convert with one quantisation for both")
    return options, window_padding(options.padding, x.shape, options.kernel, options.strides, (1, 1))


def convert_max_pool(ctx: Context, op: SourceOp) -> None:
    """MAX_POOL_2D; a fused activation that clamps is a table behind it."""
    value, x, y = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op)
    options, padding = _window(ctx, op)
    lo, hi = ctx.clamp(op, options.activation, y)
    clamps = (lo, hi) != (ctx.dtype(y).min, ctx.dtype(y).max)
    wanted = f"{y.name}/max" if clamps else y.name
    pool = MaxPool2d(**ctx.at(op, wanted, value), kernel=options.kernel, strides=options.strides, padding=padding)
    result = ctx.add(pool)
    if clamps:
        result = ctx.lut(op, y.name, result, np.clip(ctx.levels(x), lo, hi), ctx.dtype(y))
    ctx.bind(op, y, result)


def convert_average_pool(ctx: Context, op: SourceOp) -> None:
    """AVERAGE_POOL_2D: the sum of the elements inside the input over their number, which is smaller at the border."""
    value, x, y = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op)
    options, padding = _window(ctx, op)
    lo, hi = ctx.clamp(op, options.activation, y)
    pool = SumPool2d(
        **ctx.at(op, f"{y.name}/sum", value), kernel=options.kernel, strides=options.strides, padding=padding
    )
    total = ctx.add(pool)
    counts = _counts(pool, x.shape)
    if (counts == counts[0]).all():
        step = TfliteAverage((int(counts[0]),), lo, hi, ctx.reference.value)
        ctx.bind(op, y, ctx.add(Rescale(**ctx.at(op, y.name, total), step=step, dtype=ctx.dtype(y))))
        return
    n, h, w, c = ctx.builder.value(total).shape
    step = TfliteAverage(tuple(int(v) for v in counts), lo, hi, ctx.reference.value)
    places = ctx.add(Reshape(**ctx.at(op, f"{y.name}/places", total), shape=(n, h * w, c)))
    average = ctx.add(Rescale(**ctx.at(op, f"{y.name}/average", places), step=step, dtype=ctx.dtype(y), axis=1))
    ctx.bind(op, y, ctx.add(Reshape(**ctx.at(op, y.name, average), shape=(n, h, w, c))))


def _counts(pool: SumPool2d, shape: tuple[int, ...]) -> IntArray:
    """How many elements of the input each window holds, [oh * ow]."""
    rows, columns = (
        np.minimum(first + kernel, size) - np.maximum(first, 0)
        for first, kernel, size in (
            (np.arange(count, dtype=np.int64) * pool.strides[i] - pool.padding[i], pool.kernel[i], shape[i + 1])
            for i, count in enumerate(pool.output_size(shape))
        )
    )
    return np.outer(rows, columns).reshape(-1)
