"""Move a DepthToSpace behind the rescale of its result: it then moves narrow levels, not wide accumulators."""

from __future__ import annotations

from dataclasses import replace

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.layout import DepthToSpace
from hwcomp.ir.ops.requant import Requant, Rescale
from hwcomp.passes.base import Pass
from hwcomp.passes.eliminate_dead import eliminate_dead
from hwcomp.passes.rewriter import Rewriter


def sink_depth_to_space(graph: Graph) -> Graph:
    """rescale(DepthToSpace(x)) -> DepthToSpace(rescale(x)), where one rescale serves all channels."""
    rewriter = Rewriter(graph)
    for op in graph.ops:
        before = rewriter.producer(op.inputs[0]) if _is_uniform(op) else None
        if not isinstance(before, DepthToSpace) or not rewriter.used_once(op.inputs[0]):
            rewriter.copy(op)
            continue
        inner = rewriter.fresh(f"{op.outputs[0]}.moved")
        rewriter.put(replace(op, inputs=before.inputs, outputs=(inner,)))
        rewriter.put(replace(before, inputs=(inner,), outputs=op.outputs))
    return eliminate_dead(rewriter.finish())


def _is_uniform(op: Op) -> bool:
    """Whether it rescales one input by one set of parameters."""
    if isinstance(op, Requant):
        return len(op.inputs) == 1 and op.channels == 1
    return isinstance(op, Rescale) and len(op.inputs) == 1 and op.step.channels == 1


PASS = Pass("sink-depth-to-space", "rescale before DepthToSpace, not behind it", sink_depth_to_space)
