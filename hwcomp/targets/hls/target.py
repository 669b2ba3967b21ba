"""The hls target: C++ of one streaming dataflow design."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.support.errors import Problem
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.dataflow.target import DataflowTarget
from hwcomp.targets.hls.emit import emit_bundle
from hwcomp.targets.hls.options import HlsOptions
from hwcomp.targets.hls.problems import find_missing


class HlsTarget(DataflowTarget[HlsOptions]):
    """`--target hls`."""

    name = "hls"
    summary = "C++ for Vitis HLS, Catapult and their like: the design of the fpga target, a function for each module"
    options_type = HlsOptions

    def check(self, graph: Graph, options: HlsOptions) -> list[Problem]:
        return super().check(graph, options) or find_missing(graph)

    def emit(self, graph: Graph, options: HlsOptions, info: EmitInfo) -> Bundle:
        return emit_bundle(graph, options, info)


TARGET = HlsTarget()
