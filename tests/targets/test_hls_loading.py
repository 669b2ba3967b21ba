"""`weights=ram`: one function, and the models of its shape loaded into it over AXI4-Stream."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.verify.hls import Flavour, simulate_hls
from tests.resources import program
from tests.targets.fpga_bundles import rows_of
from tests.targets.hls_bundles import bundle_in, prepared, roomy, text
from tests.targets.mcu_graphs import GRAPHS
from tests.targets.test_fpga_loading import retrained

OPTIONS = replace(roomy(4000), weights=WeightMemory.RAM)
QUICK = Flavour(flags=("-O0",))


def design(source: str) -> list[str]:
    """The code without the comments that name the model."""
    return [line for line in source.splitlines() if not line.startswith("//")]


@pytest.mark.slow
@pytest.mark.parametrize("family", ["convolutions", "products"])
def test_another_model_of_the_shape_is_loaded(family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program("g++")
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))
    graph = GRAPHS[family]()
    first, second = (prepared(made, OPTIONS) for made in (graph, retrained(graph)))
    one, two = (bundle_in(tmp_path / name, made, OPTIONS) for name, made in (("one", first), ("two", second)))
    assert design(text(one, "src/net.cpp")) == design(text(two, "src/net.cpp"))
    assert "sw/net_weights.h" not in one.files
    own = simulate_hls(tmp_path / "one", one.manifest, rows_of(first, 2), QUICK)
    assert own.verdict == "equal"
    loaded = simulate_hls(
        tmp_path / "one", one.manifest, rows_of(second, 2), QUICK, load=tmp_path / "two" / "mem" / "load.hex"
    )
    assert (loaded.verdict, loaded.differences) == ("equal", ())
    without = simulate_hls(tmp_path / "one", one.manifest, rows_of(second, 2), QUICK)
    assert without.verdict == "different"


@pytest.mark.slow
def test_another_shape_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program("g++")
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))
    graph = prepared(GRAPHS["products"](), OPTIONS)
    bundle = bundle_in(tmp_path / "bundle", graph, OPTIONS)
    image = tmp_path / "other.hex"
    lines = text(bundle, "mem/load.hex").splitlines()
    shape = next(i for i, line in enumerate(lines) if line.startswith("38 "))
    lines[shape] = "38 00000001"
    image.write_text("\n".join(lines) + "\n", "ascii")
    try:
        done = simulate_hls(tmp_path / "bundle", bundle.manifest, rows_of(graph, 1), QUICK, load=image)
    except HwcompError as error:
        pytest.fail(f"it should say so: {error}")
    assert done.verdict == "refused"
