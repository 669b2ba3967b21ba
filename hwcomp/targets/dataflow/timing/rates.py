"""When each module takes and gives its beats, from when they come: exact for static rates and outputs that never wait.

A model is called frame by frame with the arrival times of each input; what the next frame needs is in `Carry`.
Times are clocks: an arrival is the clock in which the beat first stands at the port, a take the one in which it moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.modules.lstm import lstm_clocks
from hwcomp.targets.dataflow.modules.spec import Bits
from hwcomp.targets.dataflow.modules.stream import fifo_latency
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.pipelines import pipeline_latency, softmax_clocks

_NEVER = -(1 << 40)
RESET = -1
"""Modules begin with the clock of the first input beat."""
IDLE = -(1 << 30)
"""They began long before: padding and initial states stand as far ahead as they can."""


@dataclass(slots=True)
class Carry:
    """What a module remembers. last: its last take, RESET or IDLE before the first; ends: of the last frames; kept:
    times of the last frame; is_instant: pipelines hold nothing, so that what waits is counted before them."""

    last: int = RESET
    is_instant: bool = False
    ends: list[int] = field(default_factory=list)
    kept: IntArray | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """takes: for each input, gives: for each output, times of one frame's beats."""

    takes: tuple[IntArray, ...]
    gives: tuple[IntArray, ...]


Model = Callable[[Instance, Network, Sequence[IntArray], Carry], Moves]


def serial(ready: IntArray, step: int, after: int) -> IntArray:
    """The earliest times t[k] >= ready[k] with t[k] >= t[k - 1] + step, the first not before `after` + step."""
    if ready[0] >= after + step and (ready[1:] - ready[:-1] >= step).all():
        return ready
    offset = step * np.arange(len(ready), dtype=np.int64)
    shifted = ready - offset
    shifted[0] = max(int(shifted[0]), after + step)
    return np.maximum.accumulate(shifted) + offset


