"""Remove operators, values and states that no output depends on."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.passes.base import Pass
from hwcomp.passes.rewriter import Rewriter


def eliminate_dead(graph: Graph) -> Graph:
    """Inputs stay. A state lives where a live operator reads it; its write is live then."""
    needed = {port.value for port in graph.outputs}
    states: set[str] = set()
    grown = True
    while grown:
        before = len(needed) + len(states)
        for op in reversed(graph.ops):
            live = op.state in states if isinstance(op, StateWrite) else not needed.isdisjoint(op.outputs)
            if live:
                needed.update(op.inputs)
                if isinstance(op, StateRead):
                    states.add(op.state)
        grown = len(needed) + len(states) > before
    rewriter = Rewriter(graph)
    for op in graph.ops:
        if op.state in states if isinstance(op, StateWrite) else not needed.isdisjoint(op.outputs):
            rewriter.copy(op)
    rewriter.states = {name: state for name, state in graph.states.items() if name in states}
    return rewriter.finish()


PASS = Pass("eliminate-dead", "remove operators, values and states that no output depends on", eliminate_dead)
