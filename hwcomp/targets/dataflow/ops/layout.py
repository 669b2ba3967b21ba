"""Operators that move elements: renames, parts of the stream, joins of streams, and buffers where nothing else does."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.layout import Concat, Movement, Pad, Reshape, Slice
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.choice import Choice, divisors
from hwcomp.targets.dataflow.modules.spec import Parameter, pack_fields
from hwcomp.targets.dataflow.network import Stream
from hwcomp.targets.dataflow.ops.permute import add_permute, run_lanes
from hwcomp.targets.dataflow.ops.requant import coded_as, common_element, holding


def lower_reshape(b: NetworkBuilder, op: Op) -> None:
    """Row-major order stays: the stream goes on under another name."""
    assert isinstance(op, Reshape)
    b.give(op.outputs[0], b.take_as_is(op.inputs[0]))


def lower_slice(b: NetworkBuilder, op: Op) -> None:
    """Unit steps keep a run of beats of each axis' period; any other step goes through a buffer."""
    assert isinstance(op, Slice)
    shape = b.value(op.inputs[0]).shape
    if any(step != 1 and size > 1 for step, size in zip(op.steps, op.sizes, strict=True)):
        lower_move(b, op)
        return
    stream, lanes = b.take(op.inputs[0], b.choice().lanes), b.choice().lanes
    sizes = list(shape)
    cut = [axis for axis in reversed(range(len(shape))) if op.sizes[axis] != shape[axis]]
    for number, axis in enumerate(cut):
        inner = math.prod(sizes[axis + 1 :])
        sizes[axis] = op.sizes[axis]
        beats = math.prod(sizes) // lanes
        last = number == len(cut) - 1
        part = f"{op.name}_part{axis}"
        out = b.result(op, lanes, element=stream.element) if last else b.stream(part, lanes, stream.element, beats)
        _take(
            b, op, stream, out, (shape[axis], op.starts[axis], op.sizes[axis]), inner // lanes if inner >= lanes else 0
        )
        stream = out
    b.give(op.outputs[0], stream)


def _take(b: NetworkBuilder, op: Op, stream: Stream, out: Stream, run: tuple[int, int, int], beats: int) -> None:
    """Keep (period, start, count) of an axis whose one step is `beats` beats; 0 where a beat holds several steps."""
    period, start, count = (size * beats if beats else size // out.lanes for size in run)
    parameters = {"Width": stream.width, "Period": period, "Start": start, "Count": count}
    b.add("hwc_take", f"{out.name}_take", parameters, [stream], [out])


def slice_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Lanes divide the last axis and, where that is cut, its start and size."""
    assert isinstance(op, Slice)
    shape = b.value(op.inputs[0]).shape
    if any(step != 1 and size > 1 for step, size in zip(op.steps, op.sizes, strict=True)):
        return move_choices(b, op)
    whole = math.gcd(shape[-1], op.starts[-1], op.sizes[-1])
    return [Choice(lanes) for lanes in divisors(whole)]


def lower_concat(b: NetworkBuilder, op: Op) -> None:
    """In each round a run of beats of each input: all of it from the axis on."""
    assert isinstance(op, Concat)
    lanes = b.choice().lanes
    taken = [b.take(name, lanes) for name in op.inputs]
    element = common_element([stream.element for stream in taken])
    streams = [
        coded_as(b, op, stream, element, b.value(name).range) for name, stream in zip(op.inputs, taken, strict=True)
    ]
    bursts = tuple(math.prod(b.value(name).shape[op.axis :]) // lanes for name in op.inputs)
    out = b.result(op, lanes, element=element)
    parameters: dict[str, Parameter] = {
        "Width": out.element.bits,
        "Lanes": lanes,
        "Inputs": len(streams),
        "Bursts": pack_fields(bursts),
    }
    b.add("hwc_concat", f"{op.name}_concat", parameters, streams, [out])
    b.give(op.outputs[0], out)


def concat_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Lanes divide the last axis of every input."""
    whole = math.gcd(*(b.value(name).shape[-1] for name in op.inputs))
    return [Choice(lanes) for lanes in divisors(whole)]


def lower_pad(b: NetworkBuilder, op: Op) -> None:
    """One `hwc_pad` for each padded axis: what is before it as rows, the axis as columns, the rest as channels."""
    assert isinstance(op, Pad)
    shape = list(b.value(op.inputs[0]).shape)
    lanes = b.choice().lanes
    stream = holding(b, op, b.take(op.inputs[0], lanes), op.value, b.value(op.inputs[0]).range)
    padded = [axis for axis in reversed(range(len(shape))) if op.before[axis] or op.after[axis]]
    for number, axis in enumerate(padded):
        inner = math.prod(shape[axis + 1 :])
        rows, columns = math.prod(shape[:axis]), shape[axis]
        shape[axis] += op.before[axis] + op.after[axis]
        last = number == len(padded) - 1
        beats = math.prod(shape) // lanes
        part = f"{op.name}_padded{axis}"
        out = b.result(op, lanes, element=stream.element) if last else b.stream(part, lanes, stream.element, beats)
        b.add(
            "hwc_pad",
            f"{out.name}_pad",
            {
                "Width": stream.element.bits,
                "Lanes": lanes,
                "Channels": inner,
                "InHeight": rows,
                "InWidth": columns,
                "PadTop": 0,
                "PadLeft": op.before[axis],
                "PadBottom": 0,
                "PadRight": op.after[axis],
                "PadValue": op.value,
            },
            [stream],
            [out],
        )
        stream = out
    b.give(op.outputs[0], stream)


def pad_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Lanes divide the last axis; one lane where that is padded."""
    assert isinstance(op, Pad)
    if op.before[-1] or op.after[-1]:
        return [Choice()]
    return [Choice(lanes) for lanes in divisors(b.value(op.inputs[0]).shape[-1])]


def lower_move(b: NetworkBuilder, op: Op) -> None:
    """A buffer of a frame, read in the order that the operator's own meaning gives."""
    out = b.value(op.outputs[0])
    indices, lanes = source_indices(b, op), b.choice().lanes
    stream = b.take_as_is(op.inputs[0])
    b.give(out.name, add_permute(b, op, stream, indices, lanes, out.name, out.name))


def move_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """As many lanes as stay together."""
    return [Choice(lanes) for lanes in run_lanes(source_indices(b, op), b.value(op.inputs[0]).type.size)]


def source_indices(b: NetworkBuilder, op: Op) -> np.ndarray:
    """For each element of the result the flat index of the element of the input that it is."""
    assert isinstance(op, Movement)
    x = b.value(op.inputs[0])
    return op.evaluate(np.arange(x.type.size, dtype=np.int64).reshape(x.shape))[0].reshape(-1)
