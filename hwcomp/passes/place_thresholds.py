"""A rescale of one input that no line follows, as its thresholds: exact whatever the step is.

A table of thresholds costs 4 bytes a level and channel, and a binary search a value, so a Requant comes first: under
`listed` a few accumulators at ties are no reason to leave it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.ops.thresholds import MAX_THRESHOLDS, Thresholds
from hwcomp.ir.types import IntArray, IntType, Value
from hwcomp.passes.rewriter import Rewriter
from hwcomp.passes.solve_rescale import reachable
from hwcomp.prove.synthesize import Rescaling
from hwcomp.prove.thresholds import StepTable, thresholds


def has_thresholds(op: Rescale, operands: Sequence[Value]) -> bool:
    """Whether the table of thresholds keeps its bound."""
    return len(operands) == 1 and (op.step.hi - op.step.lo) * op.step.channels <= MAX_THRESHOLDS


def is_far(found: Rescaling) -> bool:
    """Whether the nearest Requant is wrong on more than one accumulator for each threshold: not at ties alone."""
    return found.certificate.exception_count > sum(row.size for row in found.certificate.thresholds)


def put_thresholds(rewriter: Rewriter, op: Rescale) -> None:
    """Put Thresholds in the place of `op`, for the accumulators that can be reached."""
    (x,) = rewriter.operands(op)
    steps = thresholds(op.step, *reachable(op, x))
    lo = int(steps.first.min())
    rows = table_of(steps, lo, int(steps.last.max()))
    data = rows[0] if len(rows) == 1 else rows
    ends = (int(data.min(initial=0)), int(data.max(initial=0)))
    name = rewriter.constant(f"{op.outputs[0]}.thresholds", data, IntType.covering(*ends))
    inputs = (op.inputs[0], name)
    rewriter.put(
        Thresholds(name=op.name, inputs=inputs, outputs=op.outputs, loc=op.loc, lo=lo, dtype=op.dtype, axis=op.axis)
    )


def table_of(steps: StepTable, lo: int, hi: int) -> IntArray:
    """Thresholds of the levels lo + 1 .. hi, int64 [channels, hi - lo].

    A channel that starts above `lo` has its least accumulator for the levels below, one that ends below `hi` the
    accumulator past its greatest for the levels above.
    """
    rows = np.empty((steps.count.size, hi - lo), np.int64)
    for row, own in zip(rows, zip(steps.rows, steps.first, steps.acc_lo, steps.acc_hi, strict=True), strict=True):
        found, first, least, greatest = own
        start = int(first) - lo
        row[:start], row[start : start + found.size], row[start + found.size :] = least, found, greatest + 1
    return rows
