"""The RAMs of a design: what each instance has in `hwc_ram`, and which of them become macros."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hwcomp.targets.dataflow.network import Instance, Network

MACRO_MODULE = "hwc_ram_1r1w"
MACRO_DEPTH = 16
"""Fewer words than this are registers, however wide they are."""


@dataclass(frozen=True, slots=True, order=True)
class Ram:
    """One write port and one read port; width in bits, depth in words."""

    width: int
    depth: int

    @property
    def bits(self) -> int:
        return self.width * self.depth

    def is_macro(self, macro_bits: int) -> bool:
        """As hwc_ram of the bundle decides it."""
        return self.bits >= macro_bits and self.depth >= MACRO_DEPTH


def rams_of(network: Network, loaded: Iterable[str]) -> Counter[Ram]:
    """How many of each shape the design has. loaded: the instances whose memories are loaded, by name."""
    found: Counter[Ram] = Counter()
    names = set(loaded)
    for instance in network.instances:
        found.update(_RAMS.get(instance.module, _none)(instance))
        if instance.name in names:
            found.update(Ram(memory.width, memory.depth) for memory in instance.memories)
    return found


def _none(instance: Instance) -> list[Ram]:
    return []


def _queue(width: int, depth: int) -> list[Ram]:
    """hwc_fifo: a register slice up to a depth of 2."""
    return [Ram(width, depth)] if depth > 2 else []


def _delay(width: int, delay: int) -> list[Ram]:
    """hwc_taps: registers where the delay is one step."""
    return [Ram(width, delay)] if delay > 1 else []


def _replay(width: int, beats: int, groups: int) -> list[Ram]:
    """hwc_replay: two vectors, where they are given several times."""
    return [Ram(width, 2 * beats)] if groups > 1 else []


def _fifo(instance: Instance) -> list[Ram]:
    return _queue(instance.number("Width"), instance.number("Depth"))


def _state(instance: Instance) -> list[Ram]:
    return _queue(instance.number("Width"), instance.number("Beats"))


def _permute(instance: Instance) -> list[Ram]:
    n = instance.number
    frame = max(n("InBeats") - 1, 1).bit_length()
    return [Ram(n("Lanes") * n("Width"), (1 << frame) + n("InBeats"))]


def _window(instance: Instance) -> list[Ram]:
    n = instance.number
    beat, groups, rows, columns = (
        n("Lanes") * n("Width"),
        n("Channels") // n("Lanes"),
        n("KernelHeight"),
        n("KernelWidth"),
    )
    above = _delay((rows - 1) * beat, n("DilationHeight") * n("InWidth") * groups) if rows > 1 else []
    beside = _delay((columns - 1) * rows * beat, n("DilationWidth") * groups) if columns > 1 else []
    return above + beside


def _mvu(instance: Instance) -> list[Ram]:
    n = instance.number
    return _replay(n("Simd") * n("InWidth"), n("InChannels") // n("Simd"), n("OutChannels") // n("Pe"))


def _matmul(instance: Instance) -> list[Ram]:
    n = instance.number
    groups = n("Columns") // n("Pe")
    return [
        Ram(n("Pe") * n("BWidth"), 2 * n("Inner") * groups),
        *_replay(n("AWidth"), n("Inner"), groups),
    ]


def _reduce(instance: Instance) -> list[Ram]:
    n = instance.number
    kept = max(n("Width"), n("OutWidth")) if n("IsMax") else n("OutWidth")
    groups = n("Channels") // n("Lanes")
    return [Ram(n("Lanes") * kept, groups)] if groups > 1 else []


def _softmax(instance: Instance) -> list[Ram]:
    return [Ram(instance.number("InWidth"), instance.number("Channels"))]


def _lstm(instance: Instance) -> list[Ram]:
    """Two hidden states, the cell state, the output gates."""
    units, simd = instance.number("Units"), instance.number("Simd")
    return [Ram(8 * simd, 2 * units // simd), Ram(16, units), Ram(17, units)]


_RAMS: dict[str, Callable[[Instance], list[Ram]]] = {
    "hwc_fifo": _fifo,
    "hwc_state": _state,
    "hwc_permute": _permute,
    "hwc_window": _window,
    "hwc_mvu": _mvu,
    "hwc_matmul": _matmul,
    "hwc_reduce": _reduce,
    "hwc_softmax": _softmax,
    "hwc_log_softmax": _softmax,
    "hwc_lstm": _lstm,
}
"""The RAMs of each module of rtl/lib beside those that are loaded; tests hold it to what Yosys finds."""
