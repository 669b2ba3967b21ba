"""`Builder`: front ends and passes make graphs with it; types and ranges are inferred as operators are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwcomp.ir.graph import Graph, Level, Port, Quantizer, State, results_to_values
from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray, IntType, Range, TensorType, Value


class Builder:
    """Collects operators in execution order.

    Names are made unique by a numeric suffix, so a caller may ask for the source model's own names.
    """

    def __init__(self, name: str, reference: str) -> None:
        self.name = name
        self.reference = reference
        self.ops: list[Op] = []
        self.values: dict[str, Value] = {}
        self.inputs: list[Port] = []
        self.outputs: list[Port] = []
        self.states: dict[str, State] = {}
        self._taken: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        """`wanted`, or `wanted.1`, `wanted.2` ... where it is taken."""
        wanted = wanted or "v"
        name, count = wanted, self._taken.get(wanted, 0)
        while name in self._taken:
            count += 1
            name = f"{wanted}.{count}"
        self._taken[wanted] = count
        self._taken.setdefault(name, 0)
        return name

    def value(self, name: str) -> Value:
        return self.values[name]

    def constant(self, wanted: str, data: IntArray, dtype: IntType) -> str:
        """Add a constant; its range is exact, per channel of the last axis."""
        array = np.asarray(data, np.int64)
        bounds = Range.whole(int(array.min()), int(array.max())) if array.size else Range.whole(0, 0)
        if not bounds.fits(dtype):
            raise ValueError(f"constant {wanted}: {bounds} does not fit {dtype}")
        name = self.unique(wanted)
        self.values[name] = Value(name, TensorType(array.shape, dtype), bounds, array)
        return name

    def input(self, port: str, type_: TensorType, quantizer: Quantizer | None = None) -> str:
        """Add a model input under the user's name `port`; returns the value's name."""
        name = self.unique(port)
        self.values[name] = Value(name, type_, Range.of_type(type_.dtype))
        self.inputs.append(Port(port, name, quantizer))
        return name

    def output(self, port: str, value: str, quantizer: Quantizer | None = None) -> None:
        self.outputs.append(Port(port, value, quantizer))

    def state(self, state: State) -> None:
        self.states[state.name] = state

    def add(self, op: Op, wanted: Sequence[str] | None = None) -> tuple[str, ...]:
        """Append `op` (its `outputs` are replaced by unique names like `wanted`) and infer its results."""
        names = tuple(self.unique(w) for w in (wanted if wanted is not None else op.outputs))
        placed = replace(op, outputs=names)
        operands = [self.values[name] for name in placed.inputs]
        problems = placed.verify(operands)
        if problems:
            raise ValueError(f"{placed.loc}: " + "; ".join(problems))
        self.ops.append(placed)
        for value in results_to_values(placed, placed.infer(operands)):
            self.values[value.name] = value
        return names

    def add1(self, op: Op) -> str:
        """`add` for an operator of one output; returns its name."""
        return self.add(op)[0]

    def finish(self, level: Level = Level.QUANT) -> Graph:
        return Graph(
            self.name,
            level,
            tuple(self.inputs),
            tuple(self.outputs),
            tuple(self.ops),
            dict(self.values),
            dict(self.states),
            self.reference,
        )
