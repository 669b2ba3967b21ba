"""A source rescale that is integer arithmetic already, written as a Requant; and what the prover asks of any step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.step import Step
from hwcomp.ir.types import IntArray


@dataclass(frozen=True, slots=True)
class Definition:
    """An exact Requant (meaning: `ir.dyadic.apply_requant`) of the step it belongs to, before the step's clamp.

    mult: one tuple an input, each with one value a channel or one for all; the other fields as in Requant.
    """

    mult: tuple[tuple[int, ...], ...]
    offset: tuple[int, ...]
    shift: int
    tie: Tie
    negative: NegativeCorrection | None
    zero: int


@runtime_checkable
class Defined(Step, Protocol):
    """A step that may have a `Definition`."""

    @property
    def definition(self) -> Definition | None: ...


@runtime_checkable
class Zeroed(Step, Protocol):
    """A step that ends by adding the output's zero point."""

    @property
    def zero(self) -> int: ...


@runtime_checkable
class Bounded(Step, Protocol):
    """A step that is monotone (does not wrap) on the accumulators [domain[0], domain[1]] only."""

    @property
    def domain(self) -> tuple[int, int]: ...


@runtime_checkable
class Curved(Step, Protocol):
    """A step that may be far from a line: its nearest line says little."""

    @property
    def is_curved(self) -> bool: ...


@runtime_checkable
class PairStep(Step, Protocol):
    """A step of two inputs; `slopes` are the approximate d(level)/d(input), the second may be negative."""

    @property
    def slopes(self) -> tuple[float, float]: ...


@runtime_checkable
class StagedPair(PairStep, Protocol):
    """A step that is itself y = last(first(a) + second(b)) in integers: exact whatever the scales are."""

    def first(self, a: IntArray, /) -> IntArray: ...

    def second(self, b: IntArray, /) -> IntArray: ...

    @property
    def last(self) -> Step: ...


@runtime_checkable
class Clipped(Step, Protocol):
    """A step whose float clip leaves fewer levels than [lo, hi]; `clamp` is the interval of levels that remain."""

    @property
    def clamp(self) -> tuple[int, int]: ...


def clamp_of(step: Step) -> tuple[int, int]:
    """The clamp of the step's Requant: a line need not follow the step where this clamp already gives its level."""
    return step.clamp if isinstance(step, Clipped) else (step.lo, step.hi)


def common_shift(
    rows: list[tuple[int, int, int, int]],
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], int]:
    """(mult, offset, amount, shift) of the channels' own (mult, offset, amount, shift), brought to the largest shift.

    Exact, since (v << k) >> (c + k) = v >> c.
    """
    shift = max(row[3] for row in rows)
    mult = tuple(b << (shift - c) for b, _, _, c in rows)
    offset = tuple(r << (shift - c) for _, r, _, c in rows)
    amount = tuple(n << (shift - c) for _, _, n, c in rows)
    return mult, offset, amount, shift
