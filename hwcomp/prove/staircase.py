"""The points of a step function between which a Requant's line must pass."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.types import IntArray
from hwcomp.prove.slopes import Staircase
from hwcomp.prove.thresholds import StepTable


def staircase(steps: StepTable, zero: int, lo: int, hi: int) -> Staircase:
    """P and Q of each channel, k = level - zero; every channel must have a threshold.

    To the levels' points come the ends: at acc_lo the line must reach the first level, unless the clamp `lo` gives it
    anyway, and at acc_hi it must stay below the level after the last, unless the clamp `hi` does. Repeats fill the
    rest.
    """
    if steps.count.size == 0:
        none = np.zeros((0, 1), np.int64)
        return Staircase(none, none, none, none)
    index = np.arange(steps.table.shape[1], dtype=np.int64)
    k = steps.first[:, None] + 1 + np.minimum(index, steps.count[:, None] - 1) - zero
    low_end, high_end = (steps.first > lo)[:, None], (steps.last < hi)[:, None]
    t, first_t, last_t = steps.table, steps.table[:, :1], steps.table[:, -1:]
    px = np.concatenate([np.where(low_end, steps.acc_lo[:, None], first_t), t], axis=1)
    pk = np.concatenate([np.where(low_end, k[:, :1] - 1, k[:, :1]), k], axis=1)
    qx = np.concatenate([t - 1, np.where(high_end, steps.acc_hi[:, None], last_t - 1)], axis=1)
    qk = np.concatenate([k, np.where(high_end, k[:, -1:] + 1, k[:, -1:])], axis=1)
    return Staircase(px, pk, qx, qk)


def side(steps: StepTable, negative: bool) -> tuple[StepTable, IntArray]:
    """The step function on the accumulators below zero, or from zero up: (part, channels that have one, in part's
    order)."""
    keep = np.flatnonzero(steps.acc_lo < 0 if negative else steps.acc_hi >= 0)
    t, first, count = steps.table[keep], steps.first[keep], steps.count[keep]
    real = np.arange(t.shape[1], dtype=np.int64) < count[:, None]
    if negative:
        stays = (real & (t < 0)).sum(axis=1)
        part = StepTable(steps.acc_lo[keep], np.minimum(steps.acc_hi[keep], -1), first, stays, t)
        return _repacked(part, np.zeros(keep.size, np.int64)), keep
    gone = (real & (t <= 0)).sum(axis=1)
    part = StepTable(np.maximum(steps.acc_lo[keep], 0), steps.acc_hi[keep], first + gone, count - gone, t)
    return _repacked(part, gone), keep


def _repacked(part: StepTable, skip: IntArray) -> StepTable:
    """`part` with its table moved left by `skip` columns and cut to its own levels, the last threshold repeated."""
    width = int(part.count.max(initial=0))
    if part.table.shape[1] == 0 or width == 0:
        return StepTable(part.acc_lo, part.acc_hi, part.first, part.count, np.zeros((part.count.size, 0), np.int64))
    column = skip[:, None] + np.minimum(np.arange(width), np.maximum(part.count - 1, 0)[:, None])
    table = np.take_along_axis(part.table, np.minimum(column, part.table.shape[1] - 1), axis=1)
    return StepTable(part.acc_lo, part.acc_hi, part.first, part.count, table)


def piece_points(part: StepTable, zero: int, lo: int, hi: int) -> tuple[Staircase, IntArray]:
    """`staircase` of a `side`, and which of its rows bind: a side without thresholds binds where both clamps are away.

    Such a row has its two ends for points; a row bound on one end only lets every slope through and is left out.
    """
    moving = part.count > 0
    flat = ~moving & (part.first > lo) & (part.first < hi)
    rows = np.flatnonzero(moving | flat)
    count = np.maximum(part.count[rows], 1)
    first = np.where(moving[rows], part.first[rows], part.first[rows] - 1)
    table = part.table[rows] if part.table.shape[1] else np.zeros((rows.size, 1), np.int64)
    # A flat row as a staircase of one level that begins at acc_lo: P = (acc_lo, level); its Q is the end at acc_hi.
    table = np.where(moving[rows, None], table, part.acc_lo[rows, None])
    stairs = staircase(StepTable(part.acc_lo[rows], part.acc_hi[rows], first, count, table), zero, lo, hi)
    still = ~moving[rows, None]
    level = (part.first[rows] - zero)[:, None]
    px, pk = np.where(still, part.acc_lo[rows, None], stairs.px), np.where(still, level, stairs.pk)
    qx, qk = np.where(still, part.acc_hi[rows, None], stairs.qx), np.where(still, level + 1, stairs.qk)
    return Staircase(px, pk, qx, qk), rows
