"""Where every value lies while a model runs step by step: with the caller, in the arena, in the state, in constants.

Targets that run operators one after the other (mcu, tvm) share this; each says by `MemoryRules` what its steps can do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.state import StateRead
from hwcomp.planning.arena import plan
from hwcomp.planning.buffers import Buffer, InPlace, Plan


class Memory(Enum):
    """A kind of place."""

    INPUT = "input"
    OUTPUT = "output"
    ARENA = "arena"
    STATE = "state"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class Place:
    """index: of the port, or the offset in the arena in bytes; symbol: the constant's or the state's name."""

    memory: Memory
    index: int = 0
    symbol: str = ""


class Step(Protocol):
    """What runs between two traces: the part of it that memory depends on.

    inputs: the values it reads; output: the value it makes, or the state it writes; outputs: all that it writes;
    is_view: it moves nothing, its output has its input's bytes; in_place: positions of the inputs that the output may
    lie over; scratch_bytes: working memory, None or 0 for none.
    """

    @property
    def op(self) -> Op | None: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def output(self) -> str: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def is_view(self) -> bool: ...
    @property
    def is_state_write(self) -> bool: ...
    @property
    def in_place(self) -> tuple[int, ...]: ...
    @property
    def scratch_bytes(self) -> int | None: ...


StepT = TypeVar("StepT", bound=Step)


class MemoryRules(Protocol[StepT]):
    """What a target's steps can do. alignment: of the arena and each buffer in it, bytes; effort: the planner's."""

    @property
    def alignment(self) -> int: ...
    @property
    def effort(self) -> float: ...

    def bytes_of(self, value: str) -> int:
        """Bytes of a value as it is stored."""
        ...

    def constant(self, value: str) -> str:
        """The symbol of a constant that steps read as an array."""
        ...

    def state(self, state: str) -> str:
        """The symbol of a state."""
        ...

    def read_of(self, step: StepT, source: str, *, copies: bool) -> StepT:
        """A read of a state from `source`: a view of it, or a copy."""
        ...

    def write_to(self, step: StepT, target: str) -> StepT:
        """A write of a state, addressed to `target`."""
        ...

    def copy(self, source: str, target: str) -> StepT:
        """A copy of a value to an output."""
        ...


@dataclass(frozen=True, slots=True)
class Storage(Generic[StepT]):
    """The steps in their final order; the place of every value (and state, and output) and of each step's scratch."""

    steps: tuple[StepT, ...]
    places: Mapping[str, Place]
    scratch: Mapping[int, Place]
    plan: Plan
    least_bytes: int = 1

    @property
    def arena_bytes(self) -> int:
        """At least one word: C has no empty arrays."""
        return max(self.plan.arena_bytes, self.least_bytes)


def state_key(state: str) -> str:
    """What stands for a state among the values' names."""
    return f"%state {state}"


def output_key(index: int) -> str:
    """What stands for an output that gets a copy."""
    return f"%output {index}"


def assign(graph: Graph, steps: Sequence[StepT], rules: MemoryRules[StepT]) -> Storage[StepT]:
    """Decide every place; a state is written when nobody reads it any more, an output by its producer if possible."""
    lasting = _lasting_reads(graph, steps, rules)
    roots = _roots(lasting)
    ordered = _late_writes(lasting, roots, rules)
    fixed = _fixed_places(graph, ordered, roots, rules)
    ordered = (*ordered, *_output_copies(graph, roots, fixed, rules))
    for index in range(len(graph.outputs)):
        fixed[output_key(index)] = Place(Memory.OUTPUT, index)
    buffers = _buffers(ordered, roots, fixed, rules)
    scratch = [Buffer(f"%scratch {i}", x.scratch_bytes, i, i) for i, x in enumerate(ordered) if x.scratch_bytes]
    pairs = _in_place(ordered, roots, {b.name: b for b in buffers})
    made = plan([*buffers, *scratch], pairs, rules.alignment, rules.effort)
    placed = {**fixed, **{b.name: Place(Memory.ARENA, made.offsets[b.name]) for b in buffers}}
    places = dict(placed)
    for name, root in roots.items():
        places[name] = placed[root]
    work = {b.first: Place(Memory.ARENA, made.offsets[b.name]) for b in scratch}
    return Storage(ordered, places, work, made, rules.alignment)


