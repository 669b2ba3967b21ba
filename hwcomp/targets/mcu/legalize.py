"""What the kernels have not as one operator is written as several, before anything is named or planned."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from hwcomp.ir.graph import Graph, rebuild, results_to_values
from hwcomp.ir.op import Op
from hwcomp.ir.ops.elementwise import Mul, Sub
from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.reduce import Reduce
from hwcomp.ir.types import IntType, Range, TensorType, Value


def legalize(graph: Graph) -> Graph:
    """A graph of the same meaning in which Mul has no zero points and each Reduce has adjacent axes."""
    values = dict(graph.values)
    ops: list[Op] = []
    for op in graph.ops:
        if isinstance(op, Mul) and (op.a_zero or op.b_zero):
            ops += _without_zeros(op, values)
        elif isinstance(op, Reduce) and len(axis_groups(op.axes)) > 1:
            ops += _one_group_each(op, values)
        else:
            ops.append(op)
    return rebuild(graph, tuple(ops), values)


def axis_groups(axes: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Runs of adjacent axes: (1, 2, 4) gives (1, 2), (4)."""
    cuts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(axes)) if b != a + 1), len(axes)]
    return [axes[start:stop] for start, stop in pairwise(cuts) if start < stop]


def _without_zeros(op: Mul, values: dict[str, Value]) -> list[Op]:
    """(a - a_zero) * (b - b_zero) with subtractions of their own."""
    ops: list[Op] = []
    operands: list[str] = []
    for name, zero in zip(op.inputs, (op.a_zero, op.b_zero), strict=True):
        if zero:
            constant = _fresh(f"{name}.zero", values)
            dtype = IntType.covering(zero, zero)
            values[constant] = Value(constant, TensorType((), dtype), Range.whole(zero, zero), np.array(zero, np.int64))
            out = _fresh(f"{name}.centred", values)
            ops.append(_place(Sub(name=out, inputs=(name, constant), outputs=(out,), loc=op.loc), values))
            name = out
        operands.append(name)
    return [*ops, replace(op, inputs=tuple(operands), a_zero=0, b_zero=0)]


def _one_group_each(op: Reduce, values: dict[str, Value]) -> list[Op]:
    """A reduction for each run of axes, the last axes first, then the shape that was asked for."""
    ops: list[Op] = []
    name = op.inputs[0]
    for group in reversed(axis_groups(op.axes)):
        out = _fresh(f"{op.outputs[0]}.partial", values)
        step = replace(op, name=out, inputs=(name,), outputs=(out,), axes=group, keepdims=True)
        ops.append(_place(step, values))
        name = out
    last = Reshape(name=op.name, inputs=(name,), outputs=op.outputs, loc=op.loc, shape=values[op.outputs[0]].shape)
    values[op.outputs[0]] = replace(values[op.outputs[0]], type=replace(values[name].type, shape=last.shape))
    return [*ops, last]


def _place(op: Op, values: dict[str, Value]) -> Op:
    """Infer the operator's results into `values`."""
    for value in results_to_values(op, op.infer([values[name] for name in op.inputs])):
        values[value.name] = value
    return op


def _fresh(wanted: str, values: dict[str, Value]) -> str:
    name, count = wanted, 1
    while name in values:
        name, count = f"{wanted}.{count}", count + 1
    return name
