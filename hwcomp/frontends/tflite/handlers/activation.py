"""Functions of one 8-bit value: each becomes a table, by the reference's own arithmetic."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.frontends.tflite.context import MAX_TABLE_CHANNELS, Context
from hwcomp.frontends.tflite.functions import (
    Scaled,
    fixed_point_table,
    float_table,
    hard_swish_table,
    leaky_table,
    logistic_float,
    multiply,
    relu_table,
)
from hwcomp.frontends.tflite.handlers.requantize import scaled
from hwcomp.frontends.tflite.options import LeakyReluOptions
from hwcomp.frontends.tflite.records import DType, Reference, SourceOp
from hwcomp.frontends.tflite.scales import round_away, single
from hwcomp.ir.types import IntArray


def _finish(ctx: Context, op: SourceOp, table: IntArray) -> None:
    y = ctx.output(op)
    ctx.bind(op, y, ctx.lut(op, y.name, ctx.activation(op, 0), table, ctx.dtype(y)))


def _pair(ctx: Context, op: SourceOp) -> tuple[IntArray, Scaled, Scaled]:
    """The input's levels, and both scales."""
    ctx.activation(op, 0)
    x, y = ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y)
    return ctx.levels(x), scaled(ctx, x), scaled(ctx, y)


def convert_relu(ctx: Context, op: SourceOp) -> None:
    """RELU, with requantisation."""
    _finish(ctx, op, relu_table(*_pair(ctx, op), 0.0, None))


def convert_relu6(ctx: Context, op: SourceOp) -> None:
    """RELU6: LiteRT requantises; TFLite-Micro clamps at the input's scale."""
    q, x, y = _pair(ctx, op)
    if ctx.reference is Reference.LITERT:
        _finish(ctx, op, relu_table(q, x, y, 0.0, 6.0))
        return
    six = min(x.dtype.max, x.zero + round_away(single(6.0 / x.scale)))
    _finish(ctx, op, np.minimum(np.maximum(q, x.zero), six))


def convert_relu1(ctx: Context, op: SourceOp) -> None:
    """RELU_N1_TO_1; TFLite-Micro has no such operator, so its arithmetic there is LiteRT's."""
    _finish(ctx, op, relu_table(*_pair(ctx, op), -1.0, 1.0))


def convert_leaky_relu(ctx: Context, op: SourceOp) -> None:
    """LEAKY_RELU."""
    assert isinstance(op.options, LeakyReluOptions)
    q, x, y = _pair(ctx, op)
    if not math.isfinite(op.options.alpha):
        ctx.fail(op, "HWC221", f"alpha is {op.options.alpha}", "export the model again")
    _finish(ctx, op, leaky_table(q, x, y, op.options.alpha))


def convert_hard_swish(ctx: Context, op: SourceOp) -> None:
    """HARD_SWISH."""
    try:
        _finish(ctx, op, hard_swish_table(*_pair(ctx, op)))
    except ValueError as error:
        ctx.fail(op, "HWC302", str(error), "calibrate again: both references refuse this ratio of scales")


def convert_logistic(ctx: Context, op: SourceOp) -> None:
    """LOGISTIC: fixed point in TFLite-Micro, a table of float32 in LiteRT."""
    q, x, y = _pair(ctx, op)
    if y.scale != 2.0**-8 or y.zero != y.dtype.min:
        what = f"the output's scale {y.scale:g} and zero point {y.zero} are not 1/256 and {y.dtype.min}"
        ctx.fail(op, "HWC101", what, "convert with the fixed output quantisation of LOGISTIC")
    if ctx.reference is Reference.LITERT:
        _finish(ctx, op, float_table(x, y, logistic_float))
        return
    _finish(ctx, op, fixed_point_table(q, x, y, tanh=False))


def convert_tanh(ctx: Context, op: SourceOp) -> None:
    """TANH: fixed point in TFLite-Micro, a table of float32 in LiteRT."""
    q, x, y = _pair(ctx, op)
    if ctx.reference is Reference.LITERT:
        _finish(ctx, op, float_table(x, y, math.tanh))
        return
    if y.scale != 2.0**-7 or y.zero != 0:
        what = f"the output's scale {y.scale:g} and zero point {y.zero} are not 1/128 and 0"
        ctx.fail(op, "HWC101", what, "convert with the fixed output quantisation of TANH")
    _finish(ctx, op, fixed_point_table(q, x, y, tanh=True))


def convert_prelu(ctx: Context, op: SourceOp) -> None:
    """PRELU with constant slopes: one, or one for each channel of the last axis."""
    q, x, y = _pair(ctx, op)
    slope = ctx.tensor(op, 1)
    alphas = ctx.constant(op, 1, (DType.INT8, DType.UINT8)) - slope.zero_point
    ctx.require_quantized(op, slope)
    channels = ctx.tensor(op, 0).shape[-1] if ctx.tensor(op, 0).shape else 1
    of_channels = alphas.size == channels <= MAX_TABLE_CHANNELS and alphas.shape[-1:] == (channels,)
    if not (alphas.size == 1 or of_channels):
        what = f"slopes {list(alphas.shape)} are neither one nor one for each of {channels} channels"
        ctx.fail(op, "HWC101", what, "share the slopes over height and width")
    centred = q - x.zero
    if ctx.reference is Reference.LITERT:
        identity, below = single(x.scale / y.scale), single(single(x.scale * slope.scale) / y.scale)
    else:
        identity, below = x.scale / y.scale, x.scale * slope.scale / y.scale
    negative = multiply(centred * alphas.reshape(-1, 1), below)
    table = y.clip(y.zero + np.where(centred >= 0, multiply(centred, identity), negative))
    _finish(ctx, op, table[0] if len(table) == 1 else table)
