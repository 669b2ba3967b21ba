"""Two-input Requants: all pairs of inputs are enumerated, and one plane is passed through the steps they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwcomp.ir.certificate import MAX_LISTED, Certificate, ListedException, Verdict, check_pair
from hwcomp.ir.dyadic import Tie, apply_requant
from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Defined, Definition, PairStep, Zeroed, clamp_of
from hwcomp.prove.fit import multiplier_range, nearest_offset
from hwcomp.prove.slopes import Staircase, slope_intervals
from hwcomp.prove.synthesize import Policy, Rescaling, ShiftPreference, rescaling
from hwcomp.support.errors import HwcompError

MAX_PAIRS = 1 << 20
_NEIGHBOURS = (0, 1, -1, 2, -2)


def synthesize_pair(
    step: PairStep,
    a_interval: tuple[int, int],
    b_interval: tuple[int, int],
    policy: Policy,
    preference: ShiftPreference | None = None,
) -> Rescaling:
    """The two-input Requant that equals `step` on all pairs of the inclusive intervals; mult[0] >= 0, mult[1] of any
    sign.

    The certificate has a row for each value of the second input (`ir.certificate.check_pair`). The search over the
    second multiplier is a heuristic around the real slope; for each of its values the first multiplier's range is
    exact.

    Raises:
        HwcompError: HWC301 under STRICT where exceptions remain; HWC302 beyond 2**20 pairs without a definition, or
            where the step is not monotone in its first input.
    """
    preference = preference or ShiftPreference()
    definition = step.definition if isinstance(step, Defined) else None
    size = (a_interval[1] - a_interval[0] + 1) * (b_interval[1] - b_interval[0] + 1)
    if size > MAX_PAIRS:
        if definition is None:
            raise _refusal("HWC302", step, f"{size} pairs of inputs are too many to enumerate")
        empty = np.zeros(0, np.int64)
        return rescaling(step, definition, Certificate(step.reference, Verdict.DEFINITION, empty, empty, empty, ()))
    pairs = _enumerate(step, a_interval, b_interval)
    bits = preference.fast_bits if policy is Policy.FAST else preference.mult_bits
    zero = step.zero if isinstance(step, Zeroed) else 0
    # Where the reference adds an odd zero point before rounding, its even levels are odd ones of q: take zero - 1.
    for tie, base in ((Tie.FLOOR, zero), (Tie.EVEN, zero), (Tie.EVEN, zero - 1)):
        form = _narrowest_plane(step, pairs, tie, base, bits, preference.prefer_shift)
        if form is not None:
            cert = pairs.certificate(step.reference, Verdict.PROVED)
            assert not check_pair(
                cert,
                (form.mult[0][0], form.mult[1][0]),
                form.offset[0],
                form.shift,
                form.zero,
                *clamp_of(step),
                tie,
                b_interval[0],
            )
            return rescaling(step, form, cert)
    if policy is Policy.STRICT:
        raise _refusal("HWC301", step, f"no two multipliers of {bits} bits are exact on all {size} pairs")
    return _listed(step, pairs, bits, Verdict.FAST if policy is Policy.FAST else Verdict.LISTED)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """The enumerated step: y int64 [second values, first values]; and its points P, Q as (x, level, second value)."""

    a: IntArray
    b: IntArray
    y: IntArray
    p: tuple[IntArray, IntArray, IntArray]
    q: tuple[IntArray, IntArray, IntArray]

    def certificate(
        self, reference: str, verdict: Verdict, runs: tuple[ListedException, ...] = (), count: int = 0
    ) -> Certificate:
        """The certificate whose rows are the second input's values."""
        ones = np.ones(self.b.size, np.int64)
        levels = [np.arange(row[0] + 1, row[-1] + 1, dtype=np.int64) for row in self.y]
        rows = tuple(self.a[0] + row.searchsorted(above) for row, above in zip(self.y, levels, strict=True))
        return Certificate(
            reference, verdict, ones * self.a[0], ones * self.a[-1], self.y[:, 0].copy(), rows, runs, count
        )

    def collapsed(self, zero: int, shift: int, tie: Tie, fixed: int, along_first: bool) -> Staircase:
        """The staircase of one input's multiplier when the other's is `fixed`, one row; only the binding point of
        each x.

        Constraint P: m*x + r >= k*2**c + [tie even and k odd] - fixed*other; Q the same, strictly below.
        """
        ends: list[IntArray] = []
        for (x, level, second), reduce in ((self.p, np.maximum), (self.q, np.minimum)):
            k = level - zero
            need = (k << shift) + (k & 1 if tie is Tie.EVEN else 0)
            along, other = (x, second) if along_first else (second, x)
            values, place = np.unique(along, return_inverse=True)
            bound = np.full(values.size, -(1 << 62) if reduce is np.maximum else 1 << 62, np.int64)
            reduce.at(bound, place, need - fixed * other)
            ends += [values[None, :], bound[None, :]]
        return Staircase(ends[0], ends[1], ends[2], ends[3])


