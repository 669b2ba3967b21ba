"""Evaluate operators whose operands are all constant."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.passes.base import Pass
from hwcomp.passes.rewriter import Rewriter


def fold_constants(graph: Graph) -> Graph:
    """An operator that writes an output of the model stays, so that each output is computed by something."""
    rewriter = Rewriter(graph)
    for op in graph.ops:
        if _is_foldable(rewriter, op):
            _fold(rewriter, op)
        else:
            rewriter.copy(op)
    return rewriter.finish()


def _is_foldable(rewriter: Rewriter, op: Op) -> bool:
    if not op.inputs or not op.outputs or any(rewriter.is_output(name) for name in op.outputs):
        return False
    return all(value.is_constant for value in rewriter.operands(op))


def _fold(rewriter: Rewriter, op: Op) -> None:
    operands = rewriter.operands(op)
    arrays = [value.data for value in operands if value.data is not None]
    for name, array, result in zip(op.outputs, op.evaluate(*arrays), op.infer(operands), strict=True):
        rewriter.alias(name, rewriter.constant(f"{name}.const", array, result.type.dtype))


PASS = Pass("fold-constants", "evaluate operators whose operands are all constant", fold_constants)
