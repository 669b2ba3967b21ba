"""State between inferences: what is written goes into a FIFO, what is read comes out of it."""

from __future__ import annotations

import math

from hwcomp.ir.op import Op
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of
from hwcomp.targets.dataflow.choice import Choice, divisors
from hwcomp.targets.dataflow.ops.constants import add_state
from hwcomp.targets.dataflow.ops.requant import coded_as


def lower_state_read(b: NetworkBuilder, op: Op) -> None:
    """Opens the FIFO; its input is the stream that `lower_state_write` gives."""
    assert isinstance(op, StateRead)
    state, lanes = b.graph.states[op.state], b.choice().lanes
    out = b.result(op, lanes)
    kept = b.stream(f"{op.state}_next", lanes, element_of(b.value(op.outputs[0])), state.type.size // lanes)
    b.states[op.state] = kept
    add_state(b, f"{op.state}_state", kept, out, state.reset())
    b.give(op.outputs[0], out)


def lower_state_write(b: NetworkBuilder, op: Op) -> None:
    """Gives the stream to the FIFO; a state that nothing reads is not kept."""
    assert isinstance(op, StateWrite)
    kept = b.states.get(op.state)
    if kept is None:
        return
    stream = b.take(op.inputs[0], kept.lanes)
    b.join(coded_as(b, op, stream, kept.element, b.value(op.inputs[0]).range), kept)


def state_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """A state has the lanes of its read; a write follows."""
    if isinstance(op, StateWrite):
        return [Choice()]
    shape = b.value(op.outputs[0]).shape
    return [Choice(lanes) for lanes in divisors(shape[-1] if shape else math.prod(shape))]
