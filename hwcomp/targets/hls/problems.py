"""Modules of a network that have no function in C++."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.support.errors import Problem
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.lower import isolated, lowering_of
from hwcomp.targets.hls.functions import FUNCTIONS


def find_missing(graph: Graph) -> list[Problem]:
    """Every operator whose modules have no function; the network has them all."""
    problems: list[Problem] = []
    for index, op in enumerate(graph.ops):
        choice = lowering_of(op).choices(NetworkBuilder(graph, "probe", {}), op)[0]
        missing = {i.module for i in isolated(graph, index, op, choice).instances} - FUNCTIONS.keys()
        if missing:
            what = f"target 'hls' has no function for {type(op).__name__} ({', '.join(sorted(missing))})"
            fix = "export the model without it, or build for '--target fpga', which has it"
            problems.append(Problem("HWC106", what, str(op.loc), fix))
    return problems
