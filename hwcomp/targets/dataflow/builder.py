"""`NetworkBuilder`: the lowering of each operator adds its instances through it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.types import S32, IntType, Value
from hwcomp.support.errors import HwcompError
from hwcomp.support.naming import Namer
from hwcomp.targets.dataflow.choice import Choice, Fabric
from hwcomp.targets.dataflow.modules.adders import Body
from hwcomp.targets.dataflow.modules.spec import Parameter
from hwcomp.targets.dataflow.network import Direction, Edge, Instance, Memory, Network, Stream, StreamPort

_NARROW_BITS = 8


def element_of(value: Value) -> IntType:
    """How a value's elements are coded: its own type up to 8 bits, else the signed type that just holds its range."""
    if value.type.dtype.bits <= _NARROW_BITS:
        return value.type.dtype
    return signed_type(value.range.min, value.range.max)


def signed_type(lo: int, hi: int) -> IntType:
    """The narrowest signed type that holds [lo, hi]."""
    return IntType(max((-lo - 1 if lo < 0 else lo).bit_length(), (-hi - 1 if hi < 0 else hi).bit_length()) + 1, True)


def renamed(instance: Instance, names: Mapping[str, str]) -> Instance:
    """The instance with other streams at its ports."""
    if not names.keys() & {*instance.inputs, *instance.outputs}:
        return instance
    ports = [replace(p, streams=tuple(names.get(s, s) for s in p.streams)) for p in instance.ports]
    return replace(instance, ports=tuple(ports))


