"""What the templates print, from a design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwcomp.ir.graph import Graph
from hwcomp.ir.graph import Port as GraphPort
from hwcomp.support.naming import Namer, comment, package_version
from hwcomp.targets.base import EmitInfo
from hwcomp.targets.bundle import rechecking
from hwcomp.targets.bundle.border import meaning_of
from hwcomp.targets.bundle.certificates import proof_note
from hwcomp.targets.dataflow.boards import DEVICES, Board, Device
from hwcomp.targets.dataflow.design import Design
from hwcomp.targets.dataflow.estimate.calibration import accuracy_note
from hwcomp.targets.dataflow.estimate.cost import Family
from hwcomp.targets.dataflow.loading import LoadedMemory, Loading
from hwcomp.targets.dataflow.modules.spec import Parameter
from hwcomp.targets.dataflow.network import Direction, Edge, Instance, Network, Stream, origin_of
from hwcomp.targets.fpga.layer_view import layer_rows, rate_text, thousands
from hwcomp.targets.fpga.load_view import LOAD_PORTS, load_lines, load_rows, target_parameter
from hwcomp.targets.fpga.package_view import REGISTER_BYTES, buses, registers, top_ports
from hwcomp.targets.fpga.views import (
    AlternativeView,
    CheckView,
    ConnectionView,
    DesignView,
    EdgeView,
    InstanceView,
    NetView,
)

_WATCHDOG_INTERVALS = 8
_WATCHDOG_LEAST = 20000


def design_view(
    design: Design,
    graph: Graph,
    info: EmitInfo,
    sources: Sequence[str],
    frames: int,
    loading: Loading | None = None,
    made: Sequence[str] = (),
) -> DesignView:
    """The view of a whole bundle; `sources` are the files of rtl/lib, `made` the paths of those made for the design;
    `loading` where constants are loaded."""
    network, name = design.network, design.network.name
    edge_names = Namer((name, "aclk", "aresetn", "clk_i", "rst_ni"))
    inputs = tuple(_edge(network, graph.inputs[i], e, i, graph, edge_names) for i, e in enumerate(network.inputs))
    outputs = tuple(_edge(network, graph.outputs[i], e, i, graph, edge_names) for i, e in enumerate(network.outputs))
    checks = check_views(network)
    interval = design.schedule.interval
    shape_id = 0 if loading is None else loading.shape_id
    writes = load_lines(loading)
    memories = tuple(f"mem/{m.name}.hex" for instance in network.instances for m in instance.memories)
    return DesignView(
        name=name,
        upper=name.upper(),
        title=comment(info.model_name),
        banner=_banner(info),
        command=comment(info.command),
        version=info.version,
        reference=info.reference,
        policy=info.policy,
        nets=tuple(_net(s) for s in network.streams.values()),
        free=tuple(s.name for s in network.streams.values() if s.is_free),
        wires=tuple(dict.fromkeys(net for i in network.instances for _, net in i.wires)),
        instances=_instances(network, graph, {} if loading is None else loading.targets()),
        inputs=inputs,
        outputs=outputs,
        unread=network.unread(),
        checks=checks,
        sources=tuple(sources),
        memories=memories,
        layers=layer_rows(design, graph),
        alternatives=tuple(
            AlternativeView(
                thousands(n.trial.interval),
                thousands(design.clock_mhz * 1_000_000 // max(n.trial.interval, 1)),
                thousands(n.trial.schedule.latency),
                thousands(n.trial.cost.lut),
                thousands(n.trial.cost.ff),
                thousands(n.trial.cost.dsp),
                thousands(n.trial.cost.bram),
                n.kind if n.fits else f"{n.kind}, does not fit",
            )
            for n in design.neighbours
        ),
        check_count=len(checks),
        input_count=len(inputs),
        output_count=len(outputs),
        last_output=len(outputs) - 1,
        build_id=f"32'h{info.model_sha256[:8]}",
        build_c=f"0x{info.model_sha256[:8]}u",
        source_paths=(*(f"rtl/lib/{file}" for file in sources), *made, f"rtl/{name}_core.sv", f"rtl/{name}_top.sv"),
        description=comment(info.model_name, 60).replace("'", ""),
        package_version=package_version(info.version),
        registers=registers(loading is not None),
        register_bytes=REGISTER_BYTES,
        buses=buses(inputs, outputs),
        top_ports=top_ports(inputs, outputs),
        banner_xml=tuple(line.replace("--", "- -") for line in _banner(info)),
        cocotb_inputs=tuple(f'("{p.name}", "in{p.index}", {p.beats})' for p in inputs),
        cocotb_outputs=tuple(
            f'("{p.name}", "{origin_of(network, p.stream)}", {p.beats}, ({p.lanes}, {p.bits}, {bool(p.signed)}))'
            for p in outputs
        ),
        xilinx_part=_xilinx_part(design.device),
        in_stall=" || ".join(f"(s_axis_{p.name}_tvalid && !s_axis_{p.name}_tready)" for p in inputs),
        out_stall=" || ".join(f"(m_axis_{p.name}_tvalid && !m_axis_{p.name}_tready)" for p in outputs),
        in_error=" || ".join(f"in{p.index}_error" for p in inputs),
        unused_frames=", ".join(
            [f"in{p.index}_frame" for p in inputs]
            + [f"in{p.index}_start" for p in inputs[1:]]
            + [f"out{p.index}_frame" for p in outputs[:-1]]
        ),
        frames=frames,
        interval=interval,
        interval_text=thousands(interval),
        latency=design.schedule.latency,
        latency_text=thousands(design.schedule.latency),
        watchdog=max(_WATCHDOG_LEAST, _WATCHDOG_INTERVALS * (interval + design.schedule.latency)),
        clock_mhz=design.clock_mhz,
        clock_period_ns=f"{1000 / design.clock_mhz:.3f}",
        fps=thousands(design.clock_mhz * 1_000_000 // max(interval, 1)),
        board_title=design.device.title,
        board_part=design.device.part,
        synth_command=_synth_command(design.device),
        can_place=design.device.family is Family.ECP5,
        lut=thousands(design.cost.lut),
        ff=thousands(design.cost.ff),
        dsp=thousands(design.cost.dsp),
        bram=thousands(design.cost.bram),
        rate=rate_text(design.rate),
        accuracy=accuracy_note(design.device.family),
        proof_note=proof_note(graph),
        recheck=rechecking.source(),
        loads=load_rows(loading, graph),
        shape_id=f"32'h{shape_id:08x}",
        shape_c=f"0x{shape_id:08x}u",
        load_writes=writes,
        load_count=len(writes),
    )


def check_views(network: Network) -> tuple[CheckView, ...]:
    """Every stream that carries a value of the graph."""
    carrying = [s for s in network.streams.values() if s.value]
    return tuple(CheckView(i, s.name, f"u_top.u_core.{s.name}", s.width, s.beats) for i, s in enumerate(carrying))


def _edge(network: Network, port: GraphPort, edge: Edge, index: int, graph: Graph, names: Namer) -> EdgeView:
    stream = network.streams[edge.stream]
    bits, value = stream.element.bits, graph.values[port.value]
    axis = stream.lanes * (-(-bits // 8) * 8)
    note = f"'{comment(port.name)}': {value.type}, {stream.lanes} a beat"
    if port.quantizer is not None:
        note += f", {meaning_of(port.quantizer, is_input=port in graph.inputs)}"
    return EdgeView(
        name=names.name(port.name),
        stream=stream.name,
        index=index,
        width=stream.width,
        lanes=stream.lanes,
        beats=stream.beats,
        signed=int(stream.element.signed),
        bits=bits,
        bytes=axis // 8,
        axis_width=axis,
        range=_range(stream.width),
        axis_range=_range(axis),
        seed=index + 1,
        note=note,
    )


def _net(stream: Stream) -> NetView:
    note = f"  // {comment(stream.value)}: {stream.lanes} x {stream.element}" if stream.value else ""
    return NetView(stream.name, _range(stream.width), note)


def _instances(
    network: Network, graph: Graph, loaded: Mapping[str, Sequence[LoadedMemory]]
) -> tuple[InstanceView, ...]:
    views: list[InstanceView] = []
    last = -1
    for instance in network.instances:
        heading = ""
        if instance.layer not in (-1, last):
            last = instance.layer
            op = graph.ops[last]
            heading = f"{comment(op.loc.op_type)} '{comment(op.loc.node or op.name)}': {type(op).__name__}"
        views.append(instance_view(heading, instance, loaded.get(instance.name, ()), network))
    return tuple(views)


def instance_view(heading: str, instance: Instance, loaded: Sequence[LoadedMemory], network: Network) -> InstanceView:
    """The instance; with RAMs that are loaded it is the module's form with the load port."""
    module = instance.module if instance.body is None else instance.body.name
    module = f"{module}_load" if loaded else module
    return InstanceView(
        heading, module, instance.name, _parameters(instance, loaded), _connections(instance, bool(loaded), network)
    )


