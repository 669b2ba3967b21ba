"""Certificates of rescales, and the checker that trusts nobody. Integers only.

The source's rescale f is a monotone step function of the accumulator a: its thresholds T_j = min{a : f(a) >= j} say
all.
The Requant g is monotone too: a -> a*b + r is (b >= 0), the negative correction only lowers the accumulators on the
lower side, and each tie rule rounds monotonely. Hence g == f on all of [acc_lo, acc_hi] iff

    g(acc_lo) == f(acc_lo),   g(T_j) >= j  and  g(T_j - 1) < j  for each level j in (f(acc_lo), f(acc_hi)],
    and g(acc_hi) == f(acc_hi).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from hwcomp.ir.dyadic import NegativeCorrection, Tie, apply_requant
from hwcomp.ir.types import IntArray

MAX_LISTED = 32
"""How many exceptions a certificate spells out; `exception_count` counts all of them."""


class Verdict(Enum):
    """PROVED: equal on every reachable accumulator. LISTED: equal except on the exceptions. FAST: narrow multipliers,
    the exceptions counted. DEFINITION: the Requant is the source's own integer arithmetic, term by term."""

    PROVED = "proved"
    LISTED = "listed"
    FAST = "fast"
    DEFINITION = "definition"


@dataclass(frozen=True, slots=True)
class ListedException:
    """A maximal run of accumulators [acc_lo, acc_hi] of a channel on which the Requant gives `got`, the source
    `expected`."""

    channel: int
    acc_lo: int
    acc_hi: int
    expected: int
    got: int


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """What was proved about a Requant, against which reference.

    One row for each channel of a single-input Requant (1 where all channels share everything). For a two-input Requant
    there is one row for each value of the *second* input, ascending, and the thresholds are in the first input.

    reference: "onnx", "onnxruntime", "tflm", "litert" ...; acc_lo, acc_hi: int64 [rows], reachable, inclusive;
    first_level: int64 [rows], the source's output at acc_lo (zero point and clamp included); thresholds: per row int64,
    T_j for j = first_level+1 .. last level; a skipped level has the T of the next one; exceptions: at most
    `MAX_LISTED`; exception_count: the number of accumulators (pairs) that differ.
    """

    reference: str
    verdict: Verdict
    acc_lo: IntArray
    acc_hi: IntArray
    first_level: IntArray
    thresholds: tuple[IntArray, ...]
    exceptions: tuple[ListedException, ...] = ()
    exception_count: int = 0

    def __eq__(self, other: object) -> bool:
        """Equal where every field, and every array by value, is."""
        if not isinstance(other, Certificate):
            return NotImplemented
        rows = len(self.thresholds) == len(other.thresholds)
        return (
            rows
            and (self.reference, self.verdict, self.exceptions, self.exception_count)
            == (other.reference, other.verdict, other.exceptions, other.exception_count)
            and np.array_equal(self.acc_lo, other.acc_lo)
            and np.array_equal(self.acc_hi, other.acc_hi)
            and np.array_equal(self.first_level, other.first_level)
            and all(np.array_equal(a, b) for a, b in zip(self.thresholds, other.thresholds, strict=True))
        )

    __hash__ = None  # type: ignore[assignment]  # arrays are compared by value


def check(
    cert: Certificate,
    mult: Sequence[int],
    offset: Sequence[int],
    shift: int,
    zero: int,
    lo: int,
    hi: int,
    tie: Tie,
    negative: NegativeCorrection | None,
) -> list[str]:
    """Compare a single-input Requant with the step function its certificate describes, on every reachable accumulator.

    Returns one line for each thing that does not hold, [] where all does. `mult`, `offset` hold one value a row, or
    one.
    Exceptions are recounted: their number must be the certificate's.
    """
    problems = malformed(cert, mult, shift, lo, hi)
    per_row = [len(mult), len(offset)] + ([len(negative.amount)] if negative else [])
    if not {1, len(cert.thresholds)}.issuperset(per_row) or (negative and min(negative.amount) < 0):
        problems.append("multipliers, offsets or corrections do not fit the rows, or a correction is negative")
    if problems:
        return problems
    wrong = differences(cert, mult, offset, shift, zero, lo, hi, tie, negative)
    if cert.exception_count == 0:
        return [f"channel {row}, accumulator {acc}: level {want} is due, got {got}" for row, acc, want, got in wrong]
    rows = sorted({row for row, _, _, _ in wrong})
    total = sum(
        run.acc_hi - run.acc_lo + 1
        for row in rows
        for run in exceptions_of_row(cert, row, *row_of(mult, offset, negative, row), shift, zero, lo, hi, tie)
    )
    if total != cert.exception_count:
        return [f"{total} accumulators differ, the certificate says {cert.exception_count}"]
    return []


def differences(
    cert: Certificate,
    mult: Sequence[int],
    offset: Sequence[int],
    shift: int,
    zero: int,
    lo: int,
    hi: int,
    tie: Tie,
    negative: NegativeCorrection | None,
) -> list[tuple[int, int, int, int]]:
    """(row, accumulator, level due, level got) for each end and each side of a threshold where the Requant is wrong."""
    count = np.array([t.size for t in cert.thresholds], dtype=np.int64)
    width = int(count.max(initial=0))
    column = np.arange(width)
    real = column < count[:, None]
    level = cert.first_level[:, None] + 1 + column
    t = np.where(real, _padded(cert.thresholds, width), cert.acc_lo[:, None] + 1)

    def g(acc: IntArray) -> IntArray:
        return apply_requant([acc], [mult], offset, shift, tie, negative, zero, lo, hi)

    ends = g(np.stack([cert.acc_lo, cert.acc_hi], axis=1))
    wrong = [
        (int(row), int(cert.acc_lo[row]), int(cert.first_level[row]), int(ends[row, 0]))
        for row in np.flatnonzero(ends[:, 0] != cert.first_level)
    ]
    last = cert.first_level + count
    wrong += [
        (int(row), int(cert.acc_hi[row]), int(last[row]), int(ends[row, 1]))
        for row in np.flatnonzero(ends[:, 1] != last)
    ]
    above, below = g(t), g(t - 1)
    for row, j in np.argwhere(real & ((above < level) | (below >= level))):
        got, at = (above, 0) if above[row, j] < level[row, j] else (below, 1)
        wrong.append((int(row), int(t[row, j]) - at, int(level[row, j]), int(got[row, j])))
    return wrong


