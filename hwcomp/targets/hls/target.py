"""The hls target: C++ of one streaming dataflow design."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.prove.synthesize import ShiftPreference
from hwcomp.support.errors import Problem
from hwcomp.targets.base import Bundle, EmitInfo, Plan, Target
from hwcomp.targets.fpga.target import TARGET as FPGA
from hwcomp.targets.hls.emit import emit_bundle
from hwcomp.targets.hls.options import HlsOptions
from hwcomp.targets.hls.problems import find_problems


class HlsTarget(Target[HlsOptions]):
    """`--target hls`."""

    name = "hls"
    summary = "C++ for Vitis HLS, Catapult and their like: the design of the fpga target, a function for each module"
    options_type = HlsOptions

    def shift_preference(self, options: HlsOptions) -> ShiftPreference:
        return FPGA.shift_preference(options)

    def prepare(self, graph: Graph, options: HlsOptions) -> Graph:
        return FPGA.prepare(graph, options)

    def check(self, graph: Graph, options: HlsOptions) -> list[Problem]:
        return find_problems(graph)

    def plan(self, graph: Graph, options: HlsOptions, *, everything: bool) -> Plan | None:
        return FPGA.plan(graph, options, everything=everything)

    def emit(self, graph: Graph, options: HlsOptions, info: EmitInfo) -> Bundle:
        return emit_bundle(graph, options, info)


TARGET = HlsTarget()
