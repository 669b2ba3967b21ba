"""Modules of `rtl/lib` clock by clock: `valid` and `ready`, without values; for `fpga_cycles.py`."""

from __future__ import annotations

from collections.abc import Sequence

Flags = list[bool]


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