class NetworkBuilder:
    """Collects streams and instances while the operators are lowered in order."""

    def __init__(self, graph: Graph, name: str, choices: Mapping[int, Choice], fabric: Fabric | None = None) -> None:
        self.graph = graph
        self.name = name
        self.choices = choices
        self.fabric = fabric or Fabric()
        self.layer = -1
        self._names = Namer(("clk_i", "rst_ni", name))
        self._streams: dict[str, Stream] = {}
        self._instances: list[Instance] = []
        self._waiting: dict[str, list[Stream]] = {}
        self.states: dict[str, Stream] = {}
        self._asked: set[str] = set()
        self._joined: dict[str, str] = {}
        self._input_streams: dict[str, str] = {}
        self._uses = Counter(operand for op in graph.ops for operand in op.inputs)
        self._uses.update(port.value for port in graph.outputs)

    def value(self, name: str) -> Value:
        return self.graph.values[name]

    @property
    def mult_bits(self) -> tuple[int, int]:
        """The operands of a multiplier block, the wider first."""
        return self.fabric.mult_bits

    def choice(self) -> Choice:
        """The choice for the operator that is being lowered."""
        return self.choices[self.layer]

    def stream(self, wanted: str, lanes: int, element: IntType, beats: int, value: str = "") -> Stream:
        """A new stream; its name is unique and resembles `wanted`."""
        name = self._unique(wanted)
        made = Stream(name, lanes, element, beats, value)
        self._streams[name] = made
        return made

    def result(self, op: Op, lanes: int, index: int = 0, element: IntType | None = None) -> Stream:
        """A new stream that carries an output of `op`, coded as its value is unless an element is given."""
        value = self.value(op.outputs[index])
        assert value.type.size % lanes == 0, f"{lanes} lanes do not divide {value.type}"
        return self.stream(value.name, lanes, element or element_of(value), value.type.size // lanes, value.name)

    def take(self, value: str, lanes: int) -> Stream:
        """The stream of an operand for one reader, `lanes` elements a beat."""
        return self.adapt(self.take_as_is(value), lanes)

    def take_as_is(self, value: str) -> Stream:
        """As `take`, with the lanes it comes in."""
        return self._waiting[value].pop(0)

    def give(self, value: str, stream: Stream) -> None:
        """`stream` carries `value` from here on; it is forked where several read it."""
        uses = self._uses[value]
        if uses <= 1:
            self._waiting[value] = [stream]
            return
        branches = [
            self.stream(f"{stream.name}_branch{i}", stream.lanes, stream.element, stream.beats) for i in range(uses)
        ]
        self._waiting[value] = branches
        self.add("hwc_fork", f"{stream.name}_fork", {"Width": stream.width, "Outputs": uses}, [stream], branches)

    def give_constant(self, value: str, stream: Stream) -> None:
        """As `give`, for a constant that outputs name: operators have its data."""
        self._uses[value] = sum(port.value == value for port in self.graph.outputs)
        self.give(value, stream)

    def adapt(self, stream: Stream, lanes: int) -> Stream:
        """The elements of `stream`, `lanes` a beat; through the common multiple where neither number divides."""
        if stream.lanes == lanes:
            return stream
        if stream.lanes % lanes and lanes % stream.lanes:
            common = math.lcm(stream.lanes, lanes)
            if stream.elements % common:
                common = math.gcd(stream.lanes, lanes)
            return self.adapt(self.adapt(stream, common), lanes)
        wide = self.stream(f"{stream.name}_x{lanes}", lanes, stream.element, stream.elements // lanes)
        parameters: dict[str, Parameter] = {
            "Width": stream.element.bits,
            "InLanes": stream.lanes,
            "OutLanes": lanes,
        }
        self.add("hwc_width", f"{wide.name}_width", parameters, [stream], [wide])
        return wide

    def add(
        self,
        module: str,
        wanted: str,
        parameters: Mapping[str, Parameter],
        inputs: Sequence[Stream],
        outputs: Sequence[Stream],
        memories: Sequence[Memory] = (),
        second: Stream | None = None,
        others: Sequence[StreamPort] = (),
        body: Body | None = None,
    ) -> None:
        """Add an instance with the ports `in` and `out` (several streams are packed); `second` is the port `in1`.

        others: ports behind these; body: of a module that is made for the instance.

        Raises:
            HwcompError: HWC402 a parameter leaves the 32 bits that one has in the modules.
        """
        self._check_parameters(module, parameters)
        ports: list[StreamPort] = []
        if inputs:
            ports.append(StreamPort("in", Direction.IN, tuple(s.name for s in inputs)))
        if second is not None:
            ports.append(StreamPort("in1", Direction.IN, (second.name,)))
        if outputs:
            ports.append(StreamPort("out", Direction.OUT, tuple(s.name for s in outputs)))
        ports += others
        name = f"u_{self._unique(wanted)}"
        made = Instance(module, name, dict(parameters), tuple(ports), tuple(memories), self.layer, body)
        self._instances.append(made)

    def _check_parameters(self, module: str, parameters: Mapping[str, Parameter]) -> None:
        for name, value in parameters.items():
            if isinstance(value, int) and not S32.min <= value <= S32.max:
                what = f"{value} leaves the 32 bits of '{name}' of the module '{module}'"
                at = str(self.graph.ops[self.layer].loc) if self.layer >= 0 else self.name
                raise HwcompError("HWC402", what, at, "requantise the values before")

    def memory_name(self, wanted: str) -> str:
        """A unique name for a memory's file."""
        return self._unique(wanted)

    def finish(self) -> Network:
        """The whole network, outputs of the graph taken."""
        outputs = tuple(Edge(port.name, self.take_as_is(port.value).name) for port in self.graph.outputs)
        inputs = tuple(Edge(port.name, self._input_streams[port.name]) for port in self.graph.inputs)
        return self.added(inputs, outputs)

    def added(self, inputs: tuple[Edge, ...] = (), outputs: tuple[Edge, ...] = ()) -> Network:
        """The network of what was added so far."""
        streams = {name: stream for name, stream in self._streams.items() if name not in self._joined}
        instances = tuple(renamed(instance, self._joined) for instance in self._instances)
        return Network(self.name, streams, instances, inputs, outputs)

    def join(self, source: Stream, target: Stream) -> None:
        """Whoever reads `target` reads `source`: they are one stream, under the name of `source`."""
        self._joined[target.name] = source.name

    def open_inputs(self, lanes: Mapping[str, int]) -> None:
        """Make the streams of the graph's inputs, of so many lanes each."""
        for port in self.graph.inputs:
            value = self.value(port.value)
            count = lanes[port.name]
            made = self.stream(value.name, count, element_of(value), value.type.size // count, value.name)
            self._input_streams[port.name] = made.name
            self.give(port.value, made)

    def _unique(self, wanted: str) -> str:
        source, number = wanted, 2
        while source in self._asked:
            source, number = f"{wanted}_{number}", number + 1
        self._asked.add(source)
        return self._names.name(source)
