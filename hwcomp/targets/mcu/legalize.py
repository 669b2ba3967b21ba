"""What the kernels have not as one operator is written as several, before anything is named or planned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwcomp.ir.graph import Graph, rebuild
from hwcomp.ir.op import Op
from hwcomp.ir.ops.elementwise import Mul, Sub
from hwcomp.ir.ops.reduce import Reduce
from hwcomp.ir.types import IntType, Range, TensorType, Value
from hwcomp.passes.split_reductions import axis_groups, fresh, one_group_each, place


def legalize(graph: Graph) -> Graph:
    """A graph of the same meaning in which Mul has no zero points and each Reduce has adjacent axes."""
    values = dict(graph.values)
    ops: list[Op] = []
    for op in graph.ops:
        if isinstance(op, Mul) and (op.a_zero or op.b_zero):
            ops += _without_zeros(op, values)
        elif isinstance(op, Reduce) and len(axis_groups(op.axes)) > 1:
            ops += one_group_each(op, values)
        else:
            ops.append(op)
    return rebuild(graph, tuple(ops), values)


def _without_zeros(op: Mul, values: dict[str, Value]) -> list[Op]:
    """(a - a_zero) * (b - b_zero) with subtractions of their own."""
    ops: list[Op] = []
    operands: list[str] = []
    for name, zero in zip(op.inputs, (op.a_zero, op.b_zero), strict=True):
        if zero:
            constant = fresh(f"{name}.zero", values)
            dtype = IntType.covering(zero, zero)
            values[constant] = Value(constant, TensorType((), dtype), Range.whole(zero, zero), np.array(zero, np.int64))
            out = fresh(f"{name}.centred", values)
            ops.append(place(Sub(name=out, inputs=(name, constant), outputs=(out,), loc=op.loc), values))
            name = out
        operands.append(name)
    return [*ops, replace(op, inputs=tuple(operands), a_zero=0, b_zero=0)]
