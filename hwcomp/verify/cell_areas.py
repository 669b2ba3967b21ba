"""The areas that Yosys' `stat` says, for each instance of the network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwcomp.support.json_values import record

_MODULE = re.compile(r"^module (\\\S+|\w+) *\(.*?^endmodule", re.MULTILINE | re.DOTALL)
_INSTANCE = re.compile(r"^  (\\\S+|\w+) +(\\\S+|\w+) +\(", re.MULTILINE)
_MACRO = re.compile(r"^  hwc_ram_1r1w +#\((.*?)\) ", re.MULTILINE | re.DOTALL)
_SIZE = re.compile(r"\.(Width|Depth)\(32'(?:sd|d|h|sh)?([0-9a-f]+)\)")


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An instance of the network, or what is around it. macro_bits: in its RAM macros, whose area is not counted."""

    what: str
    module: str
    area_um2: float
    macro_bits: int


def read_areas(work: Path, name: str) -> tuple[float, tuple[AreaRow, ...]]:
    """The area of all cells, and a row for each instance of `<name>_core` and for the ports around it.

    work: has `area.json`, where the area of a module includes those below, and `netlist.v`.
    """
    stat = record(record(json.loads((work / "area.json").read_text(encoding="utf-8")))["modules"])
    areas = {key.lstrip("\\"): _area(record(value)) for key, value in stat.items()}
    netlist = (work / "netlist.v").read_text(encoding="utf-8")
    bodies = {match[1].lstrip("\\"): match[0] for match in _MODULE.finditer(netlist)}
    rows = tuple(
        AreaRow(instance.removeprefix("u_"), _plain(module), areas[module], _macro_bits(module, bodies))
        for module, instance in _instances(bodies[f"{name}_core"])
        if module in areas and module in bodies
    )
    total = areas[f"{name}_top"]
    return total, (*rows, AreaRow("AXI ports, registers, the rest", "", total - sum(row.area_um2 for row in rows), 0))


def _area(fields: Mapping[str, object]) -> float:
    area = fields.get("area", 0.0)
    assert isinstance(area, int | float)
    return float(area)


def _macro_bits(module: str, bodies: Mapping[str, str]) -> int:
    """Bits of the macros in a module and in all below."""
    bits = 0
    for parameters in _MACRO.findall(bodies[module]):
        size = {name: int(number) for name, number in _SIZE.findall(parameters)}
        bits += size["Width"] * size["Depth"]
    return bits + sum(_macro_bits(below, bodies) for below, _ in _instances(bodies[module]) if below in bodies)


def _instances(body: str) -> list[tuple[str, str]]:
    """Module and name of each instance in the text of a module."""
    return [(kind.lstrip("\\"), name.lstrip("\\")) for kind, name in _INSTANCE.findall(body)]


def _plain(module: str) -> str:
    """The name in rtl/lib: that of `$paramod$...\\hwc_mvu` or `$paramod\\hwc_fork\\Outputs=...`."""
    found = re.search(r"hwc_\w+", module)
    return found[0] if found else module
