"""Options of the mcu target."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from hwcomp.targets.base import TargetOptions


class Arch(Enum):
    """Whose kernels are in the bundle. Cortex-M kernels use the DSP extension where the compiler says it is there; the
    same files compile everywhere else, to the generic kernels."""

    GENERIC = "generic"
    CORTEX_M = "cortex-m"


class Optimise(Enum):
    """SPEED spends scratch memory on larger blocks and compiles with -O3; SIZE the contrary, with -Os."""

    SPEED = "speed"
    SIZE = "size"


class PackWeights(Enum):
    """AUTO packs weights of few values where that saves flash, the kernels' own code counted; ALWAYS wherever the
    weights alone get smaller."""

    NEVER = "never"
    AUTO = "auto"
    ALWAYS = "always"


SCRATCH_BYTES = {Optimise.SPEED: 8192, Optimise.SIZE: 1024}
"""How much scratch a convolution's block may take before it is split, by what is optimised."""


@dataclass(frozen=True, slots=True)
class McuOptions(TargetOptions):
    """Options of `--target mcu`."""

    arch: Arch = field(default=Arch.CORTEX_M, metadata={"help": "whose kernels the bundle holds"})
    c_name: str = field(default="", metadata={"help": "prefix of the C interface; empty: from the model's file name"})
    optimise: Optimise = field(default=Optimise.SPEED, metadata={"help": "what to spend memory or time on"})
    pack_weights: PackWeights = field(
        default=PackWeights.AUTO, metadata={"help": "whether weights of few values take 4, 2 or 1 bits in flash"}
    )
    ram_bytes: int = field(
        default=0, metadata={"help": "refuse an arena and states above this many bytes; 0: no limit"}
    )
    vectors: int = field(
        default=3, metadata={"help": "how many seeded test vectors the bundle holds", "least": 1, "most": 1000}
    )
    selftest_vectors: int = field(
        default=1, metadata={"help": "how many of them are compiled into the self-test", "least": 1, "most": 1000}
    )
    planner_effort: int = field(default=8, metadata={"help": "limit of the exact memory planner; 0: greedy alone"})
