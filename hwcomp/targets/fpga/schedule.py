"""The schedule: when each beat of each stream moves, from the modules' static rates; and the depths that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.targets.fpga.network import Network
from hwcomp.targets.fpga.rates import Carry, moves_of, state_takes
from hwcomp.targets.fpga.timing import network_interval

_FRAMES = 3
_EDGE_CLOCKS = 2
"""The register slices of the AXI4-Stream edges, one at either end."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When beats move, in short.

    interval, latency: of the design, in clocks; bound_by: the instance that sets the interval; waiting: for each stream
    the most beats that stand in it at once, the one in its source's register included.
    """

    interval: int
    latency: int
    bound_by: str
    waiting: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Times:
    """For each stream the arrivals and the takes of all frames, one array a frame."""

    arrivals: Mapping[str, list[IntArray]]
    takes: Mapping[str, list[IntArray]]


def schedule_of(network: Network) -> Schedule:
    """The schedule of a network whose sources give a beat whenever it is taken (latency), or evenly (depths).

    In the even schedule no FIFO is fuller than `waiting`; modules that move as soon as they can are then no slower.
    Pipelines that stall with gaps in them hold less than their length. So depths are also those of the schedule in
    which pipelines take no time and hold nothing: it shows that no stall of input or output can end in a deadlock.
    """
    interval, bound = network_interval(network)
    greedy = _times(network, lambda frame, beats: np.full(beats, frame, np.int64))
    outputs = [greedy.arrivals[edge.stream] for edge in network.outputs]
    starts = [int(greedy.takes[e.stream][0][0]) for e in network.inputs if e.stream in greedy.takes]
    latency = max(int(times[0][-1]) for times in outputs) - min(starts, default=0) + _EDGE_CLOCKS

    def evenly(frame: int, beats: int) -> IntArray:
        return frame * interval + np.arange(beats, dtype=np.int64) * interval // beats

    even, instant = _times(network, evenly), _times(network, evenly, is_instant=True)
    waiting = {
        name: max(_most(times.arrivals[name], times.takes[name]) for times in (even, instant)) for name in even.takes
    }
    return Schedule(interval, latency, bound, waiting)


def _times(network: Network, source: Callable[[int, int], IntArray], *, is_instant: bool = False) -> _Times:
    arrivals: dict[str, list[IntArray]] = {name: [] for name in network.streams}
    takes: dict[str, list[IntArray]] = {name: [] for name in network.readers()}
    carries = {instance.name: Carry(is_instant=is_instant) for instance in network.instances}
    states = [instance for instance in network.instances if instance.module == "hwc_state"]
    for frame in range(_FRAMES):
        for edge in network.inputs:
            arrivals[edge.stream].append(source(frame, network.streams[edge.stream].beats))
        for instance in network.instances:
            is_state = instance.module == "hwc_state"
            inputs = [] if is_state else [arrivals[name][frame] for name in instance.inputs]
            moves = moves_of(instance, network, inputs, carries[instance.name])
            for name, times in zip(instance.outputs, moves.gives, strict=True):
                arrivals[name].append(times)
            for name, times in zip(() if is_state else instance.inputs, moves.takes, strict=True):
                takes[name].append(times)
        for instance in states:
            (name,) = instance.inputs
            takes[name].append(state_takes(arrivals[name][frame], carries[instance.name]))
    return _Times(arrivals, takes)


def _most(arrivals: list[IntArray], takes: list[IntArray]) -> int:
    """The most beats that have come and are not taken before the same clock."""
    came, gone = np.concatenate(arrivals), np.concatenate(takes)
    return int((np.arange(1, len(came) + 1) - np.searchsorted(gone, came, "left")).max())
