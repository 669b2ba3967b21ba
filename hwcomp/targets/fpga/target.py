"""The fpga target: SystemVerilog, one streaming dataflow design."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.passes.split_reductions import split_reductions
from hwcomp.prove.synthesize import ShiftPreference
from hwcomp.support.errors import Problem
from hwcomp.targets.base import Bundle, EmitInfo, Target
from hwcomp.targets.fpga.emit import emit_bundle
from hwcomp.targets.fpga.loading import with_common_shifts
from hwcomp.targets.fpga.lower import find_problems
from hwcomp.targets.fpga.options import FpgaOptions, WeightMemory


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
        return find_problems(graph)

    def emit(self, graph: Graph, options: FpgaOptions, info: EmitInfo) -> Bundle:
        return emit_bundle(graph, options, info)


TARGET = FpgaTarget()
