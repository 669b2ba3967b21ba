"""From a graph and the user's goals to a design: folding, network, FIFOs, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.targets.fpga.boards import DEVICES, Device
from hwcomp.targets.fpga.choice import divisors
from hwcomp.targets.fpga.cost import Resources, network_cost
from hwcomp.targets.fpga.fifos import with_fifos
from hwcomp.targets.fpga.folding import Folding
from hwcomp.targets.fpga.goals import Alternative, choose_folding
from hwcomp.targets.fpga.lower import build_network
from hwcomp.targets.fpga.network import Network
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.schedule import Schedule, schedule_of


@dataclass(frozen=True, slots=True)
class Design:
    """network: with its FIFOs; cost: the estimate for all of it; alternatives: neighbours of the folding."""

    network: Network
    folding: Folding
    schedule: Schedule
    cost: Resources
    device: Device
    clock_mhz: int
    alternatives: tuple[Alternative, ...]


def make_design(graph: Graph, name: str, options: FpgaOptions) -> Design:
    """The design that the options ask for.

    Raises:
        HwcompError: HWC420, HWC421, HWC422 the goal cannot be met.
    """
    device = DEVICES[options.board]
    clock = options.clock_mhz or device.clock_mhz

    def latency_of(folding: Folding) -> int:
        return _scheduled(graph, name, folding)[1].latency

    folding, alternatives = choose_folding(graph, options, device, clock, latency_of)
    network, schedule = _scheduled(graph, name, folding)
    return Design(network, folding, schedule, network_cost(network), device, clock, alternatives)


def _scheduled(graph: Graph, name: str, folding: Folding) -> tuple[Network, Schedule]:
    """The network of a folding, FIFOs and all."""
    plain = build_network(graph, name, folding.choices, input_lanes(graph, folding))
    return with_fifos(plain, schedule_of(plain))


def input_lanes(graph: Graph, folding: Folding) -> dict[str, int]:
    """For each input the fewest lanes of its last axis in which a frame is no longer than the interval."""
    lanes: dict[str, int] = {}
    for port in graph.inputs:
        value = graph.values[port.value]
        channels = value.shape[-1] if value.shape else 1
        fitting = [d for d in divisors(channels) if value.type.size // d <= folding.interval]
        lanes[port.name] = fitting[0] if fitting else channels
    return lanes
