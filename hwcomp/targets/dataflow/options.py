"""Options of every target that makes a streaming design: its goals, its limits, where its weights are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from hwcomp.targets.base import TargetOptions
from hwcomp.targets.dataflow.boards import Board

BOARDS_OWN = -1
"""A limit that is not given: what the board has."""


class WeightMemory(Enum):
    """Where weights, biases and rescaling constants are: constants of the design, or RAMs that software loads."""

    ROM = "rom"
    RAM = "ram"


@dataclass(frozen=True, slots=True)
class DesignOptions(TargetOptions):
    """What a streaming design is asked for. Without a goal it is the fastest that fits the board."""

    is_rtl: ClassVar[bool] = False
    """Whether the target says what happens in each clock: multiplier blocks that make several products, adder graphs
    that work digit by digit, clusters of modules that never wait."""

    board: Board = field(default=Board.ECP5, metadata={"help": "the device whose limits the design is fitted to"})
    clock_mhz: int = field(
        default=0, metadata={"most": 2000, "help": "the clock, for goals in time; 0: the board's own"}
    )
    fps: int = field(default=0, metadata={"help": "frames a second wanted; 0: no goal"})
    interval: int = field(default=0, metadata={"help": "clocks between frames wanted; 0: no goal"})
    latency_us: int = field(
        default=0, metadata={"help": "microseconds from a frame's first beat to its last result wanted; 0: no goal"}
    )
    max_lut: int = field(
        default=BOARDS_OWN,
        metadata={"least": 0, "default": "the board's", "help": "use no more LUTs (of 4 inputs)"},
    )
    max_dsp: int = field(
        default=BOARDS_OWN,
        metadata={"least": 0, "default": "the board's", "help": "use no more multipliers"},
    )
    max_bram: int = field(
        default=BOARDS_OWN,
        metadata={"least": 0, "default": "the board's", "help": "use no more block RAMs (18 kbit)"},
    )
    adder_levels: int = field(
        default=2,
        metadata={
            "most": 8,
            "help": "adders between registers in layers whose constant weights become adder graphs; 0: no such layers",
        },
    )
    weights: WeightMemory = field(
        default=WeightMemory.ROM,
        metadata={"help": "rom: constants; ram: loaded over AXI4-Lite, models of one shape share a design"},
    )
    name: str = field(default="", metadata={"help": "prefix of the modules; empty: from the model's file name"})
    vectors: int = field(default=3, metadata={"help": "how many seeded test vectors the bundle holds"})
