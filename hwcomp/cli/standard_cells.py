"""How `hwcomp report --liberty` prints what synthesis says."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from hwcomp.cli.output import say, say_table

if TYPE_CHECKING:
    from hwcomp.verify.standard_cells import Estimate


def figures(found: Estimate) -> dict[str, object]:
    """The estimate for JSON."""
    timing = found.timing
    return {
        "tool": found.tool,
        "liberty": found.liberty.name,
        "clock_mhz": found.clock_mhz,
        "area_um2": round(found.area_um2, 2),
        "gate_equivalents": None if found.gates is None else round(found.gates),
        "gate": found.liberty.gate,
        "macro_bits": found.macro_bits,
        "timing_tool": None if timing is None else timing.tool,
        "worst_path_ns": None if timing is None else round(timing.worst_ns, 3),
        "fmax_mhz": None if timing is None else round(timing.fmax_mhz, 1),
        "power_mw": None if found.power_mw is None else round(found.power_mw, 3),
        "activity": found.activity,
        "instances": [asdict(row) for row in found.rows],
    }


def print_estimate(found: Estimate) -> None:
    """Areas by instance, then the sums, the worst path and the power, each with what it leaves out."""
    label = f"estimated: synthesised, {found.tool}, {found.liberty.name}, asked for {found.clock_mhz} MHz"
    rows = [(row.what, row.module, f"{row.area_um2:,.0f}", f"{row.macro_bits:,}") for row in found.rows]
    say_table(f"cells, {label}", ("instance", "module", "um2", "RAM macros, bits (no area)"), rows)
    gates = "-" if found.gates is None else f"{found.gates:,.0f} of {found.liberty.gate}"
    sizes = [
        ("area without macros, um2", f"{found.area_um2:,.0f}"),
        ("gate equivalents", gates),
        ("RAM macros, bits", f"{found.macro_bits:,}"),
    ]
    if found.timing is not None:
        sizes += [
            ("worst path without wires and macros, ns", f"{found.timing.worst_ns:.3f} ({found.timing.tool})"),
            ("highest clock, MHz", f"{found.timing.fmax_mhz:.1f}"),
        ]
    power = "unknown: OpenSTA is not installed ('apt install opensta')"
    if found.power_mw is not None:
        power = f"{found.power_mw:.3f} at {found.clock_mhz} MHz, {found.activity} transitions of each net a clock"
    say_table(label, ("what", "value"), [*sizes, ("power without macros, mW", power)])
    if found.timing is not None and found.timing.path:
        say(found.timing.path)
