"""Random integer graphs through the mcu target: all intermediates, under sanitizers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.graph import Level
from hwcomp.verify.run import RunOptions, run_bundle
from tests.random_graphs import random_graph
from tests.targets.test_mcu_run import STRICT, compare, emit, rows_of, write


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("seed", range(4))
def test_random_graphs(seed: int, tmp_path: Path) -> None:
    graph, bundle = emit(random_graph(1000 + seed, Level.INTEGER))
    folder = write(bundle, tmp_path / "bundle")
    rows = rows_of(graph, seed)
    joined = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    options = RunOptions(compiler="gcc", flags=STRICT, sanitize=True, raw=True)
    compare(graph, rows, run_bundle(folder, joined, "host", trace=True, options=options))
