"""A Requant to few levels as comparisons: the accumulators at which it steps."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.dyadic import apply_requant
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import IntArray, IntType, Range

MOST_LEVELS = 15
"""Comparisons of an element: those of 4 bits."""


def steps_of(op: Requant, x: Range, result: Range, element: IntType) -> IntArray | None:
    """The thresholds of the levels result.min + 1 .. result.max, int64 [channels, levels].

    None where they are too many, or the op has other inputs than one.

    The least value of the reachable x at which the op's own `evaluate` reaches the level, by bisection: a multiplier is
    not negative, so it is monotone. A level that is never reached has element.max + 1.
    """
    levels = result.max - result.min
    if len(op.inputs) != 1 or not 1 <= levels <= MOST_LEVELS:
        return None
    wanted = result.min + 1 + np.arange(levels, dtype=np.int64)
    low = np.full((op.channels, levels), x.min, np.int64)
    high = np.full((op.channels, levels), x.max + 1, np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        reached = _apply(op, middle) >= wanted
        high, low = np.where(reached, middle, high), np.where(reached | (low >= high), low, middle + 1)
    return np.where(low > x.max, element.max + 1, low)


def _apply(op: Requant, x: IntArray) -> IntArray:
    return apply_requant([x], op.mult, op.offset, op.shift, op.tie, op.negative, op.zero, op.lo, op.hi)
