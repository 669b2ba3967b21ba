"""The tvm target: TVMScript, schedules and compiled libraries."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.prove.synthesize import ShiftPreference
from hwcomp.support.errors import Problem
from hwcomp.targets.base import Bundle, EmitInfo, Target
from hwcomp.targets.tvm.emit import emit_bundle
from hwcomp.targets.tvm.lower import try_lower
from hwcomp.targets.tvm.options import TvmOptions


class TvmTarget(Target[TvmOptions]):
    """`--target tvm`."""

    name = "tvm"
    summary = "TVM: PrimFuncs in integers, schedules to read and replay, libraries with and without TVM's runtime"
    options_type = TvmOptions

    def shift_preference(self, options: TvmOptions) -> ShiftPreference:
        return ShiftPreference()

    def prepare(self, graph: Graph, options: TvmOptions) -> Graph:
        return graph

    def check(self, graph: Graph, options: TvmOptions) -> list[Problem]:
        return try_lower(graph, options)[2]

    def emit(self, graph: Graph, options: TvmOptions, info: EmitInfo) -> Bundle:
        return emit_bundle(graph, options, info)


TARGET = TvmTarget()
