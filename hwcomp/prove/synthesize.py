"""Requants from steps: thresholds, slopes, the narrowest (mult, offset, shift), and the certificate. See DESIGN
section 3."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from hwcomp.ir.certificate import (
    MAX_LISTED,
    Certificate,
    ListedException,
    Verdict,
    differences,
    exceptions_of_row,
    row_of,
)
from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.step import Step
from hwcomp.ir.types import IntArray
from hwcomp.prove.definition import Defined, Definition, Zeroed, clamp_of
from hwcomp.prove.fit import (
    MAX_SHIFT,
    multiplier_range,
    multipliers_at_offset,
    narrowest_shift,
    nearest,
    offset_interval,
)
from hwcomp.prove.half_even import half_even, nearly_half_even
from hwcomp.prove.slopes import SlopeIntervals, Staircase, slope_intervals
from hwcomp.prove.staircase import staircase
from hwcomp.prove.thresholds import StepTable, thresholds
from hwcomp.prove.two_sided import two_sided
from hwcomp.support.errors import HwcompError

_FINE_SHIFT = 32
"""The shift where a channel has no exact line, the multipliers' limit allowing: fine enough to leave few exceptions."""


class Policy(Enum):
    """STRICT: refuse what is not exact. LISTED: list the exceptions. FAST: narrow multipliers, exceptions counted."""

    STRICT = "strict"
    LISTED = "listed"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class ShiftPreference:
    """What a target likes among exact Requants.

    prefer_shift: a shift to use where it is exact and the multipliers fit (32: one SMMULR on Cortex-M4); None for the
    narrowest. mult_bits: multipliers are below 2**mult_bits; fast_bits: the same under Policy.FAST. wide: multipliers
    may pass mult_bits where nothing narrower is exact (|accumulator| * multiplier stays below 2**61).
    """

    prefer_shift: int | None = None
    mult_bits: int = 31
    fast_bits: int = 12
    wide: bool = True


@dataclass(frozen=True, slots=True)
class Rescaling:
    """A Requant's fields (meaning: `ir.dyadic.apply_requant`) with their certificate; one value a row of the step."""

    mult: tuple[tuple[int, ...], ...]
    offset: tuple[int, ...]
    shift: int
    tie: Tie
    negative: NegativeCorrection | None
    zero: int
    lo: int
    hi: int
    certificate: Certificate


def synthesize(
    step: Step, acc_lo: IntArray, acc_hi: IntArray, policy: Policy, preference: ShiftPreference | None = None
) -> Rescaling:
    """The Requant that equals `step` on every accumulator in [acc_lo, acc_hi], int64 [channels], inclusive.

    Tried in this order: one line for each channel; one with ties to even; where the step is TFLite's double rounding,
    one line on each side of
    zero; the step's own integer definition; the same with wider multipliers; the nearest line, its exceptions listed.

    Raises:
        HwcompError: HWC301 under STRICT where exceptions remain; HWC303 where the accumulators leave the step's domain.
    """
    preference = preference or ShiftPreference()
    problem = _Problem.of(step, thresholds(step, acc_lo, acc_hi))
    limits = _limits(problem.steps, policy, preference)
    for most in limits:
        fit = _fit(problem, most, preference.prefer_shift)
        if fit.exact:
            return certified(step, problem.steps, _lines(problem, fit, most), Verdict.PROVED)
        form = half_even(problem.stairs, problem.moving, problem.idle, problem.zero, most)
        if form is not None:
            return certified(step, problem.steps, form, Verdict.PROVED)
        found = _by_definition(problem, most, preference.prefer_shift) if policy is not Policy.FAST else None
        if found is not None:
            return found
    if policy is Policy.STRICT:
        raise _refusal(problem, limits[-1])
    fit = _fit(problem, limits[0], preference.prefer_shift)
    verdict = Verdict.FAST if policy is Policy.FAST else Verdict.LISTED
    lines = _lines(problem, fit, limits[0])
    ties = nearly_half_even(problem.stairs, problem.moving, problem.idle, problem.zero, limits[0])
    forms = [lines] if ties is None else [lines, ties]
    candidates = [certified(step, problem.steps, form, verdict) for form in forms]
    return min(candidates, key=lambda rescaling: rescaling.certificate.exception_count)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """A step, its thresholds and, for the channels `moving` that have any, their points and slopes."""

    step: Step
    steps: StepTable
    zero: int
    moving: IntArray
    stairs: Staircase
    slopes: SlopeIntervals

    @classmethod
    def of(cls, step: Step, steps: StepTable) -> _Problem:
        zero = step.zero if isinstance(step, Zeroed) else 0
        moving = np.flatnonzero(steps.count > 0)
        part = StepTable(
            steps.acc_lo[moving], steps.acc_hi[moving], steps.first[moving], steps.count[moving], steps.table[moving]
        )
        stairs = staircase(part, zero, *clamp_of(step))
        return cls(step, steps, zero, moving, stairs, slope_intervals(stairs))

    @property
    def idle(self) -> list[int]:
        """Each channel's first level less the zero point: what a channel without thresholds always gives."""
        return [level - self.zero for level in self.steps.first.tolist()]