def _enumerate(step: PairStep, a_interval: tuple[int, int], b_interval: tuple[int, int]) -> _Pairs:
    """All pairs, and the points the plane must pass between; HWC302 where the step falls along its first input."""
    a = np.arange(a_interval[0], a_interval[1] + 1, dtype=np.int64)
    b = np.arange(b_interval[0], b_interval[1] + 1, dtype=np.int64)
    grid_a, grid_b = np.broadcast_to(a, (b.size, a.size)), np.broadcast_to(b[:, None], (b.size, a.size))
    y = step(grid_a, grid_b)
    rise = np.diff(y, axis=1)
    if (rise < 0).any():
        raise _refusal("HWC302", step, "the output is not monotone in the first input")
    # A jump of several levels at once binds at its last level for P and its first for Q.
    row, at = np.nonzero(rise)
    p = [(a[at + 1], y[row, at + 1], b[row])]
    q = [(a[at], y[row, at] + 1, b[row])]
    lo, hi = clamp_of(step)
    low, high = np.flatnonzero(y[:, 0] > lo), np.flatnonzero(y[:, -1] < hi)
    p.append((np.full(low.size, a[0]), y[low, 0], b[low]))
    q.append((np.full(high.size, a[-1]), y[high, -1] + 1, b[high]))

    def joined(parts: list[tuple[IntArray, IntArray, IntArray]]) -> tuple[IntArray, IntArray, IntArray]:
        x, level, second = (np.concatenate([part[i] for part in parts]) for i in range(3))
        return x, level, second

    return _Pairs(a, b, y, joined(p), joined(q))


def _narrowest_plane(
    step: PairStep, pairs: _Pairs, tie: Tie, zero: int, bits: int, prefer_shift: int | None
) -> Definition | None:
    """The exact plane of the least shift found (or of the preferred one), multipliers below 2**bits; None without."""
    if pairs.p[0].size == 0 or pairs.q[0].size == 0:
        level = int(pairs.y[0, 0])  # every pair saturates at one clamp
        return Definition(((0,), (0,)), ((level - zero) * 2 + 1,), 1, tie, None, zero)
    top = min(40, bits - max(0, int(np.ceil(np.log2(max(abs(s) for s in step.slopes))))))
    slopes = _centred(pairs, zero, tie, step.slopes, top)
    if slopes is None:
        return None
    best: Definition | None = None
    below, above = 0, top + 1
    while above - below > 1:
        middle = (below + above) >> 1
        found = _plane(pairs, zero, tie, slopes, middle, bits)
        below, above = (below, middle) if found is not None else (middle, above)
        best = found if found is not None else best
    if best is not None and prefer_shift is not None and best.shift < prefer_shift <= top:
        return _plane(pairs, zero, tie, slopes, prefer_shift, bits) or best
    return best


