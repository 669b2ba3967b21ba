"""ADD, SUB, MUL, MAXIMUM, MINIMUM. A constant of one value a channel makes a table; two activations meet exactly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwcomp.frontends.tflite.context import MAX_TABLE_CHANNELS, Context
from hwcomp.frontends.tflite.handlers.dot import double_step
from hwcomp.frontends.tflite.options import BinaryOptions
from hwcomp.frontends.tflite.records import Reference, SourceOp, SourceTensor
from hwcomp.frontends.tflite.scales import single
from hwcomp.ir.ops.elementwise import Max, Min, Mul
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.types import IntArray
from hwcomp.prove.steps import tflite_add

Pair = Callable[[IntArray, IntArray], IntArray]


def _operands(ctx: Context, op: SourceOp) -> tuple[SourceTensor, SourceTensor, SourceTensor]:
    ctx.activation(op, 0)
    ctx.activation(op, 1)
    a, b, y = ctx.tensor(op, 0), ctx.tensor(op, 1), ctx.output(op)
    ctx.require_quantized(op, y)
    if not a.dtype is b.dtype is y.dtype:
        what = f"types {a.dtype_name}, {b.dtype_name} and {y.dtype_name} differ"
        ctx.fail(op, "HWC104", what, "quantise operands and result to one type")
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        ctx.fail(op, "HWC214", f"shapes {list(a.shape)} and {list(b.shape)} do not broadcast", "export it again")
    if shape != y.shape:
        ctx.fail(op, "HWC214", f"the result has shape {list(shape)}, not {list(y.shape)}", "export it again")
    return a, b, y


def _table(ctx: Context, op: SourceOp, function: Pair) -> bool:
    """Where one operand is a constant, or one constant a channel: a table of the other. Says whether it was."""
    a, b, y = _operands(ctx, op)
    if a.is_constant == b.is_constant:
        return False
    x, constant = (b, a) if a.is_constant else (a, b)
    data = constant.data()
    channels = y.shape[-1] if y.shape else 1
    of_channels = data.size == channels <= MAX_TABLE_CHANNELS and data.shape[-1:] == (channels,)
    if x.shape != y.shape or not (data.size == 1 or of_channels):
        return False
    q, values = np.broadcast_arrays(ctx.levels(x)[None, :], data.reshape(-1, 1))
    table = function(values, q) if a.is_constant else function(q, values)
    table = table[0] if len(table) == 1 else table
    ctx.bind(op, y, ctx.lut(op, y.name, ctx.value_of(x), table, ctx.dtype(y)))
    return True


def convert_add(ctx: Context, op: SourceOp) -> None:
    """ADD."""
    _sum(ctx, op, subtract=False)


def convert_sub(ctx: Context, op: SourceOp) -> None:
    """SUB."""
    _sum(ctx, op, subtract=True)


def _sum(ctx: Context, op: SourceOp, subtract: bool) -> None:
    assert isinstance(op.options, BinaryOptions)
    a, b, y = _operands(ctx, op)
    lo, hi = ctx.clamp(op, op.options.activation, y)
    step = tflite_add(
        a.scale,
        a.zero_point,
        b.scale,
        b.zero_point,
        y.scale,
        y.zero_point,
        lo,
        hi,
        subtract=subtract,
        reference=ctx.reference.value,
    )
    if _table(ctx, op, step):
        return
    left, right = ctx.broadcast(op, ctx.value_of(a), y.shape), ctx.broadcast(op, ctx.value_of(b), y.shape)
    ctx.bind(op, y, ctx.add(Rescale(**ctx.at(op, y.name, left, right), step=step, dtype=ctx.dtype(y))))


def convert_mul(ctx: Context, op: SourceOp) -> None:
    """MUL: the product of the centred values, then one multiplier (from float32 scales in LiteRT, doubles in TFLM)."""
    assert isinstance(op.options, BinaryOptions)
    a, b, y = _operands(ctx, op)
    if ctx.reference is Reference.LITERT:
        real = single(single(a.scale * b.scale) / y.scale)
    else:
        real = a.scale * b.scale / y.scale
    step = double_step(ctx, op, (real,), y, op.options.activation)

    def product(u: IntArray, v: IntArray) -> IntArray:
        return step(((u - a.zero_point) * (v - b.zero_point)).reshape(1, -1)).reshape(u.shape)

    if _table(ctx, op, product):
        return
    names = ctx.value_of(a), ctx.value_of(b)
    exact = ctx.add(Mul(**ctx.at(op, f"{y.name}/acc", *names), a_zero=a.zero_point, b_zero=b.zero_point))
    ctx.bind(op, y, ctx.add(Rescale(**ctx.at(op, y.name, exact), step=step, dtype=ctx.dtype(y))))


def convert_maximum(ctx: Context, op: SourceOp) -> None:
    """MAXIMUM of the stored integers, as both references do."""
    _order(ctx, op, Max, np.maximum)


def convert_minimum(ctx: Context, op: SourceOp) -> None:
    """MINIMUM of the stored integers, as both references do."""
    _order(ctx, op, Min, np.minimum)


def _order(ctx: Context, op: SourceOp, kind: type[Max] | type[Min], function: Pair) -> None:
    a, b, y = _operands(ctx, op)
    if len({(t.scale, t.zero_point) for t in (a, b, y)}) != 1:
        what = "operands and result have different scales, but the stored integers are compared"
        ctx.fail(op, "HWC101", what, "requantise the operands to one scale before it")
    if not _table(ctx, op, function):
        ctx.bind(op, y, ctx.add(kind(**ctx.at(op, y.name, ctx.value_of(a), ctx.value_of(b)))))
