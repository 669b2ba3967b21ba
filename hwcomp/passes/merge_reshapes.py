"""One Reshape instead of several in a row, none where the shape stays."""

from __future__ import annotations

from dataclasses import replace

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.layout import Reshape
from hwcomp.passes.base import Pass
from hwcomp.passes.eliminate_dead import eliminate_dead
from hwcomp.passes.rewriter import Rewriter


def merge_reshapes(graph: Graph) -> Graph:
    rewriter = Rewriter(graph)
    for op in graph.ops:
        if isinstance(op, Reshape):
            _merge(rewriter, op)
        else:
            rewriter.copy(op)
    return eliminate_dead(rewriter.finish())


def _merge(rewriter: Rewriter, op: Reshape) -> None:
    before = rewriter.producer(op.inputs[0])
    merged = replace(op, inputs=before.inputs) if isinstance(before, Reshape) else op
    if rewriter.operands(merged)[0].shape == op.shape and rewriter.may_alias(op.outputs[0], merged.inputs[0]):
        rewriter.alias(op.outputs[0], merged.inputs[0])
    else:
        rewriter.copy(merged)


PASS = Pass("merge-reshapes", "merge Reshapes in a row, drop those that change nothing", merge_reshapes)
