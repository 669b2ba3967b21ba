"""A folding tried out: its network with FIFOs, its schedule and what all of it costs."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.targets.dataflow.boards import Device
from hwcomp.targets.dataflow.choice import Fabric, divisors
from hwcomp.targets.dataflow.estimate.cost import Resources, top_cost
from hwcomp.targets.dataflow.folding.macs import mac_rate
from hwcomp.targets.dataflow.folding.solver import Folding
from hwcomp.targets.dataflow.lower import build_network
from hwcomp.targets.dataflow.network import Network
from hwcomp.targets.dataflow.timing.schedule import Schedule
from hwcomp.targets.dataflow.timing.slices import scheduled


@dataclass(frozen=True, slots=True)
class Trial:
    """cost: of the whole network, converters and FIFOs too; rate: MACs a multiplier and clock, None without MACs."""

    folding: Folding
    network: Network
    schedule: Schedule
    cost: Resources
    rate: float | None

    @property
    def interval(self) -> int:
        """Clocks between frames."""
        return self.schedule.interval


def make_trial(graph: Graph, name: str, folding: Folding, device: Device, fabric: Fabric) -> Trial:
    """The design that a folding makes."""
    plain = build_network(graph, name, folding.choices, input_lanes(graph, folding), fabric)
    network, schedule = scheduled(plain, clusters=fabric.clusters)
    cost, rate = top_cost(network, device.family), mac_rate(graph, network, schedule.interval)
    return Trial(folding, network, schedule, cost, rate)


def input_lanes(graph: Graph, folding: Folding) -> dict[str, int]:
    """For each input the fewest lanes of its last axis in which a frame is no longer than the interval."""
    lanes: dict[str, int] = {}
    for port in graph.inputs:
        value = graph.values[port.value]
        channels = value.shape[-1] if value.shape else 1
        fitting = [d for d in divisors(channels) if value.type.size // d <= folding.interval]
        lanes[port.name] = fitting[0] if fitting else channels
    return lanes