@dataclass(frozen=True, slots=True)
class _Fit:
    """The least shift of each moving channel (None: no line is exact within the limit), and the op's shift."""

    shifts: tuple[int | None, ...]
    shift: int

    @property
    def exact(self) -> bool:
        return all(c is not None and c <= self.shift for c in self.shifts)


def certified(step: Step, steps: StepTable, form: Definition, verdict: Verdict) -> Rescaling:
    """`form` with its certificate; exceptions are enumerated exactly, and PROVED is asserted by the independent
    checker."""
    bare = Certificate(step.reference, verdict, steps.acc_lo, steps.acc_hi, steps.first, steps.rows)
    wrong = differences(bare, *arguments(form, step))
    if not wrong:
        settled = verdict if verdict is Verdict.DEFINITION else Verdict.PROVED
        bare = Certificate(step.reference, settled, steps.acc_lo, steps.acc_hi, steps.first, steps.rows)
        return rescaling(step, form, bare)
    assert verdict in (Verdict.LISTED, Verdict.FAST), wrong[:3]
    runs: list[ListedException] = []
    total = 0
    for row in sorted({entry[0] for entry in wrong}):
        own = row_of(form.mult[0], form.offset, form.negative, row)
        for run in exceptions_of_row(bare, row, *own, form.shift, form.zero, *clamp_of(step), form.tie):
            total += run.acc_hi - run.acc_lo + 1
            if len(runs) < MAX_LISTED:
                runs.append(run)
    listed = Certificate(
        step.reference, verdict, steps.acc_lo, steps.acc_hi, steps.first, steps.rows, tuple(runs), total
    )
    return rescaling(step, form, listed)


def arguments(
    form: Definition, step: Step
) -> tuple[tuple[int, ...], tuple[int, ...], int, int, int, int, Tie, NegativeCorrection | None]:
    """The arguments of `check` after the certificate."""
    return form.mult[0], form.offset, form.shift, form.zero, *clamp_of(step), form.tie, form.negative


def rescaling(step: Step, form: Definition, certificate: Certificate) -> Rescaling:
    """`form` within the step's clamp, as a Rescaling."""
    return Rescaling(
        form.mult, form.offset, form.shift, form.tie, form.negative, form.zero, *clamp_of(step), certificate
    )


def _limits(steps: StepTable, policy: Policy, preference: ShiftPreference) -> list[IntArray]:
    """The largest multipliers of each channel, to be tried in turn: the preferred width, then |acc| * mult below
    2**61."""
    reach = np.maximum(np.maximum(np.abs(steps.acc_lo), np.abs(steps.acc_hi)), 1)
    widest = (1 << 61) // reach
    if policy is Policy.FAST:
        return [np.minimum((1 << preference.fast_bits) - 1, widest)]
    narrow = np.minimum((1 << preference.mult_bits) - 1, widest)
    return [narrow, widest] if preference.wide else [narrow]


def _fit(problem: _Problem, most: IntArray, prefer_shift: int | None) -> _Fit:
    """Each channel's least shift, and the op's: the preferred one where every exact channel fits it, else the largest.

    Lowered where a steeper channel's multiplier would pass its limit there; channels that need more are then not exact.
    """
    slopes, limits = problem.slopes, most[problem.moving].tolist()
    if not limits:
        return _Fit((), 0)
    columns = (slopes.low_num, slopes.low_den, slopes.high_num, slopes.high_den, slopes.feasible)
    shifts = tuple(
        narrowest_shift(low, low_den, high, high_den, limit) if good else None
        for low, low_den, high, high_den, good, limit in zip(*(c.tolist() for c in columns), limits, strict=True)
    )
    cap = min(_widest_shift(slopes, row, limit) for row, limit in enumerate(limits))
    needed = max((c for c in shifts if c is not None), default=0)
    if prefer_shift is not None and needed <= prefer_shift <= cap:
        return _Fit(shifts, prefer_shift)
    return _Fit(shifts, min(cap, needed if None not in shifts else max(needed, _FINE_SHIFT)))


