"""Register slices where `ready` would pass through too many modules in one clock.

`ready` goes against the data, by wire through most modules, and in each it enables a pipeline: a net to all of its
registers. The model, in ns: a register gives it after START; each module adds a LUT, and a net that grows as the side
of the square that its registers or its multiplier blocks fill. Where the sum is above BUDGET an `hwc_stream_reg` cuts
a stream behind the module, the narrowest one that is enough. What cuts a stream is enabled too, a slice's three flags
or a FIFO's output register: the sum to these is at most LAST. The numbers are of an ECP5 of speed grade 6, placed by
nextpnr: two pipelines of 300 registers in one path took 10.3 ns, the net to registers at 128 multipliers 7.8 ns, a
requant, a converter and a slice of 288 bits, when all of them were enabled, 12.1 ns (9.96 by the model), a window, a
padding and a FIFO 12.7 ns (9.8), no slice of 8.6 by the model 9.9 ns.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial
from math import sqrt

from hwcomp.targets.dataflow.estimate.cost import cost_of
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.clusters import ENTRY, EXIT, clustered
from hwcomp.targets.dataflow.timing.fifos import fifo_depths, with_fifos
from hwcomp.targets.dataflow.timing.insert import inserted
from hwcomp.targets.dataflow.timing.schedule import Schedule, schedule_of

START = 1.2
LUT = 0.3
NET = 1.5
SPREAD = 0.055
BLOCKS = 0.55
BUDGET = 8.2
LAST = 9.2

_CUTTING = frozenset({"hwc_stream_reg", "hwc_fifo", "hwc_permute", "hwc_state", ENTRY, EXIT})
"""Modules whose inputs' `ready` comes from registers."""


def scheduled(plain: Network, *, clusters: bool = False) -> tuple[Network, Schedule]:
    """The network with its slices and FIFOs, around clusters where they are wanted, and the schedule of that.

    A FIFO cuts `ready` too: streams that get one need no slice. The slices' clocks could save a FIFO; then there are
    more slices.
    """
    plain = clustered(plain) if clusters else plain
    schedule = schedule_of(plain)
    registered = set(fifo_depths(plain, schedule))
    while True:
        names = sliced_streams(plain, registered)
        if names:
            made = {name: {"Width": plain.streams[name].width} for name in names}
            sliced = inserted(plain, "hwc_stream_reg", "slice", made)
            schedule = schedule_of(sliced)
        else:
            sliced = plain
        kept = registered & fifo_depths(sliced, schedule).keys()
        if kept == registered:
            return with_fifos(sliced, schedule)
        registered = kept


def sliced_streams(network: Network, registered: AbstractSet[str]) -> list[str]:
    """The streams that get a slice, where the `ready` of those in `registered` comes from registers already."""
    paths = _Paths(network, registered)
    found: list[str] = []
    for instance in reversed(network.instances):
        found += _shortened(paths, instance, partial(paths.delay, instance), BUDGET)
    # What cuts a stream has registers too. Those that are put in here are looked at in their turn. A loop of states
    # would take clocks more a frame: there these ways stay.
    behind = network.readers()
    kept = _to_states(network)
    waiting = [name for name in (*sorted(registered & behind.keys()), *found) if name not in kept]
    while waiting:
        name = waiting.pop()
        reader = network.instances[behind[name]]
        fresh = _shortened(paths, reader, partial(paths.cutter_delay, name), LAST)
        found += fresh
        waiting += fresh
    return found


def _to_states(network: Network) -> set[str]:
    """The streams that a state depends on."""
    found: set[str] = set()
    for is_state in (True, False):
        for instance in reversed(network.instances):
            if (instance.module == "hwc_state") is is_state and (is_state or not found.isdisjoint(instance.outputs)):
                found.update(instance.inputs)
    return found


def _shortened(paths: _Paths, instance: Instance, delay: Callable[[], float], most: float) -> list[str]:
    """Cut streams behind the instance until `delay`, which passes through them, is at most `most`."""
    found: list[str] = []
    while delay() > most:
        candidates = paths.worst(instance)
        if not candidates:
            break
        enough = [name for name in candidates if paths.with_cut(name, delay) <= most]
        name = min(enough or candidates[:1], key=lambda s: (paths.width(s), paths.cutter_delay(s) > LAST))
        paths.cut.add(name)
        found.append(name)
    return found


class _Paths:
    """Delays of `ready` in a network. cut: the streams whose `ready` comes from registers, of FIFOs at first, or that
    have none."""

    def __init__(self, network: Network, fifos: AbstractSet[str]) -> None:
        self.cut = {*fifos, *(name for name, stream in network.streams.items() if stream.is_free)}
        self._fifos = fifos
        self._network = network
        self._readers = network.readers()

    def delay(self, instance: Instance) -> float:
        """To the instance's registers."""
        arrivals = [self._arrival(name) for name in instance.outputs]
        cost = cost_of(instance, self._network)
        return max(arrivals, default=START) + LUT + NET + max(SPREAD * sqrt(cost.ff), BLOCKS * sqrt(cost.dsp))

    def cutter_delay(self, name: str) -> float:
        """To the registers of the slice or FIFO in the stream that the `ready` behind it enables.

        Of a slice they are three. Of a FIFO they hold a beat, and it finds out first whether it reads.
        """
        reader = self._network.instances[self._readers[name]]
        arrival = START if _cuts(reader) else self.delay(reader)
        reads = LUT + NET + SPREAD * sqrt(self.width(name)) if name in self._fifos else 0.0
        return arrival + reads + LUT + NET

    def width(self, name: str) -> int:
        """Bits of the stream's beat."""
        return self._network.streams[name].width

    def with_cut(self, name: str, delay: Callable[[], float]) -> float:
        """What `delay` is with one stream more that is cut."""
        self.cut.add(name)
        result = delay()
        self.cut.remove(name)
        return result

    def worst(self, instance: Instance) -> list[str]:
        """The streams of the longest path to the instance that can be cut, the nearest first."""
        found: list[str] = []
        while instance.outputs:
            name = max(instance.outputs, key=self._arrival)
            if name in self.cut or name not in self._readers:
                break
            found.append(name)
            instance = self._network.instances[self._readers[name]]
            if _cuts(instance):
                break
        return found

    def _arrival(self, name: str) -> float:
        if name in self.cut or name not in self._readers:
            return START
        reader = self._network.instances[self._readers[name]]
        return START if _cuts(reader) else self.delay(reader)


def _cuts(instance: Instance) -> bool:
    if instance.module == "hwc_mvu":
        return instance.number("OutChannels") > instance.number("Pe")
    return instance.module in _CUTTING
