"""The fpga target: SystemVerilog, one streaming dataflow design."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.passes.split_reductions import split_reductions
from hwcomp.prove.synthesize import ShiftPreference
from hwcomp.support.errors import Problem
from hwcomp.targets.base import Bundle, EmitInfo, Plan, Target
from hwcomp.targets.fpga.emit import emit_bundle
from hwcomp.targets.fpga.loading import find_unloadable, with_common_shifts
from hwcomp.targets.fpga.lower import find_problems
from hwcomp.targets.fpga.options import FpgaOptions, WeightMemory
from hwcomp.targets.fpga.planning import make_plan


class FpgaTarget(Target[FpgaOptions]):
    """`--target fpga`."""

    name = "fpga"
    summary = "SystemVerilog: a streaming dataflow design with AXI4-Stream ports, folded to a speed or a size"
    options_type = FpgaOptions

    def shift_preference(self, options: FpgaOptions) -> ShiftPreference:
        return ShiftPreference()

    def prepare(self, graph: Graph, options: FpgaOptions) -> Graph:
        split = split_reductions(graph)
        return with_common_shifts(split) if options.weights is WeightMemory.RAM else split

    def check(self, graph: Graph, options: FpgaOptions) -> list[Problem]:
        fixed = find_unloadable(graph) if options.weights is WeightMemory.RAM else []
        return find_problems(graph) + fixed

    def plan(self, graph: Graph, options: FpgaOptions, *, everything: bool) -> Plan:
        return make_plan(graph, options, everything=everything)

    def emit(self, graph: Graph, options: FpgaOptions, info: EmitInfo) -> Bundle:
        return emit_bundle(graph, options, info)


TARGET = FpgaTarget()
