"""`Rewriter`: copies a graph operator by operator while a pass puts others in place."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from hwcomp.ir.graph import Graph, Level, State, results_to_values
from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray, IntType, Range, TensorType, Value


class Rewriter:
    """The graph under construction. Results are inferred again as operators are added, so ranges tighten on the way.

    `changed` tells whether a pass did anything: it is set by whatever does not merely copy.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.ops: list[Op] = []
        self.values: dict[str, Value] = {name: value for name, value in graph.values.items() if value.is_constant}
        self.values |= {port.value: graph.values[port.value] for port in graph.inputs}
        self.states: dict[str, State] = dict(graph.states)
        self.changed = False
        self._made_by: dict[str, Op] = {}
        self._renamed: dict[str, str] = {}
        self._taken = set(graph.values)
        self._uses = Counter(name for op in graph.ops for name in set(op.inputs))
        self._uses.update(port.value for port in graph.outputs)
        self._outputs = {port.value for port in graph.outputs}

    def name(self, old: str) -> str:
        """What the source graph's value is called now."""
        while old in self._renamed:
            old = self._renamed[old]
        return old

    def operands(self, op: Op) -> tuple[Value, ...]:
        """An operator's operands in the new graph; `op` may be of the source graph."""
        return tuple(self.values[self.name(name)] for name in op.inputs)

    def producer(self, value: str) -> Op | None:
        """The new graph's operator that makes a value; None for inputs and constants."""
        return self._made_by.get(self.name(value))

    def used_once(self, value: str) -> bool:
        """Whether one operator alone reads the source graph's value, and it is no output."""
        return self._uses[value] == 1 and value not in self._outputs

    def is_output(self, value: str) -> bool:
        """Whether the source graph's value is an output of the model."""
        return value in self._outputs

    def copy(self, op: Op) -> None:
        """Add an operator as it is, under its new operands' names."""
        self.ops.append(replace(op, inputs=tuple(self.name(name) for name in op.inputs)))
        placed = self.ops[-1]
        for value in results_to_values(placed, placed.infer(self.operands(placed))):
            self.values[value.name] = value
            self._made_by[value.name] = placed

    def put(self, op: Op) -> None:
        """Add an operator that replaces others."""
        self.changed = True
        self.copy(op)

    def may_alias(self, old: str, new: str) -> bool:
        """Whether `old` may be left out for `new`: each output stays the result of an operator, two never of one."""
        return not self.is_output(old) or (self.producer(new) is not None and not self.is_output(new))

    def alias(self, old: str, new: str) -> None:
        """From now on `old` is `new`: its operator is left out."""
        self.changed = True
        self._renamed[old] = self.name(new)

    def fresh(self, wanted: str) -> str:
        """A name like `wanted` that no value has."""
        name, count = wanted, 0
        while name in self._taken:
            count += 1
            name = f"{wanted}.{count}"
        self._taken.add(name)
        return name

    def constant(self, wanted: str, data: IntArray, dtype: IntType) -> str:
        """Add a constant; returns its name."""
        array = np.ascontiguousarray(data, np.int64).reshape(data.shape)
        bounds = Range.whole(int(array.min()), int(array.max()))
        name = self.fresh(wanted)
        self.values[name] = Value(name, TensorType(array.shape, dtype), bounds, array)
        self.changed = True
        return name

    def finish(self, level: Level | None = None) -> Graph:
        """The new graph; values that nothing names any more are dropped."""
        outputs = tuple(replace(port, value=self.name(port.value)) for port in self.graph.outputs)
        used = {name for op in self.ops for name in (*op.inputs, *op.outputs)}
        used |= {port.value for port in (*self.graph.inputs, *outputs)}
        values = {name: value for name, value in self.values.items() if name in used}
        graph = self.graph
        return Graph(
            graph.name,
            level or graph.level,
            graph.inputs,
            outputs,
            tuple(self.ops),
            values,
            self.states,
            graph.reference,
        )
