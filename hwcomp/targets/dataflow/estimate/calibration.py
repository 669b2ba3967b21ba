"""How far past estimates were off: designs and single modules that were estimated, then synthesised by Yosys.

`calibration.json` is written by `python -m bench.fpga_cost --record`. LUTs, flip-flops, multipliers and blocks of each
are as estimated at that time and as Yosys counted them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hwcomp.support.json_values import items, record, text, whole
from hwcomp.targets.dataflow.estimate.cost import Resources
from hwcomp.targets.dataflow.estimate.family import Family
from hwcomp.targets.dataflow.modules.spec import Bits, Parameter
from hwcomp.targets.dataflow.network import Memory

PATH = Path(__file__).parent / "calibration.json"
NAMES = {"lut": "LUTs", "ff": "flip-flops", "dsp": "multipliers", "bram": "block RAMs"}


@dataclass(frozen=True, slots=True)
class PastDesign:
    """A whole design. how: "whole", the top as users synthesise it; "sum", its modules alone, added up."""

    name: str
    family: Family
    interval_cycles: int
    how: str
    estimate: Resources
    real: Resources


@dataclass(frozen=True, slots=True)
class PastModule:
    """A module alone, by its parameters and memories; words of large memories are not known."""

    module: str
    family: Family
    parameters: Mapping[str, Parameter]
    memories: tuple[Memory, ...]
    estimate: Resources
    real: Resources


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `designs` designs the errors of one resource, as shares of what Yosys counted; of designs that have any."""

    what: str
    designs: int
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.what} {100 * self.least:+.0f}..{100 * self.most:+.0f} %"


@cache
def past_designs() -> tuple[PastDesign, ...]:
    """All that were recorded."""
    return tuple(_design(record(item)) for item in items(_read()["designs"]))


@cache
def past_modules() -> tuple[PastModule, ...]:
    """All that were recorded."""
    return tuple(_module(record(item)) for item in items(_read()["modules"]))


def spreads(family: Family) -> tuple[Spread, ...]:
    """The errors of past designs of the family, of each resource."""
    found: list[Spread] = []
    for name, title in NAMES.items():
        past = [d for d in past_designs() if d.family is family and d.real.of(name)]
        errors = [(d.estimate.of(name) - d.real.of(name)) / d.real.of(name) for d in past]
        if errors:
            found.append(Spread(title, len(errors), min(errors), max(errors)))
    return tuple(found)


def accuracy_note(family: Family) -> str:
    """One sentence for people; "" where no design of the family was synthesised."""
    number = sum(d.family is family for d in past_designs())
    errors = ", ".join(str(spread) for spread in spreads(family))
    return f"of {number} designs synthesised by Yosys, estimates were off by: {errors}" if number else ""


def _read() -> Mapping[str, object]:
    return record(json.loads(PATH.read_text(encoding="utf-8")))


def _design(fields: Mapping[str, object]) -> PastDesign:
    return PastDesign(
        text(fields["name"]),
        Family(text(fields["family"])),
        whole(fields["interval_cycles"]),
        text(fields["how"]),
        _resources(fields["estimate"]),
        _resources(fields["yosys"]),
    )


def _module(fields: Mapping[str, object]) -> PastModule:
    parameters = {name: _parameter(value) for name, value in record(fields["parameters"]).items()}
    memories = tuple(_memory(record(item)) for item in items(fields["memories"]))
    estimate, real = _resources(fields["estimate"]), _resources(fields["yosys"])
    return PastModule(text(fields["module"]), Family(text(fields["family"])), parameters, memories, estimate, real)


def _memory(fields: Mapping[str, object]) -> Memory:
    words = [int(text(word), 16) for word in items(fields.get("words", []))]
    name = text(fields["parameter"])
    return Memory(name, name, whole(fields["width"]), whole(fields["depth"]), lambda: words)


def _parameter(value: object) -> Parameter:
    if isinstance(value, str):
        width, sized, digits = value.partition("'h")
        return Bits(int(width), int(digits, 16)) if sized else value
    return whole(value)


def _resources(value: object) -> Resources:
    return Resources(*(whole(number) for number in items(value)))
