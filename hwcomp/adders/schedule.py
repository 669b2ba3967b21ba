"""A pipeline of an adder graph: the stage of each node, and the registers that delays need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.adders.graph import AdderGraph, depths


@dataclass(frozen=True, slots=True)
class Schedule:
    """A register ends each of `stages` stages; node n is computed in stage stage[n] (inputs: 0) and read until last[n].

    So n has last[n] - stage[n] registers behind it. Outputs are read in stage stages + 1: they leave from registers.
    constant_stage: the stage of each output's constant.
    """

    stages: int
    stage: tuple[int, ...]
    last: tuple[int, ...]

    def registers(self, widths: Sequence[int]) -> int:
        """Flip-flops of the nodes, of so many bits each; outputs' own are not in it."""
        return sum(width * (last - stage) for width, stage, last in zip(widths, self.stage, self.last, strict=True))


def levels_of(graph: AdderGraph) -> int:
    """Levels of carry chains: adders, and one for the outputs' constants."""
    return 1 + max(depths(graph), default=0)


def schedule(graph: AdderGraph, stages: int, widths: Sequence[int]) -> Schedule:
    """The pipeline of `stages` stages, each of at most ceil(levels / stages) levels, with few registers.

    A node moves to another stage as long as that saves register bits: between the stages that its operands and readers
    allow, one node at a time, until none does. stages is 0 for no registers.
    """
    if stages == 0:
        return Schedule(0, (0,) * graph.nodes, (0,) * graph.nodes)
    earliest = depths(graph)
    total = levels_of(graph)
    bounds = [max(1, -(-level * stages // total)) for level in range(total + 1)]
    latest = _latest(graph, total)
    level = list(earliest)
    readers = _readers(graph)
    outputs = {out.node for out in graph.outputs}
    for _ in range(_PASSES):
        moved = False
        for position in range(graph.nodes - 1, len(graph.inputs) - 1, -1):
            moved |= _move(graph, position, level, latest, bounds, readers, outputs, widths, stages)
        if not moved:
            break
    stage = [bounds[value] for value in level]
    return Schedule(stages, tuple(stage), tuple(_last(n, stage, readers, outputs, stages) for n in range(graph.nodes)))


_PASSES = 8


def levels_per_stage(levels: int, stages: int) -> int:
    """Adders on the longest path between registers."""
    return -(-levels // max(1, stages))


def stages_for(levels: int, per_stage: int) -> int:
    """Stages in which no path has more than `per_stage` levels."""
    return -(-levels // per_stage)


def _latest(graph: AdderGraph, total: int) -> list[int]:
    latest = [total - 1] * graph.nodes
    for position in range(graph.nodes - 1, len(graph.inputs) - 1, -1):
        add = graph.adds[position - len(graph.inputs)]
        for operand in (add.first, add.second):
            latest[operand] = min(latest[operand], latest[position] - 1)
    return latest


def _readers(graph: AdderGraph) -> list[list[int]]:
    readers: list[list[int]] = [[] for _ in range(graph.nodes)]
    for position, add in enumerate(graph.adds, len(graph.inputs)):
        for operand in {add.first, add.second}:
            readers[operand].append(position)
    return readers


def _last(node: int, stage: list[int], readers: list[list[int]], outputs: set[int | None], stages: int) -> int:
    """The last stage that reads a node; an output's constant is added in the last stage of all."""
    found = max((stage[reader] for reader in readers[node]), default=stage[node])
    return max(found, stages) if node in outputs else found


def _move(
    graph: AdderGraph,
    position: int,
    level: list[int],
    latest: list[int],
    bounds: list[int],
    readers: list[list[int]],
    outputs: set[int | None],
    widths: Sequence[int],
    stages: int,
) -> bool:
    """Sets the level of a node to the one of least register bits in its neighbourhood; says whether it changed."""
    add = graph.adds[position - len(graph.inputs)]
    operands = sorted({add.first, add.second})
    low = 1 + max(level[operand] for operand in operands)
    high = min((level[reader] - 1 for reader in readers[position]), default=latest[position])
    others = {
        operand: max(
            [bounds[level[operand]]]
            + [bounds[level[reader]] for reader in readers[operand] if reader != position]
            + ([stages] if operand in outputs else [])
        )
        for operand in operands
    }
    end = max([bounds[level[reader]] for reader in readers[position]] + ([stages] if position in outputs else []))

    def bits(chosen: int) -> int:
        here = bounds[chosen]
        held = sum(widths[operand] * max(others[operand], here) for operand in operands)
        return held + widths[position] * (end - here)

    best = min(range(low, high + 1), key=lambda chosen: (bits(chosen), abs(chosen - level[position])))
    changed = bits(best) < bits(level[position])
    if changed:
        level[position] = best
    return changed
