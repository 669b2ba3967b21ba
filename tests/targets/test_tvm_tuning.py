"""Rebuilding, replaying, tuning: the same bytes from the same texts, the same module from each trace."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Conv2d
from hwcomp.ir.types import U8
from hwcomp.support.errors import HwcompError
from hwcomp.targets.tvm.compile import tuned_files
from hwcomp.targets.tvm.target import TARGET
from tests.resources import program
from tests.targets.mcu_graphs import GRAPHS, Maker
from tests.targets.tvm_bundles import INFO, needs_tvm, problem_of, rendered, run_all, written

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


def conv_graph() -> Graph:
    m = Maker("conv")
    x = m.op(Conv2d, m.input("x", (1, 14, 14, 32), U8), *m.weights((32, 3, 3, 32)), padding=(1, 1, 1, 1), pad_value=0)
    return m.finish(y=m.requant(x, divide=3000, channels=32))


def test_a_search_keeps_what_replays_without_it(tmp_path: Path) -> None:
    """MetaSchedule over the tiles: what stays is faster, equal, and the next build takes it by `replay`."""
    needs_tvm()
    program("cc")
    slow = rendered(conv_graph(), tvm_target="x86-vnni")[0]
    edited = re.sub(rb"split\(x, \[None, \d+\]\)", b"split(x, [None, 1])", slow["schedules.py"])
    assert edited != slow["schedules.py"]
    found = tuned_files({**slow, "schedules.py": edited}, 2, "net.onnx")
    assert len(found) == 1
    record = json.loads(next(iter(found.values())))
    assert record["seconds"] < record["seconds_by_hand"]
    given = written(found, tmp_path / "traces")
    folder = emitted(conv_graph(), tmp_path / "bundle", **{"tvm-target": "x86-vnni", "replay": str(given)})
    assert problem_of(folder) == ""
    assert [path.name for path in (folder / "tuned").iterdir()] == [path.split("/")[1] for path in found]


def test_a_build_that_tunes(tmp_path: Path) -> None:
    needs_tvm()
    program("cc")
    folder = emitted(conv_graph(), tmp_path / "bundle", **{"tvm-target": "x86-vnni", "tune": "1"})
    assert problem_of(folder) == ""


def test_a_crash_is_an_error_and_leaves_nothing() -> None:
    needs_tvm()
    files = dict(rendered(conv_graph())[0])
    files["tune.py"] = (
        b"import os, pathlib, signal\npathlib.Path('tuned').mkdir()\n"
        b"pathlib.Path('tuned/a.json').write_text('{')\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    with pytest.raises(HwcompError, match="HWC502") as caught:
        tuned_files(files, 1, "net.onnx")
    assert "tune.py stopped (-11)" in caught.value.what


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tvm_target": "cortex-m4", "tune": "5"}, "cannot be timed here"),
        ({"tvm_target": "c", "tune": "5"}, "cannot be timed here"),
        ({"tvm_target": "cuda", "tune": "5"}, "cannot be timed here"),
        ({"tvm_target": "x86", "tune": "5", "replay": "traces"}, "would be lost"),
    ],
)
def test_what_cannot_be_tuned(options: dict[str, str], said: str) -> None:
    with pytest.raises(HwcompError, match="HWC006") as caught:
        rendered(conv_graph(), **options)
    assert said in caught.value.what
