"""What of a graph the target has not: what the network has not, and modules without a function."""

from __future__ import annotations

from dataclasses import replace

from hwcomp.ir.graph import Graph
from hwcomp.support.errors import Problem
from hwcomp.targets.fpga.builder import NetworkBuilder
from hwcomp.targets.fpga.lower import find_problems as find_in_network
from hwcomp.targets.fpga.lower import isolated, lowering_of
from hwcomp.targets.hls.functions import FUNCTIONS


def find_problems(graph: Graph) -> list[Problem]:
    """Every operator, or form of one, that the target has not."""
    problems = [replace(p, what=p.what.replace("target 'fpga'", "target 'hls'")) for p in find_in_network(graph)]
    return problems or _without_function(graph)


def _without_function(graph: Graph) -> list[Problem]:
    problems: list[Problem] = []
    for index, op in enumerate(graph.ops):
        choice = lowering_of(op).choices(NetworkBuilder(graph, "probe", {}), op)[0]
        missing = {i.module for i in isolated(graph, index, op, choice).instances} - FUNCTIONS.keys()
        if missing:
            what = f"target 'hls' has no function for {type(op).__name__} ({', '.join(sorted(missing))})"
            fix = "export the model without it, or build for '--target fpga', which has it"
            problems.append(Problem("HWC106", what, str(op.loc), fix))
    return problems
