"""Infer every type and range again, from the inputs to the outputs."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.passes.base import Pass
from hwcomp.passes.rewriter import Rewriter


def infer_ranges(graph: Graph) -> Graph:
    """Tightens what earlier passes left wide: an interval depends on its operator's operands alone."""
    rewriter = Rewriter(graph)
    for op in graph.ops:
        rewriter.copy(op)
    return rewriter.finish()


PASS = Pass("infer-ranges", "infer types and ranges again through the whole graph", infer_ranges)
