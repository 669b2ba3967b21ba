"""Requant on its own, exact arithmetic, tables: firmware/include/hwc_elementwise.h."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.elementwise import Add, Max, Min, Mul, Sub
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.ir.types import S32
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu.context import Context, place, unsupported
from hwcomp.targets.mcu.elements import ELEMENTS
from hwcomp.targets.mcu.layers import Call, Layer, Struct, designate
from hwcomp.targets.mcu.requant import fits_int32, requant_fields
from hwcomp.targets.mcu.strides import MAX_DIMS, Ints, merge_dims, row_major

_BINARY: dict[type[Op], str] = {Add: "HWC_ADD", Sub: "HWC_SUB", Mul: "HWC_MUL", Min: "HWC_MIN", Max: "HWC_MAX"}


def lower_requant(context: Context, unit: Unit) -> Layer:
    """`hwc_rescale`: [outer][channels][inner] around the requant's axis."""
    op = unit.op
    assert isinstance(op, Requant)
    shape = context.value(op.outputs[0]).shape
    label = context.label(op)
    outer, channels, inner = 1, 1, math.prod(shape)
    if op.channels > 1:
        axis = op.axis % len(shape)
        outer, channels, inner = math.prod(shape[:axis]), op.channels, math.prod(shape[axis + 1 :])
    types = [ELEMENTS.index(context.element(name, op)) for name in op.inputs]
    out = context.element(unit.output, op)
    fields = designate(
        outer=outer,
        channels=channels,
        inner=inner,
        inputs=len(op.inputs),
        acc_fits_int32=int(fits_int32(op, context.graph.operands(op))),
        in_types=context.pool.add(
            label.removeprefix("layer_"), "in_types", "uint8_t", types, f"input types (hwc_type_t) of {place(op)}"
        ),
        out_type=out.constant,
    )
    return Layer(
        op,
        op.inputs,
        unit.output,
        "hwc_rescale",
        f"&{label}",
        Struct("hwc_rescale_t", label, fields + requant_fields(context, label, op)),
        (Call((0,) * len(op.inputs)),),
        gathers_inputs=True,
        in_place=_same_size(context, op, op.inputs),
    )


def lower_binary(context: Context, unit: Unit) -> Layer:
    """`hwc_binary`: both operands by strides over the output, 0 where they are broadcast."""
    op = unit.op
    shape = context.value(op.outputs[0]).shape
    label = context.label(op)
    strides: list[Ints] = []
    for name in op.inputs:
        own = context.value(name).shape
        full = (1,) * (len(shape) - len(own)) + own
        strides.append(tuple(0 if n == 1 else s for n, s in zip(full, row_major(full), strict=True)))
    dims, (a_strides, b_strides) = merge_dims(shape, strides)
    if len(dims) > MAX_DIMS:
        raise unsupported(
            unit, f"it broadcasts over {len(dims)} axes, the kernel has {MAX_DIMS}", "reshape the operands"
        )
    types = [context.element(name, op).constant for name in (*op.inputs, unit.output)]
    fields = designate(
        op=_BINARY[type(op)],
        rank=len(dims),
        a_type=types[0],
        b_type=types[1],
        out_type=types[2],
        dims=dims,
        a_strides=a_strides,
        b_strides=b_strides,
    )
    whole = [name for name in op.inputs if context.value(name).shape == shape]
    return Layer(
        op,
        op.inputs,
        unit.output,
        "hwc_binary",
        f"&{label}",
        Struct("hwc_binary_t", label, fields),
        (Call((0, 0)),),
        in_place=_same_size(context, op, whole),
    )


def lower_lut(context: Context, unit: Unit) -> Layer:
    """`hwc_lut`: one table, or one a channel of the last axis."""
    op = unit.op
    assert isinstance(op, Lut)
    x, table = context.value(op.inputs[0]), context.value(op.inputs[1])
    assert table.data is not None
    element, out = context.element(op.inputs[0], op), context.element(unit.output, op)
    if element.bytes > 2:
        raise unsupported(unit, "the table's input has more than 16 bits", "requantise its input to 8 bits", "HWC403")
    label = context.label(op)
    is_per_channel = len(table.shape) == 2 and not bool((table.data == table.data[:1]).all())
    data = table.data if is_per_channel else np.atleast_2d(table.data)[0]
    channels = table.shape[0] if is_per_channel else 1
    fields = designate(
        table=context.pool.add(label.removeprefix("layer_"), "table", out.c_type, data, f"table of {place(op)}"),
        index_offset=-op.input_min,
        table_step=table.shape[-1] if is_per_channel else 0,
        outer=math.prod(x.shape[:-1]) if is_per_channel else 1,
        channels=channels,
        inner=1 if is_per_channel else x.type.size,
        in_type=element.constant,
        out_type=out.constant,
    )
    return Layer(
        op,
        op.inputs[:1],
        unit.output,
        "hwc_lut",
        f"&{label}",
        Struct("hwc_lut_t", label, fields),
        (Call((0,)),),
        in_place=_same_size(context, op, op.inputs[:1]),
    )


def lower_thresholds(context: Context, unit: Unit) -> Layer:
    """`hwc_thresholds`: one row, or one a channel along the op's axis."""
    op = unit.op
    assert isinstance(op, Thresholds)
    shape, table = context.value(op.inputs[0]).shape, context.value(op.inputs[1])
    assert table.data is not None
    if not table.range.fits(S32):
        raise unsupported(unit, "a threshold has more than 32 bits", "quantise with smaller weights", "HWC402")
    label = context.label(op)
    outer, channels, inner = 1, 1, math.prod(shape)
    if len(table.shape) == 2 and table.shape[0] > 1:
        axis = op.axis % len(shape)
        outer, channels, inner = math.prod(shape[:axis]), table.shape[0], math.prod(shape[axis + 1 :])
    name = label.removeprefix("layer_")
    fields = designate(
        thresholds=context.pool.add(name, "thresholds", "int32_t", table.data, f"thresholds of {place(op)}"),
        levels=table.shape[-1],
        threshold_step=table.shape[-1] if channels > 1 else 0,
        lo=op.lo,
        outer=outer,
        channels=channels,
        inner=inner,
        in_type=context.element(op.inputs[0], op).constant,
        out_type=context.element(unit.output, op).constant,
    )
    return Layer(
        op,
        op.inputs[:1],
        unit.output,
        "hwc_thresholds",
        f"&{label}",
        Struct("hwc_thresholds_t", label, fields),
        (Call((0,)),),
        in_place=_same_size(context, op, op.inputs[:1]),
    )


def _same_size(context: Context, op: Op, candidates: tuple[str, ...] | list[str]) -> tuple[int, ...]:
    """Positions of the candidates whose elements have the output's size: the output may lie over them."""
    size = context.element(op.outputs[0], op).bytes
    return tuple(
        i for i, name in enumerate(op.inputs) if name in candidates and context.element(name, op).bytes == size
    )
