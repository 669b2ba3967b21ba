"""Everything that the templates print of one model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcomp.ir.graph import Graph, Port
from hwcomp.ir.types import IntArray
from hwcomp.support.manifest import TracedValue
from hwcomp.support.naming import comment, package_version
from hwcomp.targets.base import EmitInfo
from hwcomp.targets.bundle import rechecking
from hwcomp.targets.bundle.border import meaning_of
from hwcomp.targets.bundle.certificates import proof_note
from hwcomp.targets.bundle.vectors import Vector
from hwcomp.targets.c_text import array_lines, guard, head
from hwcomp.targets.mcu.code import layer_note, step_views, struct_views
from hwcomp.targets.mcu.context import Context
from hwcomp.targets.mcu.layers import Layer
from hwcomp.targets.mcu.options import Arch, Optimise
from hwcomp.targets.mcu.pool import Table
from hwcomp.targets.mcu.storage import Memory, Storage
from hwcomp.targets.mcu.views import CostView, ModelView, PortView, SampleView, StateView, TableView

WEIGHT_TYPES = ("int8_t", "uint32_t")
"""Of tables that hold weights: of 8 bits, and of 4, 2 or 1."""


def model_view(
    name: str,
    storage: Storage,
    context: Context,
    info: EmitInfo,
    traced: tuple[TracedValue, ...],
    vectors: Sequence[Vector],
    kernels: Sequence[str],
) -> ModelView:
    """The view of a whole bundle; `kernels` are the C files of the firmware that it needs."""
    graph, options = context.graph, context.options
    inputs = tuple(_port(context, port, i, "INPUT") for i, port in enumerate(graph.inputs))
    outputs = tuple(_port(context, port, i, "OUTPUT") for i, port in enumerate(graph.outputs))
    states = _states(context)
    steps = step_views(storage, context, traced)
    state_bytes = state_struct_bytes(context)
    selftest = storage.arena_bytes + sum(_words(port.bytes) * 4 for port in outputs) + _words(state_bytes) * 4
    flash = context.pool.bytes
    return ModelView(
        name=name,
        upper=name.upper(),
        title=comment(info.model_name),
        banner=_banner(info),
        command=comment(info.command),
        version=info.version,
        package_version=package_version(info.version),
        reference=info.reference,
        policy=info.policy,
        is_generic=options.arch is Arch.GENERIC,
        build_type="MinSizeRel" if options.optimise is Optimise.SIZE else "Release",
        **_heads(name, bool(states)),
        state_argument="state, " if states else "",
        state_reference="&state, " if states else "",
        input_count=len(inputs),
        output_count=len(outputs),
        sample_count=min(len(vectors), max(options.selftest_vectors, 1)),
        inputs=inputs,
        outputs=outputs,
        states=states,
        arena_bytes=storage.arena_bytes,
        arena_words=_words(storage.arena_bytes),
        state_bytes=state_bytes,
        selftest_bytes=selftest,
        selftest_words=_words(selftest),
        structs=struct_views(storage.steps, graph),
        steps=steps,
        tables=tuple(_table(table) for table in context.pool.tables),
        samples=tuple(_sample(context, i, v) for i, v in enumerate(vectors[: max(options.selftest_vectors, 1)])),
        guard=_guard(bool(states)),
        unused=_unused(storage),
        uses_memory=any(p.memory is Memory.ARENA for p in (*storage.places.values(), *storage.scratch.values())),
        costs=tuple(_cost(context, layer) for layer in storage.steps if layer.function),
        macs=_thousands(sum(layer.macs for layer in storage.steps)),
        constant_bytes=_thousands(flash),
        weight_bytes=_thousands(sum(t.bytes for t in context.pool.tables if t.c_type in WEIGHT_TYPES)),
        arena_note=_arena_note(storage),
        proof_note=proof_note(graph),
        generated=(f"{name}.c", f"{name}_weights.c"),
        kernels=tuple(kernels),
        recheck=rechecking.source(),
    )


def _heads(name: str, has_state: bool) -> dict[str, str]:
    """The heads of the functions in model.h and model.c."""
    state = [f"{name}_state_t *state"] if has_state else []
    run = [*state, "const void *const inputs[]", "void *const outputs[]", "void *arena"]
    traced = [*run, f"{name}_trace_t trace", "void *context"]
    inner = [*run[:-1], "void *arena TRACE_PARAMETERS"]
    return {
        "run_prototype": head(f"int {name}_run", run, ";"),
        "run_head": head(f"int {name}_run", run, " {"),
        "trace_typedef": head(
            f"typedef void (*{name}_trace_t)",
            ["void *context", "uint32_t value_index", "const void *data", "uint32_t bytes"],
            ";",
        ),
        "traced_prototype": head(f"int {name}_run_traced", traced, ";"),
        "traced_head": head(f"int {name}_run_traced", traced, " {"),
        "layers_head": head("static void run_layers", inner, " {"),
        "checked_head": head("static int run_checked", inner, " {"),
    }


def state_struct_bytes(context: Context) -> int:
    """sizeof the state's struct: fields by falling element size, so that padding is at the end alone."""
    elements = {name: context.element_at(state_value(context.graph, name), name) for name in context.graph.states}
    total = sum(context.graph.states[name].type.size * element.bytes for name, element in elements.items())
    align = max((element.bytes for element in elements.values()), default=1)
    return -(-total // align) * align


def state_value(graph: Graph, state: str) -> str:
    """A value that has the state's type: what is written to it."""
    from hwcomp.ir.ops.state import StateWrite

    return next(op.inputs[0] for op in graph.ops if isinstance(op, StateWrite) and op.state == state)


def _banner(info: EmitInfo) -> tuple[str, ...]:
    return (
        f"Written by hwcomp {comment(info.version)} from {comment(info.model_name)}",
        f"(sha256 {comment(info.model_sha256)}):",
        f"{comment(info.command)}",
    )


def _port(context: Context, port: Port, index: int, kind: str) -> PortView:
    value = context.value(port.value)
    element = context.element_at(port.value, context.graph.name)
    note = f"'{comment(port.name)}': {value.type}, {value.range.collapsed()}"
    if port.quantizer is not None:
        note += f", {meaning_of(port.quantizer, is_input=port in context.graph.inputs)}"
    return PortView(index, note, element.c_type, value.type.size, value.type.size * element.bytes, f"{kind}{index}")


def _states(context: Context) -> tuple[StateView, ...]:
    views: list[tuple[int, StateView]] = []
    for name, state in context.graph.states.items():
        element = context.element_at(state_value(context.graph, name), name)
        field, size = context.state_names.name(name), state.type.size * element.bytes
        first = state.initial[0]
        if len(set(state.initial)) == 1 and (first == 0 or element.bytes == 1):
            reset = f"(void)memset(state->{field}, {first & 0xFF}, {size});"
        else:
            data = np.broadcast_to(np.array(state.initial, np.int64), (state.type.size,))
            table = context.pool.add(name, "initial", element.c_type, data, f"state '{comment(name)}' at reset")
            reset = f"(void)memcpy(state->{field}, {table}, {size});"
        views.append((element.bytes, StateView(field, element.c_type, state.type.size, comment(name), reset)))
    return tuple(view for _, view in sorted(views, key=lambda entry: -entry[0]))


def _table(table: Table) -> TableView:
    return TableView(table.note, table.c_type, table.name, int(table.data.size), array_lines(table.data))


def _sample(context: Context, index: int, vector: Vector) -> SampleView:
    def array(port: Port, kind: str, number: int) -> TableView:
        data: IntArray = vector.values[port.value].ravel() if port.value in vector.values else _constant(context, port)
        element = context.element_at(port.value, context.graph.name)
        name = f"{kind}_{index}_{number}"
        return TableView(comment(port.name), element.c_type, name, int(data.size), array_lines(data))

    return SampleView(
        tuple(array(port, "input", i) for i, port in enumerate(context.graph.inputs)),
        tuple(array(port, "expected", i) for i, port in enumerate(context.graph.outputs)),
    )


def _constant(context: Context, port: Port) -> IntArray:
    data = context.value(port.value).data
    assert data is not None
    return data.ravel()


def _guard(has_state: bool) -> str:
    """The condition under which the model runs: no pointer is NULL, and the arena is aligned."""
    names = ["state"] if has_state else []
    names += ["inputs", "outputs", "arena"]
    return guard([*(f"({name} != NULL)" for name in names), "(((uintptr_t)arena & 3U) == 0U)"])


def _unused(storage: Storage) -> tuple[str, ...]:
    """Parameters of the layers' function that no call names."""
    read = {storage.places[name].memory for layer in storage.steps if layer.function for name in layer.inputs}
    return () if Memory.INPUT in read else ("inputs",)


def _cost(context: Context, layer: Layer) -> CostView:
    named = {field.text for field in layer.struct.fields} if layer.struct is not None else {""}
    constants = sum(table.bytes for table in context.pool.tables if table.name in named)
    note = layer_note(layer, context.graph).split(": ")[0].replace("|", "_").replace("`", "'")
    value = context.graph.values.get(layer.output)
    return CostView(
        note, layer.function, str(value.type) if value else "", _thousands(layer.macs), _thousands(constants)
    )


def _arena_note(storage: Storage) -> str:
    made = storage.plan
    if made.optimal:
        return "no plan is smaller"
    return f"no plan is below {made.lower_bound_bytes} bytes"


def _words(size: int) -> int:
    return (size + 3) >> 2


def _thousands(number: int) -> str:
    return f"{number:,}"
