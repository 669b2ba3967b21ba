"""What the templates print, from a design."""

from __future__ import annotations

from collections.abc import Mapping

from hwcomp.ir.graph import Graph
from hwcomp.ir.types import IntType
from hwcomp.support.naming import Namer, comment
from hwcomp.targets.dataflow.loading import Loading
from hwcomp.targets.dataflow.modules.control import Register
from hwcomp.targets.dataflow.network import Instance, Network, Stream, origin_of
from hwcomp.targets.fpga.views import DesignView, EdgeView
from hwcomp.targets.hls.adder_sums import sums_view
from hwcomp.targets.hls.functions import FUNCTIONS, Arguments, parameters_of
from hwcomp.targets.hls.memories import Array, array_of, row_lines
from hwcomp.targets.hls.processes import Dataflow, Process, State
from hwcomp.targets.hls.views import (
    ArrayView,
    CallView,
    ChannelView,
    CheckView,
    ConfigView,
    HlsView,
    MemberView,
    PortView,
    StateView,
    TapView,
)


def hls_view(
    flow: Dataflow, whole: Network, graph: Graph, design: DesignView, loading: Loading | None, part: str
) -> HlsView:
    """The view of a bundle. whole: the network with its FIFOs; design: what the fpga target says of it."""
    name, network = design.name, flow.network
    names = _stream_names(network, design, flow)
    inputs = tuple(_port(e, names[network.inputs[e.index].stream], "s_axis", whole, design) for e in design.inputs)
    outputs = tuple(_port(e, names[network.outputs[e.index].stream], "m_axis", whole, design) for e in design.outputs)
    loaded = {} if loading is None else {m.memory.name: m.target for m in loading.memories}
    arrays = {m.name: array_of(i, m, network) for i in network.instances for m in i.memories if not _is_state(i)}
    indices = {check.name: check.index for check in design.checks}
    space = f"{name}_design"
    texts = _Texts(flow, graph, space, names, indices)
    loads = sorted((target, memory) for memory, target in loaded.items())
    streams = tuple(f"{p.name}" for p in (*inputs, *outputs))
    errors = tuple(p.error for p in inputs)
    arguments = _arguments(inputs, outputs)
    return HlsView(
        design=design,
        name=name,
        guard=f"{name.upper()}_HPP",
        part=part,
        sums=tuple(sums_view(i) for i in network.instances if i.body is not None),
        configs=(
            *(c for process in flow.processes for c in _config(process, network)),
            *(_sink_config(network, stream) for stream in network.unread()),
            *(_edge_config(port) for port in (*inputs, *outputs)),
            *(_load_config(arrays[memory]) for _, memory in loads),
        ),
        arrays=tuple(_array(array, is_loaded=array.name in loaded) for array in arrays.values()),
        states=tuple(_state(state, network, name) for state in flow.states),
        channels=tuple(_channel(s, names[s.name], flow.depths[s.name]) for s in network.streams.values()),
        calls=texts.calls(inputs, outputs),
        inputs=inputs,
        outputs=outputs,
        checks=_checks(design, whole),
        arguments=(*arguments, *_load_arguments(loading)),
        core_arguments=arguments,
        core_values=(*streams, *errors),
        loads=tuple(f"hwc::load<{space}::load_{memory}>(s_axis_load, {space}::{memory})" for _, memory in loads),
        load_count=0 if loading is None else sum(address != Register.LOAD_TARGET for address, _ in loading.image()),
        is_split=bool(flow.states) or loading is not None,
    )  # fmt: skip


def _is_state(instance: Instance) -> bool:
    return instance.module == "hwc_state" and bool(instance.inputs)


def _arguments(inputs: tuple[PortView, ...], outputs: tuple[PortView, ...]) -> tuple[str, ...]:
    return (
        *(f"hwc::stream<hwc::axis<{p.axis_bits}>>& {p.name}" for p in (*inputs, *outputs)),
        *(f"hwc::uint<1>& {p.error}" for p in inputs),
    )


