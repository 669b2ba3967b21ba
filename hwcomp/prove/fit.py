"""From intervals of slopes to (mult, offset, shift): integers only, exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.prove.slopes import SlopeIntervals, Staircase

MAX_SHIFT = 62
_SAFE = 1 << 62


def narrowest_shift(low_num: int, low_den: int, high_num: int, high_den: int, most: int) -> int | None:
    """The least shift c with an integer b in (low * 2**c, high * 2**c), b <= most; None if no c <= 62 has one.

    A b at c is 2*b at c + 1, so existence without the limit is monotone in c and bisection finds the least; b there is
    the least b of any shift as well, so one comparison with `most` is enough.
    """

    def first(c: int) -> int:
        return (low_num << c) // low_den + 1

    def exists(c: int) -> bool:
        return high_den == 0 or first(c) * high_den < high_num << c

    if not exists(MAX_SHIFT):
        return None
    below, above = -1, MAX_SHIFT
    while above - below > 1:
        middle = (below + above) >> 1
        below, above = (below, middle) if exists(middle) else (middle, above)
    return above if first(above) <= most else None


def multiplier_range(slopes: SlopeIntervals, row: int, shift: int) -> tuple[int, int | None]:
    """The integers (b_lo, b_hi) strictly inside row's interval times 2**shift; b_hi None without an upper end."""
    low = (int(slopes.low_num[row]) << shift) // int(slopes.low_den[row]) + 1
    den = int(slopes.high_den[row])
    return low, None if den == 0 else -((-int(slopes.high_num[row]) << shift) // den) - 1


def offset_interval(stairs: Staircase, mult: IntArray, shift: int) -> tuple[IntArray, IntArray]:
    """Per row the offsets [low, high] that are exact for `mult` at `shift` (empty where low > high).

    low = max over P of k*2**c - b*x;  high = min over Q of k*2**c - b*x, less one.
    """
    stairs, b = scaled(stairs, mult, shift)
    low = (stairs.pk - b[:, None] * stairs.px).max(axis=1)
    high = (stairs.qk - b[:, None] * stairs.qx).min(axis=1) - 1
    return low, high


def multipliers_at_offset(stairs: Staircase, offset: int, shift: int) -> tuple[IntArray, IntArray]:
    """Per row the multipliers [low, high] that are exact with this very offset (empty where low > high); low >= 1.

    Each point bounds b from one side: b*x >= k*2**c - r for P, b*x <= k*2**c - r - 1 for Q.
    """
    stairs, _ = scaled(stairs, np.ones(1, np.int64), shift, abs(offset))
    need, allow = stairs.pk - offset, stairs.qk - offset - 1
    top = _SAFE - 1

    def ceiling(n: IntArray, d: IntArray) -> IntArray:
        return -((-n) // d)

    px, qx = stairs.px, stairs.qx
    p_safe, q_safe = np.where(px == 0, 1, px), np.where(qx == 0, 1, qx)
    low = np.maximum(
        np.where(px > 0, ceiling(need, p_safe), np.where((px == 0) & (need > 0), top, 1)).max(axis=1),
        np.where(qx < 0, ceiling(allow, q_safe), 1).max(axis=1),
    )
    high = np.minimum(
        np.where(px < 0, need // p_safe, top).min(axis=1),
        np.where(qx > 0, allow // q_safe, np.where((qx == 0) & (allow < 0), 0, top)).min(axis=1),
    )
    return np.maximum(low, 1), high


def scaled(stairs: Staircase, mult: IntArray, shift: int, extra: int = 0) -> tuple[Staircase, IntArray]:
    """The points with k times 2**shift, and mult; in Python integers where k*2**c, b*x or `extra` pass 2**61."""
    x = max(int(np.abs(stairs.px).max(initial=0)), int(np.abs(stairs.qx).max(initial=0)))
    k = max(int(np.abs(stairs.pk).max(initial=0)), int(np.abs(stairs.qk).max(initial=0)))
    b = max((abs(int(m)) for m in mult), default=0)
    if (k << shift) + b * x + extra < _SAFE and stairs.px.dtype != object:
        return Staircase(stairs.px, stairs.pk << shift, stairs.qx, stairs.qk << shift), np.asarray(mult, np.int64)
    wide = [array.astype(object) for array in (stairs.px, stairs.pk, stairs.qx, stairs.qk)]
    one = 1 << shift
    return Staircase(wide[0], wide[1] * one, wide[2], wide[3] * one), np.asarray(mult, object)


@dataclass(frozen=True, slots=True)
class Nearest:
    """A multiplier and offset that are not exact, and how many accumulators they get wrong by the levels'
    thresholds."""

    mult: int
    offset: int
    wrong: int


def nearest(stairs: Staircase, shift: int, most: int, hints: tuple[int, ...] = ()) -> Nearest:
    """The best (b, r) found for one row at this shift where none is exact: fewest accumulators between g's thresholds
    and f's.

    The candidates for b are the one whose worst violation is least (the top of the concave gap), its neighbours, and
    `hints`; for each, the offset that satisfies most points. A heuristic: what it leaves is counted exactly later.
    """
    stairs, _ = scaled(stairs, np.array([most]), shift)
    px, pk, qx, qk = stairs.px[0], stairs.pk[0], stairs.qx[0], stairs.qk[0]

    def gap(b: int) -> int:
        return int((qk - b * qx).min()) - int((pk - b * px).max())

    below, above = 0, most
    while above - below > 1:
        middle = (below + above) >> 1
        below, above = (middle, above) if middle < most and gap(middle + 1) > gap(middle) else (below, middle)
    top = max(1, above)
    candidates = {b for b in (top, top - 1, top + 1, *hints) if 1 <= b <= most}
    tries: list[Nearest] = []
    for b in sorted(candidates):
        offset, wrong = nearest_offset(pk - b * px, qk - b * qx - 1, b)
        tries.append(Nearest(b, offset, wrong))
    return min(tries, key=lambda found: (found.wrong, found.mult))


def nearest_offset(need: IntArray, allow: IntArray, mult: int) -> tuple[int, int]:
    """(offset, accumulators wrong) where each P needs offset >= need and each Q allows offset <= allow, not all at
    once.

    The candidates are the bounds that satisfy the most points. An offset that misses a point by d moves that
    threshold by ceil(d / mult) accumulators.
    """
    low, high = np.sort(need), np.sort(allow)
    ends = np.unique(np.concatenate([low, high]))
    good = np.searchsorted(low, ends, side="right") + high.size - np.searchsorted(high, ends, side="left")
    best = (0, -1)
    for at in np.argsort(-good, kind="stable")[:4]:
        r = ends[at]
        late, early = -((r - need) // mult), -((allow - r) // mult)
        wrong = int(np.maximum(late, 0).sum()) + int(np.maximum(early, 0).sum())
        if best[1] < 0 or wrong < best[1]:
            best = int(r), wrong
    return best
