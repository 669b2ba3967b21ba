"""A network clock by clock: `valid` and `ready` of every stream, without values. What predictions are held to.

Each class has the registers of its module in `rtl/lib` that decide when beats move, and nothing of `timing/` but the
lengths of pipelines. It is slow, and shares no way of thinking with the schedule, which moves whole frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.targets.dataflow.modules.spec import Bits
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.pipelines import pipeline_latency, softmax_clocks

Flags = list[bool]
SETTLE = 3000
"""Clocks before the first frame, in which padding and initial states go as far as they can."""


class Cell:
    """A module of one clock-enabled pipeline: `stages` registers that all wait while the last one waits."""

    def __init__(self, stages: int, keeps: Sequence[bool] = (True,)) -> None:
        """keeps: of each period of input beats, those after which an output beat is complete."""
        self.stages = [False] * stages
        self.keeps, self.place = list(keeps), 0
        self.moves = True

    def valid(self, given: Flags) -> Flags:
        """Which outputs have a beat; `given` only matters to wires."""
        return [self.stages[-1]]

    def ready(self, taken: Flags) -> Flags:
        """Which inputs would be taken, of which outputs are."""
        self.moves = not self.stages[-1] or taken[0]
        return [self.moves]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        """The clock's edge: beats that stood at inputs, inputs that had room, outputs that had room."""
        if not self.moves:
            return
        self.shift(given[0] and self.keeps[self.place])
        self.place = (self.place + given[0]) % len(self.keeps)

    def shift(self, beat: bool) -> None:
        self.stages = [beat, *self.stages[:-1]]


class Join(Cell):
    """`hwc_join` and a pipeline: an input beat waits in a register of its own."""

    def __init__(self, inputs: int, stages: int) -> None:
        super().__init__(stages - 1)
        self.full = [False] * inputs

    def ready(self, taken: Flags) -> Flags:
        (self.moves,) = super().ready(taken)
        goes = self.moves and all(self.full)
        return [goes or not full for full in self.full]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        if self.moves:
            self.shift(all(self.full))
        self.full = [g if r else f for f, g, r in zip(self.full, given, ready, strict=True)]


class Fork(Cell):
    """`hwc_fork`: which outputs have had the beat."""

    def __init__(self, outputs: int) -> None:
        self.had = [False] * outputs

    def valid(self, given: Flags) -> Flags:
        return [given[0] and not had for had in self.had]

    def ready(self, taken: Flags) -> Flags:
        return [all(h or t for h, t in zip(self.had, taken, strict=True))]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        if given[0]:
            self.had = [not ready[0] and (h or t) for h, t in zip(self.had, taken, strict=True)]


class Take(Cell):
    """`hwc_take`: a counter."""

    def valid(self, given: Flags) -> Flags:
        return [given[0] and self.keeps[self.place]]

    def ready(self, taken: Flags) -> Flags:
        return [taken[0] or not self.keeps[self.place]]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        self.place = (self.place + (given[0] and ready[0])) % len(self.keeps)


class Fifo(Cell):
    """`hwc_fifo`: a memory of `depth`, then a register; `hwc_stream_reg` is one of depth 1, a clock sooner."""

    def __init__(self, depth: int) -> None:
        super().__init__(1)
        self.is_slice, self.depth, self.count = depth <= 2, depth, 0

    def ready(self, taken: Flags) -> Flags:
        return [self.count < (1 if self.is_slice else self.depth)]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        push, free = given[0] and ready[0], not self.stages[0] or taken[0]
        self.count += push and self.is_slice
        reads = free and self.count > 0
        self.count += (push and not self.is_slice) - reads
        self.stages[0] = reads or not free


class Serial(Cell):
    """`hwc_serial`: a pipeline whose input is taken each `period` clocks."""

    def __init__(self, period: int, stages: int) -> None:
        super().__init__(stages)
        self.period, self.left = period, 0

    def ready(self, taken: Flags) -> Flags:
        super().ready(taken)
        return [self.moves and self.left == 0]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        if self.moves:
            takes = given[0] and ready[0]
            self.shift(takes)
            self.left = self.period - 1 if takes else max(self.left - 1, 0)


class Exit(Fifo):
    """`hwc_cluster_exit`: whether there was room a clock ago for what is under way."""

    def __init__(self, depth: int, reserve: int) -> None:
        super().__init__(depth)
        self.most, self.level, self.has_room = depth - reserve, 0, False

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        takes = self.stages[0] and taken[0]
        self.has_room = self.level + given[0] <= self.most
        self.level += given[0] - takes
        super().tick(given, ready, taken)


