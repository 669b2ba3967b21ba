"""Types of the IR: integer types, tensors, and the exact interval that every value is proved to lie in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Location:
    """Where an operator stands in the user's model: file, node name as written there, operator type."""

    source: str
    node: str
    op_type: str

    def __str__(self) -> str:
        return f"{self.source}: {self.op_type} '{self.node}'"


@dataclass(frozen=True, slots=True)
class IntType:
    """An integer of 1 to 64 bits, two's complement when signed."""

    bits: int
    signed: bool

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= 64:
            raise ValueError(f"an integer type has 1 to 64 bits, not {self.bits}")

    @property
    def min(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def max(self) -> int:
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1

    def __str__(self) -> str:
        return f"{'s' if self.signed else 'u'}{self.bits}"

    @staticmethod
    def parse(text: str) -> IntType:
        """Read `s8` or `u4`."""
        if text[:1] not in ("s", "u") or not text[1:].isdigit():
            raise ValueError(f"not an integer type: {text!r}")
        return IntType(int(text[1:]), text[0] == "s")

    @staticmethod
    def covering(lo: int, hi: int, at_least: int = 8) -> IntType:
        """The signed type of 8, 16, 32 or 64 bits that holds [lo, hi] and has at least `at_least` bits."""
        for bits in (8, 16, 32, 64):
            candidate = IntType(bits, True)
            if bits >= at_least and candidate.min <= lo and hi <= candidate.max:
                return candidate
        raise OverflowError(f"[{lo}, {hi}] does not fit 64 bits")


S8, U8 = IntType(8, True), IntType(8, False)
S16, S32, S64 = IntType(16, True), IntType(32, True), IntType(64, True)


@dataclass(frozen=True, slots=True)
class TensorType:
    """A dense tensor of static shape. Images are NHWC."""

    shape: tuple[int, ...]
    dtype: IntType

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Bytes in memory, each element in the next power of two of 8 bits or more."""
        width = 8
        while width < self.dtype.bits:
            width *= 2
        return self.size * (width >> 3)

    def __str__(self) -> str:
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Range:
    """Proved inclusive bounds: one pair for the whole tensor, or one for each channel of the last axis."""

    lo: tuple[int, ...]
    hi: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.lo) != len(self.hi) or not self.lo:
            raise ValueError("a range has as many upper as lower bounds, and at least one")
        if any(low > high for low, high in zip(self.lo, self.hi, strict=True)):
            raise ValueError("a lower bound exceeds its upper bound")

    @staticmethod
    def whole(lo: int, hi: int) -> Range:
        return Range((int(lo),), (int(hi),))

    @staticmethod
    def of_type(dtype: IntType) -> Range:
        return Range.whole(dtype.min, dtype.max)

    @staticmethod
    def of_arrays(lo: IntArray, hi: IntArray) -> Range:
        """Bounds per channel; folded into one pair where all channels agree."""
        if lo.size and (lo == lo.flat[0]).all() and (hi == hi.flat[0]).all():
            return Range.whole(int(lo.flat[0]), int(hi.flat[0]))
        return Range(tuple(int(v) for v in lo), tuple(int(v) for v in hi))

    @property
    def min(self) -> int:
        return min(self.lo)

    @property
    def max(self) -> int:
        return max(self.hi)

    def channels(self, count: int) -> tuple[IntArray, IntArray]:
        """Lower and upper bounds as int64 arrays of `count` channels."""
        lo, hi = np.array(self.lo, np.int64), np.array(self.hi, np.int64)
        if len(self.lo) not in (1, count):
            lo, hi = np.array([self.min], np.int64), np.array([self.max], np.int64)
        return np.broadcast_to(lo, (count,)).copy(), np.broadcast_to(hi, (count,)).copy()

    def collapsed(self) -> Range:
        """One pair of bounds for the whole tensor."""
        return Range.whole(self.min, self.max)

    def union(self, other: Range) -> Range:
        return Range.whole(min(self.min, other.min), max(self.max, other.max))

    def fits(self, dtype: IntType) -> bool:
        return dtype.min <= self.min and self.max <= dtype.max

    def __str__(self) -> str:
        if len(self.lo) == 1:
            return f"[{self.lo[0]}, {self.hi[0]}]"
        return "[" + ", ".join(f"{low}..{high}" for low, high in zip(self.lo, self.hi, strict=True)) + "]"


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A named tensor. A constant carries its `data` (int64, of the type's shape); any other value has None."""

    name: str
    type: TensorType
    range: Range
    data: IntArray | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.type.shape

    @property
    def is_constant(self) -> bool:
        return self.data is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value):
            return NotImplemented
        same = (self.name, self.type, self.range) == (other.name, other.type, other.range)
        if self.data is None or other.data is None:
            return same and self.data is other.data
        return same and np.array_equal(self.data, other.data)

    __hash__ = None  # type: ignore[assignment]  # values are compared by content, never put in a set


@dataclass(frozen=True, slots=True)
class Result:
    """What an operator infers about one of its outputs."""

    type: TensorType
    range: Range

    @staticmethod
    def covering(shape: Sequence[int], bounds: Range, at_least: int = 8) -> Result:
        """A result in the smallest signed machine type that holds `bounds`."""
        return Result(TensorType(tuple(shape), IntType.covering(bounds.min, bounds.max, at_least)), bounds)
