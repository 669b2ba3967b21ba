"""Operators and the requant behind them become one unit where the kernel can do both."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.ops.reduce import ReduceSum, SumPool2d
from hwcomp.ir.ops.requant import Requant


@dataclass(frozen=True, slots=True)
class Unit:
    """An operator, and the requant of its only result if the kernel does that too."""

    op: Op
    requant: Requant | None = None

    @property
    def output(self) -> str:
        """The value that is left at the end."""
        return (self.requant or self.op).outputs[0]


def fuse(graph: Graph) -> list[Unit]:
    """The graph's operators in order; a requant that is fused stands with its producer."""
    consumers = graph.consumers()
    kept = {port.value for port in graph.outputs}
    units: list[Unit] = []
    fused: set[str] = set()
    for op in graph.ops:
        if op.outputs and op.outputs[0] in fused:
            continue
        requant = None
        readers = consumers[op.outputs[0]] if op.outputs else []
        if len(readers) == 1 and isinstance(readers[0], Requant) and op.outputs[0] not in kept:
            requant = readers[0] if _takes(graph, op, readers[0]) else None
        if requant is not None:
            fused.add(requant.outputs[0])
        units.append(Unit(op, requant))
    return units


def _takes(graph: Graph, op: Op, requant: Requant) -> bool:
    """Whether the kernel of `op` can do `requant`, whose channels must be the kernel's."""
    if len(requant.inputs) != 1:
        return False
    shape = graph.values[op.outputs[0]].shape
    if requant.channels > 1 and requant.axis not in (-1, len(shape) - 1):
        return False
    if isinstance(op, Conv2d | Dense | MatMul | SumPool2d):
        return True
    if isinstance(op, ReduceSum):
        rank = len(graph.values[op.inputs[0]].shape)
        inner = math.prod(graph.values[op.inputs[0]].shape[max(op.axes, default=rank - 1) + 1 :])
        return requant.channels in (1, inner)
    return False
