"""FIFOs where beats must wait: on the branches of a fork that meet again, and where bursts meet a steady module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.clusters import EXIT
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
    Where a cluster ends there is one already, which becomes deeper.
    """
    depths = fifo_depths(network, schedule)
    whole = network
    for _ in range(_MOST_ROUNDS):
        if not depths:
            break
        whole = _deepened(network, depths)
        found = schedule_of(whole)
        schedule = found
        more = _missing(depths, found.waiting, _exits(network))
        if not more:
            break
        depths |= more
    return whole, replace(schedule, latency=idle_latency(whole))


def fifo_depths(network: Network, schedule: Schedule) -> dict[str, int]:
    """The depth for each stream that needs a FIFO, or needs more of the one that it comes from."""
    return {name: most + _SLACK for name, most in schedule.waiting.items() if most > 1}


def _deepened(network: Network, depths: Mapping[str, int]) -> Network:
    exits = _exits(network)
    widths = {name: stream.width for name, stream in network.streams.items()}
    made = {name: {"Width": widths[name], "Depth": depth} for name, depth in depths.items() if name not in exits}
    whole = inserted(network, "hwc_fifo", _SUFFIX, made)
    more = {exits[name]: depth for name, depth in depths.items() if name in exits}
    instances = [_deeper(i, more[i.name]) if i.name in more else i for i in whole.instances]
    return replace(whole, instances=tuple(instances))


def _deeper(leave: Instance, beats: int) -> Instance:
    return replace(leave, parameters={**leave.parameters, "Depth": leave.number("Depth") + beats})


def _exits(network: Network) -> dict[str, str]:
    """The streams that come out of clusters, and the instances that they come from."""
    return {i.outputs[0]: i.name for i in network.instances if i.module == EXIT}


def _missing(depths: Mapping[str, int], waiting: Mapping[str, int], exits: Mapping[str, str]) -> dict[str, int]:
    """Depths of the FIFOs that are too small, and of those that there are not yet."""
    found: dict[str, int] = {}
    for name, most in waiting.items():
        origin = name.removesuffix(f"_{_SUFFIX}")
        if origin in depths and (name != origin or name in exits):
            if most + _SLACK > depths[origin]:
                found[origin] = most + _SLACK
        elif most > 1 and name not in depths:
            found[name] = most + _SLACK
    return found
