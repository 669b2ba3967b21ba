"""The fpga target: SystemVerilog, one streaming dataflow design."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.dataflow.target import DataflowTarget
from hwcomp.targets.fpga.emit import emit_bundle
from hwcomp.targets.fpga.options import FpgaOptions


class FpgaTarget(DataflowTarget[FpgaOptions]):
    """`--target fpga`."""

    name = "fpga"
    summary = "SystemVerilog: a streaming dataflow design with AXI4-Stream ports, folded to a speed or a size"
    options_type = FpgaOptions

    def emit(self, graph: Graph, options: FpgaOptions, info: EmitInfo) -> Bundle:
        return emit_bundle(graph, options, info)


TARGET = FpgaTarget()
