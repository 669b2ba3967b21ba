"""Both forms of LogSoftmax: firmware/include/hwc_reduce.h."""

from __future__ import annotations

import math

from hwcomp.ir.ops.log_softmax import LOG_FRACTION_BITS, LogSoftmax
from hwcomp.ir.ops.wide_log_softmax import WideLogSoftmax
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu.context import Context, place, unsupported
from hwcomp.targets.mcu.layers import Call, Field, Layer, Struct, designate


def lower_log_softmax(context: Context, unit: Unit) -> Layer:
    """`hwc_log_softmax`, TFLite's, along the last axis."""
    op = unit.op
    assert isinstance(op, LogSoftmax)
    multiplier, shift = op.reverse
    if not -31 <= shift <= 0:
        raise unsupported(unit, f"its way back to levels shifts by {shift}", "quantise its input with a larger scale")
    label = context.label(op)
    fields = (
        *_rows(context, unit, label, "sum_table"),
        *designate(radius=op.radius, reverse_multiplier=multiplier, reverse_shift=-shift, lo=op.lo, hi=op.hi),
    )
    struct = Struct("hwc_log_softmax_t", label, fields)
    return Layer(op, op.inputs[:1], unit.output, "hwc_log_softmax", f"&{label}", struct, (Call((0,)),))


def lower_wide_log_softmax(context: Context, unit: Unit) -> Layer:
    """`hwc_wide_log_softmax` along the last axis."""
    op = unit.op
    assert isinstance(op, WideLogSoftmax)
    label = context.label(op)
    fields = (
        *_rows(context, unit, label, "exp_table"),
        *designate(log_shift=LOG_FRACTION_BITS - op.fraction_bits),
    )
    struct = Struct("hwc_wide_log_softmax_t", label, fields)
    return Layer(op, op.inputs[:1], unit.output, "hwc_wide_log_softmax", f"&{label}", struct, (Call((0,)),))


def _rows(context: Context, unit: Unit, label: str, second: str) -> tuple[Field, ...]:
    """The tables, the shape, the types."""
    op = unit.op
    x = context.value(op.inputs[0])
    element, out = context.element(op.inputs[0], op), context.element(unit.output, op)
    if element.bytes > 2:
        raise unsupported(unit, "softmax of more than 16 bits", "quantise its input to 8 bits", "HWC403")
    tables: dict[str, str] = {}
    for role, value in (("diff_table", op.inputs[1]), (second, op.inputs[2])):
        data = context.value(value).data
        assert data is not None
        name, words = label.removeprefix("layer_"), role.replace("_", " ")
        tables[role] = context.pool.add(name, role, "int32_t", data, f"{words} of {place(op)}")
    return designate(
        **tables,
        rows=math.prod(x.shape[:-1]),
        size=x.shape[-1],
        in_type=element.constant,
        out_type=out.constant,
    )
