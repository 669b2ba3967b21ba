"""Elementwise operators: Requant and what is one (a constant operand), two streams, tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.elementwise import Add, Binary, Max, Min, Mul, Sub
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import S32, IntArray, Value
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of
from hwcomp.targets.dataflow.choice import Choice, MultStyle, divisors
from hwcomp.targets.dataflow.network import Memory, Stream
from hwcomp.targets.dataflow.ops.compare import steps_of
from hwcomp.targets.dataflow.ops.constants import constant_stream
from hwcomp.targets.dataflow.ops.permute import add_permute, broadcast_indices
from hwcomp.targets.dataflow.ops.requant import Rescaling, add_clamp, add_requant, is_shift, signed_bits
from hwcomp.targets.dataflow.ops.thresholds import add_thresholds
from hwcomp.targets.dataflow.weights import pack_words

_BINARY: dict[type[Op], str] = {Add: "add", Sub: "sub", Mul: "mul", Min: "min", Max: "max"}


def channels_of(value: Value) -> int:
    """The last axis, in which a beat's lanes lie."""
    return value.shape[-1] if value.shape else 1


def lower_requant(b: NetworkBuilder, op: Op) -> None:
    """n streams of one shape; a constant operand is folded into the offset where its values repeat, else streamed."""
    assert isinstance(op, Requant)
    lanes = b.choice().lanes
    streams = [operand_stream(b, op, name, lanes, b.value(op.outputs[0])) for name in op.inputs]
    out = b.result(op, lanes)
    if b.choice().mults is MultStyle.COMPARE:
        _compare(b, op, streams[0], out)
        return
    if b.fabric.compares and is_shift(op, signed_bits(element_of(b.value(op.inputs[0])))):
        add_clamp(b, op, streams[0], out)
        b.give(op.outputs[0], out)
        return
    amount = op.negative.amount if op.negative is not None else (0,)
    shape = b.value(op.outputs[0]).shape
    rescaling = Rescaling(
        mult=tuple(_along(row, shape, op) for row in op.mult),
        offset=_along(op.offset, shape, op),
        shift=op.shift,
        tie=op.tie,
        zero=op.zero,
        lo=op.lo,
        hi=op.hi,
        negative_bias=op.negative.bias if op.negative is not None else 0,
        negative_amount=_along(amount, shape, op),
    )
    add_requant(b, op, streams, out, rescaling, [b.value(name).range for name in op.inputs])
    b.give(op.outputs[0], out)


def _compare(b: NetworkBuilder, op: Requant, stream: Stream, out: Stream) -> None:
    """Comparisons with the accumulators at which the op steps."""
    x, y = b.value(op.inputs[0]), b.value(op.outputs[0])
    table = steps_of(op, x.range, y.range, stream.element)
    assert table is not None, "the choice is offered where there are steps"
    inner = math.prod(y.shape[op.axis % len(y.shape) + 1 :]) if y.shape else 1
    add_thresholds(b, op, stream, out, table, y.range.min, inner)
    b.give(op.outputs[0], out)


def _along(values: tuple[int, ...], shape: Sequence[int], op: Requant) -> tuple[int, ...]:
    """Constants per channel of `axis` as a row that repeats along the stream: one, or a whole number of last axes."""
    if len(values) == 1:
        return values
    inner = math.prod(shape[op.axis % len(shape) + 1 :])
    return tuple(int(v) for v in np.repeat(np.array(values, object), inner))


def lower_binary(b: NetworkBuilder, op: Op) -> None:
    """Two streams; with a constant that repeats along the stream, and a result of 32 bits, a Requant of one."""
    assert isinstance(op, Binary)
    lanes = b.choice().lanes
    shape, is_short = b.value(op.outputs[0]).shape, element_of(b.value(op.outputs[0])).bits <= S32.bits
    for place, name in enumerate(op.inputs):
        row = _repeating(b.value(name), shape)
        rescaling = None if row is None or not is_short else _as_requant(op, place, row, b.value(op.outputs[0]))
        if rescaling is not None:
            other = op.inputs[1 - place]
            stream = operand_stream(b, op, other, lanes, b.value(op.outputs[0]))
            out = b.result(op, lanes)
            add_requant(b, op, [stream], out, rescaling, [b.value(other).range])
            b.give(op.outputs[0], out)
            return
    _two_streams(b, op, lanes)


