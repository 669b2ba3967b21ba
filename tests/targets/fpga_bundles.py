"""Bundles of hand-made graphs for the fpga target, and rows of inputs with all their values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.types import IntArray
from hwcomp.support.files import write_bytes
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET

INFO = EmitInfo("net.onnx", "0" * 64, "hwcomp build net.onnx --target fpga", "onnx", "listed", "0.1.0")


def bundle_of(graph: Graph, options: FpgaOptions) -> Bundle:
    """The bundle of a graph in which the target finds no problem."""
    prepared = TARGET.prepare(graph, options)
    assert TARGET.check(prepared, options) == []
    return TARGET.emit(prepared, options, INFO)


def write_bundle(bundle: Bundle, folder: Path) -> Path:
    for name, data in bundle.files.items():
        write_bytes(folder, name, data)
    return folder


def rows_of(graph: Graph, count: int) -> list[Mapping[str, IntArray]]:
    """`count` random inferences, every value of each."""
    interpreter, rng = Interpreter(graph), np.random.default_rng(3)
    rows: list[Mapping[str, IntArray]] = []
    for _ in range(count):
        inputs = {}
        for port in graph.inputs:
            value = graph.values[port.value]
            inputs[port.name] = rng.integers(value.range.min, value.range.max, value.shape, np.int64, endpoint=True)
        rows.append(interpreter.run(inputs))
    return rows
