"""What Yosys and nextpnr made of a design, beside what was estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwcomp.cli.output import say_table

if TYPE_CHECKING:
    from hwcomp.report.bundle import DesignReport
    from hwcomp.verify.synthesis import Cells, Implementation

_CARRY_LUTS = 2
"""LUTs of an ECP5's carry cell, which estimates count."""


@dataclass(frozen=True, slots=True)
class LayerCells:
    """A layer's resources by name: "lut", "ff", "dsp", "bram"."""

    what: str
    kernel: str
    estimate: Mapping[str, int]
    synthesised: Mapping[str, int]


def layer_cells(design: DesignReport, apart: Mapping[str, Cells], is_ecp5: bool) -> list[LayerCells]:
    """The sums over each layer's instances, which were synthesised apart."""
    found: list[LayerCells] = []
    for fold in design.folds:
        made = [_resources(apart[name], is_ecp5) for name in fold.instances if name in apart]
        sums = {name: sum(one[name] for one in made) for name in fold.estimate}
        found.append(LayerCells(fold.what, fold.kernel, fold.estimate, sums))
    return found


def print_layers(found: Sequence[LayerCells]) -> None:
    """Of each layer and resource the estimate, and what Yosys made."""
    rows = [
        (one.what, one.kernel, *(f"{number} / {one.synthesised[name]}" for name, number in one.estimate.items()))
        for one in found
    ]
    columns = ("operator", "kernel", "LUTs", "flip-flops", "multipliers", "block RAMs")
    say_table("layers: estimated / synthesised apart", columns, rows)


def print_implementation(built: Implementation, design: DesignReport) -> None:
    """Resources and clock."""
    made = _resources(built.cells, bool(built.clocks))
    rows: list[tuple[object, ...]] = [(name, design.estimate.get(name), count) for name, count in made.items()]
    rows.append(("carry cells", "", built.cells.carry))
    say_table("resources", ("what", "estimated", "synthesised"), rows)
    if built.clock is not None:
        rate = f"{built.clock.mhz * 1e6 / max(design.interval_cycles, 1):,.0f}"
        rows = [(f"clock from seed {clock.seed}, MHz", f"{clock.mhz:.1f}") for clock in built.clocks]
        rows += [("best clock, MHz", f"{built.clock.mhz:.1f}"), ("frames a second at that clock", rate)]
        say_table(f"ECP5-85k, speed grade 6, {built.clock.stage}", ("what", "value"), rows)


def _resources(cells: Cells, is_ecp5: bool) -> dict[str, int]:
    """As estimates count them."""
    luts = cells.lut + (_CARRY_LUTS * cells.carry if is_ecp5 else 0)
    return {"lut": luts, "ff": cells.ff, "dsp": cells.dsp, "bram": cells.bram}
