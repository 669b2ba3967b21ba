"""The C interface of a bundle: what its header, its caller, its parameters and its self-test show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.graph import Port
from hwcomp.ir.types import IntArray
from hwcomp.support.manifest import TracedValue, element_type
from hwcomp.support.naming import comment
from hwcomp.targets.base import EmitInfo
from hwcomp.targets.bundle.border import meaning_of
from hwcomp.targets.bundle.vectors import Vector
from hwcomp.targets.c_text import array_lines, call, head
from hwcomp.targets.tvm.context import Context
from hwcomp.targets.tvm.kernel import Kernel
from hwcomp.targets.tvm.script import Reference, reference_to, references_of
from hwcomp.targets.tvm.storage import Layout

_WORDS_A_LINE = 4
_SAMPLES = 2


@dataclass(frozen=True, slots=True)
class PortView:
    """An input or output. macro: INPUT0; note: name, type, range, quantiser."""

    index: int
    macro: str
    note: str
    c_type: str
    elements: int
    bytes: int


@dataclass(frozen=True, slots=True)
class TraceView:
    """A value to show: its bytes `bytes` at `place`. is_biased: each is stored with its top bit turned."""

    place: str
    index: int
    bytes: int
    is_biased: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """A call as a statement, "" of a view, and what is known after it."""

    call: str
    traces: tuple[TraceView, ...]


@dataclass(frozen=True, slots=True)
class ArrayView:
    """A constant array of C, of port `index`."""

    index: int
    name: str
    c_type: str
    elements: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampleView:
    """One run of the self-test. number: from 1."""

    number: int
    inputs: tuple[ArrayView, ...]
    outputs: tuple[ArrayView, ...]


@dataclass(frozen=True, slots=True)
class InterfaceView:
    """What the C templates show. *_head: the head of a function that is defined; prototype: of one that is declared."""

    banner: tuple[str, ...]
    title: str
    name: str
    upper: str
    input_count: int
    output_count: int
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    arena_bytes: int
    state_bytes: int
    state_words: int
    state_argument: str
    params_words: int
    params_lines: tuple[str, ...]
    run_prototype: str
    run_head: str
    traced_prototype: str
    traced_head: str
    guards: tuple[str, ...]
    inference_prototype: str
    prototypes: tuple[str, ...]
    inference_call: str
    steps: tuple[StepView, ...]
    is_biased: bool
    samples: tuple[SampleView, ...]


def interface_view(
    name: str,
    context: Context,
    layout: Layout,
    traced: Sequence[TracedValue],
    vectors: Sequence[Vector],
    info: EmitInfo,
) -> InterfaceView:
    """The view of a model whose places are known."""
    graph = context.graph
    inputs = tuple(_port(context, port, i, "INPUT") for i, port in enumerate(graph.inputs))
    outputs = tuple(_port(context, port, i, "OUTPUT") for i, port in enumerate(graph.outputs))
    steps = _steps(name, context, layout, traced)
    words = np.frombuffer(layout.parameters + bytes(-len(layout.parameters) % 8) or bytes(8), "<u8")
    state = [f"{name}_state_t *state"] if layout.state_bytes else []
    parameters = [*state, "const void *const inputs[]", "void *const outputs[]", "void *arena"]
    tracing = [*parameters, f"{name}_trace_t trace", "void *context"]
    memory = [f"{name}_params", "state" if state else "NULL", "arena"]
    ports = [f"inputs[{p.index}]" for p in inputs] + [f"outputs[{p.index}]" for p in outputs]
    return InterfaceView(
        banner=(
            f"Written by hwcomp {comment(info.version)} from {comment(info.model_name)}",
            f"(sha256 {comment(info.model_sha256)}):",
            comment(info.command),
        ),
        title=comment(graph.name),
        name=name,
        upper=name.upper(),
        input_count=len(inputs),
        output_count=len(outputs),
        inputs=inputs,
        outputs=outputs,
        arena_bytes=layout.storage.arena_bytes,
        state_bytes=layout.state_bytes,
        state_words=(layout.state_bytes + 7) // 8,
        state_argument="state, " if state else "",
        params_words=len(words),
        params_lines=tuple(_word_lines(words)),
        run_prototype=head(f"int {name}_run", parameters, ";"),
        run_head=head(f"int {name}_run", parameters, " {"),
        traced_prototype=head(f"int {name}_run_traced", tracing, ";"),
        traced_head=head(f"int {name}_run_traced", tracing, " {"),
        guards=tuple((["state"] if state else []) + ["inputs", "outputs", "arena"]),
        inference_prototype=head(
            f"int32_t {name}_inference",
            [*["const void *"] * len(inputs), *["void *"] * len(outputs), "const void *", "void *", "void *"],
            ";",
        ),
        prototypes=_prototypes(name, layout.storage.steps),
        inference_call=call(f"return (int){name}_inference", [*ports, *memory]),
        steps=steps,
        is_biased=any(trace.is_biased for step in steps for trace in step.traces),
        samples=tuple(_sample(context, i, vector) for i, vector in enumerate(vectors[:_SAMPLES])),
    )


def _port(context: Context, port: Port, index: int, kind: str) -> PortView:
    value = context.value(port.value)
    element = element_type(str(value.type.dtype))
    note = f"'{comment(port.name)}': {value.type}, {value.range.collapsed()}"
    if port.quantizer is not None:
        note += f", {meaning_of(port.quantizer, is_input=port in context.graph.inputs)}"
    size = int(value.type.size)
    return PortView(index, f"{kind}{index}", note, f"{element.storage}_t", size, size * element.bytes)


def _word_lines(words: np.ndarray) -> list[str]:
    texts = [f"0x{word:016x}ULL" for word in words.tolist()]
    return [f"    {', '.join(texts[i : i + _WORDS_A_LINE])}," for i in range(0, len(texts), _WORDS_A_LINE)]


def _prototypes(name: str, steps: Sequence[Kernel]) -> tuple[str, ...]:
    """Of the kernels, for the traced run."""
    made: list[str] = []
    for kernel in steps:
        if kernel.function:
            kinds = ["const void *"] * (len(kernel.sources) + len(kernel.constants))
            kinds += ["void *"] * (len(kernel.results) + len(kernel.work))
            made.append(head(f"int32_t {name}_{kernel.function}", kinds, ";"))
    return tuple(dict.fromkeys(made))


def _steps(name: str, context: Context, layout: Layout, traced: Sequence[TracedValue]) -> tuple[StepView, ...]:
    known = {value.name: value for value in traced}
    steps: list[StepView] = []
    for number, kernel in enumerate(layout.storage.steps):
        text = ""
        if kernel.function:
            given = [_pointer(name, reference) for reference in references_of(layout, number)]
            text = call(f"(void){name}_{kernel.function}", given)
        traces: list[TraceView] = []
        for output in () if kernel.is_state_write or kernel.op is None else kernel.outputs:
            value = known[output]
            place = _pointer(name, reference_to(layout, output))
            traces.append(TraceView(place, value.index, value.bytes, output in context.unsigned))
        steps.append(StepView(text, tuple(traces)))
    return tuple(steps)


def _pointer(name: str, reference: Reference) -> str:
    kind, index = reference
    if kind in ("input", "output"):
        return f"{kind}s[{index}]"
    base = f"(const uint8_t *){name}_params" if kind == "params" else f"(uint8_t *){kind}"
    return f"{base} + {index}" if index else base


def _sample(context: Context, index: int, vector: Vector) -> SampleView:
    def array(port: Port, kind: str, number: int) -> ArrayView:
        constant = context.value(port.value).data
        data: IntArray = np.asarray(vector.values[port.value] if constant is None else constant).ravel()
        c_type = f"{element_type(str(context.value(port.value).type.dtype)).storage}_t"
        return ArrayView(number, f"{kind}_{index}_{number}", c_type, int(data.size), array_lines(data))

    return SampleView(
        index + 1,
        tuple(array(port, "input", i) for i, port in enumerate(context.graph.inputs)),
        tuple(array(port, "expected", i) for i, port in enumerate(context.graph.outputs)),
    )
