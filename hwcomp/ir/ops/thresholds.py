"""`Thresholds`: a non-decreasing step function of an accumulator, by the places where it steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.requant import channel_rows, from_channel_rows
from hwcomp.ir.types import IntArray, IntType, Range, Result, TensorType, Value

MAX_THRESHOLDS = 255 * 4096
"""Elements of a table: every level of 8 bits for 4096 channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(Op):
    """y = lo + the number of thresholds that are <= x.

    Inputs: x; thresholds [levels], or [channels, levels] with a row for each channel along `axis`; rows ascend, equal
    entries skip a level. A channel that starts above `lo` has entries at or below its least x. Exact whatever the
    function is, as long as it does not decrease.
    """

    lo: int
    dtype: IntType
    axis: int = -1

    def verify(self, operands: Sequence[Value]) -> list[str]:
        x, table = operands
        if table.data is None or len(table.shape) not in (1, 2):
            return ["thresholds wants a constant table [levels] or [channels, levels]"]
        if table.data.size > MAX_THRESHOLDS:
            return [f"{table.data.size} thresholds are more than {MAX_THRESHOLDS}"]
        if (np.diff(table.data, axis=-1) < 0).any():
            return ["the thresholds do not ascend"]
        if len(table.shape) == 2 and (
            not -len(x.shape) <= self.axis < len(x.shape) or table.shape[0] != x.shape[self.axis]
        ):
            return [f"{table.shape[0]} rows of thresholds for axis {self.axis} of {x.shape}"]
        if not self.dtype.min <= self.lo <= self.lo + table.shape[-1] <= self.dtype.max:
            return [f"levels {self.lo} to {self.lo + table.shape[-1]} do not fit {self.dtype}"]
        return []

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x, table = operands
        assert table.data is not None
        rows = np.atleast_2d(table.data)
        last = bool(x.shape) and self.axis in (-1, len(x.shape) - 1)
        bounds = x.range if last or len(rows) == 1 else x.range.collapsed()
        channels = max(len(bounds.lo), len(rows))
        lo, hi = (self._levels(b[:, None], np.broadcast_to(rows, (channels, rows.shape[1])))[:, 0]
                  for b in bounds.channels(channels))  # fmt: skip
        reached = Range.of_arrays(lo, hi) if last else Range.whole(int(lo.min()), int(hi.max()))
        return (Result(TensorType(x.shape, self.dtype), reached),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, table = operands
        rows = np.atleast_2d(table)
        found = self._levels(channel_rows(x, self.axis, len(rows)), rows)
        return (from_channel_rows(found, x.shape, self.axis, len(rows)),)

    def _levels(self, x: IntArray, rows: IntArray) -> IntArray:
        """Of x [channels, n]; rows [channels, levels]."""
        found: list[IntArray] = [np.searchsorted(row, own, side="right") for own, row in zip(x, rows, strict=True)]
        return self.lo + np.stack(found)
