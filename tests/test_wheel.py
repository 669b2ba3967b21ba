"""The built wheel brings its templates, firmware and model: it builds a bundle outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_wheel_stands_by_itself(tmp_path: Path) -> None:
    def python(*arguments: str, path: str = "") -> str:
        environment = {**os.environ, "PYTHONPATH": path}
        answer = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    site = tmp_path / "site"
    python("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT))
    wheel = next(tmp_path.glob("hwcomp-*.whl"))
    python("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel))
    model = site / "hwcomp" / "_data" / "models" / "digits_qdq.onnx"
    python("-m", "hwcomp.cli", "build", str(model), "-o", "out", path=str(site))
    said = python("-m", "hwcomp.cli", "verify", "out", "--on", "host", path=str(site))
    assert "verdict: equal, bit for bit" in said
