"""SOFTMAX and LOG_SOFTMAX: gemmlowp's exponential as two tables over the distance from the row's maximum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.functions import F32
from hwcomp.frontends.tflite.gemmlowp import rounding_shift
from hwcomp.frontends.tflite.options import SoftmaxOptions
from hwcomp.frontends.tflite.records import DType, SourceOp
from hwcomp.ir.ops.log_softmax import LogSoftmax
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.types import S32, IntArray
from hwcomp.prove.steps import quantize_multiplier
from hwcomp.prove.steps_tflite import multiply_double

SCALED_DIFF_INTEGER_BITS = 5
ACCUMULATION_INTEGER_BITS = 12
LOG_SCALE = 16.0 / 256
MAX_DEPTH = 1 << ACCUMULATION_INTEGER_BITS
"""Terms of at most 1.0 whose sum in Q12.19 stays inside of 32 bits."""


@dataclass(frozen=True, slots=True)
class Exponential:
    """Of distances 0 to 255 from the maximum: `scaled` is -distance * scale * beta in Q5.26, by `multiplier` and
    `shift`, `table` its exponential in Q0.31, 0 beyond `radius` (TFLite's -diff_min).

    Source: tensorflow/tflite-micro `reference/softmax.h`, PreprocessSoftmaxScaling, CalculateInputRadius.
    """

    multiplier: int
    shift: int
    radius: int
    scaled: IntArray
    table: IntArray


def exponential(scale: float, beta: float) -> Exponential:
    """The tables for inputs of `scale`."""
    fraction = 31 - SCALED_DIFF_INTEGER_BITS
    real = min(beta * scale * (1 << fraction), (1 << 31) - 1.0)
    multiplier, shift = quantize_multiplier(real)
    radius = math.floor(((1 << SCALED_DIFF_INTEGER_BITS) - 1) * (1 << fraction) / 2.0**shift)
    distance = np.arange(256, dtype=np.int64)
    inside = -np.minimum(distance, radius)
    scaled = multiply_double(inside, np.array(multiplier, np.int64), np.array(shift, np.int64))
    table = np.where(distance <= radius, F32.exp_of_negative(scaled, SCALED_DIFF_INTEGER_BITS), 0)
    return Exponential(multiplier, shift, radius, scaled, table)


def _check(ctx: Context, op: SourceOp, beta: float) -> None:
    """What keeps the sums in 32 bits and the multiplier above 1, as both references demand."""
    x = ctx.tensor(op, 0)
    if not (math.isfinite(beta) and beta * x.scale * 2.0**26 > 1):
        ctx.fail(op, "HWC101", f"beta {beta:g} times scale {x.scale:g} is out of range", "export it with beta 1")
    if not x.shape or x.shape[-1] >= MAX_DEPTH:
        ctx.fail(op, "HWC101", f"rows of shape {list(x.shape)} overflow the sum", f"use fewer than {MAX_DEPTH} classes")


def convert_softmax(ctx: Context, op: SourceOp) -> None:
    """SOFTMAX over the last axis, 8 bits to 8, or int8 to int16."""
    assert isinstance(op.options, SoftmaxOptions)
    value, x, y = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y, (DType.INT8, DType.UINT8, DType.INT16))
    dtype = ctx.dtype(y)
    if abs(y.scale * 2.0**dtype.bits - 1) > 0.001 or y.zero_point != dtype.min:
        what = f"the output's scale {y.scale:g} and zero point {y.zero_point} are not 2^-{dtype.bits} and {dtype.min}"
        ctx.fail(op, "HWC101", what, "convert with the fixed output quantisation of SOFTMAX")
    beta = op.options.beta
    _check(ctx, op, beta)
    table = exponential(x.scale, beta).table
    sums = rounding_shift(table, ACCUMULATION_INTEGER_BITS)
    names = (
        ctx.builder.constant(f"{y.name}/exp", table, S32),
        ctx.builder.constant(f"{y.name}/sum", sums, S32),
    )
    softmax = Softmax(
        **ctx.at(op, y.name, value, *names),
        integer_bits=ACCUMULATION_INTEGER_BITS,
        out_bits=dtype.bits,
        zero=dtype.min,
        lo=dtype.min,
        hi=dtype.max,
        dtype=dtype,
    )
    ctx.bind(op, y, ctx.add(softmax))


def convert_log_softmax(ctx: Context, op: SourceOp) -> None:
    """LOG_SOFTMAX over the last axis: the output has 1/16 a level, 0.0 at its greatest."""
    value, x, y = ctx.activation(op, 0), ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y)
    dtype = ctx.dtype(y)
    if (y.scale, y.zero_point) != (LOG_SCALE, dtype.max) or x.dtype is not y.dtype:
        what = f"the output's scale {y.scale:g} and zero point {y.zero_point} are not 1/16 and {dtype.max}"
        ctx.fail(op, "HWC101", what, "convert with the fixed output quantisation of LOG_SOFTMAX")
    _check(ctx, op, 1.0)
    tables = exponential(x.scale, 1.0)
    names = (
        ctx.builder.constant(f"{y.name}/scaled", tables.scaled, S32),
        ctx.builder.constant(f"{y.name}/sum", rounding_shift(tables.table, ACCUMULATION_INTEGER_BITS), S32),
    )
    reverse = quantize_multiplier((1 << (31 - tables.shift)) / tables.multiplier)
    header = ctx.at(op, y.name, value, *names)
    fields: dict[str, Any] = {"lo": dtype.min, "hi": dtype.max, "dtype": dtype}
    ctx.bind(op, y, ctx.add(LogSoftmax(**header, **fields, radius=tables.radius, reverse=reverse)))
