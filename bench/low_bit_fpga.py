"""The network of `bench.low_bit` as a design for an FPGA: its size at one speed, and its speed at one size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.fpga_cnn import rows_of
from bench.fpga_yosys import Cells, count, synthesise
from hwcomp import driver
from hwcomp.verify.simulate import Stalls, simulate

BOARD = "zu3eg"
ONE_SPEED = {"interval": "512"}
ONE_SIZE = {"max-lut": "6000", "max-dsp": "24", "max-bram": "24"}
_FRAMES = 8


@dataclass(frozen=True, slots=True)
class Design:
    """clocks: between frames, simulated; cells: of the whole bundle with AXI, by Yosys; is_equal: every stream is, with
    and without stalls."""

    clocks: int
    latency: int
    cells: Cells
    is_equal: bool


def design_of(model: Path, folder: Path, goal: Mapping[str, str]) -> Design:
    """Build for AMD's ZU3EG, simulate, synthesise."""
    options = driver.BuildOptions(target_options={"board": BOARD, **goal})
    manifest = driver.build(model, "fpga", folder, options).manifest
    rows = rows_of(folder, _FRAMES)
    ran, stalled = simulate(folder, manifest, rows), simulate(folder, manifest, rows, Stalls(idle=90, stall=120))
    cells = count(synthesise(folder, manifest.sources, f"{manifest.c_name}_top"))
    equal = (ran.verdict, stalled.verdict) == ("equal", "equal")
    return Design(ran.interval_cycles, ran.latency_cycles, cells, equal)
