"""`Lut`: a function of one small integer, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray, Range, Result, TensorType, Value

MAX_ENTRIES = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Lut(Op):
    """y = table[x - input_min]; table [entries], or [channels, entries] with one row per channel of x's last axis.

    The output has the table's type.
    """

    input_min: int

    def verify(self, operands: Sequence[Value]) -> list[str]:
        x, table = operands
        if table.data is None or len(table.shape) not in (1, 2) or table.shape[-1] > MAX_ENTRIES:
            return ["lut wants a constant table [entries] or [channels, entries]"]
        if x.range.min < self.input_min or x.range.max >= self.input_min + table.shape[-1]:
            return [f"the table covers [{self.input_min}, {self.input_min + table.shape[-1] - 1}], x is in {x.range}"]
        if len(table.shape) == 2 and (not x.shape or table.shape[0] != x.shape[-1]):
            return [f"{table.shape[0]} tables for x of shape {x.shape}"]
        return []

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x, table = operands
        assert table.data is not None
        channels = max(len(x.range.lo), 1 if len(table.shape) == 1 else table.shape[0])
        lo, hi = (bound - self.input_min for bound in x.range.channels(channels))
        rows = np.broadcast_to(table.data, (channels, table.shape[-1]))
        reached = [row[low : high + 1] for row, low, high in zip(rows, lo, hi, strict=True)]
        least, greatest = (np.array([pick(part) for part in reached], np.int64) for pick in (np.min, np.max))
        return (Result(TensorType(x.shape, table.type.dtype), Range.of_arrays(least, greatest)),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, table = operands
        if table.ndim == 1:
            return (table[x - self.input_min],)
        return (table[np.arange(table.shape[0]), x - self.input_min],)
