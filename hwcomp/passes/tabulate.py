"""A chain of functions of one small value becomes one table."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Requant, Rescale
from hwcomp.ir.types import IntArray, Value
from hwcomp.passes.base import Pass
from hwcomp.passes.eliminate_dead import eliminate_dead
from hwcomp.passes.rewriter import Rewriter

MAX_BITS = 8
"""A table of 2^8 entries is smaller than two sets of multipliers and faster than two passes over the tensor."""


def tabulate(graph: Graph) -> Graph:
    """Two or more of Rescale, Requant, Lut in a row, all channels alike, on a value of at most 8 bits -> one Lut.

    The table is the chain's own arithmetic, enumerated: at Level.QUANT that of the source, so nothing needs a proof.
    Entries that the value cannot reach repeat the nearest reachable one.
    """
    rewriter = Rewriter(graph)
    for op in graph.ops:
        before = rewriter.producer(op.inputs[0]) if _is_unary(rewriter, op) else None
        if before is not None and _is_unary(rewriter, before) and rewriter.used_once(op.inputs[0]):
            _merge(rewriter, before, op)
        else:
            rewriter.copy(op)
    return eliminate_dead(rewriter.finish())


def _is_unary(rewriter: Rewriter, op: Op) -> bool:
    """Whether every element of the result depends on one element, by the same function for all."""
    if isinstance(op, Lut):
        return len(rewriter.operands(op)[1].shape) == 1
    if isinstance(op, Rescale):
        return len(op.inputs) == 1 and op.step.channels == 1
    return isinstance(op, Requant) and len(op.inputs) == 1 and op.channels == 1


def _merge(rewriter: Rewriter, first: Op, second: Op) -> None:
    x = rewriter.operands(first)[0]
    if x.type.dtype.bits > MAX_BITS:
        rewriter.copy(second)
        return
    dtype = x.type.dtype
    values = np.clip(np.arange(dtype.min, dtype.max + 1, dtype=np.int64), x.range.min, x.range.max)
    table = _apply(rewriter, second, _apply(rewriter, first, values))
    result = second.infer(rewriter.operands(second))[0].type.dtype
    name = rewriter.constant(f"{second.outputs[0]}.table", table, result)
    inputs = (first.inputs[0], name)
    rewriter.put(Lut(name=second.name, inputs=inputs, outputs=second.outputs, loc=second.loc, input_min=dtype.min))


def _apply(rewriter: Rewriter, op: Op, values: IntArray) -> IntArray:
    tables: list[Value] = list(rewriter.operands(op)[1:])
    return op.evaluate(values, *(table.data for table in tables if table.data is not None))[0]


PASS = Pass("tabulate", "merge chains of functions of one small value into one table", tabulate)
