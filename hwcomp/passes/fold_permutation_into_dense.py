"""A Transpose before a flattening Dense becomes another order of the weights' columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Dense
from hwcomp.ir.ops.layout import Reshape, Transpose
from hwcomp.passes.base import Pass
from hwcomp.passes.eliminate_dead import eliminate_dead
from hwcomp.passes.rewriter import Rewriter


def fold_permutation_into_dense(graph: Graph) -> Graph:
    """Dense(Reshape(Transpose(x))) -> Dense'(Reshape(x)), where the Reshape flattens just the axes that are permuted.

    With j = position(i) the place to which the Transpose moves flat element i of x, column i of the new weights is the
    old column j.
    """
    rewriter = Rewriter(graph)
    for op in graph.ops:
        if not isinstance(op, Dense) or not _fold(rewriter, op):
            rewriter.copy(op)
    return eliminate_dead(rewriter.finish())


def _fold(rewriter: Rewriter, op: Dense) -> bool:
    reshape = rewriter.producer(op.inputs[0])
    transpose = rewriter.producer(reshape.inputs[0]) if isinstance(reshape, Reshape) else None
    if not isinstance(reshape, Reshape) or not isinstance(transpose, Transpose):
        return False
    source, weights = rewriter.operands(transpose)[0].shape, rewriter.operands(op)[1]
    lead = len(reshape.shape) - 1
    moved = tuple(source[axis] for axis in transpose.permutation)
    kept = transpose.permutation[:lead] == tuple(range(lead)) and moved[:lead] == reshape.shape[:-1]
    if weights.data is None or not kept:
        return False
    inner = [axis - lead for axis in transpose.permutation[lead:]]
    order = np.arange(weights.shape[1], dtype=np.int64).reshape(source[lead:]).transpose(inner).reshape(-1)
    columns = np.empty_like(weights.data)
    columns[:, order] = weights.data
    flat = rewriter.fresh(f"{reshape.outputs[0]}.flat")
    rewriter.put(replace(reshape, inputs=transpose.inputs, outputs=(flat,)))
    permuted = rewriter.constant(f"{weights.name}.permuted", columns, weights.type.dtype)
    rewriter.put(replace(op, inputs=(flat, permuted, op.inputs[2])))
    return True


PASS = Pass(
    "fold-permutation-into-dense",
    "permute the weights of a Dense instead of its flattened input",
    fold_permutation_into_dense,
)
