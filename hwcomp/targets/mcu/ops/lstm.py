"""Lstm as one kernel: firmware/include/hwc_lstm.h."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.ops.lstm import DIRECT_ENTRIES, Lstm, Scale
from hwcomp.ir.types import Value
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu import packing
from hwcomp.targets.mcu.context import Context, place, unsupported
from hwcomp.targets.mcu.layers import Call, Field, Layer, Struct, designate

_PRODUCT_BITS = 62


def lower_lstm(context: Context, unit: Unit) -> Layer:
    """`hwc_lstm`: all time steps in one call; the states are inputs and outputs."""
    op = unit.op
    assert isinstance(op, Lstm)
    x, hidden, _, w, b, wh, bh, *tables = context.graph.operands(op)
    element = context.element(op.inputs[0], op)
    if element.bytes > 2:
        raise unsupported(unit, "its input has more than 16 bits", "quantise the input to 8 bits", "HWC403")
    _check_sums(unit, x, w, b, op.x_scales)
    _check_sums(unit, hidden, wh, bh, op.h_scales)
    label = context.label(op)
    packed, recurrent = _weights(unit, w), _weights(unit, wh)
    name, add, note = label.removeprefix("layer_"), context.pool.add, place(op)
    assert b.data is not None and bh.data is not None
    batch, size = hidden.shape
    fields = [
        *designate(
            weights=add(name, "weights", "int8_t", packed, f"weights {list(w.shape)} of {note}"),
            bias=add(name, "bias", "int32_t", b.data, f"bias of {note}"),
            recurrent_weights=add(
                name, "recurrent", "int8_t", recurrent, f"recurrent weights {list(wh.shape)} of {note}"
            ),
            recurrent_bias=add(name, "recurrent_bias", "int32_t", bh.data, f"recurrent bias of {note}"),
        ),
        *(_curve(context, name, role, table) for role, table in zip(_CURVES, tables, strict=True)),
        Field("x_scales", _scales(op.x_scales)),
        Field("h_scales", _scales(op.h_scales)),
        *designate(
            forget_scale=op.forget_scale,
            input_scale=op.input_scale,
            hidden_scale=op.hidden_scale,
            hidden_zero=op.hidden_zero,
            cell_clip=op.cell_clip,
            tanh_multiplier=op.tanh_multiplier,
            tanh_shift=op.tanh_shift,
            stride=packed.shape[1],
            recurrent_stride=recurrent.shape[1],
            batch=batch,
            steps=x.shape[0 if op.time_major else 1],
            inputs=x.shape[2],
            size=size,
            saturate_recurrent=int(op.saturate_recurrent),
            time_major=int(op.time_major),
            in_type=element.constant,
        ),
    ]
    return Layer(
        op,
        op.inputs[:3],
        op.outputs[0],
        "hwc_lstm",
        f"&{label}",
        Struct("hwc_lstm_t", label, tuple(fields)),
        (Call((0, 0, 0)),),
        macs=x.shape[0] * x.shape[1] * 4 * size * (x.shape[2] + size),
        more_outputs=op.outputs[1:],
    )


_CURVES = ("logistic", "tanh_gate", "tanh_cell")


def _weights(unit: Unit, value: Value) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    assert value.data is not None
    if value.range.min < -128 or value.range.max > 127:
        raise unsupported(
            unit, f"weights lie in {value.range.collapsed()}", "quantise the weights to signed 8 bits", "HWC403"
        )
    return packing.pack_conv2d_weights(value.data.astype(np.int8))


def _curve(context: Context, name: str, role: str, table: Value) -> Field:
    """The table as the kernel's curve: of every 16-bit value, or to be interpolated."""
    assert table.data is not None
    is_direct = table.shape == (DIRECT_ENTRIES,)
    c_type, member = ("int16_t", "direct") if is_direct else ("uint16_t", "interpolated")
    return Field(f"{role}.{member}", context.pool.add(name, role, c_type, table.data, f"{role} of '{name}'"))


def _scales(scales: tuple[Scale, ...]) -> str:
    return "{" + ", ".join(f"{{{multiplier}, {shift}}}" for multiplier, shift in scales) + "}"


def _check_sums(unit: Unit, x: Value, w: Value, b: Value, scales: tuple[Scale, ...]) -> None:
    """HWC402 where a sum may leave 32 bits, or a rescaled sum 62."""
    assert w.data is not None and b.data is not None
    largest = max(abs(x.range.min), abs(x.range.max))
    bound = int((np.abs(w.data).sum(axis=1) * largest + np.abs(b.data)).max())
    product = max(bound << (max(shift, 0) + max(multiplier, 1).bit_length()) for multiplier, shift in scales)
    if bound >= 1 << 31 or product >= 1 << _PRODUCT_BITS + 1:
        raise unsupported(
            unit, f"its sums reach {bound}, more than the kernel has", "quantise its input more coarsely", "HWC402"
        )