def _parameters(instance: Instance, loaded: Sequence[LoadedMemory]) -> tuple[ConnectionView, ...]:
    skipped: set[str] = {"WeightStyle"} if loaded else set()
    texts = [(name, literal(value)) for name, value in instance.parameters.items() if name not in skipped]
    texts += [(target_parameter(own.memory), str(own.target)) for own in loaded]
    texts += [(m.parameter, f'"mem/{m.name}.hex"') for m in instance.memories]
    return _listed(texts)


def literal(value: Parameter) -> str:
    """A parameter's value in SystemVerilog."""
    return f'"{value}"' if isinstance(value, str) else str(value)


def _connections(instance: Instance, is_loaded: bool, network: Network) -> tuple[ConnectionView, ...]:
    texts = [("clk_i", "clk_i"), ("rst_ni", "rst_ni"), *instance.wires]
    for port in instance.ports:
        is_input = port.direction is Direction.IN
        given, taken = ("i", "o") if is_input else ("o", "i")
        is_free = is_input and network.streams[port.streams[0]].is_free
        texts.append((f"{port.prefix}_valid_{given}", _packed(port.streams, "valid")))
        texts.append((f"{port.prefix}_ready_{taken}", _packed(port.streams, "takes" if is_free else "ready")))
        texts.append((f"{port.prefix}_data_{given}", _packed(port.streams, "data")))
    if is_loaded:
        texts += [(name, name) for name in LOAD_PORTS]
    return _listed(texts)


