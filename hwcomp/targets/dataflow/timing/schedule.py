"""The schedule: when each beat of each stream moves, from the modules' static rates; and the depths that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.network import Network
from hwcomp.targets.dataflow.timing.interval import network_interval
from hwcomp.targets.dataflow.timing.rates import IDLE, RESET, Carry, moves_of, state_takes
from hwcomp.targets.dataflow.timing.standing import held_back

_EDGE_CLOCKS = 2
"""The register slices of the AXI4-Stream edges, one at either end."""
_ALIKE = 2
"""Frames in a row that must be as the frame before, an interval later: modules remember as many."""
_MOST_FRAMES = 48
_SLOWER = 4
"""How often a longer interval is tried where a loop through states is slower than every module."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When beats move, in short.

    interval, latency: of the design, in clocks, the latency as if no FIFO were ever full (`elastic.py` has it with
    them); bound_by: the instance that sets the interval; waiting: for each stream the most beats that stand in it at
    once, the one in its source's register included.
    """

    interval: int
    latency: int
    bound_by: str
    waiting: Mapping[str, int]


Source = Callable[[int, int], IntArray]
"""When the beats of a frame stand at an input: of the frame's number and how many beats it has."""


@dataclass(slots=True)
class _Run:
    """Frames through a network. arrivals, takes: of each stream, the frames of which beats may still wait."""

    network: Network
    source: Source
    begin: int = RESET
    is_instant: bool = False
    arrivals: dict[str, list[IntArray]] = field(init=False)
    takes: dict[str, list[IntArray]] = field(init=False)
    waiting: dict[str, int] = field(init=False)
    carries: dict[str, Carry] = field(init=False)
    frames: int = 0

    def __post_init__(self) -> None:
        self.arrivals = {name: [] for name in self.network.streams}
        self.takes = {name: [] for name in self.network.readers()}
        self.waiting = dict.fromkeys(self.takes, 0)
        self.carries = {i.name: Carry(self.begin, self.is_instant) for i in self.network.instances}

    def step(self) -> None:
        """One frame more."""
        for edge in self.network.inputs:
            self.arrivals[edge.stream].append(self.source(self.frames, self.network.streams[edge.stream].beats))
        states = [instance for instance in self.network.instances if instance.module == "hwc_state"]
        for instance in self.network.instances:
            is_state = instance.module == "hwc_state"
            inputs = [] if is_state else [self.arrivals[name][-1] for name in instance.inputs]
            moves = moves_of(instance, self.network, inputs, self.carries[instance.name])
            for name, times in zip(instance.outputs, moves.gives, strict=True):
                self.arrivals[name].append(times)
            for name, times in zip(() if is_state else instance.inputs, moves.takes, strict=True):
                self.takes[name].append(times)
        for instance in states:
            (name,) = instance.inputs
            self.takes[name].append(state_takes(instance, self.arrivals[name][-1], self.carries[instance.name]))
        for name in self.takes:
            self._count(name)
        self.frames += 1

    def _count(self, name: str) -> None:
        """What waits among the newest beats; frames that were gone before are forgotten, but for the last two."""
        came, gone = self.arrivals[name], self.takes[name]
        if np.array_equal(came[-1], gone[-1]) and (len(gone) < 2 or gone[-2][-1] < came[-1][0]):
            most = 1  # each beat is taken when it comes
        else:
            before = len(gone[0]) * (len(gone) - 1)
            left = before + np.arange(1, len(came[-1]) + 1) - np.searchsorted(np.concatenate(gone), came[-1], "left")
            most = int(left.max())
        self.waiting[name] = max(self.waiting[name], most)
        while len(gone) > 2 and gone[0][-1] < came[-1][0]:
            del gone[0], came[0]

    def shifts(self) -> tuple[int, int]:
        """By how many clocks the last frame's beats move later than those of the frame before: least and most."""
        moved = [t[-1] - t[-2] for t in self.takes.values()]
        return min(int(m.min()) for m in moved), max(int(m.max()) for m in moved)


def schedule_of(network: Network) -> Schedule:
    """The schedule of a network whose sources give a beat whenever it is taken (latency), or evenly (depths).

    In the even schedule no FIFO is fuller than `waiting`; modules that move as soon as they can are then no slower.
    Pipelines that stall with gaps in them hold less than their length. So depths are also those of the schedule in
    which pipelines take no time and hold nothing: it shows that no stall of input or output can end in a deadlock.
    Both are followed until frames repeat. The interval is that of the slowest module, or of a slower loop of states.
    """
    interval, bound = network_interval(network)
    latency = _latency(network)
    even, reached = _steady(network, interval, is_instant=False)
    for _ in range(_SLOWER):
        if reached <= interval:
            break
        interval = reached
        even, reached = _steady(network, interval, is_instant=False)
    instant, _ = _steady(network, interval, is_instant=True)
    waiting = {name: max(most, instant.waiting[name]) for name, most in even.waiting.items()}
    for name in held_back(network, interval, even.arrivals, even.takes):
        waiting[name] = max(waiting[name], 2)
    return Schedule(interval, latency, bound, waiting)


def _latency(network: Network) -> int:
    """Clocks through the idle design, from the first input beat to the last output beat, both on AXI4-Stream."""
    greedy = _Run(network, lambda frame, beats: np.full(beats, frame, np.int64), begin=IDLE)
    greedy.step()
    starts = [int(greedy.takes[edge.stream][0][0]) for edge in network.inputs if edge.stream in greedy.takes]
    ends = [int(greedy.arrivals[edge.stream][0][-1]) for edge in network.outputs]
    return max(max(ends) - min(starts, default=0) + _EDGE_CLOCKS, 0)


def _steady(network: Network, interval: int, *, is_instant: bool) -> tuple[_Run, int]:
    """Frames that come evenly, until they repeat; and the clocks between the last two."""

    def evenly(frame: int, beats: int) -> IntArray:
        return frame * interval + np.arange(beats, dtype=np.int64) * interval // beats

    run = _Run(network, evenly, is_instant=is_instant)
    alike, most = 0, interval
    run.step()
    while run.frames < _MOST_FRAMES and alike < _ALIKE and run.takes:
        run.step()
        least, most = run.shifts()
        alike = alike + 1 if least == most == interval else 0
    return run, most
