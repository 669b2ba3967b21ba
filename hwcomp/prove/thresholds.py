"""The thresholds of a monotone step over the reachable accumulators, for all channels and levels at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwcomp.ir.step import Step
from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Bounded
from hwcomp.support.errors import HwcompError

_BLOCK = 1 << 20
"""Accumulators evaluated at a time: keeps the step's temporaries in a few dozen MB."""


@dataclass(frozen=True, slots=True, eq=False)
class StepTable:
    """A step function by its thresholds.

    acc_lo, acc_hi, first, count: int64 [channels]; table: int64 [channels, max count], T of level first + 1 + column;
    beyond a row's count the row's last threshold is repeated (acc_lo + 1 in a row without any).
    """

    acc_lo: IntArray
    acc_hi: IntArray
    first: IntArray
    count: IntArray
    table: IntArray

    @property
    def last(self) -> IntArray:
        """The level at acc_hi, int64 [channels]."""
        return self.first + self.count

    @property
    def rows(self) -> tuple[IntArray, ...]:
        """The ragged rows of `Certificate.thresholds`."""
        return tuple(self.table[row, :n].copy() for row, n in enumerate(self.count.tolist()))


def thresholds(step: Step, acc_lo: IntArray, acc_hi: IntArray) -> StepTable:
    """T_j = min{a in [acc_lo, acc_hi] : step(a) >= j} for each level j above step(acc_lo), per channel.

    acc_lo, acc_hi: int64 [channels]; the step's channels are 1 or the same. Levels between the first and the last are
    bracketed from the straight line through those two, the bracket is verified and doubled until it holds, then halved.

    Raises:
        HwcompError: HWC303 where the reachable range is empty or leaves the step's domain.
    """
    lo, hi = np.atleast_1d(np.asarray(acc_lo, np.int64)), np.atleast_1d(np.asarray(acc_hi, np.int64))
    refuse_out_of_domain(step, lo, hi)
    ends = step(np.stack([lo, hi], axis=1))
    first, count = ends[:, 0], ends[:, 1] - ends[:, 0]
    assert (count >= 0).all(), "a step must not decrease"
    width = int(count.max(initial=0))
    if width == 0:
        return StepTable(lo, hi, first, count, np.zeros((lo.size, 0), np.int64))
    table = np.empty((lo.size, width), np.int64)
    anchors = np.stack([np.minimum(first + 1, ends[:, 1]), ends[:, 1]], axis=1)
    full = np.broadcast_to(np.where(count > 0, lo, lo - 1)[:, None], anchors.shape)
    anchor_t = _bisect(step, anchors, full.copy(), np.broadcast_to(hi[:, None], anchors.shape).copy())
    slope = (anchor_t[:, 1] - anchor_t[:, 0]) / np.maximum(count - 1, 1)
    block = max(1, _BLOCK // lo.size)
    for start in range(0, width, block):
        index = np.minimum(np.arange(start, min(start + block, width)), np.maximum(count - 1, 0)[:, None])
        guess = anchor_t[:, :1] + np.rint(index * slope[:, None]).astype(np.int64)
        table[:, start : start + block] = _from_guess(step, first[:, None] + 1 + index, guess, lo, hi)
    table[count == 0] = lo[count == 0, None] + 1
    return StepTable(lo, hi, first, count, table)


def refuse_out_of_domain(step: Step, lo: IntArray, hi: IntArray) -> None:
    """Raise HWC303 unless every [lo, hi] is non-empty and within the step's domain."""
    low, high = step.domain if isinstance(step, Bounded) else (-(1 << 62), 1 << 62)
    if (lo > hi).any() or int(lo.min()) < low or int(hi.max()) > high:
        raise HwcompError(
            "HWC303",
            f"accumulators in [{int(lo.min())}, {int(hi.max())}], but {step.reference} rescales [{low}, {high}]",
            type(step).__name__,
            "quantise with smaller weights or activations, or split the reduction",
        )


def _bisect(step: Step, level: IntArray, below: IntArray, above: IntArray) -> IntArray:
    """The least a with step(a) >= level, where step(below) < level <= step(above); all [channels, n]."""
    for _ in range(int((above - below).max()).bit_length()):
        middle = (below + above) >> 1
        reached = step(middle) >= level
        above = np.where(reached, middle, above)
        below = np.where(reached, below, middle)
    return above


def _from_guess(step: Step, level: IntArray, guess: IntArray, lo: IntArray, hi: IntArray) -> IntArray:
    """`_bisect` from a bracket around `guess` that doubles until it holds, at most to [lo, hi]; all [channels, n]."""
    floor, ceiling = lo[:, None], hi[:, None]
    width = 2
    below, above = np.maximum(guess - width, floor), np.minimum(guess + width - 1, ceiling)
    while True:
        low_holds = (below == floor) | (step(below) < level)
        high_holds = (above == ceiling) | (step(above) >= level)
        if (low_holds & high_holds).all():
            return _bisect(step, level, below, above)
        width *= 4
        below = np.where(low_holds, below, np.maximum(guess - width, floor))
        above = np.where(high_holds, above, np.minimum(guess + width, ceiling))
