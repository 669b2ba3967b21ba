"""A drawn graph through the mcu target: compiled for the host with sanitizers, all intermediates against `evaluate`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.targets import load_target
from hwcomp.targets.base import EmitInfo
from hwcomp.verify.run import RunOptions, run_bundle
from tests.fuzz.compare import lower_for, read
from tests.fuzz.generator import Drawn

FLAGS = (
    "-std=c99", "-pedantic", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror",
)  # fmt: skip
INFO = EmitInfo("net.onnx", "0" * 64, "hwcomp build net.onnx --target mcu", "onnx", "listed", "0.1.0")


def check_mcu(drawn: Drawn, label: str, arch: str = "cortex-m", reference: str = "onnx") -> list[str]:
    """Every difference between the emitted C and the integer graph, by name. Rows: the drawn one and both ends."""
    target = load_target("mcu")
    options = target.parse_options({"arch": arch})
    integer = lower_for(read(drawn.model, reference), target.shift_preference(options))
    graph = target.prepare(integer, options)
    refused = target.check(graph, options)
    if refused:
        return [f"{label} refused: {problem}" for problem in refused]
    bundle = target.emit(graph, options, INFO)
    rows = rows_of(graph, drawn.inputs)
    joined = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in bundle.files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        run = RunOptions(compiler="gcc", flags=FLAGS, sanitize=True, raw=True)
        result = run_bundle(Path(folder), joined, "host", trace=True, options=run)
    assert result.traces is not None
    problems = []
    for number, (row, traced) in enumerate(zip(rows, result.traces, strict=True)):
        meant = Interpreter(graph).run(row)
        source = Interpreter(integer).run(row)
        values = [(name, got, meant[name]) for name, got in traced.items()]
        for port in integer.outputs:
            got = np.asarray(result.outputs[port.name])
            want = source[port.value]
            values.append((port.name, got.reshape(len(rows), *want.shape)[number], want))
        problems += [
            f"{label} mcu {arch} {name}, row {number}: {int((got != want).sum())} of {want.size} differ"
            for name, got, want in values
            if not np.array_equal(got, want)
        ]
    return problems


def rows_of(graph: Graph, inputs: dict[str, NDArray[np.generic]]) -> list[dict[str, NDArray[np.int64]]]:
    """The drawn row and the two constant rows at the ends of the input's type."""
    rows = [{name: x.astype(np.int64) for name, x in inputs.items()}]
    for end in ("min", "max"):
        kinds = {port.name: graph.values[port.value].type for port in graph.inputs}
        rows.append({name: np.full(kind.shape, getattr(kind.dtype, end), np.int64) for name, kind in kinds.items()})
    return rows