class Entry(Cell):
    """`hwc_cluster_entry`: a beat each `interval` clocks, while the exit has room."""

    def __init__(self, interval: int, leave: Exit) -> None:
        self.interval, self.leave, self.left = interval, leave, 0

    def valid(self, given: Flags) -> Flags:
        return [given[0] and self.ready([])[0]]

    def ready(self, taken: Flags) -> Flags:
        return [self.leave.has_room and self.left == 0]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        self.left = self.interval - 1 if given[0] and ready[0] else max(self.left - 1, 0)


class State(Fifo):
    """`hwc_state`: the initial frame goes in first."""

    def __init__(self, beats: int) -> None:
        super().__init__(beats)
        self.left = beats

    def ready(self, taken: Flags) -> Flags:
        return [not self.left and super().ready(taken)[0]]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        room, plays = ready, given
        if self.left:
            room, plays = super().ready(taken), [True]
            self.left -= room[0]
        super().tick(plays, room, taken)


class Narrow(Cell):
    """`hwc_width` to fewer lanes: a beat is given in parts."""

    def __init__(self, ratio: int) -> None:
        self.ratio, self.left = ratio, 0

    def valid(self, given: Flags) -> Flags:
        return [self.left > 0]

    def ready(self, taken: Flags) -> Flags:
        return [self.left == 0 or (self.left == 1 and taken[0])]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        if given[0] and ready[0]:
            self.left = self.ratio
        elif self.left and taken[0]:
            self.left -= 1


class Turns(Cell):
    """`hwc_pad` and `hwc_concat`: a register, and whose turn it is: an input's, or -1 for a beat of the border."""

    def __init__(self, turns: Sequence[int], inputs: int) -> None:
        super().__init__(1)
        self.turns, self.inputs = list(turns), inputs

    def ready(self, taken: Flags) -> Flags:
        (self.moves,) = super().ready(taken)
        return [self.moves and self.turns[self.place] == i for i in range(self.inputs)]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        if self.moves:
            turn = self.turns[self.place]
            self.shift(turn < 0 or given[turn])
            self.place = (self.place + self.stages[0]) % len(self.turns)


class Permute(Cell):
    """`hwc_permute`: two frames, one is written and one is read."""

    def __init__(self, beats: int, given: int) -> None:
        super().__init__(1)
        self.beats, self.given, self.full = beats, given, 0
        self.write = self.read = 0

    def ready(self, taken: Flags) -> Flags:
        return [self.full < 2]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        free = not self.stages[0] or taken[0]
        reads, writes = self.full > 0 and free, given[0] and ready[0]
        self.read, self.write = self.read + reads, self.write + writes
        if self.read == self.given:
            self.read, self.full = 0, self.full - 1
        if self.write == self.beats:
            self.write, self.full = 0, self.full + 1
        self.stages[0] = reads or not free


class Replay(Cell):
    """`hwc_mvu` of several groups: two vectors of `beats`, each read `groups` times."""

    def __init__(self, beats: int, groups: int, stages: int) -> None:
        super().__init__(stages - 1)
        self.beats, self.groups, self.used, self.fresh, self.read = beats, groups, 0, 0, 0

    def ready(self, taken: Flags) -> Flags:
        super().ready(taken)
        return [self.used < 2 * self.beats]

    def has_next(self) -> bool:
        return self.read >= self.beats or self.fresh > 0

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        gives, writes = self.moves and self.has_next(), given[0] and ready[0]
        self.used += writes - (gives and self.read >= self.beats * (self.groups - 1))
        self.fresh += writes - (gives and self.read < self.beats)
        if gives:
            self.read = (self.read + 1) % (self.beats * self.groups)
        if self.moves:
            self.shift(gives and self.read % self.beats == 0)


class Matmul(Replay):
    """`hwc_matmul`: two matrices b; rows of a are read once for each group of columns, none kept where there is one."""

    def __init__(self, inner: int, groups: int, rows: int, stages: int) -> None:
        super().__init__(inner, groups, stages + 1)
        self.rows, self.row, self.full, self.write = rows, 0, 0, 0

    def ready(self, taken: Flags) -> Flags:
        (room,) = super().ready(taken)
        return [room if self.groups > 1 else self.moves and self.full > 0, self.full < 2]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        if self.groups == 1:  # a row is multiplied as it comes
            self.fresh = self.used = int(given[0])
        gives = self.moves and self.full > 0 and self.has_next()
        moves, self.moves = self.moves, gives
        super().tick([given[0] and self.groups > 1], ready[:1], taken)
        if moves and not gives:
            self.shift(False)
        self.row += gives and self.read == 0
        if self.row == self.rows:
            self.row, self.full = 0, self.full - 1
        self.write += given[1] and ready[1]
        if self.write == self.beats * self.groups:
            self.write, self.full = 0, self.full + 1


