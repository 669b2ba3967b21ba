"""A design as plain data: streams, module instances and the memories they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from hwcomp.ir.types import IntType
from hwcomp.targets.dataflow.modules.adders import Body
from hwcomp.targets.dataflow.modules.spec import Parameter


@dataclass(frozen=True, slots=True)
class Stream:
    """Beats of `lanes` elements, `beats` of them a frame.

    name: of the nets; value: the graph's value whose elements it carries in row-major order, "" where it carries others
    (padded maps, windows); element: how one is coded; is_free: its reader takes each beat in the clock in which it
    comes, so that its source never waits.
    """

    name: str
    lanes: int
    element: IntType
    beats: int
    value: str = ""
    is_free: bool = False

    @property
    def width(self) -> int:
        """Bits of a beat."""
        return self.lanes * self.element.bits

    @property
    def elements(self) -> int:
        """Elements of a frame."""
        return self.lanes * self.beats


class Direction(Enum):
    """Which way a port's data goes, seen from the instance."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class StreamPort:
    """A stream interface: `prefix` + `_valid`, `_ready`, `_data`. Several streams are packed, the first lowest."""

    prefix: str
    direction: Direction
    streams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """Words for `$readmemh`.

    parameter: the module's parameter that names the file; name: of the file, without folder and ending; make: gives the
    words, unsigned, the first at address 0; it is called when the file is written, for weights are large.
    """

    parameter: str
    name: str
    width: int
    depth: int
    make: Callable[[], list[int]] = field(compare=False)

    @property
    def bits(self) -> int:
        return self.width * self.depth


@dataclass(frozen=True, slots=True)
class Instance:
    """One module of `rtl/lib`, or one with a `body` of its own.

    layer: the graph's operator it belongs to, by its index, -1 for plumbing of none; wires: ports of one bit beside the
    streams', and their nets.
    """

    module: str
    name: str
    parameters: Mapping[str, Parameter]
    ports: tuple[StreamPort, ...]
    memories: tuple[Memory, ...] = ()
    layer: int = -1
    body: Body | None = None
    wires: tuple[tuple[str, str], ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(s for port in self.ports if port.direction is Direction.IN for s in port.streams)

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(s for port in self.ports if port.direction is Direction.OUT for s in port.streams)

    def number(self, parameter: str) -> int:
        """An integer parameter's value."""
        value = self.parameters[parameter]
        assert isinstance(value, int), f"{self.module}.{parameter} is a text"
        return value


@dataclass(frozen=True, slots=True)
class Edge:
    """An input or an output of the design: the graph's port and the stream that carries it."""

    port: str
    stream: str


@dataclass(frozen=True, slots=True)
class Network:
    """Instances in the order of the graph's operators; every stream has one source, and one reader or none."""

    name: str
    streams: Mapping[str, Stream]
    instances: tuple[Instance, ...]
    inputs: tuple[Edge, ...]
    outputs: tuple[Edge, ...]

    def producers(self) -> dict[str, int]:
        """The index of the instance that drives each stream; inputs of the design have none."""
        return {stream: i for i, instance in enumerate(self.instances) for stream in instance.outputs}

    def readers(self) -> dict[str, int]:
        """The index of the instance that reads each stream."""
        return {stream: i for i, instance in enumerate(self.instances) for stream in instance.inputs}

    def unread(self) -> tuple[str, ...]:
        """Streams that nothing takes: their `ready` is always high."""
        taken = set(self.readers()) | {edge.stream for edge in self.outputs}
        return tuple(name for name in self.streams if name not in taken)


_COPYING = frozenset({"hwc_fork", "hwc_fifo", "hwc_stream_reg", "hwc_cluster_entry", "hwc_cluster_exit"})


def origin_of(network: Network, stream: str) -> str:
    """The stream that carries the value of these beats, before forks, FIFOs and ends of clusters."""
    producers = network.producers()
    while not network.streams[stream].value and network.instances[producers[stream]].module in _COPYING:
        stream = network.instances[producers[stream]].inputs[0]
    return stream
