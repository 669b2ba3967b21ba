"""TFLite's double rounding as a narrow Requant: one slope, one offset for each sign of the accumulator."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Definition
from hwcomp.prove.fit import MAX_SHIFT, narrowest_shift, offset_interval
from hwcomp.prove.slopes import Staircase, slope_intervals
from hwcomp.prove.staircase import piece_points, side
from hwcomp.prove.thresholds import StepTable


def two_sided(
    steps: StepTable, zero: int, lo: int, hi: int, most: IntArray, prefer_shift: int | None
) -> Definition | None:
    """The narrowest Requant with a negative correction that equals the step, or None where a channel has none.

    With mult > 0 the correction applies exactly to the accumulators below zero, so each side is a staircase of its own,
    both of one slope: the intervals of slopes are intersected. amount = offset above - offset below, 0 where one offset
    serves both. most: the largest multiplier, int64 [channels].
    """
    channels = steps.count.size
    sides = [_Side.of(steps, zero, lo, hi, negative) for negative in (False, True)]
    bounds = [_intersection([side.ends(channel) for side in sides]) for channel in range(channels)]
    shifts: list[int] = []
    for channel in range(channels):
        if steps.count[channel] == 0:
            continue
        bound = bounds[channel]
        shift = narrowest_shift(*bound, int(most[channel])) if bound is not None else None
        if shift is None:
            return None
        shifts.append(shift)
    chosen = max(shifts, default=0)
    preferred = [prefer_shift] if prefer_shift is not None and chosen <= prefer_shift <= MAX_SHIFT else []
    for shift in [*preferred, chosen]:
        found = _at_shift(steps, zero, sides, bounds, most, shift)
        if found is not None:
            return found
    return None


_FAR = 1 << 100
"""Beyond every offset: the open end of an interval."""


class _Side:
    """The staircases of one sign of the accumulator, with their slopes, by channel.

    floors, roofs: of channels that stay at a level which one of the clamps gives, the point (accumulator, level) that
    the line must reach, or stay below. Any slope does, but not any offset.
    """

    def __init__(self, stairs: Staircase, channels: IntArray) -> None:
        self.stairs = stairs
        self.floors: dict[int, tuple[int, int]] = {}
        self.roofs: dict[int, tuple[int, int]] = {}
        self.row_of = {channel: row for row, channel in enumerate(channels.tolist())}
        self.slopes = slope_intervals(stairs) if channels.size else None

    @classmethod
    def of(cls, steps: StepTable, zero: int, lo: int, hi: int, negative: bool) -> _Side:
        part, kept = side(steps, negative)
        stairs, rows = piece_points(part, zero, lo, hi)
        found = cls(stairs, kept[rows])
        for row in np.flatnonzero(part.count == 0).tolist():
            channel, level = int(kept[row]), int(part.first[row])
            if lo < level >= hi:
                found.floors[channel] = int(part.acc_lo[row]), level - zero
            elif lo >= level < hi:
                found.roofs[channel] = int(part.acc_hi[row]), level + 1 - zero
        return found

    def ends(self, channel: int) -> tuple[int, int, int, int] | None:
        """(low_num, low_den, high_num, high_den); every slope where the side doesn't bind; None where no slope is
        good."""
        row = self.row_of.get(channel)
        if row is None or self.slopes is None:
            return 0, 1, 1, 0
        if not self.slopes.feasible[row]:
            return None
        slopes = self.slopes
        return (
            int(slopes.low_num[row]),
            int(slopes.low_den[row]),
            int(slopes.high_num[row]),
            int(slopes.high_den[row]),
        )

    def offsets(self, channel: int, mult: int, shift: int) -> tuple[int, int] | None:
        """The exact offsets [low, high] of this side; None where any will do."""
        if channel in self.floors:
            acc, level = self.floors[channel]
            return (level << shift) - mult * acc, _FAR
        if channel in self.roofs:
            acc, level = self.roofs[channel]
            return -_FAR, (level << shift) - mult * acc - 1
        row = self.row_of.get(channel)
        if row is None:
            return None
        low, high = offset_interval(self.stairs.rows(slice(row, row + 1)), np.array([mult]), shift)
        return int(low[0]), int(high[0])


def _intersection(ends: list[tuple[int, int, int, int] | None]) -> tuple[int, int, int, int] | None:
    """The common part of two open intervals of slopes; None where one is None (an empty one is found by its user)."""
    a, b = ends
    if a is None or b is None:
        return None
    low = a if a[0] * b[1] >= b[0] * a[1] else b
    bounded = [one for one in (a, b) if one[3] != 0]
    high = bounded[0] if bounded else a
    if len(bounded) == 2 and b[2] * a[3] < a[2] * b[3]:
        high = b
    return low[0], low[1], high[2], high[3]


def _at_shift(
    steps: StepTable,
    zero: int,
    sides: list[_Side],
    bounds: list[tuple[int, int, int, int] | None],
    most: IntArray,
    shift: int,
) -> Definition | None:
    """`two_sided` at this shift; None where a multiplier passes its limit."""
    half = 1 << (shift - 1) if shift else 0
    mult: list[int] = []
    offset: list[int] = []
    amount: list[int] = []
    for channel, bound in enumerate(bounds):
        if steps.count[channel] == 0:
            mult.append(0)
            offset.append(((int(steps.first[channel]) - zero) << shift) + half)
            amount.append(0)
            continue
        assert bound is not None
        low = (bound[0] << shift) // bound[1] + 1
        high = low if bound[3] == 0 else -((-bound[2] << shift) // bound[3]) - 1
        if low > min(high, int(most[channel])):
            return None
        b = (low + min(high, int(most[channel]))) >> 1
        above, below = (part.offsets(channel, b, shift) for part in sides)
        chosen = _two_offsets(above, below, half)
        if chosen is None:
            return None
        mult.append(b)
        offset.append(chosen[0])
        amount.append(chosen[0] - chosen[1])
    negative = NegativeCorrection(0, tuple(amount)) if any(amount) else None
    return Definition((tuple(mult),), tuple(offset), shift, Tie.FLOOR, negative, zero)


def _two_offsets(above: tuple[int, int] | None, below: tuple[int, int] | None, half: int) -> tuple[int, int] | None:
    """(offset from zero up, offset below zero), the first not smaller; equal, and half a level, where that is exact."""
    free = above or below or (half, half)
    first, second = above or free, below or free
    low, high = max(first[0], second[0]), min(first[1], second[1])
    if low <= high:
        one = half if low <= half <= high else _within(low, high)
        return one, one
    if first[1] < second[0]:
        return None
    return _within(*first), _within(*second)


def _within(low: int, high: int) -> int:
    """The middle, or the end that is no open one."""
    if high == _FAR:
        return low
    return high if low == -_FAR else (low + high) >> 1
