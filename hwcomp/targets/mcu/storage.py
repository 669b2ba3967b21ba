"""Where every value lies while the model runs: with the caller, in the arena, in the state, in flash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.state import StateRead
from hwcomp.planning.arena import plan
from hwcomp.planning.buffers import Buffer, InPlace, Plan
from hwcomp.support.naming import comment
from hwcomp.targets.mcu.context import Context
from hwcomp.targets.mcu.layers import Call, Layer
from hwcomp.targets.mcu.lower import Lowered

ALIGNMENT = 4
"""Of the arena and every buffer in it, bytes: what the kernels' word loads want."""


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


@dataclass(frozen=True, slots=True)
class Storage:
    """The layers in their final order; the place of every value (and state, and output) and of each layer's scratch."""

    layers: tuple[Layer, ...]
    places: Mapping[str, Place]
    scratch: Mapping[int, Place]
    plan: Plan

    @property
    def arena_bytes(self) -> int:
        """At least one word: C has no empty arrays."""
        return max(self.plan.arena_bytes, ALIGNMENT)


def state_key(state: str) -> str:
    """What stands for a state among the values' names."""
    return f"%state {state}"


def output_key(index: int) -> str:
    """What stands for an output that gets a copy."""
    return f"%output {index}"


def assign(lowered: Lowered) -> Storage:
    """Decide every place; a state is written when nobody reads it any more, an output by its producer if possible."""
    context, graph = lowered.context, lowered.context.graph
    layers = _lasting_reads(graph, lowered.layers)
    roots = _roots(layers)
    layers = _late_writes(layers, roots)
    fixed = _fixed_places(context, layers, roots)
    layers = (*layers, *_output_copies(context, roots, fixed))
    for index in range(len(graph.outputs)):
        fixed[output_key(index)] = Place(Memory.OUTPUT, index)
    buffers = _buffers(context, layers, roots, fixed)
    scratch = [Buffer(f"%scratch {i}", x.scratch_bytes, i, i) for i, x in enumerate(layers) if x.scratch_bytes]
    pairs = _in_place(layers, roots, {b.name: b for b in buffers})
    made = plan([*buffers, *scratch], pairs, ALIGNMENT, float(context.options.planner_effort))
    placed = {**fixed, **{b.name: Place(Memory.ARENA, made.offsets[b.name]) for b in buffers}}
    places = dict(placed)
    for name, root in roots.items():
        places[name] = placed[root]
    return Storage(layers, places, {b.first: Place(Memory.ARENA, made.offsets[b.name]) for b in scratch}, made)


def _is_view(layer: Layer) -> bool:
    return not layer.function and bool(layer.inputs)


def _roots(layers: Sequence[Layer]) -> dict[str, str]:
    """For every value that a layer reads or makes, the value whose bytes it shares (itself, where no view)."""
    roots: dict[str, str] = {}
    for layer in layers:
        for name in layer.inputs:
            roots.setdefault(name, name)
        if not layer.is_state_write:
            for name in layer.outputs:
                roots[name] = roots[layer.inputs[0]] if _is_view(layer) else name
    return roots


def _lasting_reads(graph: Graph, layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Reads of a state that are an output or go into a state become copies; the others stay views of the state."""
    roots = _roots(layers)
    kept = {roots.get(port.value) for port in graph.outputs}
    kept |= {roots[layer.inputs[0]] for layer in layers if layer.is_state_write}
    lasting: list[Layer] = []
    for layer in layers:
        if isinstance(layer.op, StateRead):
            source = (state_key(layer.op.state),)
            if layer.output in kept:
                size = str(layer.op.type.bytes)
                layer = replace(layer, inputs=source, function="hwc_copy", first_argument=size, calls=(Call((0,)),))
            else:
                layer = replace(layer, inputs=source)
        lasting.append(layer)
    return tuple(lasting)


def _late_writes(layers: Sequence[Layer], roots: Mapping[str, str]) -> tuple[Layer, ...]:
    """Each write of a state behind the last layer that reads it, and addressed to it."""
    last_read = {roots[name]: i for i, layer in enumerate(layers) for name in layer.inputs}
    keyed: list[tuple[int, int, Layer]] = []
    for i, layer in enumerate(layers):
        if layer.is_state_write:
            key = state_key(layer.output)
            keyed.append((max(i, last_read.get(key, i)), 1, replace(layer, output=key)))
        else:
            keyed.append((i, 0, layer))
    return tuple(layer for _, _, layer in sorted(keyed, key=lambda entry: entry[:2]))


def _fixed_places(context: Context, layers: Sequence[Layer], roots: Mapping[str, str]) -> dict[str, Place]:
    """Places outside of the arena: inputs, states, constants that kernels read as arrays, outputs."""
    graph = context.graph
    fixed = {port.value: Place(Memory.INPUT, i) for i, port in enumerate(graph.inputs)}
    for state in graph.states:
        fixed[state_key(state)] = Place(Memory.STATE, symbol=context.state_names.name(state))
    for name in (*roots, *(port.value for port in graph.outputs)):
        value = graph.values.get(name)
        if value is not None and value.data is not None:
            element = context.element_at(name, graph.name)
            symbol = context.pool.add(name, "constant", element.c_type, value.data, f"constant '{comment(name)}'")
            fixed[name] = Place(Memory.CONSTANT, symbol=symbol)
    made = {name for layer in layers if layer.function and not layer.is_state_write for name in layer.outputs}
    for i, port in enumerate(graph.outputs):
        root = roots.get(port.value, port.value)
        if root in made and root not in fixed:
            fixed[root] = Place(Memory.OUTPUT, i)
    return fixed


def _output_copies(context: Context, roots: Mapping[str, str], fixed: Mapping[str, Place]) -> list[Layer]:
    """Copies for outputs that are an input, a constant, or another output too."""
    copies: list[Layer] = []
    for i, port in enumerate(context.graph.outputs):
        if fixed[roots.get(port.value, port.value)] != Place(Memory.OUTPUT, i):
            value = context.value(port.value)
            size = value.type.size * context.element_at(port.value, context.graph.name).bytes
            copies.append(Layer(None, (port.value,), output_key(i), "hwc_copy", str(size), calls=(Call((0,)),)))
    return copies


def _buffers(
    context: Context, layers: Sequence[Layer], roots: Mapping[str, str], fixed: Mapping[str, Place]
) -> list[Buffer]:
    """What the arena holds, from the layer that makes it to the last that reads it or a view of it."""
    last = {roots.get(name, name): i for i, layer in enumerate(layers) for name in layer.inputs}
    buffers: list[Buffer] = []
    for i, layer in enumerate(layers):
        for name in layer.outputs if layer.function else ():
            if name not in fixed:
                size = context.value(name).type.size * context.element_at(name, context.graph.name).bytes
                buffers.append(Buffer(name, size, i, max(i, last.get(name, i))))
    return buffers


def _in_place(layers: Sequence[Layer], roots: Mapping[str, str], buffers: Mapping[str, Buffer]) -> list[InPlace]:
    """The pairs that may share: the layer's kernel allows it, the input dies there, and the sizes agree."""
    pairs: list[InPlace] = []
    for i, layer in enumerate(layers):
        result = buffers.get(layer.output)
        for position in layer.in_place if result is not None else ():
            source = buffers.get(roots[layer.inputs[position]])
            if source is None or result is None or source.last != i or source.first == i:
                continue
            pair = InPlace(source.name, result.name)
            if source.bytes == result.bytes and pair not in pairs:
                pairs.append(pair)
    return pairs
