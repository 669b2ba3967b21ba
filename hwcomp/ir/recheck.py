"""The certificate's check for a bundle: plain integers, one row at a time. Slow and obvious on purpose."""

from __future__ import annotations


def requant(
    acc: int, mult: int, offset: int, shift: int, tie: str, bias: int, amount: int, zero: int, lo: int, hi: int
) -> int:
    """One accumulator: `tie` is "floor", "even" or "away"; amount 0 means no negative correction."""
    p = acc * mult
    v = p + offset
    if p + bias < 0:
        v = v - amount
    q = v >> shift
    exact = v == q << shift
    if exact and tie == "even" and q & 1:
        q = q - 1
    if exact and tie == "away" and p < 0:
        q = q - 1
    return max(lo, min(hi, q + zero))


def recheck(
    row: int,
    acc_lo: int,
    acc_hi: int,
    first_level: int,
    thresholds: list[int],
    mult: int,
    offset: int,
    shift: int,
    tie: str,
    bias: int,
    amount: int,
    zero: int,
    lo: int,
    hi: int,
) -> list[str]:
    """The problems of one row, [] if the Requant equals the step function on every accumulator of [acc_lo, acc_hi].

    With mult >= 0 and amount >= 0 the Requant is monotone in the accumulator, so equality at both ends and on both
    sides of every threshold (thresholds[i] is the least accumulator of level first_level + 1 + i) is equality
    everywhere.
    """

    def g(acc: int) -> int:
        return requant(acc, mult, offset, shift, tie, bias, amount, zero, lo, hi)

    problems: list[str] = []
    if mult < 0 or amount < 0 or shift < 0 or acc_lo > acc_hi:
        problems.append(f"row {row}: the Requant is not monotone, or its range is empty")
    if g(acc_lo) != first_level or g(acc_hi) != first_level + len(thresholds):
        problems.append(f"row {row}: wrong level at an end of the range")
    previous = acc_lo + 1
    for i, t in enumerate(thresholds):
        level = first_level + 1 + i
        if t < previous or t > acc_hi:
            problems.append(f"row {row}: threshold of level {level} is out of order")
        if g(t) < level or g(t - 1) >= level:
            problems.append(f"row {row}: level {level} does not begin at accumulator {t}")
        previous = t
    return problems
