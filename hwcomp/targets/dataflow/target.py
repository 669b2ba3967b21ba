"""What every target that prints a streaming design does before it prints."""

from __future__ import annotations

from typing import TypeVar

from hwcomp.ir.graph import Graph
from hwcomp.passes.fold_rounding import fold_rounding
from hwcomp.passes.split_reductions import split_reductions
from hwcomp.prove.synthesize import ShiftPreference
from hwcomp.support.errors import Problem
from hwcomp.targets.base import Plan, Target
from hwcomp.targets.dataflow.folding.planning import make_plan
from hwcomp.targets.dataflow.loading import find_unloadable, with_common_shifts
from hwcomp.targets.dataflow.lower import find_problems
from hwcomp.targets.dataflow.options import DesignOptions, WeightMemory

OptionsT = TypeVar("OptionsT", bound=DesignOptions)


class DataflowTarget(Target[OptionsT]):
    """A target of streaming designs, folded to a goal on a board."""

    def shift_preference(self, options: OptionsT) -> ShiftPreference:
        return ShiftPreference()

    def prepare(self, graph: Graph, options: OptionsT) -> Graph:
        split = split_reductions(graph)
        return with_common_shifts(split) if options.weights is WeightMemory.RAM else fold_rounding(split)

    def check(self, graph: Graph, options: OptionsT) -> list[Problem]:
        fixed = find_unloadable(graph) if options.weights is WeightMemory.RAM else []
        return find_problems(graph) + fixed

    def plan(self, graph: Graph, options: OptionsT, *, everything: bool) -> Plan | None:
        return make_plan(graph, options, everything=everything)
