"""Options of the hls target: those of every streaming design."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwcomp.targets.dataflow.boards import Board
from hwcomp.targets.dataflow.options import DesignOptions, WeightMemory


@dataclass(frozen=True, slots=True)
class HlsOptions(DesignOptions):
    """Options of `--target hls`. Without a goal the design is the fastest that fits the board."""

    board: Board = field(default=Board.ZYNQ7020, metadata={"help": "the device whose limits the design is fitted to"})
    weights: WeightMemory = field(
        default=WeightMemory.ROM,
        metadata={"help": "rom: constants; ram: loaded over AXI4-Stream, models of one shape share a design"},
    )
    name: str = field(default="", metadata={"help": "name of the top function; empty: from the model's file name"})
