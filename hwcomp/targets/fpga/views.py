"""What the templates print: strings and numbers, ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetView:
    """A stream's nets. range: `[7:0]`; note: what it carries."""

    name: str
    range: str
    note: str


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """`.port(net)` of an instance; comma: "," but after the last."""

    port: str
    net: str
    comma: str


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance. heading: a comment line where a layer begins, "" elsewhere."""

    heading: str
    module: str
    name: str
    parameters: tuple[ConnectionView, ...]
    connections: tuple[ConnectionView, ...]


@dataclass(frozen=True, slots=True)
class EdgeView:
    """An input or output of the design.

    name: of the ports; stream: its nets in the core; index: among its kind; bytes: of a beat on AXI4-Stream; range: of
    the core's data, axis_range: of AXI4-Stream's, axis_width its bits; width, lanes, beats: of the stream; signed: 0
    or 1; seed: of its stalls; note: for people.
    """

    name: str
    stream: str
    index: int
    width: int
    lanes: int
    beats: int
    signed: int
    bits: int
    bytes: int
    axis_width: int
    range: str
    axis_range: str
    seed: int
    note: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """A stream whose beats the bench compares. index: its number in messages; path: of its nets; name: of its file."""

    index: int
    name: str
    path: str
    width: int
    beats: int


@dataclass(frozen=True, slots=True)
class KernelRow:
    """What another kernel of a layer would take. note: whether it is too slow."""

    kernel: str
    note: str
    interval: str
    lut: str
    ff: str
    dsp: str
    bram: str
    interval_cycles: int
    estimate: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A line of the README's table. rate: MACs a multiplier and clock; instances: of the core, by name."""

    what: str
    kernel: str
    fold: str
    interval: str
    rate: str
    lut: str
    ff: str
    dsp: str
    bram: str
    estimate: Mapping[str, int]
    instances: tuple[str, ...]
    others: tuple[KernelRow, ...]


@dataclass(frozen=True, slots=True)
class AlternativeView:
    """Another folding that the solver knows."""

    interval: str
    fps: str
    latency: str
    lut: str
    ff: str
    dsp: str
    bram: str
    note: str


@dataclass(frozen=True, slots=True)
class RegisterView:
    """A register of the AXI4-Lite port. address: in C; offset: in IP-XACT; access: IP-XACT's word for it."""

    name: str
    address: str
    offset: str
    access: str
    note: str


@dataclass(frozen=True, slots=True)
class PortMapView:
    """A signal of a bus by its name in the standard and on the top level."""

    logical: str
    physical: str


@dataclass(frozen=True, slots=True)
class BusView:
    """A bus interface for IP-XACT. role: "master" or "slave"; memory_map: the registers that it reaches, or ""."""

    name: str
    family: str
    type: str
    role: str
    ports: tuple[PortMapView, ...]
    memory_map: str = ""


@dataclass(frozen=True, slots=True)
class TopPortView:
    """A port of the top level. msb: of a vector, "" for one wire."""

    name: str
    direction: str
    msb: str


@dataclass(frozen=True, slots=True)
class LoadRow:
    """A RAM that is loaded. what: its layer and constants; writes: to LOAD_DATA."""

    target: int
    what: str
    depth: int
    width: int
    writes: int


@dataclass(frozen=True, slots=True)
class DesignView:
    """Everything the templates print of one design.

    free: streams whose source never waits; wires: nets of one bit; reset: the net that resets, the pin or, with
    has_reset_sync, what a synchroniser makes of it; must_load: the RAMs are empty at power-up.
    """

    name: str
    upper: str
    title: str
    banner: tuple[str, ...]
    command: str
    version: str
    reference: str
    policy: str
    nets: tuple[NetView, ...]
    free: tuple[str, ...]
    wires: tuple[str, ...]
    instances: tuple[InstanceView, ...]
    inputs: tuple[EdgeView, ...]
    outputs: tuple[EdgeView, ...]
    unread: tuple[str, ...]
    checks: tuple[CheckView, ...]
    sources: tuple[str, ...]
    memories: tuple[str, ...]
    layers: tuple[LayerRow, ...]
    alternatives: tuple[AlternativeView, ...]
    check_count: int
    input_count: int
    output_count: int
    build_id: str
    build_c: str
    source_paths: tuple[str, ...]
    description: str
    package_version: str
    registers: tuple[RegisterView, ...]
    register_bytes: int
    buses: tuple[BusView, ...]
    top_ports: tuple[TopPortView, ...]
    banner_xml: tuple[str, ...]
    cocotb_inputs: tuple[str, ...]
    cocotb_outputs: tuple[str, ...]
    xilinx_part: str
    in_stall: str
    out_stall: str
    in_error: str
    unused_frames: str
    last_output: int
    frames: int
    interval: int
    interval_text: str
    latency: int
    latency_text: str
    watchdog: int
    clock_mhz: int
    clock_period_ns: str
    fps: str
    board_title: str
    board_part: str
    synth_command: str
    can_place: bool
    lut: str
    ff: str
    dsp: str
    bram: str
    rate: str
    accuracy: str
    proof_note: str
    recheck: str
    loads: tuple[LoadRow, ...]
    shape_id: str
    shape_c: str
    load_writes: tuple[str, ...]
    load_count: int
    reset: str = "aresetn"
    has_reset_sync: bool = False
    must_load: bool = False
