"""`Bill`: what a module is made of. Multipliers and blocks are exact; the rest are counts, by name.

`coefficients.json` has for each family and module what a unit of each count takes in LUTs and in flip-flops, fitted by
`python -m bench.fpga_cost --fit` to modules synthesised alone.
"""

from __future__ import annotations

from hwcomp.targets.dataflow.estimate.family import Family
from hwcomp.targets.dataflow.estimate.memories import (
    Place,
    block_muxes,
    blocks,
    place_of_ram,
    place_of_rom,
    ram_luts,
    rom_functions,
)


class Bill:
    """The counts of one instance, made for `family`."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.lut: dict[str, float] = {"one": 1.0}
        self.ff: dict[str, float] = {"one": 1.0}
        self.dsp = 0
        self.bram = 0

    def luts(self, name: str, number: float) -> None:
        """LUTs beside the carry chains."""
        self.lut[name] = self.lut.get(name, 0.0) + number

    def ffs(self, name: str, number: float) -> None:
        """Flip-flops."""
        self.ff[name] = self.ff.get(name, 0.0) + number

    def both(self, name: str, number: float) -> None:
        """Bits that are computed and kept: an adder and its register, a counter."""
        self.luts(name, number)
        self.ffs(name, number)

    def rom(self, width: int, depth: int, style: str = "auto") -> Place:
        """Constants with an output register, `hwc_rom`; in a block the register is the block's."""
        place = place_of_rom(width, depth, style, self.family)
        if place is Place.BLOCK:
            self.bram += blocks(width, depth)
            self.luts("block_mux", block_muxes(width, depth))
        elif depth > 1:
            luts, registers = rom_functions(width, depth, self.family)
            self.luts(self._depth_term(depth), luts)
            self.ffs("rom", registers)
        return place

    def columns(self, varying: int, distinct: int, depth: int) -> Place:
        """As `rom`, of known words: constant columns are dropped, in LUTs equal ones are one."""
        place = place_of_rom(varying, depth, "auto", self.family) if varying else Place.LUTS
        if place is Place.BLOCK:
            return self.rom(varying, depth)
        if varying:
            luts, _ = rom_functions(distinct, max(depth, 16), self.family)
            self.luts(self._depth_term(depth), luts if depth > 4 else distinct / 2)
            self.ffs("rom", distinct)
        return place

    def _depth_term(self, depth: int) -> str:
        """Deeper ones need several LUTs a column."""
        return "rom" if depth <= (16 if self.family is Family.ECP5 else 64) else "deep_rom"

    def ram(self, width: int, depth: int) -> Place:
        """A memory that is written too, with an output register, `hwc_ram`."""
        place = place_of_ram(width, depth, self.family)
        if place is Place.BLOCK:
            self.bram += blocks(width, depth)
            self.luts("block_mux", block_muxes(width, depth))
        else:
            self.luts("ram", ram_luts(width, depth, self.family))
            self.ffs("ram", width)
        return place


def choice_luts(inputs: int, family: Family) -> int:
    """LUTs that choose one of so many bits: four a LUT of 6 inputs, two a LUT of 4; wide multiplexers join them."""
    return -(-inputs // 4) if family is not Family.ECP5 else inputs - 1


def bits(count: int) -> int:
    """Bits of a counter of `count` values; none of one value."""
    return (count - 1).bit_length() if count > 1 else 0
