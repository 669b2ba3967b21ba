"""Hostile files of both formats are refused in 2 s and 1 GiB, without a traceback, with nothing left on the disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.errors.hostile_files import ONNX_FILES, TFLITE_FILES, Make
from tests.errors.sandbox import MEMORY_BYTES

ROOT = Path(__file__).resolve().parent.parent.parent
CPU_SECONDS = 2.0
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 8])
@pytest.mark.parametrize(("suffix", "made"), [("onnx", ONNX_FILES), ("tflite", TFLITE_FILES)], ids=["onnx", "tflite"])
def test_each_is_refused_in_little_time_and_memory(
    suffix: str, made: dict[str, Make], every: int, tmp_path: Path
) -> None:
    files = dict(list(made.items())[::every])
    jobs, before = [], []
    for number, make in enumerate(files.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / f"net.{suffix}").write_bytes(make(folder))
        jobs.append({"folder": str(folder), "arguments": ["build", f"net.{suffix}", "-o", "out"]})
        before.append(sorted(path.name for path in folder.iterdir()))
    done = subprocess.run(
        [sys.executable, "-m", "tests.errors.sandbox"],
        cwd=ROOT, env={**os.environ, **THREADS}, input=json.dumps(jobs), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = dict(zip(files, json.loads(done.stdout), strict=True))
    assert {name: (a["exit"], a["said"]) for name, a in answers.items() if a["exit"] != 1} == {}
    for name, answer in answers.items():
        assert "[HWC" in answer["said"] and "Traceback" not in answer["said"], f"{name}: {answer['said']}"
        assert answer["cpu_seconds"] < CPU_SECONDS, f"{name}: {answer['cpu_seconds']} s"
        assert answer["rss_bytes"] < MEMORY_BYTES, f"{name}: {answer['rss_bytes']:,} bytes"
    assert [sorted(p.name for p in (tmp_path / str(n)).iterdir()) for n in range(len(files))] == before
