"""Options of the tvm target."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from hwcomp.targets.base import TargetOptions


class Schedule(Enum):
    """HAND: hand-written, with the CPU's dot-product instructions where it has them; PORTABLE: plain loops."""

    HAND = "hand"
    PORTABLE = "portable"


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
    name: str = field(default="", metadata={"help": "prefix of the C interface; empty: from the model's file name"})
    vectors: int = field(
        default=3, metadata={"help": "how many seeded test vectors the bundle holds", "least": 1, "most": 1000}
    )
    replay: str = field(default="", metadata={"help": "a bundle (or a folder of traces) whose schedules to use"})
    planner_effort: int = field(default=8, metadata={"help": "limit of the exact memory planner; 0: greedy alone"})
