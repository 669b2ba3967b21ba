"""Which values of a graph are known to take two values: the inputs of `hwc_xnor`.

The IR has intervals, not sets, so {0, 1} is a range and {-1, +1} is found from the operator that makes it: a
`Thresholds` whose two thresholds are equal, a `Lut`, or a rescale of something that has two values itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.layout import Concat, DepthToSpace, Gather, Reshape, Resize, Slice, Transpose
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.reduce import MaxPool2d, ReduceMax
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.ops.thresholds import Thresholds

_MOVES = (Reshape, Transpose, Slice, Concat, Gather, DepthToSpace, Resize, MaxPool2d, ReduceMax)


def two_values(graph: Graph) -> Mapping[str, tuple[int, int]]:
    """The lower and the higher of the two values of each tensor of which they are known."""
    found: dict[str, tuple[int, int]] = {}
    for name, value in graph.values.items():
        if value.range.max - value.range.min == 1:
            found[name] = value.range.min, value.range.max
    for op in graph.ops:
        if len(op.outputs) == 1 and op.outputs[0] not in found:
            levels = _levels(graph, op, found)
            if levels is not None and len(levels) == 2:
                found[op.outputs[0]] = min(levels), max(levels)
    return found


def _levels(graph: Graph, op: Op, found: Mapping[str, tuple[int, int]]) -> set[int] | None:
    """Every value that an operator's result may take, as far as it is easily said."""
    if isinstance(op, _MOVES):
        sources = {found.get(name) for name in op.inputs}
        return set(next(iter(sources)) or ()) if len(sources) == 1 else None
    if isinstance(op, Requant | Lut | Thresholds) and op.inputs[0] in found and len(graph.operands(op)) <= 2:
        return _of_values(graph, op, found)
    if isinstance(op, Lut):
        x, table = graph.operands(op)
        assert table.data is not None
        reached = np.atleast_2d(table.data)[:, x.range.min - op.input_min : x.range.max - op.input_min + 1]
        return {int(level) for level in np.unique(reached)}
    if isinstance(op, Thresholds):
        x, table = graph.operands(op)
        assert table.data is not None
        rows = np.atleast_2d(table.data)
        steps = [np.append(row[(row > x.range.min) & (row <= x.range.max)], x.range.min) for row in rows]
        counts = [np.searchsorted(row, own, side="right") for own, row in zip(steps, rows, strict=True)]
        return {op.lo + int(count) for count in np.concatenate(counts)}
    return None


def _of_values(graph: Graph, op: Op, found: Mapping[str, tuple[int, int]]) -> set[int] | None:
    """An elementwise operator of one tensor, evaluated at both of its values."""
    operands = graph.operands(op)
    if any(operand.data is None for operand in operands[1:]):
        return None
    tables = [operand.data for operand in operands[1:] if operand.data is not None]
    levels: set[int] = set()
    for value in found[op.inputs[0]]:
        (result,) = op.evaluate(np.full(operands[0].shape, value, np.int64), *tables)
        levels |= {int(level) for level in np.unique(result)}
    return levels
