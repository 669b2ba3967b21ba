"""Reductions over axes that are not adjacent become several, one for each run of axes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hwcomp.ir.graph import Graph, rebuild, results_to_values
from hwcomp.ir.op import Op
from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.reduce import Reduce
from hwcomp.ir.types import Value


def split_reductions(graph: Graph) -> Graph:
    """A graph of the same meaning in which each Reduce has adjacent axes."""
    values = dict(graph.values)
    ops: list[Op] = []
    for op in graph.ops:
        if isinstance(op, Reduce) and len(axis_groups(op.axes)) > 1:
            ops += one_group_each(op, values)
        else:
            ops.append(op)
    return rebuild(graph, tuple(ops), values)


def axis_groups(axes: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Runs of adjacent axes: (1, 2, 4) gives (1, 2), (4)."""
    cuts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(axes)) if b != a + 1), len(axes)]
    return [axes[start:stop] for start, stop in pairwise(cuts) if start < stop]


def one_group_each(op: Reduce, values: dict[str, Value]) -> list[Op]:
    """A reduction for each run of axes, the last axes first, then the shape that was asked for; adds to `values`."""
    ops: list[Op] = []
    name = op.inputs[0]
    for group in reversed(axis_groups(op.axes)):
        out = fresh(f"{op.outputs[0]}.partial", values)
        step = replace(op, name=out, inputs=(name,), outputs=(out,), axes=group, keepdims=True)
        ops.append(place(step, values))
        name = out
    last = Reshape(name=op.name, inputs=(name,), outputs=op.outputs, loc=op.loc, shape=values[op.outputs[0]].shape)
    values[op.outputs[0]] = replace(values[op.outputs[0]], type=replace(values[name].type, shape=last.shape))
    return [*ops, last]


def place(op: Op, values: dict[str, Value]) -> Op:
    """Infer the operator's results into `values`."""
    for value in results_to_values(op, op.infer([values[name] for name in op.inputs])):
        values[value.name] = value
    return op


def fresh(wanted: str, values: dict[str, Value]) -> str:
    """A name that no value has."""
    name, count = wanted, 1
    while name in values:
        name, count = f"{wanted}.{count}", count + 1
    return name