class Softmax(Cell):
    """A vector is taken, worked on and given, in `clocks` clocks."""

    def __init__(self, channels: int, clocks: int, latency: int) -> None:
        work = clocks - 2 * channels
        super().__init__(latency - work - 1)
        self.channels, self.clocks, self.at = channels, clocks, 0

    def ready(self, taken: Flags) -> Flags:
        super().ready(taken)
        return [self.moves and self.at < self.channels]

    def tick(self, given: Flags, ready: Flags, taken: Flags) -> None:
        if self.moves:
            self.shift(self.at >= self.clocks - self.channels)
            self.at = (self.at + (self.at >= self.channels or given[0])) % self.clocks


def _spatial(instance: Instance) -> Cell:
    n = instance.number
    height, width, groups = n("InHeight"), n("InWidth"), n("Channels") // n("Lanes")
    if instance.module == "hwc_pad":
        border = ((n("PadTop"), n("PadBottom")), (n("PadLeft"), n("PadRight")), (0, 0))
        turns = np.pad(np.zeros((height, width, groups), np.int64), border, constant_values=-1)
        return Turns([int(turn) for turn in turns.reshape(-1)], 1)
    ends = np.zeros((height, width, groups), bool)
    first = [(n(f"Kernel{d}") - 1) * n(f"Dilation{d}") for d in ("Height", "Width")]
    ends[first[0] :: n("StrideHeight"), first[1] :: n("StrideWidth")] = True
    stages = max(1, (n("KernelHeight") > 1) + (n("KernelWidth") > 1))
    return Cell(stages, [bool(end) for end in ends.reshape(-1)])


