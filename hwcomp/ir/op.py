"""`Op`, the one class hierarchy of the IR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.ir.types import IntArray, Location, Result, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One operator of a graph: a frozen record of its fields, its rules (`verify`, `infer`), its meaning (`evaluate`).

    `inputs` and `outputs` are names of the graph's values.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    loc: Location

    def verify(self, operands: Sequence[Value]) -> list[str]:
        """Return what is wrong with the fields or the operands, a sentence each; an empty list when all is well."""
        return []

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        """Return type and proved range of each output."""
        raise NotImplementedError(type(self).__name__)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        """Return the outputs: exact integers, the meaning of the operator."""
        raise NotImplementedError(type(self).__name__)