def _packed(streams: Sequence[str], kind: str) -> str:
    """One net, or several with the first lowest."""
    nets = [f"{name}_{kind}" for name in reversed(streams)]
    return nets[0] if len(nets) == 1 else "{" + ", ".join(nets) + "}"


def _listed(texts: Sequence[tuple[str, str]]) -> tuple[ConnectionView, ...]:
    last = len(texts) - 1
    return tuple(ConnectionView(port, net, "," if i < last else "") for i, (port, net) in enumerate(texts))


def _synth_command(device: Device) -> str:
    """What Yosys runs for the device's family."""
    if device.family is Family.ECP5:
        return "synth_ecp5 -abc9"
    return f"synth_xilinx -family {device.family.value} -flatten -noiopad -noclkbuf"


def _xilinx_part(device: Device) -> str:
    """The design's own device, where it is one that Vivado knows."""
    return DEVICES[Board.ZYNQ7020].part if device.family is Family.ECP5 else device.part


def _banner(info: EmitInfo) -> tuple[str, ...]:
    return (
        f"Written by hwcomp {comment(info.version)} from {comment(info.model_name)}",
        f"(sha256 {comment(info.model_sha256)}):",
        f"{comment(info.command)}",
    )


def _range(width: int) -> str:
    return f"[{width - 1}:0]"
