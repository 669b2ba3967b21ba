"""What the templates of templates/mcu/ print: frozen records of strings and numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PortView:
    """An input or output of the model. note: name, type, shape, range, quantiser, as one line for a comment."""

    index: int
    note: str
    c_type: str
    elements: int
    bytes: int
    macro: str


@dataclass(frozen=True, slots=True)
class StateView:
    """A state. reset: the statement that fills it."""

    name: str
    c_type: str
    elements: int
    note: str
    reset: str


@dataclass(frozen=True, slots=True)
class StructView:
    """The constant of a layer; fields: the initialisers, a line each."""

    note: str
    c_type: str
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """A layer of the run function. calls: whole statements, indented, with the traces of what they made."""

    note: str
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """A constant array; lines: its elements."""

    note: str
    c_type: str
    name: str
    elements: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CostView:
    """A row of the README's table, ready to print."""

    layer: str
    kernel: str
    output: str
    macs: str
    constants: str


@dataclass(frozen=True, slots=True)
class SampleView:
    """A vector of the self-test: one array of bytes or integers for each port."""

    inputs: tuple[TableView, ...]
    outputs: tuple[TableView, ...]


@dataclass(frozen=True, slots=True)
class ModelView:
    """Everything about a bundle. `name` is the prefix of its C interface, `upper` the same for constants."""

    name: str
    upper: str
    title: str
    banner: tuple[str, ...]
    command: str
    version: str
    package_version: str
    reference: str
    policy: str
    is_generic: bool
    build_type: str
    run_prototype: str
    run_head: str
    trace_typedef: str
    traced_prototype: str
    traced_head: str
    layers_head: str
    checked_head: str
    state_argument: str
    state_reference: str
    input_count: int
    output_count: int
    sample_count: int
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    states: tuple[StateView, ...]
    arena_bytes: int
    arena_words: int
    state_bytes: int
    selftest_bytes: int
    selftest_words: int
    structs: tuple[StructView, ...]
    steps: tuple[StepView, ...]
    tables: tuple[TableView, ...]
    samples: tuple[SampleView, ...]
    guard: str
    unused: tuple[str, ...]
    uses_memory: bool
    costs: tuple[CostView, ...]
    macs: str
    constant_bytes: str
    weight_bytes: str
    arena_note: str
    proof_note: str
    generated: tuple[str, ...]
    kernels: tuple[str, ...]
    recheck: str