def _load_arguments(loading: Loading | None) -> tuple[str, ...]:
    if loading is None:
        return ()
    return ("hwc::uint<1> load", "hwc::stream<hwc::axis<32>>& s_axis_load", "hwc::uint<1>& refused")


def _stream_names(network: Network, design: DesignView, flow: Dataflow) -> dict[str, str]:
    """Identifiers of the streams: their own, unless an argument or a state has it."""
    edges = [f"{prefix}_{e.name}" for prefix, edges in (("s_axis", design.inputs), ("m_axis", design.outputs))
             for e in edges]  # fmt: skip
    errors = [f"error_{e.name}" for e in design.inputs]
    states = [name for state in flow.states for name in (state.kept, state.next)]
    own = (design.name, "load", "refused", "s_axis_load", "hwc")
    names = Namer((*edges, *errors, *states, *own))
    return {stream: names.name(stream) for stream in network.streams}


def _port(edge: EdgeView, stream: str, prefix: str, whole: Network, design: DesignView) -> PortView:
    """`stream`: inside of the design; `whole`: with its FIFOs."""
    element, origin = whole.streams[edge.stream].element, origin_of(whole, edge.stream)
    return PortView(
        name=f"{prefix}_{edge.name}",
        stream=stream,
        error=f"error_{edge.name}",
        config=f"edge_{prefix}_{edge.name}",
        axis_bits=edge.axis_width,
        bits=edge.axis_width // edge.lanes,
        lanes=edge.lanes,
        beats=edge.beats,
        element=type_of(element),
        file=f"{'in' if prefix == 's_axis' else 'out'}{edge.index}",
        origin=next(check.index for check in design.checks if check.name == origin),
        note=edge.note,
    )


def type_of(element: IntType) -> str:
    """An element in C++."""
    return f"hwc::{'sint' if element.signed else 'uint'}<{element.bits}>"


def beat_of(stream: Stream) -> str:
    """A beat of a stream in C++."""
    return f"hwc::beat<{type_of(stream.element)}, {stream.lanes}>"


def _channel(stream: Stream, name: str, depth: int) -> ChannelView:
    note = f"  // {comment(stream.value)}" if stream.value else ""
    return ChannelView(name, f"hwc::stream<{beat_of(stream)}>", depth, note)


def _state(state: State, network: Network, name: str) -> StateView:
    """A beat is a struct of an array: one more pair of braces than a row."""
    rows = array_of(state.instance, state.initial, network).make()
    lines = tuple(f"{{{row_lines([row])[0][:-1]}}}," for row in rows)
    call = f"hwc::state_keep<{name}_design::{state.instance.name}>({state.kept}, {state.next})"
    return StateView(state.kept, state.next, beat_of(state.like), state.like.beats, lines, call)


def _array(array: Array, *, is_loaded: bool) -> ArrayView:
    prefix = "static" if is_loaded else "static const"
    return ArrayView(array.name, prefix, array.element, array.words, array.fields, tuple(row_lines(array.make())))


def _config(process: Process, network: Network) -> tuple[ConfigView, ...]:
    instance = process.instance
    if process.kind == "state_write":
        return ()  # the reader's
    members = parameters_of(instance, network)
    return (ConfigView(instance.name, instance.module, tuple(_member(n, v) for n, v in members.items())),)


def _member(name: str, value: str) -> MemberView:
    if value.endswith(">") or name == "Sums":
        return MemberView(name, "", value, True)
    return MemberView(name, "long long" if value.endswith("LL") else "int", value, False)


def _sink_config(network: Network, stream: str) -> ConfigView:
    return ConfigView(f"sink_{stream}", "sink", (_member("InBeats", str(network.streams[stream].beats)),))


