"""FIFOs where beats must wait: on the branches of a fork that meet again, and where bursts meet a steady module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hwcomp.targets.dataflow.network import Network
from hwcomp.targets.dataflow.timing.elastic import idle_latency
from hwcomp.targets.dataflow.timing.insert import inserted
from hwcomp.targets.dataflow.timing.schedule import Schedule, schedule_of

_SLACK = 2
"""Beats more than the schedule says: a FIFO's own latency delays its reader."""
_SUFFIX = "fifo"
_MOST_ROUNDS = 16


def with_fifos(network: Network, schedule: Schedule) -> tuple[Network, Schedule]:
    """The network with the FIFOs that its schedule asks for, and the schedule of that.

    A FIFO delays its branch, so that beats of another branch may wait for it: more FIFOs follow until none is missing.
    """
    depths = fifo_depths(network, schedule)
    whole = network
    for _ in range(_MOST_ROUNDS):
        if not depths:
            break
        whole = _deepened(network, depths)
        found = schedule_of(whole)
        schedule = found
        more = _missing(depths, found.waiting)
        if not more:
            break
        depths |= more
    return whole, replace(schedule, latency=idle_latency(whole))


def fifo_depths(network: Network, schedule: Schedule) -> dict[str, int]:
    """The depth for each stream that needs a FIFO."""
    return {name: most + _SLACK for name, most in schedule.waiting.items() if most > 1}


def _deepened(network: Network, depths: Mapping[str, int]) -> Network:
    made = {name: {"Width": network.streams[name].width, "Depth": depth} for name, depth in depths.items()}
    return inserted(network, "hwc_fifo", _SUFFIX, made)


def _missing(depths: Mapping[str, int], waiting: Mapping[str, int]) -> dict[str, int]:
    """Depths of the FIFOs that are too small, and of those that there are not yet."""
    found: dict[str, int] = {}
    for name, most in waiting.items():
        origin = name.removesuffix(f"_{_SUFFIX}")
        if origin in depths and name != origin:
            if most + _SLACK > depths[origin]:
                found[origin] = most + _SLACK
        elif most > 1 and name not in depths:
            found[name] = most + _SLACK
    return found