def moves_of(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """One frame through one instance."""
    return _MODELS.get(instance.module, _pipeline)(instance, network, arrivals, carry)


def _take(arrivals: Sequence[IntArray], carry: Carry, step: int = 1) -> IntArray:
    """One beat of every input each `step` clocks."""
    together = arrivals[0] if len(arrivals) == 1 else np.maximum.reduce(list(arrivals))
    taken = serial(together, step, carry.last)
    carry.last = int(taken[-1])
    return taken


def _latency(instance: Instance, carry: Carry) -> int:
    return 0 if carry.is_instant else pipeline_latency(instance)


def _pipeline(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """A beat in, a beat out."""
    taken = _take(arrivals, carry)
    given = taken + _latency(instance, carry)
    return Moves((taken,) * len(arrivals), (given,) * len(instance.outputs))


def _serial(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """A beat each `Period` clocks, in which its words go by."""
    taken = _take(arrivals, carry, instance.number("Period"))
    return Moves((taken,), (taken + _latency(instance, carry),))


def _cluster_entry(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """By wire, at most a beat each `Interval` clocks."""
    taken = _take(arrivals, carry, instance.number("Interval"))
    return Moves((taken,), (taken,))


def _width(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    inside, outside = instance.number("InLanes"), instance.number("OutLanes")
    if inside < outside:
        taken = _take(arrivals, carry)
        return Moves((taken,), (taken[outside // inside - 1 :: outside // inside] + 1,))
    ratio = inside // outside
    taken = _take(arrivals, carry, ratio)
    return Moves((taken,), ((taken[:, None] + 1 + np.arange(ratio)).reshape(-1),))


def _pad(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    n = instance.number
    groups = n("Channels") // n("Lanes")
    image = np.zeros((n("InHeight"), n("InWidth"), groups), bool)
    image[:] = True
    border = ((n("PadTop"), n("PadBottom")), (n("PadLeft"), n("PadRight")), (0, 0))
    inside = np.pad(image, border).reshape(-1)
    inside = np.tile(inside, len(arrivals[0]) // image.size)
    ready = np.full(len(inside), _NEVER, np.int64)
    ready[inside] = arrivals[0]
    steps = serial(ready, 1, carry.last)
    carry.last = int(steps[-1])
    return Moves((steps[inside],), (steps + 1,))


def _window(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    n = instance.number
    taken = _take(arrivals, carry)
    height, width, groups = n("InHeight"), n("InWidth"), n("Channels") // n("Lanes")
    rows = np.arange((n("KernelHeight") - 1) * n("DilationHeight"), height, n("StrideHeight"))
    columns = np.arange((n("KernelWidth") - 1) * n("DilationWidth"), width, n("StrideWidth"))
    beats = ((rows[:, None, None] * width + columns[None, :, None]) * groups + np.arange(groups)).reshape(-1)
    images = len(taken) // (height * width * groups)
    index = (np.arange(images)[:, None] * (height * width * groups) + beats).reshape(-1)
    latency = max(1, (n("KernelHeight") > 1) + (n("KernelWidth") > 1))
    return Moves((taken,), (taken[index] + latency,))


def _mvu(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    n = instance.number
    beats, groups = n("InChannels") // n("Simd"), n("OutChannels") // n("Pe")
    latency = _latency(instance, carry)
    if groups == 1:
        taken = _take(arrivals, carry)
        return Moves((taken,), (taken[beats - 1 :: beats] + latency,))
    taken = serial(arrivals[0], 1, carry.last)
    vectors = (taken + 1).reshape(-1, beats)
    # The first pass over a vector waits for its beats; `end` is when it is through.
    ready = (vectors - np.arange(beats)).max(axis=1) + beats - 1
    previous = carry.ends[-1] if carry.ends else min(carry.last, RESET) - (groups - 1) * beats
    end = serial(ready, beats * groups, previous)
    # A place is free after the last pass: the ring holds two vectors.
    freed = end[:, None] + (groups - 1) * beats + np.arange(1 - beats, 1)
    before = carry.kept if carry.kept is not None else np.full((2, beats), _NEVER, np.int64)
    free = np.concatenate([before, freed])[: len(vectors)].reshape(-1) + 1
    taken = serial(np.maximum(arrivals[0], free), 1, carry.last)
    carry.last, carry.ends = int(taken[-1]), [int(end[-1])]
    carry.kept = np.concatenate([before, freed])[-2:]
    given = end[:, None] + np.arange(groups) * beats + latency - 1
    return Moves((taken,), (given.reshape(-1),))


def _dwu(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    beats = instance.number("KernelTaps") // instance.number("Taps")
    taken = _take(arrivals, carry)
    return Moves((taken,), (taken[beats - 1 :: beats] + _latency(instance, carry),))


def _reduce(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    n = instance.number
    groups = n("Channels") // n("Lanes")
    taken = _take(arrivals, carry)
    last = taken.reshape(-1, n("Pixels"), groups)[:, -1]
    return Moves((taken,), (last.reshape(-1) + _latency(instance, carry),))


def _argmax(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    taken = _take(arrivals, carry)
    return Moves((taken,), (taken[instance.number("Channels") - 1 :: instance.number("Channels")] + 1,))


def _concat(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    packed = instance.parameters["Bursts"]
    assert isinstance(packed, Bits)
    bursts = [(packed.value >> (32 * i)) & 0xFFFFFFFF for i in range(len(arrivals))]
    rounds = len(arrivals[0]) // bursts[0]
    merged = np.concatenate([a.reshape(rounds, b) for a, b in zip(arrivals, bursts, strict=True)], axis=1)
    taken = serial(merged.reshape(-1), 1, carry.last)
    carry.last = int(taken[-1])
    parts = np.split(taken.reshape(rounds, -1), np.cumsum(bursts)[:-1], axis=1)
    return Moves(tuple(part.reshape(-1) for part in parts), (taken + 1,))


def _keep(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    n = instance.number
    taken = _take(arrivals, carry)
    kept = taken.reshape(-1, n("Period"))[:, n("Start") : n("Start") + n("Count")]
    return Moves((taken,), (kept.reshape(-1),))


def _permute(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """A part is written while the one before is read; the one before that must be read, a clock ahead of given.

    When a part is given does not depend on that wait: it is one for parts that have more beats to be given than taken,
    and then they are given without a gap. carry.ends: when the last beats of the last two parts were given.
    """
    beats, length = instance.number("InBeats"), instance.number("OutBeats")
    before = carry.ends or [_NEVER, _NEVER]
    full = serial(arrivals[0], 1, carry.last)[beats - 1 :: beats] + 1
    ends = serial(full + length, length, before[-1])
    ready = arrivals[0].reshape(-1, beats).copy()
    ready[:, 0] = np.maximum(ready[:, 0], np.concatenate([before, ends])[: len(ends)])
    taken = serial(ready.reshape(-1), 1, carry.last)
    carry.last, carry.ends = int(taken[-1]), [*before, *(int(end) for end in ends[-2:])][-2:]
    given = ends[:, None] + np.arange(1 - length, 1, dtype=np.int64)
    return Moves((taken,), (given.reshape(-1),))


def _state(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """Only the giving side: the frame that came before, the initial one first. See `state_takes`."""
    beats = instance.number("Beats")
    given = np.arange(beats, dtype=np.int64) + carry.last + _STATE_START if carry.kept is None else carry.kept
    return Moves((), (given,))


def state_takes(instance: Instance, arrivals: IntArray, carry: Carry) -> IntArray:
    """What a state takes of this frame; it gives it in the next."""
    taken = serial(arrivals, 1, carry.last)
    carry.last = int(taken[-1])
    carry.kept = taken + fifo_latency(instance.number("Beats"))
    return taken


def _softmax(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """A vector is taken, worked on and given before the next is taken."""
    channels = instance.number("Channels")
    interval, latency = softmax_clocks(instance), _latency(instance, carry)
    takes: list[IntArray] = []
    gives: list[IntArray] = []
    for vector in arrivals[0].reshape(-1, channels):
        taken = serial(vector, 1, carry.last)
        carry.last = int(taken[-1]) + interval - channels
        takes.append(taken)
        gives.append(taken[-1] + latency + np.arange(channels, dtype=np.int64))
    return Moves((np.concatenate(takes),), (np.concatenate(gives),))


def _matmul(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """A product begins when its b is there. Two b are held, and two rows of a, but none where all columns go at once.

    carry.ends: the last take of b, the ends of the last two products and of the last row; carry.kept: when the places
    of the last two rows were free.
    """
    n = instance.number
    inner, groups, rows = n("Inner"), n("Columns") // n("Pe"), n("Rows")
    latency = _latency(instance, carry)
    last_b, *products, done = carry.ends or (carry.last,) * 4
    freed = list(carry.kept if carry.kept is not None else np.full((2, inner), _NEVER, np.int64))
    takes: list[list[IntArray]] = [[], []]
    gives: list[IntArray] = []
    sets = zip(arrivals[0].reshape(-1, rows, inner), arrivals[1].reshape(-1, inner * groups), strict=True)
    for matrix, b in sets:
        takes[1].append(serial(np.maximum(b, products[-2] + 1), 1, last_b))
        last_b = int(takes[1][-1][-1])
        for row in matrix:
            free = freed[-2] + 1 if groups > 1 else max(last_b, done) + 1
            takes[0].append(serial(np.maximum(row, free), 1, carry.last))
            carry.last = int(takes[0][-1][-1])
            start = max(done + 1, carry.last + (groups > 1) + 1 - inner, last_b + 1)
            done = max(start + inner * groups - 1, carry.last)
            freed = [freed[-1], start + (groups - 1) * inner + np.arange(inner, dtype=np.int64)]
            gives.append(done - inner * np.arange(groups - 1, -1, -1, dtype=np.int64) + latency)
        products = [products[-1], done]
    carry.ends, carry.kept = [last_b, *products, done], np.stack(freed)
    return Moves((np.concatenate(takes[0]), np.concatenate(takes[1])), (np.concatenate(gives),))


def _lstm(instance: Instance, network: Network, arrivals: Sequence[IntArray], carry: Carry) -> Moves:
    """States are taken, then steps follow, each when the one before has given all its units.

    The sums of x, the first input, are taken where those of h come out: a row of weights after the other.
    """
    steps, clocks = instance.number("Steps"), lstm_clocks(instance.parameters)
    units, rows = clocks.units, clocks.rows
    latencies = (clocks.to_sum, clocks.to_cell, clocks.to_hidden)
    to_sum, to_cell, to_hidden = (0, 0, 0) if carry.is_instant else latencies
    takes: list[list[IntArray]] = [[], [], []]
    gives: list[IntArray] = []
    cells: list[IntArray] = []
    start = carry.last + 1
    sums = arrivals[0].reshape(-1, steps, 4 * units)
    for sequence, *states in zip(sums, *(a.reshape(-1, units) for a in arrivals[1:]), strict=True):
        taken = [serial(state, 1, start - 1) for state in states]
        start = max(int(t[-1]) for t in taken) + 1
        takes[1].append(taken[0])
        takes[2].append(taken[1])
        for step in sequence:
            sums_taken = serial(step, rows, start - 1 + to_sum)
            takes[0].append(sums_taken)
            gives.append(sums_taken[3::4] + to_hidden)
            start = max(int(gives[-1][-1]), int(sums_taken[-1]) + 1)
        cells.append(takes[0][-1][3::4] + to_cell)
    carry.last = start - 1
    t0, t1, t2 = (np.concatenate(part) for part in takes)
    return Moves((t0, t1, t2), (np.concatenate(gives), np.concatenate(cells)))


_STATE_START = 4
"""Clocks from reset to the initial state's first beat."""
_MODELS: dict[str, Model] = {
    "hwc_width": _width,
    "hwc_serial": _serial,
    "hwc_cluster_entry": _cluster_entry,
    "hwc_pad": _pad,
    "hwc_window": _window,
    "hwc_mvu": _mvu,
    "hwc_dwu": _dwu,
    "hwc_reduce": _reduce,
    "hwc_argmax": _argmax,
    "hwc_concat": _concat,
    "hwc_take": _keep,
    "hwc_permute": _permute,
    "hwc_state": _state,
    "hwc_softmax": _softmax,
    "hwc_log_softmax": _softmax,
    "hwc_matmul": _matmul,
    "hwc_lstm": _lstm,
}
