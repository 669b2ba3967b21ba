"""Options of the tvm target."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from hwcomp.targets.base import TargetOptions


class Schedule(Enum):
    """HAND: hand-written, with the CPU's dot-product instructions where it has them; PORTABLE: plain loops."""

    HAND = "hand"
    PORTABLE = "portable"


class Int4(Enum):
    """Weights of 4 bits, two a byte: AUTO: where they are faster; ALWAYS: wherever they fit; NEVER: bytes."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class TvmOptions(TargetOptions):
    """Options of `--target tvm`."""

    tvm_target: str = field(
        default="x86-vnni",
        metadata={"help": "x86-vnni, x86, arm64, cortex-m4, cortex-m55, riscv32, c, cuda, or any TVM target as JSON"},
    )
    schedule: Schedule = field(
        default=Schedule.HAND, metadata={"help": "hand: the CPU's dot products; portable: loops"}
    )
    int4: Int4 = field(
        default=Int4.AUTO,
        metadata={"help": "weights of 4 bits two a byte: auto: where that is faster; always: wherever they fit; never"},
    )
    name: str = field(default="", metadata={"help": "prefix of the C interface; empty: from the model's file name"})
    vectors: int = field(
        default=3, metadata={"help": "how many seeded test vectors the bundle holds", "least": 1, "most": 1000}
    )
    replay: str = field(default="", metadata={"help": "a bundle (or a folder of traces) whose schedules to use"})
    tune: int = field(
        default=0,
        metadata={"help": "seconds for MetaSchedule to look for faster tiles, kept in tuned/; 0: none", "least": 0,
                  "most": 86400},
    )  # fmt: skip
    planner_effort: int = field(default=8, metadata={"help": "limit of the exact memory planner; 0: greedy alone"})
