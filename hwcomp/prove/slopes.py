"""Which lines pass a staircase exactly: the open interval of slopes, by Newton steps on a concave gap. Integers only.

A line s*x + o realises a staircase iff it is on or above every P = (T, k) and strictly below every Q = (T - 1, k).
For a slope s an offset exists iff

    gap(s) = min over Q of (k - s*x)  -  max over P of (k - s*x)  >  0.

The gap is concave and piecewise linear, so {gap > 0} is one open interval (s-, s+). From outside, the tangent of the
gap (one pair of P and Q) meets zero between the point and the root: Dinkelbach's iteration, exact in fractions, a
handful of steps of O(levels) each. Source: Dinkelbach, 1967; that the ends are slopes of pairs is the duality of
DESIGN section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwcomp.ir.types import IntArray

_SAFE = 1 << 62
_BLOCK = 1 << 19


@dataclass(frozen=True, slots=True, eq=False)
class Staircase:
    """The points of each row: P = (px, pk) to be on or under the line, Q = (qx, qk) above it; int64 [rows, points].

    Rows may repeat points; every row has at least one P and one Q.
    """

    px: IntArray
    pk: IntArray
    qx: IntArray
    qk: IntArray

    def rows(self, which: slice | IntArray) -> Staircase:
        """Some of the rows."""
        return Staircase(self.px[which], self.pk[which], self.qx[which], self.qk[which])


@dataclass(frozen=True, slots=True, eq=False)
class SlopeIntervals:
    """Open intervals (low, high) as fractions of int64 [rows]; high_den is 0 where there is no upper end.

    feasible: the interval holds a slope. In rows that are not, low is a slope where the gap is near its (negative) top.
    """

    low_num: IntArray
    low_den: IntArray
    high_num: IntArray
    high_den: IntArray
    feasible: IntArray


def slope_intervals(stairs: Staircase) -> SlopeIntervals:
    """The interval of slopes >= 0 of each row. Exact: in int64 where all products stay below 2**62, else in Python
    integers."""
    count, points = stairs.px.shape
    if count == 0:
        empty = np.zeros(0, np.int64)
        return SlopeIntervals(empty, empty, empty, empty, empty.astype(bool))
    block = max(1, _BLOCK // max(1, points))
    parts = [_intervals(stairs.rows(slice(at, at + block))) for at in range(0, count, block)]
    columns = [np.concatenate([part[i] for part in parts]) for i in range(5)]
    return SlopeIntervals(columns[0], columns[1], columns[2], columns[3], columns[4].astype(bool))


def _intervals(stairs: Staircase) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """`slope_intervals` of a block, as five arrays."""
    stairs = _exact_kind(stairs)
    rows = len(stairs.px)
    kind = stairs.px.dtype
    low_num, low_den, low_ok = _newton(stairs, np.zeros(rows, kind), np.ones(rows, kind), from_left=True)
    # Far right only x counts: the highest Q against the lowest P (k breaks ties and is settled by the iteration).
    q, p = stairs.qx.argmax(axis=1), stairs.px.argmin(axis=1)
    start_den = _pick(stairs.qx, q) - _pick(stairs.px, p)
    bounded = start_den > 0
    spread = stairs.qk.max(axis=1) - stairs.pk.min(axis=1)
    right_num = np.where(bounded, np.maximum(spread, 0) + 1, 0)
    high_num, high_den, high_ok = _newton(stairs, right_num, np.where(bounded, 1, 0), from_left=False)
    nonempty = ~bounded | (low_num * np.maximum(high_den, 1) < high_num * low_den)
    feasible = low_ok & high_ok & nonempty
    return low_num, low_den, high_num, high_den, feasible.astype(np.int64)


def _newton(stairs: Staircase, num: IntArray, den: IntArray, from_left: bool) -> tuple[IntArray, IntArray, IntArray]:
    """Walk each row's slope num/den to the nearest root of its gap; a row with den 0 is left alone.

    Returns (num, den, ok): ok is False where the gap falls before it reaches zero, so that no slope is good.
    """
    num, den = num.copy(), den.copy()
    ok = np.ones(num.size, dtype=bool)
    active = np.flatnonzero(den != 0)
    while active.size:
        part = stairs.rows(active)
        n, d = num[active, None], den[active, None]
        q = (part.qk * d - n * part.qx).argmin(axis=1)
        p = (part.pk * d - n * part.px).argmax(axis=1)
        dk = _pick(part.qk, q) - _pick(part.pk, p)
        dx = _pick(part.qx, q) - _pick(part.px, p)
        gap = dk * den[active] - num[active] * dx
        # The tangent dk - s*dx rises toward the root iff dx < 0 from the left, dx > 0 from the right.
        climbs = dx < 0 if from_left else dx > 0
        outside = gap < 0
        move = outside & climbs
        # At a zero gap on the far side of the top the root found is the other end: the interval is empty.
        ok[active[outside & ~climbs]] = False
        num[active[move]] = np.where(dx[move] < 0, -dk[move], dk[move])
        den[active[move]] = np.abs(dx[move])
        negative = move & (num[active] < 0)
        ok[active[negative]] = False
        active = active[move & ~negative]
    return num, den, ok


def _pick(table: IntArray, column: IntArray) -> IntArray:
    """table[row, column[row]]."""
    picked: IntArray = np.take_along_axis(table, column[:, None], axis=1)[:, 0]
    return picked


def _exact_kind(stairs: Staircase) -> Staircase:
    """The points as they are, or as Python integers where a product could leave int64."""
    x = max(int(np.abs(stairs.px).max(initial=0)), int(np.abs(stairs.qx).max(initial=0)))
    k = max(int(np.abs(stairs.pk).max(initial=0)), int(np.abs(stairs.qk).max(initial=0)))
    if 8 * (k + 1) * (x + 1) < _SAFE:
        return stairs
    return Staircase(*(array.astype(object) for array in (stairs.px, stairs.pk, stairs.qx, stairs.qk)))
