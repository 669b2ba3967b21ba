"""Which streams hold their source back: beats that stand in it stop a module that has no clock to lose.

Most modules move as one: while a result waits, nothing is taken. Where a module's own clocks and those in which its
results wait are more than the interval, something must take them over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.interval import interval_of

_APART = frozenset({"hwc_fifo", "hwc_stream_reg", "hwc_permute", "hwc_state", "hwc_cluster_exit"})
"""Modules whose inputs do not wait for what their outputs hold."""
_WIRES = frozenset({"hwc_fork", "hwc_take"})

Frames = Mapping[str, Sequence[IntArray]]
"""Times of each stream's beats, frame by frame, the last one last."""


def held_back(network: Network, interval: int, arrivals: Frames, takes: Frames) -> list[str]:
    """The streams of whose source there would be too little; behind a fork the branch that waits longest."""
    view = _Standing(network, arrivals, takes)
    found: list[str] = []
    for instance in network.instances:
        if instance.module in _APART | _WIRES:
            continue
        spare = interval - interval_of(instance, network)
        stands = {name: view.clocks(name) for name in instance.outputs}
        if sum(stands.values()) > spare:
            found.append(view.worst(max(stands, key=lambda name: stands[name])))
    return found


class _Standing:
    """How long the beats of the last frame stand in each stream, wires and what follows them included."""

    def __init__(self, network: Network, arrivals: Frames, takes: Frames) -> None:
        self._network, self._arrivals, self._takes = network, arrivals, takes
        self._readers = network.readers()

    def clocks(self, name: str) -> int:
        """Clocks of a frame in which a beat stands that could have gone, those in which more of them do once."""
        gone, came = self._gone(name), self._arrivals[name][-1]
        start = np.maximum(came, np.concatenate([came[:1], np.maximum.accumulate(gone)[:-1] + 1]))
        return int(np.maximum(gone - start, 0).sum())

    def worst(self, name: str) -> str:
        """The stream, or that branch of it in which beats stand longest."""
        reader = self._reader(name)
        if reader is None or reader.module not in _WIRES:
            return name
        return self.worst(max(reader.outputs, key=self.clocks))

    def _reader(self, name: str) -> Instance | None:
        return self._network.instances[self._readers[name]] if name in self._readers else None

    def _gone(self, name: str) -> IntArray:
        """When each beat has left the register of the module that gives it."""
        reader = self._reader(name)
        if reader is None:
            return self._arrivals[name][-1]
        if reader.module == "hwc_fork":
            return np.asarray(np.maximum.reduce([self._gone(branch) for branch in reader.outputs]), np.int64)
        gone = np.array(self._takes[name][-1])
        if reader.module == "hwc_take":
            n = reader.number
            kept = gone.reshape(-1, n("Period"))[:, n("Start") : n("Start") + n("Count")]
            kept[:] = np.maximum(kept, self._gone(reader.outputs[0]).reshape(kept.shape))
        return gone
