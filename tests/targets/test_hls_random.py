"""Random graphs through the hls target; `python -m tests.targets.hls_random` runs more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.resources import program
from tests.targets.hls_random import check_seed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_graphs(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program("g++")
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))
    assert check_seed(seed) == ""
