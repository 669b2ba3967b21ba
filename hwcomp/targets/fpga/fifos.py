"""FIFOs where beats must wait: on the branches of a fork that meet again, and where bursts meet a steady module."""

from __future__ import annotations

from dataclasses import replace

from hwcomp.targets.fpga.elastic import idle_latency
from hwcomp.targets.fpga.insert import inserted
from hwcomp.targets.fpga.network import Network
from hwcomp.targets.fpga.schedule import Schedule, schedule_of

_SLACK = 2
"""Beats more than the schedule says: a FIFO's own latency delays its reader."""


def with_fifos(network: Network, schedule: Schedule) -> tuple[Network, Schedule]:
    """The network with the FIFOs that its schedule asks for, and the schedule of that."""
    depths = fifo_depths(network, schedule)
    if not depths:
        return network, replace(schedule, latency=idle_latency(network))
    made = {name: {"Width": network.streams[name].width, "Depth": depth} for name, depth in depths.items()}
    whole = inserted(network, "hwc_fifo", "fifo", made)
    return whole, replace(schedule_of(whole), interval=schedule.interval, latency=idle_latency(whole))


def fifo_depths(network: Network, schedule: Schedule) -> dict[str, int]:
    """The depth for each stream that needs a FIFO."""
    return {name: most + _SLACK for name, most in schedule.waiting.items() if most > 1}
