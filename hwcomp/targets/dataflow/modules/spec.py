"""What the compiler knows of a module of `rtl/lib`: its parameters, how long it takes, how many beats go in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bits:
    """A packed parameter: `width` bits, the value not negative. Printed as a sized literal."""

    width: int
    value: int

    def __str__(self) -> str:
        return f"{self.width}'h{self.value:x}"


Parameter = int | str | Bits


@dataclass(frozen=True, slots=True)
class ModuleSpec:
    """One configuration of a module.

    name: the module; params: by their names in the RTL (a str is a file name); in_beats, out_beats: a frame's, of each
    stream in port order; interval: clocks between frames in the steady state. latency: clocks from beat `needs` of the
    first input to beat `gives` of the first output, without stalls; that output beat needs no later input beat.
    """

    name: str
    params: Mapping[str, Parameter]
    latency: int
    interval: int
    in_beats: tuple[int, ...]
    out_beats: tuple[int, ...]
    needs: int = 0
    gives: int = 0


def pack_fields(values: tuple[int, ...], width: int = 32) -> Bits:
    """Values in one packed parameter, the first in the least significant `width` bits; two's complement."""
    mask = (1 << width) - 1
    packed = sum((value & mask) << (i * width) for i, value in enumerate(values))
    return Bits(width * len(values), packed)
