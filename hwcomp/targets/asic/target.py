"""The asic target: the streaming design of the fpga target for a standard-cell flow."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.prove.synthesize import ShiftPreference
from hwcomp.support.errors import Problem
from hwcomp.targets.asic.emit import emit_bundle
from hwcomp.targets.asic.options import AsicOptions
from hwcomp.targets.base import Bundle, EmitInfo, Plan, Target
from hwcomp.targets.dataflow.folding.planning import make_plan
from hwcomp.targets.fpga.target import TARGET as FPGA


class AsicTarget(Target[AsicOptions]):
    """`--target asic`."""

    name = "asic"
    summary = "SystemVerilog without power-up values: RAM macros, loaded weights, a reset pin, synthesis by liberty"
    options_type = AsicOptions

    def shift_preference(self, options: AsicOptions) -> ShiftPreference:
        return FPGA.shift_preference(options.as_fpga())

    def prepare(self, graph: Graph, options: AsicOptions) -> Graph:
        return FPGA.prepare(graph, options.as_fpga())

    def check(self, graph: Graph, options: AsicOptions) -> list[Problem]:
        return FPGA.check(graph, options.as_fpga())

    def plan(self, graph: Graph, options: AsicOptions, *, everything: bool) -> Plan:
        return make_plan(graph, options.as_fpga(), options.device(), everything=everything)

    def emit(self, graph: Graph, options: AsicOptions, info: EmitInfo) -> Bundle:
        return emit_bundle(graph, options, info)


TARGET = AsicTarget()
