"""Lstm: a matrix-vector unit for the sums of x of all time steps, then `hwc_lstm` for what is fed back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.lstm import DIRECT_ENTRIES, INTERPOLATED_ENTRIES, Lstm, Scale, interpolated
from hwcomp.ir.types import S8, S16, IntArray, IntType, Range, Value
from hwcomp.support.errors import HwcompError
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of, signed_type
from hwcomp.targets.dataflow.choice import MULTIPLIERS, Choice, WeightStyle, divisors
from hwcomp.targets.dataflow.modules.lstm import INTERPOLATED, SHIFTS, Curve, LstmShape, lstm_clocks, rescales
from hwcomp.targets.dataflow.network import Direction, Memory, Stream, StreamPort
from hwcomp.targets.dataflow.ops.constants import constant_stream
from hwcomp.targets.dataflow.ops.dot import weight_type
from hwcomp.targets.dataflow.ops.permute import add_permute
from hwcomp.targets.dataflow.weights import dot_rows, join_fields, pack_words

_GATES = 4
_SUM_BITS = 32
_PRODUCT_BITS = 62
_INTERPOLATED_RANGE = (-(1 << 15), 1 << 15)
_DISTRIBUTED_BITS = 4096
"""Weights of fewer bits may be in LUTs."""


def lower_lstm(b: NetworkBuilder, op: Op) -> None:
    """x [n, t, i], sequences one after the other; rows of both matrices in the order (unit, gate)."""
    assert isinstance(op, Lstm)
    x, hidden, cell = (b.value(name) for name in op.inputs[:3])
    shape, choice, y = _shape(b, op), b.choice(), b.value(op.outputs[0])
    batch, steps, units = hidden.shape[0], shape.steps, shape.units
    is_turned = op.time_major and batch > 1
    if is_turned:
        turned = np.arange(x.type.size).reshape(x.shape).swapaxes(0, 1).reshape(-1)
        source = add_permute(b, op, b.take_as_is(x.name), turned, choice.simd, f"{op.name}_turned")
    else:
        source = b.take(x.name, choice.simd)
    sums = _sums_of_x(b, op, source, shape)
    h0, c0 = (_state(b, op, value) for value in (hidden, cell))
    shape = replace(shape, cell_width=c0.element.bits)
    plain = b.result(op, 1) if not is_turned else b.stream(f"{op.name}_steps", 1, S8, y.type.size)
    last, cells = b.result(op, 1, 1), b.result(op, 1, 2)
    others = [StreamPort("in2", Direction.IN, (c0.name,)), StreamPort("out1", Direction.OUT, (cells.name,))]
    b.add("hwc_lstm", op.name, shape.params(), [sums], [plain], _memories(b, op, shape), h0, others)
    given, ends = (b.stream(f"{plain.name}_{part}", 1, S8, plain.beats) for part in ("all", "ends"))
    b.add("hwc_fork", f"{op.name}_fork", {"Width": plain.width, "Outputs": 2}, [plain], [given, ends])
    period = {"Width": last.width, "Period": steps * units, "Start": (steps - 1) * units, "Count": units}
    b.add("hwc_take", f"{op.name}_last", period, [ends], [last])
    if is_turned:
        order = np.arange(y.type.size).reshape(batch, steps, units).swapaxes(0, 1).reshape(-1)
        given = add_permute(b, op, given, order, 1, f"{op.name}_result", y.name)
    for name, stream in zip(op.outputs, (given, last, cells), strict=True):
        b.give(name, stream)


def _state(b: NetworkBuilder, op: Op, value: Value) -> Stream:
    """A state before the first step, one element a beat."""
    return b.take(value.name, 1) if value.data is None else constant_stream(b, op.name, value, value.data, 1)


def _shape(b: NetworkBuilder, op: Lstm) -> LstmShape:
    """The parameters of `hwc_lstm`.

    Raises:
        HwcompError: HWC402 sums or products leave the module's widths, HWC106 it has no such shift.
    """
    x, hidden, state, w, bias, wh, bh, *tables = (b.value(name) for name in op.inputs)
    scales = (*op.x_scales, *op.h_scales, op.forget_scale, op.input_scale, op.hidden_scale)
    if any(max(-shift, 0) not in SHIFTS or multiplier < 0 for multiplier, shift in scales):
        what = f"the module 'hwc_lstm' has shifts down to {-SHIFTS[-1]} and no negative multipliers"
        raise HwcompError("HWC106", what, str(op.loc), "quantise the LSTM's states with another scale")
    gate, cell = _curves(tables)
    clip = op.cell_clip
    choice = b.choice()
    return LstmShape(
        in_width=_sum_bits(op, x.range, w, bias, op.x_scales),
        acc_width=_sum_bits(op, Range.of_type(S8), wh, bh, op.h_scales),
        weight_width=weight_type(_data(wh)).bits,
        units=hidden.shape[1],
        simd=choice.lanes,
        steps=x.shape[0 if op.time_major else 1],
        x=rescales(op.x_scales),
        h=rescales(op.h_scales),
        forget=rescales([op.forget_scale]),
        input=rescales([op.input_scale]),
        hidden=rescales([op.hidden_scale]),
        hidden_zero=op.hidden_zero,
        cell_range=(-clip, min(clip, S16.max)) if clip else (S16.min, S16.max),
        cell_width=element_of(state).bits,
        gate=gate,
        cell=cell,
        tanh=(op.tanh_multiplier, op.tanh_shift),
        saturate=op.saturate_recurrent,
        weight_style=choice.weights.value,
        mult_style=choice.mults.value,
    )


def _sum_bits(op: Lstm, x: Range, w: Value, bias: Value, scales: Sequence[Scale]) -> int:
    """Bits of sums of w x + bias, of every gate."""
    rows, start = _data(w), _data(bias)
    ends = np.stack([rows * x.min, rows * x.max])
    low, high = start + ends.min(axis=0).sum(axis=1), start + ends.max(axis=0).sum(axis=1)
    bits = signed_type(int(low.min()), int(high.max())).bits
    factor = max((max(multiplier, 1) << max(shift, 0)).bit_length() for multiplier, shift in scales)
    if bits > _SUM_BITS or bits + factor > _PRODUCT_BITS:
        what = f"its sums have {bits} bits, its multipliers {factor}; there are {_SUM_BITS}, {_PRODUCT_BITS} for both"
        raise HwcompError("HWC402", what, str(op.loc), "quantise its input more coarsely")
    return bits


def _sums_of_x(b: NetworkBuilder, op: Lstm, source: Stream, shape: LstmShape) -> Stream:
    """A `hwc_mvu` over all time steps, its results one a beat."""
    weights, bias = (_by_unit(_data(b.value(name))) for name in op.inputs[3:5])
    choice, (oc, k) = b.choice(), weights.shape
    pe, simd, width = choice.pe, choice.simd, weight_type(weights).bits
    acc, groups = shape.in_width, oc // pe
    beats = groups * (k // simd)
    name = b.memory_name(f"{op.name}_weights")
    made = b.stream(f"{op.name}_sums", pe, IntType(acc, True), source.elements // k * groups)
    b.add(
        "hwc_mvu",
        f"{op.name}_mvu",
        {
            "InWidth": source.element.bits,
            "InSigned": int(source.element.signed),
            "WeightWidth": width,
            "AccWidth": acc,
            "Simd": simd,
            "Pe": pe,
            "InChannels": k,
            "OutChannels": oc,
            "Sets": 1,
            "WeightStyle": choice.weights.value,
            "MultStyle": choice.mults.value,
        },
        [source],
        [made],
        [
            Memory("WeightFile", name, pe * simd * width, beats, lambda: _words(weights, pe, simd, width)),
            Memory("BiasFile", f"{name}_bias", pe * acc, groups, lambda: pack_words(bias.reshape(groups, pe), acc)),
        ],
    )
    return b.adapt(made, 1)


def _memories(b: NetworkBuilder, op: Lstm, shape: LstmShape) -> list[Memory]:
    """Recurrent weights and biases, and both curves."""
    weights, bias = (_by_unit(_data(b.value(name))) for name in op.inputs[5:7])
    logistic, tanh_gate, tanh_cell = (_data(b.value(name)) for name in op.inputs[7:])
    width, simd, acc, rows = shape.weight_width, shape.simd, shape.acc_width, 4 * shape.units
    name = b.memory_name(f"{op.name}_recurrent")

    def gates() -> list[int]:
        return _curve_words(logistic, shape.gate, False, 3, 0) + _curve_words(tanh_gate, shape.gate, True, 3, 0)

    def cells() -> list[int]:
        return _curve_words(tanh_cell, shape.cell, True, *shape.tanh)

    beats = rows * shape.units // simd
    return [
        Memory("WeightFile", name, simd * width, beats, lambda: _words(weights, 1, simd, width)),
        Memory("BiasFile", f"{name}_bias", acc, rows, lambda: pack_words(bias.reshape(-1, 1), acc)),
        Memory("GateFile", b.memory_name(f"{op.name}_gates"), shape.gate.width, 2 * shape.gate.entries, gates),
        Memory("CellFile", b.memory_name(f"{op.name}_tanh"), shape.cell.width, shape.cell.entries, cells),
    ]


def _words(weights: IntArray, pe: int, simd: int, width: int) -> list[int]:
    return pack_words(dot_rows(weights, pe, simd), width)


def _data(value: Value) -> IntArray:
    assert value.data is not None, f"{value.name} is no constant"
    return value.data


def _by_unit(rows: IntArray) -> IntArray:
    """Rows [4 * units, ...] in the order (unit, gate), not (gate, unit)."""
    return rows.reshape(_GATES, -1, *rows.shape[1:]).swapaxes(0, 1).reshape(rows.shape)


def _curves(tables: Sequence[Value]) -> tuple[Curve, Curve]:
    """Of the gates and of the cell state; gates whose tables have different sizes have two of all arguments."""
    *gates, cell = tables
    both = _curve(gates)
    return both, _curve([cell])


def _curve(tables: Sequence[Value]) -> Curve:
    if all(table.shape == (INTERPOLATED_ENTRIES,) for table in tables):
        return INTERPOLATED
    ranges = [t.range if t.shape == (DIRECT_ENTRIES,) else Range.whole(*_INTERPOLATED_RANGE) for t in tables]
    return Curve(True, signed_type(min(r.min for r in ranges), max(r.max for r in ranges)).bits)


def _curve_words(table: IntArray, curve: Curve, tanh: bool, multiplier: int, shift: int) -> list[int]:
    """Words of `hwc_lstm_curve`."""
    if not curve.is_direct:
        steps = np.append(np.diff(table), 0)
        return [join_fields([(int(v), 16), (int(d), 17)]) for v, d in zip(table, steps, strict=True)]
    if len(table) == INTERPOLATED_ENTRIES:
        x = np.arange(S16.min, S16.max + 1)
        table = interpolated((x * multiplier + ((1 << shift) >> 1)) >> shift, table, tanh)
    return pack_words(table.reshape(-1, 1), curve.width)


def lstm_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """lanes: weights of h at a time; pe and simd: of x. x has as many products as keep up with h, or fewer."""
    assert isinstance(op, Lstm)
    x, hidden = b.value(op.inputs[0]), b.value(op.inputs[1])
    (batch, units), size = hidden.shape, x.shape[2]
    vectors = x.type.size // size
    found: list[Choice] = []
    for lanes in divisors(units):
        for mults in MULTIPLIERS:
            probe = NetworkBuilder(b.graph, "probe", {-1: Choice(lanes, mults=mults)})
            shape = _shape(probe, op)
            interval = batch * lstm_clocks(shape.params()).sequence(shape.steps)
            for pe, simd in _matching(_GATES * units, size, vectors, interval):
                for style in _styles(b, op):
                    found.append(Choice(lanes, pe, simd, style, mults))
    return found


def _matching(rows: int, size: int, vectors: int, interval: int) -> list[tuple[int, int]]:
    """(pe, simd) of each number of products up to the fewest that take `interval` at most; few results at a time."""
    pairs = {pe * simd: (pe, simd) for pe in reversed(divisors(rows)) for simd in divisors(size)}
    slow = [count for count in sorted(pairs) if vectors * rows * size > interval * count]
    fast = [count for count in sorted(pairs) if count not in slow][:1]
    return [pairs[count] for count in slow + fast]


def _styles(b: NetworkBuilder, op: Lstm) -> Iterator[WeightStyle]:
    yield WeightStyle.BLOCK
    values = [b.value(op.inputs[place]) for place in (3, 5)]
    if max(v.type.size * v.type.dtype.bits for v in values) <= _DISTRIBUTED_BITS:
        yield WeightStyle.DISTRIBUTED
