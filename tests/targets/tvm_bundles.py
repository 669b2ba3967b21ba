"""Bundles of the tvm target, many of them compiled by one process: TVM takes seconds to import."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hwcomp.ir.graph import Graph
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Manifest
from hwcomp.targets.base import EmitInfo
from hwcomp.targets.tvm.compile import check_installed
from hwcomp.targets.tvm.emit import render_bundle
from hwcomp.targets.tvm.target import TARGET
from hwcomp.verify.ladder import verify_bundle
from tests.resources import ROOT, missing

INFO = EmitInfo("net.onnx", "0" * 64, "hwcomp build net.onnx --target tvm", "onnx", "listed", "0.1.0")
_SECONDS = 3600


def needs_tvm() -> None:
    """Skip the test (fail it in CI) where the pinned TVM is missing."""
    try:
        check_installed()
    except HwcompError as error:
        missing("TVM", error.problems[0].fix)


def rendered(graph: Graph, **options: str) -> tuple[Mapping[str, bytes], Manifest]:
    """The texts of a bundle; no TVM is asked."""
    given = {"tvm-target": "x86"} | {key.replace("_", "-"): value for key, value in options.items()}
    parsed = TARGET.parse_options(given)
    prepared = TARGET.prepare(graph, parsed)
    assert TARGET.check(prepared, parsed) == []
    return render_bundle(prepared, parsed, INFO)


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def run_all(script: str, folders: Sequence[Path]) -> dict[str, str]:
    """Run the script, such as build.py, of every bundle; what each that failed said, by its folder."""
    needs_tvm()
    command = [sys.executable, "-B", str(ROOT / "tests" / "targets" / "tvm_worker.py"), script, *map(str, folders)]
    environment = os.environ | {"TVM_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    failed: dict[str, str] = {}
    for folder in folders:
        said = (folder / f"{script}.log").read_text("utf-8", "replace")
        if not said.endswith("ended 0\n"):
            failed[folder.name] = said[-2000:]
    return failed


def problem_of(folder: Path) -> str:
    """The first difference from `evaluate` of a compiled bundle, "" where every value of every row is equal."""
    result = verify_bundle(folder, ["tvm"])[0]
    return "" if result.verdict == "equal" else f"{result.verdict}: {result.reason} {result.mismatch}"
