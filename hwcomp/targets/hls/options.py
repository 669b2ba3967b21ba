"""Options of the hls target: those of the fpga target, whose design it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwcomp.targets.fpga.boards import Board
from hwcomp.targets.fpga.options import FpgaOptions, WeightMemory


@dataclass(frozen=True, slots=True)
class HlsOptions(FpgaOptions):
    """Options of `--target hls`. Without a goal the design is the fastest that fits the board."""

    board: Board = field(default=Board.ZYNQ7020, metadata={"help": "the device whose limits the design is fitted to"})
    weights: WeightMemory = field(
        default=WeightMemory.ROM,
        metadata={"help": "rom: constants; ram: loaded over AXI4-Stream, models of one shape share a design"},
    )
    name: str = field(default="", metadata={"help": "name of the top function; empty: from the model's file name"})
