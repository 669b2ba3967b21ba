"""A network as processes and channels: FIFOs are depths, states live between frames, constants are arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwcomp.targets.dataflow.network import Direction, Instance, Memory, Network, Stream, StreamPort

_PLAIN_DEPTH = 2
_FIFOS = {"hwc_fifo": "Depth", "hwc_stream_reg": ""}


@dataclass(frozen=True, slots=True)
class State:
    """A frame that is kept. kept, next: the arrays; initial: what it starts with; like: the stream it is read as."""

    kept: str
    next: str
    initial: Memory
    instance: Instance
    like: Stream


@dataclass(frozen=True, slots=True)
class Process:
    """One call. kind: "module", "constant", "sink", "state_read" or "state_write"."""

    kind: str
    instance: Instance


@dataclass(frozen=True, slots=True)
class Dataflow:
    """network: without FIFOs; depths: of its streams; processes in an order in which each finds its inputs written."""

    network: Network
    depths: dict[str, int]
    processes: tuple[Process, ...]
    states: tuple[State, ...]


def dataflow_of(network: Network) -> Dataflow:
    """The network for HLS."""
    plain, depths = _without_fifos(network)
    plain = _without_refills(plain)
    depths = {name: depths.get(name, _PLAIN_DEPTH) for name in plain.streams}
    for instance in plain.instances:
        if instance.inputs:
            depths[instance.inputs[0]] += _held_beats(instance)
    states = tuple(_state(i, plain) for i in plain.instances if i.module == "hwc_state" and i.inputs)
    return Dataflow(plain, depths, _ordered(plain), states)


def _without_fifos(network: Network) -> tuple[Network, dict[str, int]]:
    """FIFOs joined with the streams that fill them, and the depth of each of these."""
    source: dict[str, str] = {}
    depths: dict[str, int] = {}
    for instance in network.instances:
        if instance.module in _FIFOS:
            root = source.get(instance.inputs[0], instance.inputs[0])
            source[instance.outputs[0]] = root
            depth = instance.number(_FIFOS[instance.module]) if _FIFOS[instance.module] else _PLAIN_DEPTH
            depths[root] = depths.get(root, 0) + depth
    instances = tuple(_renamed(i, source) for i in network.instances if i.module not in _FIFOS)
    streams = {name: stream for name, stream in network.streams.items() if name not in source}
    outputs = tuple(replace(edge, stream=source.get(edge.stream, edge.stream)) for edge in network.outputs)
    return replace(network, instances=instances, streams=streams, outputs=outputs), depths


def _renamed(instance: Instance, names: dict[str, str]) -> Instance:
    ports = tuple(replace(p, streams=tuple(names.get(s, s) for s in p.streams)) for p in instance.ports)
    return replace(instance, ports=ports)


def _without_refills(network: Network) -> Network:
    """States that get back what they give are constants: the way back goes, and a fork of one branch."""
    producers = network.producers()
    instances = list(network.instances)
    gone: set[str] = set()
    for index, state in enumerate(network.instances):
        source = state.outputs[0]
        if state.module != "hwc_state":
            continue
        back = state.inputs[0]
        at = producers.get(back, -1)
        fork = network.instances[at]
        if back == source:
            instances[index] = _only(state, outputs=(source,))
        elif fork.module == "hwc_fork" and fork.inputs == (source,):
            gone.add(back)
            others = tuple(name for name in fork.outputs if name != back)
            is_one = len(others) == 1 and not network.streams[source].value
            instances[index] = _only(state, outputs=others if is_one else (source,))
            instances[at] = _only(fork) if is_one else _only(fork, (source,), others)
            gone |= {source} if is_one else set()
    streams = {name: stream for name, stream in network.streams.items() if name not in gone}
    return replace(network, instances=tuple(i for i in instances if i.ports), streams=streams)


def _only(instance: Instance, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = ()) -> Instance:
    """The instance with these streams alone."""
    ends = (("in", Direction.IN, inputs), ("out", Direction.OUT, outputs))
    return replace(instance, ports=tuple(StreamPort(name, way, streams) for name, way, streams in ends if streams))


def _held_beats(instance: Instance) -> int:
    """Beats that the module of rtl/lib takes while it works on earlier ones, and the function does not."""
    if instance.module == "hwc_mvu" and instance.number("OutChannels") > instance.number("Pe"):
        return instance.number("InChannels") // instance.number("Simd")
    if instance.module == "hwc_matmul" and instance.number("Columns") > instance.number("Pe"):
        return instance.number("Inner")
    return 0


def _state(instance: Instance, network: Network) -> State:
    name = instance.name.removeprefix("u_")
    like = network.streams[instance.outputs[0]]
    return State(f"{name}_kept", f"{name}_next", instance.memories[0], instance, like)


def _ordered(network: Network) -> tuple[Process, ...]:
    """The instances' order, in which only states read what comes later: those are written behind their source."""
    producers = network.producers()
    behind: dict[int, list[Process]] = {}
    for instance in network.instances:
        if instance.module == "hwc_state" and instance.inputs:
            behind.setdefault(producers.get(instance.inputs[0], -1), []).append(Process("state_write", instance))
    processes = list(behind.get(-1, []))
    for index, instance in enumerate(network.instances):
        kind = "module"
        if instance.module == "hwc_state":
            kind = "state_read" if instance.inputs else "constant"
        processes += [Process(kind, instance), *behind.get(index, [])]
    return tuple(processes)
