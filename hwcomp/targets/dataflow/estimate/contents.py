"""What of a ROM's words is constant or the same: Yosys drops such columns, and the registers behind them."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.targets.dataflow.network import Instance

_MOST_BITS = 1 << 18


@dataclass(frozen=True, slots=True)
class Contents:
    """varying: columns that are not constant; distinct: different ones of these; zeros: low bits that are 0 in every
    field of every word."""

    varying: int
    distinct: int
    zeros: int


def contents_of(instance: Instance, parameter: str, field: int) -> Contents:
    """Of the memory that `parameter` names, its fields `field` bits wide; nothing known of a larger one."""
    memory = next(memory for memory in instance.memories if memory.parameter == parameter)
    if memory.bits > _MOST_BITS:
        return Contents(memory.width, memory.width, 0)
    words = memory.make()
    if not words:
        return Contents(memory.width, memory.width, 0)
    columns = list(zip(*(f"{word:0{memory.width}b}"[-memory.width :] for word in words), strict=True))
    kept = [column for column in columns if len(set(column)) > 1]
    lowest = columns[::-1]
    zeros = 0
    while zeros < field and all("1" not in column for column in lowest[zeros::field]):
        zeros += 1
    return Contents(len(kept), len(set(kept)), zeros)
