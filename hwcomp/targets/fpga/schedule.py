"""The schedule: when each beat of each stream moves, from the modules' static rates."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.targets.fpga.network import Network
from hwcomp.targets.fpga.timing import network_interval


@dataclass(frozen=True, slots=True)
class Schedule:
    """interval, latency: of the design, in clocks; bound_by: the instance that sets the interval."""

    interval: int
    latency: int
    bound_by: str


def schedule_of(network: Network) -> Schedule:
    """The schedule of a network."""
    interval, bound = network_interval(network)
    return Schedule(interval, 0, bound)
