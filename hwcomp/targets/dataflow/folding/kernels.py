"""Which kernel computes a layer, and what the others that could would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.targets.dataflow.choice import Choice, MultStyle
from hwcomp.targets.dataflow.folding.solver import Budget, Candidate

_NAMES = {
    MultStyle.DSP: "multipliers",
    MultStyle.LUT: "products in LUTs",
    MultStyle.PACKED: "packed multipliers",
    MultStyle.ADDERS: "adder graph",
    MultStyle.SERIAL: "digit-serial adder graph",
    MultStyle.COMPARE: "comparisons",
}


@dataclass(frozen=True, slots=True)
class Kernel:
    """name: in words; candidate: what it would be, alone; is_fast: it is no slower than the design."""

    name: str
    candidate: Candidate
    is_fast: bool


def kernels_of(
    offered: Sequence[Candidate], taken: Choice, interval: int, budget: Budget
) -> tuple[Kernel, tuple[Kernel, ...]] | None:
    """The kernel that was taken, and each other: of it the one of least worth of those no slower than `interval`, or
    else its fastest. None for what only streams: there is nothing to choose from."""
    styles = dict.fromkeys(candidate.choice.mults for candidate in offered)
    if len(styles) < 2:
        return None
    own = next(candidate for candidate in offered if candidate.choice == taken)
    others: list[Kernel] = []
    for style in styles:
        if style is not taken.mults:
            alike = [candidate for candidate in offered if candidate.choice.mults is style]
            fast = [candidate for candidate in alike if candidate.interval <= interval]
            found = min(fast, key=lambda c: (budget.worth(c.cost), c.interval)) if fast else _fastest(alike, budget)
            others.append(Kernel(_NAMES[style], found, bool(fast)))
    return Kernel(_NAMES[taken.mults], own, is_fast=True), tuple(others)


def _fastest(alike: Sequence[Candidate], budget: Budget) -> Candidate:
    return min(alike, key=lambda c: (c.interval, budget.worth(c.cost)))
