"""A network clock by clock: `valid` and `ready` of every stream, without values. What predictions are held to.

Each class of `fpga_cells.py` has the registers of its module in `rtl/lib` that decide when beats move, and nothing of
`timing/` but the lengths of pipelines is used. It is slow, and shares no way of thinking with the schedule, which
moves whole frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hwcomp.targets.dataflow.modules.spec import Bits
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.pipelines import pipeline_latency, softmax_clocks
from tests.targets.fpga_cells import (
    Cell,
    Entry,
    Exit,
    Fifo,
    Flags,
    Fork,
    Join,
    Matmul,
    Narrow,
    Permute,
    Replay,
    Serial,
    Softmax,
    State,
    Take,
    Turns,
)

SETTLE = 3000
"""Clocks before the first frame, in which padding and initial states go as far as they can."""


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
