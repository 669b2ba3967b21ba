"""A graph and a choice for each operator become a network; operators that no module has are found on the way."""

from __future__ import annotations

from collections.abc import Mapping

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.support.errors import HwcompError, Problem
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of
from hwcomp.targets.dataflow.choice import Choice, Fabric, divisors
from hwcomp.targets.dataflow.network import Network, Stream
from hwcomp.targets.dataflow.ops import LOWERINGS, Lowering
from hwcomp.targets.dataflow.ops.constants import constant_stream


def find_problems(graph: Graph) -> list[Problem]:
    """Every operator, or form of one, that the target has not."""
    problems: list[Problem] = []
    for index, op in enumerate(graph.ops):
        try:
            lowering = lowering_of(op)
            isolated(graph, index, op, lowering.choices(NetworkBuilder(graph, "probe", {}), op)[0])
        except HwcompError as error:
            problems += error.problems
    return problems


def lowering_of(op: Op) -> Lowering:
    """The operator's entry in the table.

    Raises:
        HwcompError: HWC106 it has none.
    """
    found = LOWERINGS.get(type(op))
    if found is None:
        what = f"no module of a streaming design does {type(op).__name__}"
        raise HwcompError("HWC106", what, str(op.loc), "export the model without it, or build for '--target mcu'")
    return found


def build_network(
    graph: Graph,
    name: str,
    choices: Mapping[int, Choice],
    input_lanes: Mapping[str, int],
    fabric: Fabric | None = None,
) -> Network:
    """The design. `choices` has an entry for each operator's index; `fabric` is what they were made for."""
    b = NetworkBuilder(graph, name, choices, fabric)
    b.open_inputs(input_lanes)
    for index, op in enumerate(graph.ops):
        b.layer = index
        lowering_of(op).lower(b, op)
    b.layer = -1
    for value in (graph.values[name] for name in dict.fromkeys(port.value for port in graph.outputs)):
        if value.data is not None:
            b.give_constant(value.name, constant_stream(b, "output", value, value.data, 1, value.name))
    return b.finish()


class _Isolated(NetworkBuilder):
    """Operands are there in the lanes they are asked for, and nobody reads the results."""

    def take(self, value: str, lanes: int) -> Stream:
        """A stream of its own."""
        made = self.value(value)
        return self.stream(value, lanes, element_of(made), made.type.size // lanes)

    def take_as_is(self, value: str) -> Stream:
        """As wide as a common reader would have it: one pixel at most."""
        shape = self.value(value).shape
        return self.take(value, max(lanes for lanes in divisors(shape[-1] if shape else 1) if lanes <= _COMMON_LANES))

    def give(self, value: str, stream: Stream) -> None:
        """The result ends here."""

    def finish(self) -> Network:
        """What was added."""
        return self.added()


_COMMON_LANES = 8


def isolated(graph: Graph, index: int, op: Op, choice: Choice, fabric: Fabric | None = None) -> Network:
    """The operator alone, as `choice` builds it."""
    b = _Isolated(graph, "alone", {index: choice}, fabric)
    b.layer = index
    lowering_of(op).lower(b, op)
    return b.finish()
