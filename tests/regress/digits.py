"""Suites around the bundled digits model, and what runs them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from typer.testing import CliRunner

from hwcomp.cli.app import app

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "models" / "digits_qdq.onnx"
HEAD = f"""
[suite]
name = "digits"
folder = "{MODEL.parent}"
timeout-seconds = 60
[[model]]
name = "digits"
path = "{MODEL.name}"
"""
QUICK = """
[[target]]
name = "mcu"
label = "quick"
option = {vectors = 1}
rungs = ["evaluate"]
"""
COMPILED = """
[[target]]
name = "mcu"
label = "compiled"
option = {vectors = 1}
rungs = ["host"]
"""


def write_suite(folder: Path, *parts: str) -> Path:
    path = folder / "suite.toml"
    path.write_text("".join(parts), encoding="utf-8")
    return path


def compiler(folder: Path, body: str) -> Path:
    """A program to stand for the C compiler: `body` in sh."""
    path = folder / "cc.sh"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def ran(suite: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    """The exit code and the JSON of `hwcomp regress`."""
    answer = CliRunner().invoke(app, ["regress", str(suite), "--json", *arguments])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), repr(answer.exception)
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return answer.exit_code, found


def jobs(report: dict[str, object]) -> dict[str, dict[str, object]]:
    """The jobs of a report by name."""
    found = report["jobs"]
    assert isinstance(found, list)
    return {job["name"]: job for job in found}


def command(suite: Path, *arguments: str) -> list[str]:
    """The command line of a run in a process of its own."""
    return [sys.executable, "-m", "hwcomp.cli", "regress", str(suite), *arguments]


def environment(**variables: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **variables}
