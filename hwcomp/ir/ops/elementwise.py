"""Exact elementwise operators; the result grows as far as its range asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray, Range, Result, TensorType, Value


def _broadcast(operands: Sequence[Value]) -> list[str]:
    try:
        np.broadcast_shapes(*(v.shape for v in operands))
    except ValueError:
        return [f"shapes {' and '.join(str(v.shape) for v in operands)} do not broadcast"]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Op):
    """Two operands, broadcast as numpy does."""

    def verify(self, operands: Sequence[Value]) -> list[str]:
        return _broadcast(operands)

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        a, b = operands
        corners = [
            int(self.evaluate(np.array(u, np.int64), np.array(v, np.int64))[0])
            for u in (a.range.min, a.range.max)
            for v in (b.range.min, b.range.max)
        ]
        bounds = Range.whole(min(corners), max(corners))
        return (Result.covering(np.broadcast_shapes(a.shape, b.shape), bounds),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Binary):
    """a + b."""

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.add(operands[0], operands[1]),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sub(Binary):
    """a - b."""

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.subtract(operands[0], operands[1]),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mul(Binary):
    """(a - a_zero) * (b - b_zero)."""

    a_zero: int = 0
    b_zero: int = 0

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.multiply(operands[0] - self.a_zero, operands[1] - self.b_zero),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Binary):
    """One of two operands, element by element: of their type where they share it, however narrow the range."""

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        (wide,) = Binary.infer(self, operands)
        dtype = operands[0].type.dtype
        if dtype != operands[1].type.dtype:
            return (wide,)
        return (Result(TensorType(wide.type.shape, dtype), wide.range),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Min(Choice):
    """The smaller of a and b."""

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.minimum(operands[0], operands[1]),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Max(Choice):
    """The larger of a and b."""

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        return (np.maximum(operands[0], operands[1]),)
