"""What is read of a liberty file itself: its name, and the areas of its cells. Yosys and OpenSTA read the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hwcomp.support.errors import HwcompError

_LIBRARY = re.compile(r"\blibrary\s*\(\s*\"?([^\"()\s]+)\"?\s*\)\s*\{")
_CELL = re.compile(r"\bcell\s*\(\s*\"?([^\"()\s]+)\"?\s*\)\s*\{")
_AREA = re.compile(r"\barea\s*:\s*\"?([0-9.eE+-]+)\"?\s*;")
_FLIP_FLOP = re.compile(r"\bff\s*\(")
_STORES = re.compile(r"\b(?:ff|latch|statetable)\s*\(|\bdont_use\s*:\s*\"?true")
_FUNCTION = re.compile(r"\bfunction\s*:\s*\"([^\"]*)\"")
_ONE_PIN = re.compile(r"\(*!?\(*\s*[A-Za-z]\w*\s*\)*'?\)*")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NAND2 = re.compile(r"(?:nand2|nd2)(?![0-9]*[a-z]*[0-9]*b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Liberty:
    """name: of the library; driver: its smallest buffer, or inverter where it has none; gate: its smallest NAND of two
    inputs, by name, and gate_um2 its area; "" and None where no cell has such a name."""

    path: Path
    name: str
    driver: str
    gate: str
    gate_um2: float | None


def read_liberty(path: Path) -> Liberty:
    """The library in the file `path`.

    Raises:
        HwcompError: HWC001 there is no such file; HWC015 it is no liberty file, or has no logic or no flip-flop.
    """
    try:
        text = _COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise HwcompError("HWC001", f"it cannot be read: {reason}", str(path), "check the path") from error
    found = _LIBRARY.search(text)
    if found is None:
        raise _unusable(path, "it has no 'library (name) {'")
    bodies = _cells(text)
    areas = {name: float(area[1]) for name, body in bodies.items() if (area := _AREA.search(body)) is not None}
    flip_flops = {name for name, body in bodies.items() if _FLIP_FLOP.search(body)}
    if not areas.keys() & flip_flops:
        raise _unusable(path, f"library '{found[1]}' has no flip-flop with an area")
    if not areas.keys() - flip_flops:
        raise _unusable(path, f"library '{found[1]}' has no logic with an area")
    logic = {name: area for name, area in areas.items() if not _STORES.search(bodies[name])}
    drivers = sorted((_inverts(bodies[name]), area, name) for name, area in logic.items() if _is_driver(bodies[name]))
    if not drivers:
        raise _unusable(path, f"library '{found[1]}' has no buffer and no inverter with an area")
    gates = sorted((area, name) for name, area in areas.items() if _NAND2.search(name) and area > 0)
    return Liberty(path, found[1], drivers[0][2], gates[0][1] if gates else "", gates[0][0] if gates else None)


def _is_driver(body: str) -> bool:
    """One function in the cell, of one pin."""
    functions = _FUNCTION.findall(body)
    return len(functions) == 1 and _ONE_PIN.fullmatch(functions[0]) is not None and "three_state" not in body


def _inverts(body: str) -> bool:
    return any(sign in _FUNCTION.findall(body)[0] for sign in "!'")


def _cells(text: str) -> dict[str, str]:
    """The text of each cell, up to the next."""
    starts = list(_CELL.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return {match[1]: text[match.end() : end] for match, end in zip(starts, ends, strict=True)}


def _unusable(path: Path, what: str) -> HwcompError:
    return HwcompError("HWC015", what, str(path), "give the .lib of a standard-cell library, one corner of it")
