"""What the templates print: strings and numbers, ready."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.targets.fpga.views import DesignView


@dataclass(frozen=True, slots=True)
class MemberView:
    """A parameter of a module: `static constexpr type name = value`; is_type: a `typedef value name`."""

    name: str
    type: str
    value: str
    is_type: bool


@dataclass(frozen=True, slots=True)
class ConfigView:
    """The struct of an instance. note: what it is."""

    name: str
    note: str
    members: tuple[MemberView, ...]


@dataclass(frozen=True, slots=True)
class SumsView:
    """The struct of an adder graph. what: in words; lines: statements from beat x to beat y."""

    name: str
    what: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArrayView:
    """An array of constants, or of what is loaded. prefix: `static const` or `static`; fields in `words` rows."""

    name: str
    prefix: str
    type: str
    words: int
    fields: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateView:
    """A frame that is kept between inferences. type: of a beat; call: what brings the next one to its place."""

    kept: str
    next: str
    type: str
    beats: int
    lines: tuple[str, ...]
    call: str


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A stream inside of the design. note: the value it carries."""

    name: str
    type: str
    depth: int
    note: str


@dataclass(frozen=True, slots=True)
class TapView:
    """A stream that the bench looks at. index: its number in messages."""

    index: int
    stream: str
    beats: int


@dataclass(frozen=True, slots=True)
class CallView:
    """A process. heading: a comment line where a layer begins; taps: of the streams it writes."""

    heading: str
    text: str
    taps: tuple[TapView, ...]


@dataclass(frozen=True, slots=True)
class PortView:
    """An input or output. name: of the AXI4-Stream argument; stream: inside; error: the argument of an input's check.

    config: its struct; axis_bits: of the data of a beat; bits: of an element on the edge; element: its C++ type; file:
    of the bench; origin: the number of the stream that it is among those that the bench compares.
    """

    name: str
    stream: str
    error: str
    config: str
    axis_bits: int
    bits: int
    lanes: int
    beats: int
    element: str
    file: str
    origin: int
    note: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """A stream that the bench compares."""

    index: int
    name: str
    width: int
    lanes: int
    beats: int
    signed: str
    comma: str


@dataclass(frozen=True, slots=True)
class HlsView:
    """Everything the templates print. design: of the fpga target; is_split: the top level has more than dataflow."""

    design: DesignView
    name: str
    guard: str
    part: str
    sums: tuple[SumsView, ...]
    configs: tuple[ConfigView, ...]
    arrays: tuple[ArrayView, ...]
    states: tuple[StateView, ...]
    channels: tuple[ChannelView, ...]
    calls: tuple[CallView, ...]
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    checks: tuple[CheckView, ...]
    arguments: tuple[str, ...]
    core_arguments: tuple[str, ...]
    core_values: tuple[str, ...]
    loads: tuple[str, ...]
    load_count: int
    is_split: bool
