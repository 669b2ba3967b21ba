"""The first frame through an idle design whose FIFOs are finite: a full one holds its fork and other branches back.

`rates.py` moves beats as if whatever is given were taken at once. Here a beat is taken no sooner than the module that
takes it has room, which follows from when its own outputs are taken. Both are computed in turn, until neither changes:
each pass only delays. What a stalled pipeline holds is known to within its length, so latencies of designs with forks
are good to some clocks; without forks, or where no FIFO fills up, they are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.modules.stream import fifo_capacity
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.pipelines import pipeline_latency
from hwcomp.targets.dataflow.timing.rates import IDLE, Carry, Moves, moves_of

_PASSES = 24
_EDGE_CLOCKS = 2
"""The register slices of the AXI4-Stream edges, one at either end."""
_LONG_AGO = -(1 << 40)


@dataclass(slots=True)
class _Pass:
    """Times of the frame. stands: when each beat first stands in its stream; taken: when it leaves it; room: the clock
    before which its reader has no room for it."""

    network: Network
    stands: dict[str, IntArray] = field(default_factory=dict[str, IntArray])
    taken: dict[str, IntArray] = field(default_factory=dict[str, IntArray])
    room: dict[str, IntArray] = field(default_factory=dict[str, IntArray])

    def forward(self) -> None:
        """Every instance once, in order, with the room that was found last."""
        before = dict(self.taken)
        for edge in self.network.inputs:
            self.stands[edge.stream] = np.zeros(self.network.streams[edge.stream].beats, np.int64)
        for instance in self.network.instances:
            moves = self._fork(instance) if instance.module == "hwc_fork" else self._moves(instance)
            for name, times in zip(instance.outputs, moves.gives, strict=True):
                self.stands[name] = np.maximum(times, _later(before[name], 1) + 1) if name in before else times
                self.taken[name] = self.stands[name]
            for name, times in zip(instance.inputs, moves.takes, strict=False):
                self.taken[name] = times
        for instance in self.network.instances:
            if instance.module == "hwc_state":  # what it is given is read by the next frame
                self.taken[instance.inputs[0]] = self.stands[instance.inputs[0]]

    def _moves(self, instance: Instance) -> Moves:
        if instance.module == "hwc_state":
            return moves_of(instance, self.network, [], Carry(IDLE))
        ready = [np.maximum(self.stands[name], self.room.get(name, _LONG_AGO)) for name in instance.inputs]
        moves = moves_of(instance, self.network, ready, Carry(IDLE))
        if len(instance.inputs) == 1 or instance.module not in ("hwc_binary", "hwc_requant"):
            return moves
        # A join takes each input into a register of its own.
        free = _later(moves.takes[0], 1) + 1
        return Moves(tuple(np.maximum(r, free) for r in ready), moves.gives)

    def _fork(self, instance: Instance) -> Moves:
        """A beat stands at all outputs as soon as it comes, and is gone when all have taken it."""
        (name,) = instance.inputs
        gone = np.maximum(self.stands[name], self.room.get(name, _LONG_AGO))
        stands = np.maximum(self.stands[name], _later(gone, 1) + 1)
        return Moves((gone,), (stands,) * len(instance.outputs))

    def backward(self) -> bool:
        """The room of every input, from when the outputs are taken; says whether any is later than before."""
        changed = False
        for instance in reversed(self.network.instances):
            rule = _ROOM.get(instance.module, _enabled)
            for name in instance.inputs:
                times = self.taken[name]
                found = np.full(len(times), _LONG_AGO, np.int64)
                for output in instance.outputs:
                    found = np.maximum(found, rule(instance, times, self.stands[output], self.taken[output]))
                known = self.room.get(name)
                if (found > times).any():
                    changed = True
                self.room[name] = found if known is None else np.maximum(known, found)
        return changed


def idle_latency(network: Network) -> int:
    """Clocks from the first input beat to the last output beat, both on AXI4-Stream, of a frame in an idle design."""
    run = _Pass(network)
    run.forward()
    if any(instance.module == "hwc_fork" for instance in network.instances):
        for _ in range(_PASSES):
            if not run.backward():
                break
            run.forward()
    ends = [int(run.stands[edge.stream][-1]) for edge in network.outputs]
    return max(max(ends) + _EDGE_CLOCKS, 0)


def _later(times: IntArray, beats: int) -> IntArray:
    """For each beat the time of the one `beats` before."""
    return np.concatenate([np.full(min(beats, len(times)), _LONG_AGO, np.int64), times[: max(len(times) - beats, 0)]])


_Rule = Callable[[Instance, IntArray, IntArray, IntArray], IntArray]
"""The room of an input's beats, of their takes, and when an output's beats stand and are taken."""


def _enabled(instance: Instance, takes: IntArray, stands: IntArray, taken: IntArray) -> IntArray:
    """A pipeline moves as one: nothing is taken while an output beat waits."""
    last = np.searchsorted(stands, takes, "right") - 1
    return np.where(last >= 0, taken[np.maximum(last, 0)], _LONG_AGO)


def _fifo(instance: Instance, takes: IntArray, stands: IntArray, taken: IntArray) -> IntArray:
    depth = 2 if instance.module == "hwc_stream_reg" else instance.number("Depth")
    return _later(taken, fifo_capacity(depth)) + 1


def _fork(instance: Instance, takes: IntArray, stands: IntArray, taken: IntArray) -> IntArray:
    return taken


def _take(instance: Instance, takes: IntArray, stands: IntArray, taken: IntArray) -> IntArray:
    """What is kept goes when it is taken."""
    n = instance.number
    room = np.full(len(takes), _LONG_AGO, np.int64).reshape(-1, n("Period"))
    room[:, n("Start") : n("Start") + n("Count")] = taken.reshape(-1, n("Count"))
    return room.reshape(-1)


def _width(instance: Instance, takes: IntArray, stands: IntArray, taken: IntArray) -> IntArray:
    ratio = instance.number("InLanes") // instance.number("OutLanes")
    if ratio <= 1:
        return _enabled(instance, takes, stands, taken)
    return _later(taken[ratio - 1 :: ratio], 1)


def _mvu(instance: Instance, takes: IntArray, stands: IntArray, taken: IntArray) -> IntArray:
    """The buffer has two vectors; one is free when its last results are on their way."""
    n = instance.number
    beats, groups = n("InChannels") // n("Simd"), n("OutChannels") // n("Pe")
    if groups == 1:
        return _enabled(instance, takes, stands, taken)
    freed = taken[groups - 1 :: groups] - pipeline_latency(instance)
    return np.repeat(_later(freed, 2), beats)


def _permute(instance: Instance, takes: IntArray, stands: IntArray, taken: IntArray) -> IntArray:
    """Two parts are held; one is free when its last beat stands in the output's register."""
    n = instance.number
    return np.repeat(_later(stands[n("OutBeats") - 1 :: n("OutBeats")], 2), n("InBeats"))


def _free(instance: Instance, takes: IntArray, stands: IntArray, taken: IntArray) -> IntArray:
    """The input's frame is taken before the output's."""
    return np.full(len(takes), _LONG_AGO, np.int64)


_ROOM: Mapping[str, _Rule] = {
    "hwc_fifo": _fifo,
    "hwc_stream_reg": _fifo,
    "hwc_fork": _fork,
    "hwc_take": _take,
    "hwc_width": _width,
    "hwc_mvu": _mvu,
    "hwc_permute": _permute,
    "hwc_state": _free,
    "hwc_softmax": _free,
    "hwc_matmul": _free,
    "hwc_lstm": _free,
}
