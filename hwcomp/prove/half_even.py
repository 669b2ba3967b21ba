"""Rounding half to even: the Requant of a step whose ties go to the even level, such as a power-of-two rescale in ONNX.

A step that meets exact ties has no line under floor: a tie must round up below one level and down below the next. Under
Tie.EVEN the value k * 2^c itself belongs to level k where k is even, and to level k - 1 where k is odd, so a point that
must be reached (P) may touch an even level's bound, and a point that must stay below (Q) an odd one's.
"""

from __future__ import annotations

import numpy as np

from hwcomp.ir.dyadic import Tie
from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Definition
from hwcomp.prove.slopes import Staircase

MAX_TIE_SHIFT = 24
"""Ties need a slope that is exactly dyadic with few bits: scales that are powers of two, windows of 2^n elements."""

MOST = 0.9
"""The share of points that a nearly exact tie rule keeps; below it a line under floor does no worse."""


def half_even(stairs: Staircase, moving: IntArray, idle: list[int], zero: int, most: IntArray) -> Definition | None:
    """The least shift at which every moving channel has (mult, offset) under Tie.EVEN; None where there is none.

    stairs: the points of the channels `moving`; idle: for each of all channels the offset, in levels, that gives its
    one level; most: the largest multiplier of each channel. Accumulators of at most 36 bits are tried, in int64.
    """
    if not moving.size or max(int(np.abs(stairs.px).max()), int(np.abs(stairs.qx).max())) >= 1 << 36:
        return None
    slope = (stairs.pk[:, -1] - stairs.pk[:, 0]) / np.maximum(stairs.px[:, -1] - stairs.px[:, 0], 1)
    for shift in range(1, MAX_TIE_SHIFT + 1):
        mult = np.maximum(np.rint(slope * (1 << shift)).astype(np.int64), 1)
        if (mult > most[moving]).any() or int(mult.max()) >= 1 << 25:
            return None
        low, high = _offsets(stairs, mult, shift)
        if (low <= high).all():
            return _definition(moving, idle, zero, mult, low, high, shift)
    return None


def nearly_half_even(
    stairs: Staircase, moving: IntArray, idle: list[int], zero: int, most: IntArray
) -> Definition | None:
    """The same where float noise moved a few ties: the first shift at which most points of each channel hold."""
    if not moving.size or max(int(np.abs(stairs.px).max()), int(np.abs(stairs.qx).max())) >= 1 << 36:
        return None
    slope = (stairs.pk[:, -1] - stairs.pk[:, 0]) / np.maximum(stairs.px[:, -1] - stairs.px[:, 0], 1)
    for shift in range(1, MAX_TIE_SHIFT + 1):
        mult = np.maximum(np.rint(slope * (1 << shift)).astype(np.int64), 1)
        if (mult > most[moving]).any() or int(mult.max()) >= 1 << 25:
            return None
        low, high = _bounds(stairs, mult, shift)
        usual = np.sort(low, axis=1)[:, low.shape[1] >> 1]
        held = (low <= usual[:, None]).mean(axis=1) + (high >= usual[:, None]).mean(axis=1)
        if (held > 2 * MOST).all():
            return _definition(moving, idle, zero, mult, usual, usual, shift)
    return None


def _offsets(stairs: Staircase, mult: IntArray, shift: int) -> tuple[IntArray, IntArray]:
    """Per row the offsets [low, high] that are exact under Tie.EVEN."""
    low, high = _bounds(stairs, mult, shift)
    return low.max(axis=1), high.min(axis=1)


def _bounds(stairs: Staircase, mult: IntArray, shift: int) -> tuple[IntArray, IntArray]:
    """Per point of P the least offset under which it holds, per point of Q the greatest."""
    b = mult[:, None]
    low = (stairs.pk << shift) + (stairs.pk & 1) - b * stairs.px
    high = (stairs.qk << shift) - 1 + (stairs.qk & 1) - b * stairs.qx
    return low, high


def _definition(
    moving: IntArray, idle: list[int], zero: int, mult: IntArray, low: IntArray, high: IntArray, shift: int
) -> Definition:
    """Every channel's multiplier and offset: half a level where that is exact, else the middle of the interval."""
    half = 1 << (shift - 1)
    mults = [0] * len(idle)
    offsets = [(level << shift) + half for level in idle]
    for row, channel in enumerate(moving.tolist()):
        mults[channel] = int(mult[row])
        fits = low[row] <= half <= high[row]
        offsets[channel] = half if fits else (int(low[row]) + int(high[row])) >> 1
    return Definition((tuple(mults),), tuple(offsets), shift, Tie.EVEN, None, zero)
