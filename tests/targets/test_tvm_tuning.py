"""Rebuilding and replaying: the same bytes from the same texts, the same module from each trace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hwcomp.ir.graph import Graph
from hwcomp.targets.tvm.target import TARGET
from tests.resources import program
from tests.targets.mcu_graphs import GRAPHS, Maker
from tests.targets.tvm_bundles import INFO, needs_tvm, problem_of, run_all, written

pytestmark = pytest.mark.slow
MADE = ("lib", "schedules", "tuned", "scheduled.tvmscript.py")


def made(folder: Path) -> dict[str, bytes]:
    """What build.py writes."""
    found: dict[str, bytes] = {}
    for name in MADE:
        place = folder / name
        paths = [place] if place.is_file() else sorted(place.glob("*"))
        found |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return found


def emitted(graph: Graph, folder: Path, **options: str) -> Path:
    given = {"tvm-target": "x86"} | options
    return written(TARGET.emit(graph, TARGET.parse_options(given), INFO).files, folder)


def dense_graph() -> Graph:
    m = Maker("dense")
    x = m.requant(m.op_dense(m.input("x", (16, 64)), 64), divide=500, channels=64)
    return m.finish(y=x)


def test_a_rebuild_gives_the_same_files(tmp_path: Path) -> None:
    """By build.py alone: nothing of hwcomp, another folder, another process."""
    needs_tvm()
    program("cc")
    folder = emitted(GRAPHS["products"](), tmp_path / "first")
    before = made(folder)
    assert {path.split("/")[0] for path in before} == {"lib", "schedules", "scheduled.tvmscript.py"}
    files = (path for path in folder.rglob("*") if path.is_file())
    second = written({path.relative_to(folder).as_posix(): path.read_bytes() for path in files}, tmp_path / "second")
    for path in before:
        (second / path).unlink()
    subprocess.run([sys.executable, "-I", "build.py"], cwd=second, check=True)
    after = made(second)
    assert after.keys() == before.keys()
    assert [path for path in before if before[path] != after[path]] == []


REPLAY = """
import json, sys
sys.path.insert(0, ".")
import tvm_ffi
import bundle_module as bundle
import intrinsics
intrinsics.register()
text = bundle.read("scheduled.tvmscript.py").functions
for variable, function in text.items():
    name = variable.name_hint
    trace = json.loads((bundle.HERE / "schedules" / f"{name}.json").read_text())
    replayed = bundle.replayed(trace, bundle.kernels()[name]).mod["main"].with_attr("global_symbol", name)
    assert tvm_ffi.structural_equal(replayed, function), name
print(len(text))
"""


def test_traces_replay_and_the_scheduled_text_is_the_module(tmp_path: Path) -> None:
    needs_tvm()
    folder = emitted(GRAPHS["convolutions"](), tmp_path / "bundle")
    done = subprocess.run([sys.executable, "-c", REPLAY], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(list((folder / "schedules").glob("*.json"))) > 3


def test_an_edited_schedule_counts(tmp_path: Path) -> None:
    needs_tvm()
    folder = emitted(dense_graph(), tmp_path / "bundle", schedule="portable")
    (name,) = (path.stem for path in (folder / "schedules").glob("*.json"))
    before = made(folder)
    edited = 'def edited(sch):\n    sch.unroll(sch.get_loops(sch.get_sblock("acc"))[0])\n'
    text = f'{edited}\n\nSCHEDULES = {{"{name}": edited}}\n'
    (folder / "schedules.py").write_text(text)
    assert run_all("build.py", [folder]) == {}
    after = made(folder)
    assert "T.unroll(" in after["scheduled.tvmscript.py"].decode()
    assert after["lib/net_kernels.o"] != before["lib/net_kernels.o"]
    assert problem_of(folder) == ""
