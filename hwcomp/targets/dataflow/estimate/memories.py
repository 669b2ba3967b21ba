"""Where Yosys 0.70 puts a memory and what it takes there: the rules of `memory_libmap` and of each family's library."""

from __future__ import annotations

from enum import Enum

from hwcomp.targets.dataflow.estimate.family import Family

BLOCK_SHAPES = ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384))
"""Width and depth of an 18-kbit block RAM (ECP5 DP16KD, RAMB18)."""

_BLOCK_COST = {Family.ECP5: 128, Family.XC7: 129, Family.XCUP: 129}
_ROM_BITS = {Family.ECP5: 16, Family.XC7: 64, Family.XCUP: 64}
"""Bits of a ROM in LUTs that cost one."""


class Place(Enum):
    """Where the words are."""

    LUTS = "luts"
    BLOCK = "block"


def blocks(width: int, depth: int) -> int:
    """The fewest blocks of 18 kbit that hold `depth` words of `width` bits."""
    return _best(width, depth)[0]


def block_muxes(width: int, depth: int) -> int:
    """Bits of multiplexers behind blocks that lie one above the other."""
    return width * (_best(width, depth)[1] - 1)


def _best(width: int, depth: int) -> tuple[int, int]:
    """Blocks, and rows of them: the fewest of each."""
    return min((-(-width // w) * -(-depth // d), -(-depth // d)) for w, d in BLOCK_SHAPES)


def place_of_rom(width: int, depth: int, style: str, family: Family) -> Place:
    """Of `hwc_rom`: as asked for, else what is cheaper: a block costs as much as 2 or 8 kbit in LUTs."""
    if style == "block":
        return Place.BLOCK if depth > 1 else Place.LUTS
    if style == "distributed":
        return Place.LUTS
    bound = _ROM_BITS[family] * _BLOCK_COST[family] * blocks(width, depth)
    return Place.LUTS if width * depth <= bound else Place.BLOCK


def rom_functions(width: int, depth: int, family: Family) -> tuple[float, float]:
    """LUTs and registers of a ROM of random words in LUTs: `depth` words make at most 2 ** depth different columns."""
    if depth <= 1:
        return 0.0, 0.0
    inputs = 4 if family is Family.ECP5 else 6
    address = (depth - 1).bit_length()
    functions = float(width)
    if depth < 16:
        functions = 2.0**depth * (1 - (1 - 2.0**-depth) ** width)
    each = 2.0 ** max(address - inputs, 0)
    if address > inputs + (3 if family is Family.ECP5 else 2):
        # Words that are not there are left out of large trees, not of small ones.
        each = 1.4 * depth / 2.0**inputs
    free = min(functions, 2.0 + 2 * address) * (0.5 if address <= 2 else 0.0)
    return max(functions - free, 0.0) * each, functions


def place_of_ram(width: int, depth: int, family: Family) -> Place:
    """Of `hwc_ram`: what is cheaper; on ECP5 several rows of LUT RAM also cost their multiplexer."""
    return Place.LUTS if _cost(width, depth, family) <= _BLOCK_COST[family] * blocks(width, depth) else Place.BLOCK


def _cost(width: int, depth: int, family: Family) -> float:
    """Of LUT RAM. On AMD's devices a cell that is not used in full costs less."""
    rows = _rows(depth, family)
    if family is Family.ECP5:
        return 4 * rows * -(-width // 4) + width * (rows - 1)
    each = 6 if depth <= 32 else 3
    part = width % each
    return rows * (8 * (width // each) + (1 + 7 * part / each if part else 0))


def _rows(depth: int, family: Family) -> int:
    """Rows of LUT RAM."""
    return -(-depth // (16 if family is Family.ECP5 else 64))


def ram_luts(width: int, depth: int, family: Family) -> float:
    """LUTs of a RAM in LUTs, with its multiplexers and write enables."""
    rows = _rows(depth, family)
    if family is Family.ECP5:
        muxes = {1: 0.0, 2: width + 2.0, 3: 2.0 * width + 3}.get(rows, 1.0 * width * rows)
        return 6.0 * rows * -(-width // 4) + muxes
    each = 6 if depth <= 32 else 3
    muxes = -(-(rows - 1) // 3) * width + rows if rows > 1 else 0
    return 4.0 * rows * -(-width // each) + muxes