def _two_streams(b: NetworkBuilder, op: Binary, lanes: int) -> None:
    first, second = (operand_stream(b, op, name, lanes, b.value(op.outputs[0])) for name in op.inputs)
    out = b.result(op, lanes)
    zeros = (op.a_zero, op.b_zero) if isinstance(op, Mul) else (0, 0)
    b.add(
        "hwc_binary",
        op.name,
        {
            "Op": _BINARY[type(op)],
            "AWidth": first.element.bits,
            "ASigned": int(first.element.signed),
            "AZero": zeros[0],
            "BWidth": second.element.bits,
            "BSigned": int(second.element.signed),
            "BZero": zeros[1],
            "OutWidth": out.element.bits,
            "Lanes": lanes,
        },
        [first],
        [out],
        second=second,
    )
    b.give(op.outputs[0], out)


def _repeating(value: Value, shape: Sequence[int]) -> IntArray | None:
    """The row that a constant broadcast to `shape` repeats: one value, or one for each of the last axis; else None."""
    if value.data is None:
        return None
    full = np.broadcast_to(value.data, shape).reshape(-1, shape[-1] if shape else 1)
    if (full != full[:1]).any():
        return None
    row: IntArray = full[0]
    return row[:1] if (row == row[0]).all() else row


def _as_requant(op: Binary, place: int, row: IntArray, out: Value) -> Rescaling | None:
    """y = x * mult + offset, clamped; None for a minimum or maximum with a constant per channel."""
    lo, hi = element_of(out).min, element_of(out).max
    ones, constant = [1] * len(row), [int(v) for v in row]
    if isinstance(op, Min | Max):
        if len(row) > 1:
            return None
        lo, hi = (lo, min(hi, constant[0])) if isinstance(op, Min) else (max(lo, constant[0]), hi)
        return Rescaling((tuple(ones),), (0,), lo=lo, hi=hi)
    if isinstance(op, Add):
        return Rescaling((tuple(ones),), tuple(constant), lo=lo, hi=hi)
    if isinstance(op, Sub):
        signs = ones if place == 1 else [-1] * len(row)
        offsets = [-v for v in constant] if place == 1 else constant
        return Rescaling((tuple(signs),), tuple(offsets), lo=lo, hi=hi)
    assert isinstance(op, Mul)
    own, other = (op.a_zero, op.b_zero) if place == 0 else (op.b_zero, op.a_zero)
    factors = [v - own for v in constant]
    return Rescaling((tuple(factors),), tuple(-other * v for v in factors), lo=lo, hi=hi)


def operand_stream(b: NetworkBuilder, op: Op, name: str, lanes: int, out: Value) -> Stream:
    """An operand in the shape of the result, `lanes` elements a beat; constants come from a memory."""
    value = b.value(name)
    if value.data is not None:
        return constant_stream(b, op.name, value, np.broadcast_to(value.data, out.shape), lanes)
    if value.shape == out.shape or value.type.size == out.type.size:
        return b.take(name, lanes)
    return add_permute(b, op, b.take_as_is(name), broadcast_indices(value.shape, out.shape), lanes, f"{name}_spread")


def lower_lut(b: NetworkBuilder, op: Op) -> None:
    """A table of one element, or one for each channel."""
    assert isinstance(op, Lut)
    x, table = (b.value(name) for name in op.inputs)
    assert table.data is not None
    lanes = b.choice().lanes
    stream, out = b.take(x.name, lanes), b.result(op, lanes)
    flat, bits = table.data.reshape(-1, 1), out.element.bits
    memory = Memory("TableFile", b.memory_name(f"{op.name}_table"), bits, flat.shape[0], lambda: pack_words(flat, bits))
    b.add(
        "hwc_lut",
        op.name,
        {
            "InWidth": stream.element.bits,
            "InSigned": int(stream.element.signed),
            "InputMin": op.input_min,
            "Entries": table.shape[-1],
            "Channels": 1 if len(table.shape) == 1 else table.shape[0],
            "Lanes": lanes,
            "OutWidth": bits,
        },
        [stream],
        [out],
        [memory],
    )
    b.give(op.outputs[0], out)


def lane_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Every number of lanes that divides the last axis of the result."""
    return [Choice(lanes) for lanes in divisors(channels_of(b.value(op.outputs[0])))]