def malformed(cert: Certificate, mult: Sequence[int], shift: int, lo: int, hi: int) -> list[str]:
    """What is wrong with the certificate's shape: negative multipliers, thresholds out of order or out of reach."""
    if min(mult) < 0 or not 0 <= shift <= 62 or lo > hi:
        return [f"a multiplier is negative, or shift {shift} or clamp [{lo}, {hi}] is out of range"]
    rows = len(cert.thresholds)
    if not (cert.acc_lo.shape == cert.acc_hi.shape == cert.first_level.shape == (rows,)):
        return ["the certificate's arrays have different numbers of rows"]
    problems: list[str] = []
    for row, t in enumerate(cert.thresholds):
        first = int(cert.first_level[row])
        if cert.acc_lo[row] > cert.acc_hi[row] or first < lo or first + t.size > hi:
            problems.append(f"channel {row}: empty range, or levels outside [{lo}, {hi}]")
        elif t.size and ((t[1:] < t[:-1]).any() or t[0] <= cert.acc_lo[row] or t[-1] > cert.acc_hi[row]):
            problems.append(f"channel {row}: thresholds are not ascending within the reachable accumulators")
    return problems


def exceptions_of_row(
    cert: Certificate,
    row: int,
    mult: int,
    offset: int,
    amount: NegativeCorrection | None,
    shift: int,
    zero: int,
    lo: int,
    hi: int,
    tie: Tie,
) -> list[ListedException]:
    """All maximal runs of a row on which g and f differ. Both are constant between their own thresholds; g's are
    found by bisection in plain integers, so this holds for every tie rule."""
    a0, a1, first = int(cert.acc_lo[row]), int(cert.acc_hi[row]), int(cert.first_level[row])

    def g(acc: int) -> int:
        return requant_one(acc, mult, offset, shift, zero, lo, hi, tie, amount)

    edges = {a0, a1 + 1, *(int(t) for t in cert.thresholds[row])}
    for level in range(g(a0) + 1, g(a1) + 1):
        below, above = a0, a1
        while above - below > 1:
            middle = (above + below) >> 1
            below, above = (below, middle) if g(middle) >= level else (middle, above)
        edges.add(above)
    cuts = sorted(edges)
    starts = np.array(cuts[:-1], dtype=np.int64)
    expected = first + np.searchsorted(cert.thresholds[row], starts, side="right")
    runs: list[ListedException] = []
    for start, stop, want in zip(cuts, cuts[1:], expected.tolist(), strict=False):
        got = g(start)
        if got != want:
            runs.append(ListedException(row, start, stop - 1, want, got))
    return runs


def requant_one(
    acc: int,
    mult: int,
    offset: int,
    shift: int,
    zero: int,
    lo: int,
    hi: int,
    tie: Tie,
    negative: NegativeCorrection | None,
) -> int:
    """`apply_requant` of one accumulator of one channel in unbounded integers, written out a second time on purpose."""
    p = acc * mult
    v = p + offset
    if negative is not None and p + negative.bias < 0:
        v -= negative.amount[0]
    q = v >> shift
    if v == q << shift and ((tie is Tie.EVEN and q & 1) or (tie is Tie.AWAY and p < 0)):
        q -= 1
    return max(lo, min(hi, q + zero))


def check_pair(
    cert: Certificate,
    mult: tuple[int, int],
    offset: int,
    shift: int,
    zero: int,
    lo: int,
    hi: int,
    tie: Tie,
    second_lo: int,
) -> list[str]:
    """`check` for two inputs of any shape and one channel: row i is the second input's value second_lo + i.

    For a fixed second input the pair is a single-input Requant with offset `offset + mult[1] * second`. mult[0] >= 0;
    mult[1] may be negative (Sub). Tie AWAY looks at the sum and is refused here.
    """
    if tie is Tie.AWAY:
        return ["tie 'away' has no meaning of a single input"]
    offsets = [offset + mult[1] * (second_lo + row) for row in range(len(cert.thresholds))]
    return check(cert, [mult[0]], offsets, shift, zero, lo, hi, tie, None)


def _padded(rows: Sequence[IntArray], width: int) -> IntArray:
    """Ragged rows as one int64 array [rows, width], 0 behind each row's end."""
    table = np.zeros((len(rows), width), dtype=np.int64)
    for row, values in enumerate(rows):
        table[row, : values.size] = values
    return table


def row_of(
    mult: Sequence[int], offset: Sequence[int], negative: NegativeCorrection | None, row: int
) -> tuple[int, int, NegativeCorrection | None]:
    """One row's parameters; a sequence of one value serves all rows."""
    b = int(mult[row % len(mult)])
    r = int(offset[row % len(offset)])
    if negative is None:
        return b, r, None
    return b, r, NegativeCorrection(negative.bias, (negative.amount[row % len(negative.amount)],))
