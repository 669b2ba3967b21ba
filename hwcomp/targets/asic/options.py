"""Options of the asic target."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwcomp.targets.base import TargetOptions
from hwcomp.targets.dataflow.boards import Device
from hwcomp.targets.dataflow.estimate.cost import Resources
from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.targets.fpga.options import FpgaOptions

_CLOCK_MHZ = 100
_KGATES = 200
_MULTIPLIERS = 16
_GATES_OF_LUT = 8
"""Gate equivalents that stand for a LUT of 4 inputs of the fpga target's estimate."""

_PLENTY = 10**7


@dataclass(frozen=True, slots=True)
class AsicOptions(TargetOptions):
    """Options of `--target asic`. Without a goal the design is the fastest within max-kgates and max-multipliers."""

    clock_mhz: int = field(
        default=_CLOCK_MHZ, metadata={"help": "the clock, for goals in time and for synthesis", "least": 1}
    )
    fps: int = field(default=0, metadata={"help": "frames a second wanted; 0: no goal"})
    interval: int = field(default=0, metadata={"help": "clocks between frames wanted; 0: no goal"})
    latency_us: int = field(
        default=0, metadata={"help": "microseconds from a frame's first beat to its last result wanted; 0: no goal"}
    )
    max_kgates: int = field(
        default=_KGATES,
        metadata={
            "help": "thousands of gate equivalents of logic, estimated, without multipliers and RAMs",
            "least": 1,
        },
    )
    max_multipliers: int = field(default=_MULTIPLIERS, metadata={"help": "use no more multipliers (18x18)", "least": 1})
    weights: WeightMemory = field(
        default=WeightMemory.RAM,
        metadata={"help": "ram: loaded over AXI4-Lite, models of one shape share a chip; rom: constants, as logic"},
    )
    macro_bits: int = field(
        default=2048,
        metadata={
            "help": "RAMs of as many bits and 16 words are macros (hwc_ram_1r1w), smaller ones registers",
            "least": 1,
        },
    )
    name: str = field(default="", metadata={"help": "prefix of the modules; empty: from the model's file name"})
    vectors: int = field(default=3, metadata={"help": "how many seeded test vectors the bundle holds"})

    def as_fpga(self) -> FpgaOptions:
        """The same goals for the fpga target's design, whose limits `device` gives."""
        return FpgaOptions(
            clock_mhz=self.clock_mhz,
            fps=self.fps,
            interval=self.interval,
            latency_us=self.latency_us,
            weights=self.weights,
            name=self.name,
            vectors=self.vectors,
        )

    def device(self) -> Device:
        """What the design may take: the limits as the fpga target counts them."""
        luts = min(self.max_kgates * 1000 // _GATES_OF_LUT, _PLENTY)
        limits = Resources(luts, _PLENTY, min(self.max_multipliers, _PLENTY), _PLENTY)
        return Device("an ASIC of 'max-kgates' and 'max-multipliers'", "", limits, 100, self.clock_mhz)
