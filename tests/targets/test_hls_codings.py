"""Streams of over 8 bits, coded by range, in hls bundles: compiled and run, every stream equals `evaluate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp.targets.hls.target import TARGET
from hwcomp.verify.hls import Flavour, simulate_hls
from tests.resources import program
from tests.targets.coded_graphs import CODED_GRAPHS, longer
from tests.targets.fpga_bundles import rows_of
from tests.targets.hls_bundles import bundle_in, prepared, roomy

QUICK = ("joined", "kept")
CASES = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CODED_GRAPHS]


@pytest.mark.parametrize("name", CASES)
def test_every_stream_is_equal(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program("g++")
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))
    options = roomy(300)
    graph = prepared(CODED_GRAPHS[name](), options)
    bundle = bundle_in(tmp_path / "bundle", graph, options)
    done = simulate_hls(tmp_path / "bundle", bundle.manifest, rows_of(graph, 4), Flavour(flags=("-O0",)))
    assert (done.verdict, done.frames, done.differences) == ("equal", 4, ())


def test_what_no_module_makes_one_width_of_is_refused() -> None:
    assert [problem.code for problem in TARGET.check(longer(), roomy(300))] == ["HWC402"]
