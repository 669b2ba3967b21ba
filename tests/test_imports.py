"""Imports point down only, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("numpy", "onnx", "tflite", "jinja2", "ortools", "torch", "tvm", "unicorn", "onnxruntime")


def test_layers_hold() -> None:
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["--version"], ["explain", "HWC101"]])
def test_small_commands_load_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys; sys.argv[0] = 'hwcomp'\n"
        "from hwcomp.cli.app import main\n"
        "try: main()\n"
        "except SystemExit as stop: assert not stop.code, stop.code\n"
        f"print('loaded:', sorted(set({HEAVY}) & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.stdout.splitlines()[-1:] == ["loaded: []"], answer.stdout + answer.stderr
