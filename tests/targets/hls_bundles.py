"""Bundles of hand-made graphs for the hls target."""

from __future__ import annotations

from pathlib import Path

from hwcomp.ir.graph import Graph
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.hls.options import HlsOptions
from hwcomp.targets.hls.target import TARGET
from tests.targets.fpga_bundles import write_bundle

INFO = EmitInfo("net.onnx", "0" * 64, "hwcomp build net.onnx --target hls", "onnx", "listed", "0.1.0")


def roomy(interval: int) -> HlsOptions:
    """An interval, and no limit that could stand in its way."""
    return HlsOptions(interval=interval, max_lut=10**6, max_dsp=10**4, max_bram=10**4)


def prepared(graph: Graph, options: HlsOptions) -> Graph:
    """The graph as the target takes it; it finds no problem."""
    made = TARGET.prepare(graph, options)
    assert TARGET.check(made, options) == []
    return made


def bundle_in(folder: Path, graph: Graph, options: HlsOptions) -> Bundle:
    """The bundle of a prepared graph, written to the folder."""
    bundle = TARGET.emit(graph, options, INFO)
    write_bundle(bundle, folder)
    return bundle


def text(bundle: Bundle, path: str) -> str:
    return bundle.files[path].decode("utf-8")
