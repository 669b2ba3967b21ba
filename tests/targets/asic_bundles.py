"""Bundles of hand-made graphs for the asic target."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.targets.asic.options import AsicOptions
from hwcomp.targets.asic.target import TARGET
from hwcomp.targets.base import Bundle, EmitInfo
from tests.resources import ROOT

INFO = EmitInfo("net.onnx", "0" * 64, "hwcomp build net.onnx --target asic", "onnx", "listed", "0.1.0")
TINY = ROOT / "tests" / "data" / "tiny.lib"


def asic_bundle(graph: Graph, options: AsicOptions) -> tuple[Graph, Bundle]:
    """The graph as the target prepares it, and its bundle."""
    prepared = TARGET.prepare(graph, options)
    assert TARGET.check(prepared, options) == []
    return prepared, TARGET.emit(prepared, options, INFO)