def _counted(instance: Instance) -> Cell:
    """Modules that give one beat for several."""
    n = instance.number
    if instance.module == "hwc_argmax":
        return Cell(1, _last_of(n("Channels")))
    if instance.module == "hwc_reduce":
        groups = n("Channels") // n("Lanes")
        return Cell(
            pipeline_latency(instance), [p == n("Pixels") - 1 for p in range(n("Pixels")) for _ in range(groups)]
        )
    if instance.module == "hwc_take":
        return Take(1, [n("Start") <= k < n("Start") + n("Count") for k in range(n("Period"))])
    if instance.module == "hwc_dwu":
        return Cell(pipeline_latency(instance), _last_of(n("KernelTaps") // n("Taps")))
    beats, groups = n("InChannels") // n("Simd"), n("OutChannels") // n("Pe")
    if groups > 1:
        return Replay(beats, groups, pipeline_latency(instance))
    return Cell(pipeline_latency(instance), _last_of(beats))


def _last_of(beats: int) -> Flags:
    return [k == beats - 1 for k in range(beats)]


def _width(instance: Instance) -> Cell:
    inside, outside = instance.number("InLanes"), instance.number("OutLanes")
    return Narrow(inside // outside) if inside > outside else Cell(1, _last_of(outside // inside))


def _concat(instance: Instance) -> Cell:
    bursts = instance.parameters["Bursts"]
    assert isinstance(bursts, Bits)
    inputs = range(len(instance.inputs))
    return Turns([i for i in inputs for _ in range((bursts.value >> (32 * i)) & 0xFFFFFFFF)], len(inputs))


def _matmul(instance: Instance) -> Cell:
    n = instance.number
    return Matmul(n("Inner"), n("Columns") // n("Pe"), n("Rows"), pipeline_latency(instance))


def _softmax(instance: Instance) -> Cell:
    return Softmax(instance.number("Channels"), softmax_clocks(instance), pipeline_latency(instance))


def _pipeline(instance: Instance) -> Cell:
    stages = pipeline_latency(instance)
    return Join(len(instance.inputs), stages) if len(instance.inputs) > 1 else Cell(stages)


_CELLS: dict[str, Callable[[Instance], Cell]] = {
    "hwc_fork": lambda instance: Fork(len(instance.outputs)),
    "hwc_stream_reg": lambda instance: Fifo(2),
    "hwc_fifo": lambda instance: Fifo(instance.number("Depth")),
    "hwc_serial": lambda instance: Serial(instance.number("Period"), pipeline_latency(instance)),
    "hwc_cluster_exit": lambda instance: Exit(instance.number("Depth"), instance.number("Reserve")),
    "hwc_state": lambda instance: State(instance.number("Beats")),
    "hwc_permute": lambda instance: Permute(instance.number("InBeats"), instance.number("OutBeats")),
    "hwc_width": _width,
    "hwc_pad": _spatial,
    "hwc_window": _spatial,
    "hwc_concat": _concat,
    "hwc_matmul": _matmul,
    "hwc_softmax": _softmax,
    "hwc_log_softmax": _softmax,
    **dict.fromkeys(("hwc_argmax", "hwc_reduce", "hwc_take", "hwc_dwu", "hwc_mvu"), _counted),
}


@dataclass(frozen=True, slots=True)
class Played:
    """latency: of the first frame, 0 where it was done before it came; ends: the clock of each frame's last beat."""

    latency: int
    ends: tuple[int, ...]

    @property
    def interval(self) -> int:
        """Clocks between frames: the mean of the last half, where it repeats only after some frames."""
        half = len(self.ends) // 2
        return round((self.ends[-1] - self.ends[half]) / (len(self.ends) - 1 - half))


def _cells(network: Network) -> list[tuple[tuple[str, ...], tuple[str, ...], Cell]]:
    """Of each instance, in order, with its streams. An entry and its exit share a wire."""
    made = {i.name: _CELLS.get(i.module, _pipeline)(i) for i in network.instances if i.module != "hwc_cluster_entry"}
    exits = {net: made[i.name] for i in network.instances if i.module == "hwc_cluster_exit" for _, net in i.wires}
    for instance in network.instances:
        if instance.module == "hwc_cluster_entry":
            leave = exits[instance.wires[0][1]]
            assert isinstance(leave, Exit)
            made[instance.name] = Entry(instance.number("Interval"), leave)
    return [(i.inputs, i.outputs, made[i.name]) for i in network.instances]


def play(network: Network, frames: int, limit: int) -> Played:
    """Frames one after the other through the idle network, with the slices of its edges; `limit` clocks at most.

    Streams that are free are always taken: whoever reads one must have room whenever it has a beat.
    """
    cells = _cells(network)
    wires = [cell for cell in cells if isinstance(cell[2], (Fork, Take, Entry))]
    registers = [cell for cell in cells if not isinstance(cell[2], (Fork, Take, Entry))]
    free = {name for name, stream in network.streams.items() if stream.is_free}
    sources = {edge.stream: Fifo(2) for edge in network.inputs}
    sinks = {edge.stream: Fifo(2) for edge in network.outputs}
    left = {name: network.streams[name].beats * frames for name in sources}
    came: dict[str, list[int]] = {name: [] for name in sinks}
    valid, ready = dict.fromkeys(network.streams, False), dict.fromkeys(network.streams, True)
    for clock in range(-SETTLE, limit):
        valid.update({name: cell.valid([])[0] for name, cell in sources.items()})
        for inputs, outputs, cell in registers + wires:
            valid.update(zip(outputs, cell.valid([valid[name] for name in inputs]), strict=True))
        ready.update({name: cell.ready([True])[0] for name, cell in sinks.items()})
        for _ in range(2):  # a state is given to by what stands behind it
            for inputs, outputs, cell in reversed(cells):
                room = cell.ready([ready[name] for name in outputs])
                assert all(r or not (name in free and valid[name]) for name, r in zip(inputs, room, strict=True)), (
                    inputs
                )
                ready.update({name: r or name in free for name, r in zip(inputs, room, strict=True)})
        for name, source in sources.items():
            room = source.ready([])
            plays = clock >= 0 and left[name] > 0
            left[name] -= plays and room[0]
            source.tick([plays], room, [ready[name]])
        for name, sink in sinks.items():
            came[name] += [clock] * sink.valid([])[0]
            sink.tick([valid[name]], [ready[name]], [True])
        for inputs, outputs, cell in cells:
            given, room, taken = [valid[n] for n in inputs], [ready[n] for n in inputs], [ready[n] for n in outputs]
            cell.tick(given, room, taken)
        if all(len(came[name]) >= network.streams[name].beats * frames for name in sinks):
            break
    ends = [max(times[(f + 1) * network.streams[n].beats - 1] for n, times in came.items()) for f in range(frames)]
    return Played(max(ends[0], 0), tuple(ends))
