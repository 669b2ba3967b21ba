"""What TVM compiles computes what `evaluate` computes: every value of every operator, in each of the runners."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.dyadic import Tie
from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.ops.elementwise import Mul
from hwcomp.ir.types import S16, S32
from hwcomp.support.manifest import read_manifest
from hwcomp.verify.ladder import verify_bundle
from hwcomp.verify.run import RunOptions, run_bundle
from hwcomp.verify.vectors import read_vectors
from tests.resources import program
from tests.targets.mcu_graphs import GRAPHS, Maker
from tests.targets.tvm_bundles import needs_tvm, problem_of, rendered, run_all, written
from tests.targets.tvm_random import check_seeds

pytestmark = pytest.mark.slow


def wide_graph() -> Graph:
    """int16 through a rescale that needs 64 bits, sums and products beyond 32 bits, outputs of 64 bits."""
    m = Maker("wide")
    x, y = m.input("x", (2, 5, 16), S16), m.input("y", (2, 5, 16), S32)
    square = m.op(Mul, m.op(Mul, x, x), y)
    scaled = m.requant(y, divide=70001, dtype=S16, shift=40)
    dense = m.requant(m.op_dense(scaled, 16), divide=9999, channels=16, dtype=S16, tie=Tie.EVEN)
    return m.finish(square=square, scaled=scaled, dense=dense)


CASES = {**GRAPHS, "wide": wide_graph}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Every graph for every machine that runs here, compiled in one process."""
    needs_tvm()
    program("cc")
    base = tmp_path_factory.mktemp("tvm")
    made = {
        (name, machine): written(rendered(make(), tvm_target=machine)[0], base / f"{name}.{machine}")
        for name, make in CASES.items()
        for machine in ("x86", "x86-vnni")
    }
    assert run_all("build.py", list(made.values())) == {}
    return made


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("machine", ["x86", "x86-vnni"])
@pytest.mark.parametrize("name", CASES)
def test_all_values(name: str, machine: str, bundles: dict[tuple[str, str], Path]) -> None:
    assert problem_of(bundles[name, machine]) == ""


@pytest.mark.parametrize("name", CASES)
def test_the_c_interface(name: str, bundles: dict[tuple[str, str], Path]) -> None:
    """The harness of the mcu target takes a tvm bundle too: guarded memory, spoilt arena, traces."""
    folder = bundles[name, "x86"]
    result = verify_bundle(folder, ["host"])[0]
    assert result.verdict == "equal", result


@pytest.mark.parametrize("name", ["states", "products", "passing"])
def test_the_self_test(name: str, bundles: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    folder = bundles[name, "x86"]
    flags = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
    objects = [str(path) for path in sorted((folder / "lib").glob("net_*.o"))]
    sources = [str(path) for path in sorted((folder / "src").glob("*.c"))]
    target = tmp_path / "selftest"
    subprocess.run(["cc", *flags, f"-I{folder / 'src'}", *sources, *objects, "-o", str(target)], check=True)
    assert subprocess.run([str(target)], check=False).returncode == 0
    text = (folder / "src" / "net_selftest.c").read_text("utf-8")
    start = text.index("expected_0_0[")
    digit = next(i for i in range(text.index("= {", start), len(text)) if text[i].isdigit())
    broken = text[:digit] + ("1" if text[digit] != "1" else "2") + text[digit + 1 :]
    (tmp_path / "net_selftest.c").write_text(broken, "utf-8")
    others = [source for source in sources if "selftest" not in source]
    changed = [str(tmp_path / "net_selftest.c"), *others]
    subprocess.run(["cc", f"-I{folder / 'src'}", *changed, *objects, "-o", str(target)], check=True)
    assert subprocess.run([str(target)], check=False).returncode == 1


@pytest.mark.parametrize("name", ["states", "recurrent", "convolutions"])
def test_tvms_runtime_gives_the_same(name: str, bundles: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    folder = bundles[name, "x86"]
    manifest, vectors = read_manifest(folder), read_vectors(folder)
    np.savez(tmp_path / "in.npz", **{port.name: vectors[port.name] for port in manifest.inputs})
    results = []
    for runner in ("runner.py", "runner_tvm.py"):
        target = tmp_path / f"{runner}.npz"
        command = [sys.executable, "-B", str(folder / runner), str(tmp_path / "in.npz"), str(target)]
        subprocess.run(command, check=True, env=os.environ | {"TVM_NUM_THREADS": "1"})
        with np.load(target) as found:
            results.append({key: found[key] for key in found.files})
    assert results[0].keys() == results[1].keys()
    for key, array in results[0].items():
        np.testing.assert_array_equal(array, results[1][key], err_msg=key)


@pytest.mark.parametrize("on", ["tvm", "host"])
def test_run(on: str, bundles: dict[tuple[str, str], Path]) -> None:
    """`hwcomp run` of several rows, joined along the first axis, floats at the border."""
    folder = bundles["products", "x86"]
    graph = GRAPHS["products"]()
    rng = np.random.default_rng(3)
    rows = rng.integers(-128, 128, (3, *graph.values[graph.inputs[0].value].shape))
    given = {graph.inputs[0].name: rows.reshape(-1, *rows.shape[2:]).astype(np.int8)}
    raw = run_bundle(folder, given, on, options=RunOptions(raw=True), trace=True)
    floats = run_bundle(folder, given, on)
    assert raw.traces is not None and len(raw.traces) == 3
    expected = [Interpreter(graph).run({graph.inputs[0].name: row}) for row in rows]
    for port in graph.outputs:
        want = np.concatenate([np.asarray(row[port.value]) for row in expected])
        np.testing.assert_array_equal(raw.outputs[port.name], want)
        np.testing.assert_array_equal(floats.outputs[port.name], (want.astype(np.float32) - 3) * np.float32(0.125))


def test_random_graphs(tmp_path: Path) -> None:
    needs_tvm()
    assert check_seeds(range(20), ("x86", "x86-vnni"), tmp_path) == {}
