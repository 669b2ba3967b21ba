"""Layers with their places become the text of model.c."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.support.manifest import TracedValue
from hwcomp.support.naming import comment
from hwcomp.targets.c_text import assign, call
from hwcomp.targets.mcu.context import Context, place
from hwcomp.targets.mcu.layers import Layer
from hwcomp.targets.mcu.storage import Memory, Place, Storage
from hwcomp.targets.mcu.views import StepView, StructView


def struct_views(layers: tuple[Layer, ...], graph: Graph) -> tuple[StructView, ...]:
    """The constants of all layers."""
    return tuple(
        StructView(
            layer_note(layer, graph),
            layer.struct.c_type,
            layer.struct.name,
            tuple(assign(f.name, f.text) for f in layer.struct.fields),
        )
        for layer in layers
        if layer.struct is not None
    )


def traced_values(storage: Storage, context: Context) -> tuple[TracedValue, ...]:
    """The values that the traced run shows, in the order in which they are made."""
    values: list[TracedValue] = []
    for layer in storage.steps:
        for name in layer.outputs if _is_traced(layer) else ():
            value = context.value(name)
            size = value.type.size * context.element_at(value.name, context.graph.name).bytes
            values.append(TracedValue(len(values), value.name, value.shape, str(value.type.dtype), size))
    return tuple(values)


def step_views(storage: Storage, context: Context, traced: tuple[TracedValue, ...]) -> tuple[StepView, ...]:
    """The body of the run function."""
    by_name = {value.name: value for value in traced}
    steps: list[StepView] = []
    for index, layer in enumerate(storage.steps):
        trace: list[str] = []
        for name in layer.outputs if _is_traced(layer) else ():
            value = by_name[name]
            where = pointer(storage.places[name], 0, is_input=True)
            trace.append(call("TRACE", [str(value.index), where, str(value.bytes)]))
        calls = tuple(_calls(layer, storage, index))
        steps.append(StepView(layer_note(layer, context.graph), (*calls, *trace)))
    return tuple(steps)


def layer_note(layer: Layer, graph: Graph) -> str:
    """What a layer is: place in the user's model, types."""
    if layer.op is None:
        return f"copy to output '{comment(layer.inputs[0])}'"
    if isinstance(layer.op, StateWrite | StateRead):
        verb = "keep" if isinstance(layer.op, StateWrite) else "recall"
        return f"{verb} state '{comment(layer.op.state)}'"
    types = ", ".join(str(graph.values[name].type) for name in layer.inputs)
    view = "" if layer.function else ", a view"
    return f"{place(layer.op)}: {types} -> {graph.values[layer.output].type}{view}"


def pointer(where: Place, offset: int, *, is_input: bool) -> str:
    """The C expression of a place, `offset` bytes further."""
    if where.memory is Memory.ARENA:
        return f"memory + {where.index + offset}"
    base = {
        Memory.INPUT: f"inputs[{where.index}]",
        Memory.OUTPUT: f"outputs[{where.index}]",
        Memory.STATE: f"state->{where.symbol}",
        Memory.CONSTANT: where.symbol,
    }[where.memory]
    if not offset:
        return base
    return f"(const uint8_t *){base} + {offset}" if is_input else f"(uint8_t *){base} + {offset}"


def _is_traced(layer: Layer) -> bool:
    return layer.op is not None and not layer.is_state_write


def _calls(layer: Layer, storage: Storage, index: int) -> list[str]:
    statements: list[str] = []
    for one in layer.calls:
        sources = [
            pointer(storage.places[name], offset, is_input=True)
            for name, offset in zip(layer.inputs, one.inputs, strict=True)
        ]
        if layer.gathers_inputs:
            sources = [f"(const void *const[]){{{', '.join(sources)}}}"]
        arguments = [layer.first_argument, *sources, pointer(storage.places[layer.output], one.output, is_input=False)]
        arguments += [pointer(storage.places[name], 0, is_input=False) for name in layer.more_outputs]
        if layer.scratch_bytes is not None:
            scratch = storage.scratch.get(index)
            arguments.append("NULL" if scratch is None else pointer(scratch, 0, is_input=False))
        statements.append(call(layer.function, arguments))
    return statements
