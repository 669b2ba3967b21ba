"""Counts of blocks become instructions, by run and by function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from hwcomp.verify.elf import Elf


@dataclass(frozen=True, slots=True)
class BlockCount:
    """A run of instructions without a branch into or out of it. times: how often it was executed."""

    address: int
    instructions: int
    times: int


def by_function(elf: Elf, blocks: Iterable[BlockCount]) -> dict[str, int]:
    """Executed instructions of each function, the most first (equal ones by name). A block lies within one function."""
    counts: Counter[str] = Counter()
    for block in blocks:
        counts[elf.function_at(block.address)] += block.instructions * block.times
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
