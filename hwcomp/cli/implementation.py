"""What Yosys and nextpnr made of a design, beside what was estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwcomp.cli.output import say_table

if TYPE_CHECKING:
    from hwcomp.report.bundle import DesignReport
    from hwcomp.verify.synthesis import Implementation

_CARRY_LUTS = 2
"""LUTs of an ECP5's carry cell, which estimates count."""


def print_implementation(built: Implementation, design: DesignReport) -> None:
    """Resources and clock; the estimates are without the AXI ports."""
    cells, is_ecp5 = built.cells, bool(built.clocks)
    luts = cells.lut + (_CARRY_LUTS * cells.carry if is_ecp5 else 0)
    made = {"lut": luts, "ff": cells.ff, "dsp": cells.dsp, "bram": cells.bram}
    rows: list[tuple[object, ...]] = [(name, design.estimate.get(name), count) for name, count in made.items()]
    rows.append(("carry cells", "", cells.carry))
    say_table("resources", ("what", "estimated, without AXI", "synthesised"), rows)
    if built.clock is not None:
        rate = f"{built.clock.mhz * 1e6 / max(design.interval_cycles, 1):,.0f}"
        rows = [(f"clock from seed {clock.seed}, MHz", f"{clock.mhz:.1f}") for clock in built.clocks]
        rows += [("best clock, MHz", f"{built.clock.mhz:.1f}"), ("frames a second at that clock", rate)]
        say_table(f"ECP5-85k, speed grade 6, {built.clock.stage}", ("what", "value"), rows)