def _centred(pairs: _Pairs, zero: int, tie: Tie, slopes: tuple[float, float], shift: int) -> tuple[float, float] | None:
    """Slopes nearer to the middle of the exact ones: the range of each multiplier in turn, at a fine shift. None if
    empty."""
    sign = -1 if slopes[1] < 0 else 1
    first, second = (round(s * 2.0**shift) for s in slopes)
    for _ in range(3):
        low, high = _range(pairs.collapsed(zero, shift, tie, second, along_first=True))
        if high is None or low > high:
            break
        first = (low + high) >> 1
        stairs = pairs.collapsed(zero, shift, tie, first, along_first=False)
        low, high = _range(Staircase(sign * stairs.px, stairs.pk, sign * stairs.qx, stairs.qk))
        if high is None or low > high:
            break
        second = sign * ((low + high) >> 1)
    if _plane(pairs, zero, tie, (first * 2.0**-shift, second * 2.0**-shift), shift, 62) is None:
        return None
    return first * 2.0**-shift, second * 2.0**-shift


def _range(stairs: Staircase) -> tuple[int, int | None]:
    """The exact integer multipliers (low, high) of a one-row staircase whose levels are scaled already; (1, 0) if
    none."""
    slopes = slope_intervals(stairs)
    return multiplier_range(slopes, 0, 0) if slopes.feasible[0] else (1, 0)


def _plane(pairs: _Pairs, zero: int, tie: Tie, slopes: tuple[float, float], shift: int, bits: int) -> Definition | None:
    """An exact plane at this shift with the second multiplier next to its slope; half a level of offset where exact."""
    centre = round(slopes[1] * 2.0**shift)
    half = 1 << (shift - 1) if shift else 0
    for second in (centre + step for step in _NEIGHBOURS):
        stairs = pairs.collapsed(zero, shift, tie, second, along_first=True)
        low, high = _range(stairs)
        if high is not None and low > high:
            continue
        wish = round(slopes[0] * 2.0**shift)
        first = max(low, wish if high is None else min(wish, high))
        if max(first, abs(second)) >> bits:
            continue
        low_r = int((stairs.pk - first * stairs.px).max())
        high_r = int((stairs.qk - first * stairs.qx).min()) - 1
        if low_r > high_r:
            continue
        offset = half if low_r <= half <= high_r else (low_r + high_r) >> 1
        return Definition(((first,), (second,)), (offset,), shift, tie, None, zero)
    return None


def _listed(step: PairStep, pairs: _Pairs, bits: int, verdict: Verdict) -> Rescaling:
    """The plane near the real slopes with the fewest wrong pairs found, at a shift of at most 22 fraction bits."""
    zero = step.zero if isinstance(step, Zeroed) else 0
    shift = max(1, min(22, bits - 1 - max(0, int(np.ceil(np.log2(max(abs(s) for s in step.slopes)))))))
    first, second = (round(s * 2.0**shift) for s in step.slopes)
    best: tuple[int, Definition, IntArray] | None = None
    for tie in (Tie.FLOOR, Tie.EVEN):
        need, allow = (
            ((level - zero) << shift) + ((level - zero) & 1 if tie is Tie.EVEN else 0) - first * x - second * other
            for x, level, other in (pairs.p, pairs.q)
        )
        for offset in {1 << (shift - 1), nearest_offset(need, allow - 1, max(first, 1))[0]}:
            form = Definition(((first,), (second,)), (offset,), shift, tie, None, zero)
            rows = [np.broadcast_to(pairs.a, pairs.y.shape), np.broadcast_to(pairs.b[:, None], pairs.y.shape)]
            got = apply_requant(rows, form.mult, form.offset, shift, tie, None, zero, *clamp_of(step))
            wrong = int((got != pairs.y).sum())
            if best is None or wrong < best[0]:
                best = wrong, form, got
    assert best is not None
    total, form, got = best
    where = np.argwhere(got != pairs.y)[:MAX_LISTED]
    runs = tuple(
        ListedException(int(i), int(pairs.a[j]), int(pairs.a[j]), int(pairs.y[i, j]), int(got[i, j])) for i, j in where
    )
    return rescaling(step, form, pairs.certificate(step.reference, verdict, runs, total))


def _refusal(code: str, step: PairStep, what: str) -> HwcompError:
    """An error about this step."""
    return HwcompError(
        code,
        f"{what} (reference {step.reference})",
        type(step).__name__,
        "use '--exact listed', another '--reference', or inputs and outputs of at most 8 bits",
    )