def _roots(steps: Sequence[Step]) -> dict[str, str]:
    """For every value that a step reads or makes, the value whose bytes it shares (itself, where no view)."""
    roots: dict[str, str] = {}
    for step in steps:
        for name in step.inputs:
            roots.setdefault(name, name)
        if not step.is_state_write:
            for name in step.outputs:
                roots[name] = roots[step.inputs[0]] if step.is_view and step.inputs else name
    return roots


def _lasting_reads(graph: Graph, steps: Sequence[StepT], rules: MemoryRules[StepT]) -> tuple[StepT, ...]:
    """Reads of a state that are an output or go into a state become copies; the others stay views of the state."""
    roots = _roots(steps)
    kept = {roots.get(port.value) for port in graph.outputs}
    kept |= {roots[step.inputs[0]] for step in steps if step.is_state_write}
    return tuple(
        rules.read_of(step, state_key(step.op.state), copies=step.output in kept)
        if isinstance(step.op, StateRead)
        else step
        for step in steps
    )


def _late_writes(steps: Sequence[StepT], roots: Mapping[str, str], rules: MemoryRules[StepT]) -> tuple[StepT, ...]:
    """Each write of a state behind the last step that reads it, and addressed to it."""
    last_read = {roots[name]: i for i, step in enumerate(steps) for name in step.inputs}
    keyed: list[tuple[int, int, StepT]] = []
    for i, step in enumerate(steps):
        if step.is_state_write:
            key = state_key(step.output)
            keyed.append((max(i, last_read.get(key, i)), 1, rules.write_to(step, key)))
        else:
            keyed.append((i, 0, step))
    return tuple(step for _, _, step in sorted(keyed, key=lambda entry: entry[:2]))


def _fixed_places(
    graph: Graph, steps: Sequence[StepT], roots: Mapping[str, str], rules: MemoryRules[StepT]
) -> dict[str, Place]:
    """Places outside of the arena: inputs, states, constants that steps read as arrays, outputs."""
    fixed = {port.value: Place(Memory.INPUT, i) for i, port in enumerate(graph.inputs)}
    for state in graph.states:
        fixed[state_key(state)] = Place(Memory.STATE, symbol=rules.state(state))
    for name in (*roots, *(port.value for port in graph.outputs)):
        value = graph.values.get(name)
        if value is not None and value.data is not None:
            fixed[name] = Place(Memory.CONSTANT, symbol=rules.constant(name))
    made = {name for step in steps if not step.is_view and not step.is_state_write for name in step.outputs}
    for i, port in enumerate(graph.outputs):
        root = roots.get(port.value, port.value)
        if root in made and root not in fixed:
            fixed[root] = Place(Memory.OUTPUT, i)
    return fixed


def _output_copies(
    graph: Graph, roots: Mapping[str, str], fixed: Mapping[str, Place], rules: MemoryRules[StepT]
) -> list[StepT]:
    """Copies for outputs that are an input, a constant, or another output too."""
    return [
        rules.copy(port.value, output_key(i))
        for i, port in enumerate(graph.outputs)
        if fixed[roots.get(port.value, port.value)] != Place(Memory.OUTPUT, i)
    ]


def _buffers(
    steps: Sequence[StepT], roots: Mapping[str, str], fixed: Mapping[str, Place], rules: MemoryRules[StepT]
) -> list[Buffer]:
    """What the arena holds, from the step that makes it to the last that reads it or a view of it."""
    last = {roots.get(name, name): i for i, step in enumerate(steps) for name in step.inputs}
    buffers: list[Buffer] = []
    for i, step in enumerate(steps):
        for name in () if step.is_view else step.outputs:
            if name not in fixed:
                buffers.append(Buffer(name, rules.bytes_of(name), i, max(i, last.get(name, i))))
    return buffers


def _in_place(steps: Sequence[Step], roots: Mapping[str, str], buffers: Mapping[str, Buffer]) -> list[InPlace]:
    """The pairs that may share: the step's kernel allows it, the input dies there, and the sizes agree."""
    pairs: list[InPlace] = []
    for i, step in enumerate(steps):
        result = buffers.get(step.output)
        for position in step.in_place if result is not None else ():
            source = buffers.get(roots[step.inputs[position]])
            if source is None or result is None or source.last != i or source.first == i:
                continue
            pair = InPlace(source.name, result.name)
            if source.bytes == result.bytes and pair not in pairs:
                pairs.append(pair)
    return pairs
