"""Devices: what there is of each resource, and how their files are called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hwcomp.targets.dataflow.estimate.cost import Family, Resources


class Board(Enum):
    """A device whose limits a design is fitted to."""

    ECP5 = "ecp5"
    ZYNQ7020 = "zynq7020"
    ZU3EG = "zu3eg"


@dataclass(frozen=True, slots=True)
class Device:
    """limits: what it has; usable_percent: how much of its LUTs place and route well; part: the vendor's name.

    mult_bits: the operands of a multiplier block, signed, the wider first; family: whose cells it has; packs:
    whether several products may share a block. digits: bits of the digits on which adder graphs work well: of 3 bits,
    Yosys makes no carry chain on ECP5; serial_operands: numbers that LUTs sum best, bit by bit: of four numbers and
    what they carry, each result is a LUT of 6 inputs.
    """

    title: str
    part: str
    limits: Resources
    usable_percent: int
    clock_mhz: int
    mult_bits: tuple[int, int] = (18, 18)
    family: Family = Family.ECP5
    packs: bool = False
    digits: tuple[int, ...] = (1, 2, 4, 6, 8)
    serial_operands: int = 2


_AMD_DIGITS = (1, 2, 3, 4, 5, 6, 8)

DEVICES: dict[Board, Device] = {
    Board.ECP5: Device("Lattice ECP5-85k", "LFE5U-85F-6BG756C", Resources(83640, 83640, 156, 208), 70, 50, packs=True),
    Board.ZYNQ7020: Device(
        "AMD Zynq-7020",
        "xc7z020clg400-1",
        Resources(53200, 106400, 220, 280),
        70,
        100,
        (25, 18),
        Family.XC7,
        True,
        _AMD_DIGITS,
        4,
    ),
    Board.ZU3EG: Device(
        "AMD Zynq UltraScale+ ZU3EG",
        "xczu3eg-sbva484-1-e",
        Resources(70560, 141120, 360, 432),
        70,
        150,
        (27, 18),
        Family.XCUP,
        True,
        _AMD_DIGITS,
        4,
    ),
}
"""Limits of each board: LUTs (of 4 inputs on ECP5, of 6 on AMD's), flip-flops, multipliers, 18-kbit blocks."""
