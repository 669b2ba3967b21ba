"""Reductions, pooling and softmax: firmware/include/hwc_reduce.h and hwc_pool.h."""

from __future__ import annotations

import math

from hwcomp.ir.ops.reduce import ArgMax, MaxPool2d, Pool2d, Reduce, ReduceSum, SumPool2d
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu.context import Context, place, unsupported
from hwcomp.targets.mcu.layers import Call, Field, Layer, Struct, designate
from hwcomp.targets.mcu.requant import requant_fields

_MAX_U16 = 65535


def lower_pool(context: Context, unit: Unit) -> Layer:
    """`hwc_max_pool` or `hwc_sum_pool`, once for each image of the batch."""
    op = unit.op
    assert isinstance(op, Pool2d)
    batch, height, width, channels = context.value(op.inputs[0]).shape
    out_height, out_width = op.output_size((batch, height, width, channels))
    sizes = (height, width, channels, out_height, out_width, *op.kernel, *op.strides, *op.dilations, *op.padding)
    if max(sizes) > _MAX_U16:
        raise unsupported(unit, "a size of the pooling exceeds 65535", "split the tensor")
    element, out = context.element(op.inputs[0], op), context.element(unit.output, op)
    shape = designate(
        in_height=height,
        in_width=width,
        channels=channels,
        out_height=out_height,
        out_width=out_width,
        kernel_height=op.kernel[0],
        kernel_width=op.kernel[1],
        stride_height=op.strides[0],
        stride_width=op.strides[1],
        dilation_height=op.dilations[0],
        dilation_width=op.dilations[1],
        pad_top=op.padding[0],
        pad_left=op.padding[1],
        in_type=element.constant,
        out_type=out.constant,
    )
    label = context.label(op)
    in_bytes, out_bytes = height * width * channels * element.bytes, out_height * out_width * channels * out.bytes
    calls = tuple(Call((n * in_bytes,), n * out_bytes) for n in range(batch))
    if isinstance(op, MaxPool2d):
        struct = Struct("hwc_pool_t", label, shape)
        return Layer(op, op.inputs, unit.output, "hwc_max_pool", f"&{label}", struct, calls)
    assert isinstance(op, SumPool2d)
    fields = (
        *_within("pool", shape),
        *designate(pad_value=op.pad_value),
        *requant_fields(context, label, unit.requant),
    )
    struct = Struct("hwc_sum_pool_t", label, fields)
    return Layer(op, op.inputs, unit.output, "hwc_sum_pool", f"&{label}", struct, calls)


def lower_reduce(context: Context, unit: Unit) -> Layer:
    """`hwc_reduce_sum` or `hwc_reduce_max` over one run of axes."""
    op = unit.op
    assert isinstance(op, Reduce)
    shape = context.value(op.inputs[0]).shape
    first, past = (op.axes[0], op.axes[-1] + 1) if op.axes else (len(shape), len(shape))
    fields = _reduction(context, unit, shape, first, past)
    label = context.label(op)
    if isinstance(op, ReduceSum):
        sums = (*_within("reduce", fields), *requant_fields(context, label, unit.requant))
        struct = Struct("hwc_reduce_sum_t", label, sums)
        return Layer(op, op.inputs, unit.output, "hwc_reduce_sum", f"&{label}", struct, (Call((0,)),))
    struct = Struct("hwc_reduce_t", label, fields)
    return Layer(op, op.inputs, unit.output, "hwc_reduce_max", f"&{label}", struct, (Call((0,)),))


def lower_argmax(context: Context, unit: Unit) -> Layer:
    """`hwc_argmax`."""
    op = unit.op
    assert isinstance(op, ArgMax)
    shape = context.value(op.inputs[0]).shape
    axis = op.axis % len(shape)
    label = context.label(op)
    fields = _within("reduce", _reduction(context, unit, shape, axis, axis + 1))
    struct = Struct("hwc_argmax_t", label, (*fields, *designate(select_last=int(op.select_last))))
    return Layer(op, op.inputs, unit.output, "hwc_argmax", f"&{label}", struct, (Call((0,)),))


def lower_softmax(context: Context, unit: Unit) -> Layer:
    """`hwc_softmax` along the last axis."""
    op = unit.op
    assert isinstance(op, Softmax)
    x = context.value(op.inputs[0])
    element, out = context.element(op.inputs[0], op), context.element(unit.output, op)
    if element.bytes > 1:
        raise unsupported(unit, "softmax of more than 8 bits", "quantise its input to 8 bits", "HWC403")
    label = context.label(op)
    name = label.removeprefix("layer_")
    tables: dict[str, str] = {}
    for role, value in (("exp_table", op.inputs[1]), ("sum_table", op.inputs[2])):
        data = context.value(value).data
        assert data is not None
        tables[role] = context.pool.add(name, role, "int32_t", data, f"{role.replace('_', ' ')} of {place(op)}")
    fields = designate(
        **tables,
        rows=math.prod(x.shape[:-1]),
        size=x.shape[-1],
        zero=op.zero,
        lo=op.lo,
        hi=op.hi,
        accumulator_integer_bits=op.integer_bits,
        out_bits=op.out_bits,
        in_type=element.constant,
        out_type=out.constant,
    )
    struct = Struct("hwc_softmax_t", label, fields)
    return Layer(op, op.inputs[:1], unit.output, "hwc_softmax", f"&{label}", struct, (Call((0,)),))


def _reduction(context: Context, unit: Unit, shape: tuple[int, ...], first: int, past: int) -> tuple[Field, ...]:
    return designate(
        outer=math.prod(shape[:first]),
        size=math.prod(shape[first:past]),
        inner=math.prod(shape[past:]),
        in_type=context.element(unit.op.inputs[0], unit.op).constant,
        out_type=context.element(unit.output, unit.op).constant,
    )


def _within(member: str, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields as those of a struct's member."""
    return tuple(Field(f"{member}.{f.name}", f.text) for f in fields)
