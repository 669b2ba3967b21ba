"""QUANTIZE between integers, and QUANTIZE, DEQUANTIZE at the model's border."""

from __future__ import annotations

import numpy as np

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.functions import Scaled, requantize_table
from hwcomp.frontends.tflite.handlers.dot import double_step
from hwcomp.frontends.tflite.options import Activation
from hwcomp.frontends.tflite.records import DType, SourceOp, SourceTensor, short
from hwcomp.ir.graph import Quantizer
from hwcomp.ir.ops.elementwise import Sub
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.types import S16

REQUANTIZED = (DType.INT8, DType.UINT8, DType.INT16)


def scaled(ctx: Context, tensor: SourceTensor) -> Scaled:
    """Scale, zero point and type of a quantised tensor."""
    return Scaled(tensor.scale, tensor.zero_point, ctx.dtype(tensor))


def border_quantizer(tensor: SourceTensor, source: DType) -> Quantizer:
    """How a port stands for the model's numbers."""
    return Quantizer(tensor.scale, tensor.zero_point, source.value)


def convert_quantize(ctx: Context, op: SourceOp) -> None:
    """float32 -> integers only at an input of the model, where the port takes it over; else a requantisation."""
    x, y = ctx.tensor(op, 0), ctx.output(op)
    ctx.require_quantized(op, y, REQUANTIZED)
    if x.dtype is DType.FLOAT32:
        _quantize_input(ctx, op, x, y)
        return
    value = ctx.activation(op, 0, REQUANTIZED)
    if x.dtype is not DType.INT16:
        table = requantize_table(ctx.levels(x), scaled(ctx, x), scaled(ctx, y))
        ctx.bind(op, y, ctx.lut(op, y.name, value, table, ctx.dtype(y)))
        return
    if x.zero_point:
        zero = ctx.builder.constant(f"{x.name}/zero", np.array(x.zero_point, np.int64), S16)
        value = ctx.add(Sub(**ctx.at(op, f"{y.name}/centred", value, zero)))
    step = double_step(ctx, op, (x.scale / y.scale,), y, Activation.NONE)
    ctx.bind(op, y, ctx.add(Rescale(**ctx.at(op, y.name, value), step=step, dtype=ctx.dtype(y))))


def _quantize_input(ctx: Context, op: SourceOp, x: SourceTensor, y: SourceTensor) -> None:
    if x.index not in ctx.model.graphs[0].inputs:
        fix = "quantise the whole model to int8: no float operators between its inputs and outputs"
        ctx.fail(op, "HWC103", f"'{short(x.name)}' is float32 and is not an input of the model", fix)
    if any(port.name == x.name for port in ctx.builder.inputs):
        fix = "export the model with one QUANTIZE for each input"
        ctx.fail(op, "HWC101", f"the float input '{short(x.name)}' is quantised twice", fix)
    value = ctx.builder.input(y.name, ctx.type_of(y))
    port = ctx.builder.inputs.pop()
    ctx.builder.inputs.append(type(port)(x.name, value, border_quantizer(y, DType.FLOAT32)))
    ctx.bind(op, y, value)


def convert_dequantize(ctx: Context, op: SourceOp) -> None:
    """integers -> float32 only at an output of the model: the port takes it over."""
    x, y = ctx.tensor(op, 0), ctx.output(op)
    value = ctx.activation(op, 0, REQUANTIZED)
    readers = [o for o in ctx.model.graphs[0].ops if y.index in o.inputs]
    if y.index not in ctx.model.graphs[0].outputs or readers:
        fix = "quantise the whole model to int8: no float operators between its inputs and outputs"
        ctx.fail(op, "HWC103", f"'{short(y.name)}' is float32 and is not only an output of the model", fix)
    if x.shape != y.shape:
        ctx.fail(op, "HWC214", f"{list(x.shape)} becomes {list(y.shape)}", "export the model again")
    ctx.values[y.index] = value