def _widest_shift(slopes: SlopeIntervals, row: int, most: int) -> int:
    """The largest shift at which row's least multiplier, floor(low * 2**c) + 1, is at most `most`."""
    num, den = int(slopes.low_num[row]), int(slopes.low_den[row])
    if num == 0:
        return 62
    # floor(num * 2**c / den) + 1 <= most  iff  num * 2**c < most * den
    return max(0, min(62, ((most * den - 1) // num).bit_length() - 1)) if num < most * den else 0


def _lines(problem: _Problem, fit: _Fit, most: IntArray) -> Definition:
    """Each channel's line at the shared shift, exact where one is: half a level for the offset where that is exact
    too."""
    stairs, shift = problem.stairs, fit.shift
    half = 1 << (shift - 1) if shift else 0
    mult = [0] * problem.steps.count.size
    offset = [(level << shift) + half for level in problem.idle]
    low_half, high_half = multipliers_at_offset(stairs, half, shift)
    guess = [_middle(problem, fit, row, int(most[channel])) for row, channel in enumerate(problem.moving)]
    low_r, high_r = offset_interval(stairs, np.array(guess, np.int64), shift)
    for row, channel in enumerate(problem.moving.tolist()):
        high = min(int(high_half[row]), int(most[channel]))
        if low_half[row] <= high:
            mult[channel], offset[channel] = (int(low_half[row]) + high) >> 1, half
        elif low_r[row] <= high_r[row]:
            mult[channel], offset[channel] = guess[row], (int(low_r[row]) + int(high_r[row])) >> 1
        else:
            near = nearest(stairs.rows(slice(row, row + 1)), shift, int(most[channel]))
            mult[channel], offset[channel] = near.mult, near.offset
    return Definition((tuple(mult),), tuple(offset), shift, Tie.FLOOR, None, problem.zero)


def _middle(problem: _Problem, fit: _Fit, row: int, most: int) -> int:
    """The middle of row's exact multipliers at the shared shift; 1 where there is none."""
    shift = fit.shifts[row]
    if shift is None or shift > fit.shift:
        return 1
    low, high = multiplier_range(problem.slopes, row, fit.shift)
    return low if high is None else (low + min(high, most)) >> 1


def _by_definition(problem: _Problem, most: IntArray, prefer_shift: int | None) -> Rescaling | None:
    """The exact Requant of a step with a definition: a narrower two-sided one, else the definition; None without."""
    step, steps = problem.step, problem.steps
    form = step.definition if isinstance(step, Defined) else None
    if form is None:
        return None
    if form.negative is not None:
        found = two_sided(steps, form.zero, *clamp_of(step), most, prefer_shift)
        if found is not None:
            return certified(step, steps, found, Verdict.PROVED)
    if form.shift > MAX_SHIFT or max(form.mult[0]) > int(most.min()):
        return None
    bare = Certificate(step.reference, Verdict.DEFINITION, steps.acc_lo, steps.acc_hi, steps.first, steps.rows)
    return None if differences(bare, *arguments(form, step)) else rescaling(step, form, bare)


def _refusal(problem: _Problem, most: IntArray) -> HwcompError:
    """HWC301, naming the first channels that have no exact multiplier."""
    fit = _fit(problem, most, None)
    bad = [int(problem.moving[row]) for row, c in enumerate(fit.shifts) if c is None or c > fit.shift]
    named = ", ".join(str(channel) for channel in bad[:8]) + (" ..." if len(bad) > 8 else "")
    step = problem.step
    return HwcompError(
        "HWC301",
        f"{len(bad)} of {problem.steps.count.size} channels have no exact multiplier against {step.reference}: {named}",
        type(step).__name__,
        "use '--exact listed' to print the accumulators that differ, or another '--reference'",
    )