def _edge_config(port: PortView) -> ConfigView:
    fields = {"Lanes": port.lanes, "Bits": port.bits, "Beats": port.beats}
    return ConfigView(port.config, "edge", tuple(_member(n, str(v)) for n, v in fields.items()))


def _load_config(array: Array) -> ConfigView:
    fields = {"Words": array.words, "Fields": array.fields, "Bits": array.bits, "Signed": int(array.signed)}
    return ConfigView(f"load_{array.name}", "load", tuple(_member(n, str(v)) for n, v in fields.items()))


def _checks(design: DesignView, whole: Network) -> tuple[CheckView, ...]:
    last = len(design.checks) - 1
    made: list[CheckView] = []
    for check in design.checks:
        stream = whole.streams[check.name]
        element = stream.element
        signed = str(element.signed).lower()
        comma = "," if check.index < last else ""
        made.append(CheckView(check.index, check.name, element.bits, stream.lanes, stream.beats, signed, comma))
    return tuple(made)


class _Texts:
    """The calls of a design, in order."""

    def __init__(
        self, flow: Dataflow, graph: Graph, space: str, names: Mapping[str, str], indices: Mapping[str, int]
    ) -> None:
        self.flow, self.graph, self.space = flow, graph, space
        self.names, self.indices = names, indices
        self.layer = -1

    def calls(self, inputs: tuple[PortView, ...], outputs: tuple[PortView, ...]) -> tuple[CallView, ...]:
        """Edges, processes, sinks."""
        network = self.flow.network
        made = [
            CallView("", f"hwc::axis_in<{self.space}::{p.config}>({p.name}, {p.stream}, {p.error})", self._taps((s,)))
            for p, s in zip(inputs, (edge.stream for edge in network.inputs), strict=True)
        ]
        made += [self._call(process) for process in self.flow.processes]
        made += [CallView("", f"hwc::sink<{self.space}::sink_{s}>({self.names[s]})", ()) for s in network.unread()]
        made += [CallView("", f"hwc::axis_out<{self.space}::{p.config}>({p.stream}, {p.name})", ()) for p in outputs]
        return tuple(made)

    def _call(self, process: Process) -> CallView:
        instance = process.instance
        config = f"{self.space}::{instance.name}"
        if process.kind == "state_write":
            written = self.names[instance.inputs[0]]
            return CallView("", f"hwc::state_write<{config}>({written}, {_state_name(instance)}_next)", ())
        heading = self._heading(instance)
        taps = self._taps(instance.outputs)
        first = self.names[instance.outputs[0]] if instance.outputs else ""
        if process.kind == "state_read":
            return CallView(heading, f"hwc::state_read<{config}>({_state_name(instance)}_kept, {first})", taps)
        arrays = {m.parameter: f"{self.space}::{m.name}" for m in instance.memories}
        if process.kind == "constant":
            return CallView(heading, f"hwc::constant<{config}>({first}, {arrays['InitFile']})", taps)
        function = FUNCTIONS[instance.module]
        inputs, outputs = (tuple(self.names[s] for s in streams) for streams in (instance.inputs, instance.outputs))
        given = ", ".join(function.arguments(Arguments(inputs, outputs, arrays)))
        return CallView(heading, f"hwc::{function.name}<{config}>({given})", taps)

    def _heading(self, instance: Instance) -> str:
        if instance.layer in (-1, self.layer):
            return ""
        self.layer = instance.layer
        op = self.graph.ops[self.layer]
        return f"{comment(op.loc.op_type)} '{comment(op.loc.node or op.name)}': {type(op).__name__}"

    def _taps(self, streams: tuple[str, ...]) -> tuple[TapView, ...]:
        beats = {s: self.flow.network.streams[s].beats for s in streams if s in self.indices}
        return tuple(TapView(self.indices[s], self.names[s], count) for s, count in beats.items())


def _state_name(instance: Instance) -> str:
    return instance.name.removeprefix("u_")
