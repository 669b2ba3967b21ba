"""Clusters: modules in which nothing ever waits, so that no wire has to stop all of their registers in one clock.

`hwc_cluster_entry` lets a beat in when the slowest module of the cluster is through with the one before, and while
`hwc_cluster_exit`, a FIFO, has room for all that is under way. Then each module finds its reader ready whenever it has
a result: a cluster is what always gives the same beats the same clocks after one that is let in. Its streams are
`is_free`: synthesis finds that they are always ready, and no enable is left.

A cluster begins with an adder graph, whose beat is a whole vector, and goes on with whatever keeps the pace.
Source: stall-free clusters of high-level synthesis, and credit-based flow control (Kung and Morris, 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.insert import inserted
from hwcomp.targets.dataflow.timing.interval import interval_of
from hwcomp.targets.dataflow.timing.rates import IDLE, Carry, moves_of

ENTRY, EXIT = "hwc_cluster_entry", "hwc_cluster_exit"
EXIT_BEATS = 3
"""Beats that stand in an exit while all goes on: two clocks in the FIFO, and the one that comes."""

_FIRST = frozenset({"hwc_adders", "hwc_serial"})
_MEMBERS = _FIRST | {"hwc_clamp", "hwc_requant", "hwc_lut", "hwc_threshold", "hwc_width"}
_BEATS = 4
"""Beats that are followed through a cluster."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """first, last: the streams that lead in and out; inside: those between; interval: clocks between beats that are let
    in; latency: from one of them to the last beat that it becomes; beats: how many it becomes."""

    first: str
    last: str
    inside: tuple[str, ...]
    interval: int
    latency: int
    beats: int

    @property
    def reserve(self) -> int:
        """Beats under way at most."""
        return (self.latency // self.interval + 1) * self.beats


def clustered(network: Network) -> Network:
    """The network with an entry and an exit around each cluster."""
    for number, cluster in enumerate(clusters_of(network)):
        network = _with_cluster(network, cluster, f"cluster{number}_room")
    return network


def clusters_of(network: Network) -> list[Cluster]:
    """As long as they can be, in order; where they end, the exit is as small as can be."""
    found: list[Cluster] = []
    inside: set[str] = set()
    for instance in network.instances:
        if instance.module in _FIRST and instance.outputs[0] not in inside:
            cluster = _grown(network, instance)
            found.append(cluster)
            inside.update((*cluster.inside, cluster.last))
    return found


def _grown(network: Network, first: Instance) -> Cluster:
    """The instances that follow `first`, one the reader of the other, as long as all keep the pace."""
    readers = network.readers()
    start = first.inputs[0]
    beats = network.streams[start].beats
    ends: list[Cluster] = []
    chain: list[Instance] = []
    interval = 1
    reader: Instance | None = first
    while reader is not None and _may_join(reader, network, beats):
        pace = max(interval, -(-interval_of(reader, network) // beats))
        latency = _latency([*chain, reader], network, pace)
        if latency is None:
            break
        chain.append(reader)
        interval = pace
        last = reader.outputs[0]
        inside = tuple(i.outputs[0] for i in chain[:-1])
        made = Cluster(start, last, inside, interval, latency, network.streams[last].beats // beats)
        # An exit that is behind an adder graph is better than all before it.
        ends = [made] if reader.module in _FIRST else [*ends, made]
        index = readers.get(last)
        reader = None if index is None else network.instances[index]
    return min(reversed(ends), key=lambda c: network.streams[c.last].width * (c.reserve + EXIT_BEATS))


def _may_join(instance: Instance, network: Network, beats: int) -> bool:
    """One stream in, one out, and whole beats for each beat that is let in."""
    if instance.module not in _MEMBERS or len(instance.inputs) != 1 or len(instance.outputs) != 1:
        return False
    return network.streams[instance.outputs[0]].beats % beats == 0


def _latency(chain: Sequence[Instance], network: Network, interval: int) -> int | None:
    """Clocks from a beat to the last that it becomes, of beats `interval` clocks apart; None where one waits."""
    times: IntArray = np.arange(_BEATS, dtype=np.int64) * interval
    for instance in chain:
        moves = moves_of(instance, network, [times], Carry(IDLE))
        if not np.array_equal(moves.takes[0], times):
            return None
        times = moves.gives[0]
    each = times.reshape(_BEATS, -1)
    return int(each[0, -1])


def _with_cluster(network: Network, cluster: Cluster, room: str) -> Network:
    width = network.streams[cluster.last].width
    wires = {ENTRY: (("room_i", room),), EXIT: (("room_o", room),)}
    entry = {cluster.first: {"Width": network.streams[cluster.first].width, "Interval": cluster.interval}}
    depth = cluster.reserve + EXIT_BEATS
    leave = {cluster.last: {"Width": width, "Depth": depth, "Reserve": cluster.reserve}}
    network = inserted(network, ENTRY, "entry", entry, wires[ENTRY])
    network = inserted(network, EXIT, "exit", leave, wires[EXIT])
    free = {f"{cluster.first}_entry", *cluster.inside, cluster.last}
    streams = {n: replace(s, is_free=True) if n in free else s for n, s in network.streams.items()}
    return replace(network, streams=streams)
