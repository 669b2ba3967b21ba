"""What the mcu target emits computes what `Interpreter` computes: all intermediates, under sanitizers, no warning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.types import IntArray
from hwcomp.targets import load_target
from hwcomp.targets.base import Bundle, EmitInfo
from hwcomp.verify.run import RunOptions, RunResult, run_bundle
from tests.targets.mcu_graphs import GRAPHS

STRICT = (
    "-std=c99", "-pedantic", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror",
)  # fmt: skip
INFO = EmitInfo("net.onnx", "0" * 64, "hwcomp build net.onnx --target mcu", "onnx", "listed", "0.1.0")
TARGET = load_target("mcu")


def emit(graph: Graph, **options: str) -> tuple[Graph, Bundle]:
    parsed = TARGET.parse_options(options)
    prepared = TARGET.prepare(graph, parsed)
    assert TARGET.check(prepared, parsed) == []
    return prepared, TARGET.emit(prepared, parsed, INFO)


def write(bundle: Bundle, folder: Path) -> Path:
    for name, data in bundle.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def rows_of(graph: Graph, seed: int, count: int = 4) -> list[dict[str, IntArray]]:
    """Random rows, the first two at the ends of the types."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        row = {}
        for port in graph.inputs:
            kind = graph.values[port.value].type
            ends = {0: kind.dtype.min, 1: kind.dtype.max}
            drawn = rng.integers(kind.dtype.min, kind.dtype.max, kind.shape, np.int64, endpoint=True)
            row[port.name] = np.full(kind.shape, ends[i]) if i in ends else np.asarray(drawn)
        rows.append(row)
    return rows


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


CASES = [(name, "cortex-m") for name in GRAPHS] + [("convolutions", "generic"), ("products", "generic")]
"""Only dot operators differ by architecture on the host: in their scratch."""


@pytest.mark.parametrize(("name", "arch"), CASES)
def test_all_intermediates(name: str, arch: str, tmp_path: Path) -> None:
    original = GRAPHS[name]()
    graph, bundle = emit(original, arch=arch)
    folder = write(bundle, tmp_path / "bundle")
    rows = rows_of(graph, 1)
    joined = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    options = RunOptions(compiler="gcc", flags=STRICT, sanitize=True, raw=True)
    result = run_bundle(folder, joined, "host", trace=True, options=options)
    assert result.traces is not None
    interpreter, source = Interpreter(graph), Interpreter(original)
    for i, (row, traced) in enumerate(zip(rows, result.traces, strict=True)):
        expected, meant = interpreter.run(row), source.run(row)
        assert set(traced) == {value.name for value in bundle.manifest.values}
        for value, got in traced.items():
            np.testing.assert_array_equal(got, expected[value], err_msg=f"{value}, row {i}")
        for port in original.outputs:
            data = original.values[port.value].data
            want = meant[port.value] if data is None else data
            got = np.asarray(result.outputs[port.name]).reshape(len(rows), *want.shape)[i]
            np.testing.assert_array_equal(got, want, err_msg=f"output {port.name}, row {i}")


def compare(graph: Graph, rows: list[dict[str, IntArray]], result: RunResult) -> None:
    """Every traced value of every row."""
    assert result.traces is not None
    interpreter = Interpreter(graph)
    for i, (row, traced) in enumerate(zip(rows, result.traces, strict=True)):
        expected = interpreter.run(row)
        for value, got in traced.items():
            np.testing.assert_array_equal(got, expected[value], err_msg=f"{value}, row {i}")


def test_every_computed_value_is_traced() -> None:
    """All but the accumulators that a kernel never stores."""
    graph, bundle = emit(GRAPHS["convolutions"]())
    fused = {op.inputs[0] for op in graph.ops if type(op).__name__ == "Requant" and "conv" in op.inputs[0]}
    computed = {name for op in graph.ops for name in op.outputs}
    kept = {port.value for port in graph.outputs}
    assert {value.name for value in bundle.manifest.values} == computed - (fused - kept)


@pytest.mark.slow
@pytest.mark.parametrize("name", GRAPHS)
def test_all_intermediates_on_cortex_m4(name: str, tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    graph, bundle = emit(GRAPHS[name]())
    rows = rows_of(graph, 2)
    joined = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    folder = write(bundle, tmp_path / "bundle")
    compare(graph, rows, run_bundle(folder, joined, "cortex-m4", trace=True, options=RunOptions(raw=True)))
