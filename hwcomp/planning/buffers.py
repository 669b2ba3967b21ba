"""What the memory planner takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Buffer:
    """`bytes` of memory that hold data from step `first` to step `last`, both included."""

    name: str
    bytes: int
    first: int
    last: int

    def __post_init__(self) -> None:
        if self.bytes < 0 or self.first > self.last:
            raise ValueError(f"buffer {self.name}: {self.bytes} bytes from step {self.first} to {self.last}")


@dataclass(frozen=True, slots=True)
class InPlace:
    """The step in which `source` dies and `result` begins may write the result over the source; both have one size."""

    source: str
    result: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Where each buffer lies. `lower_bound_bytes`: no plan is smaller; `optimal`: no plan is smaller than this one."""

    offsets: Mapping[str, int]
    arena_bytes: int
    lower_bound_bytes: int
    optimal: bool
    in_place: tuple[InPlace, ...] = ()
