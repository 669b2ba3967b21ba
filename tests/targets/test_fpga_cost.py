"""Estimates against what Yosys made: of recorded modules, of recorded designs, and of a design synthesised here."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp import driver
from hwcomp.ir.types import S8
from hwcomp.support import resources
from hwcomp.targets.dataflow.estimate.calibration import PastModule, accuracy_note, past_designs, past_modules, spreads
from hwcomp.targets.dataflow.estimate.cost import Family, Resources, cost_of, edges_cost, network_cost, top_cost
from hwcomp.targets.dataflow.estimate.memories import Place, blocks, place_of_ram, place_of_rom
from hwcomp.targets.dataflow.network import Edge, Instance, Network, Stream

EMPTY = Network("net", {}, (), (), ())
NAMES = ("lut", "ff", "dsp", "bram")


def estimated(past: PastModule) -> Resources:
    return cost_of(Instance(past.module, "u_alone", past.parameters, (), past.memories), EMPTY, past.family)


@pytest.mark.parametrize("past", past_modules(), ids=lambda p: f"{p.family.value}-{p.module}")
def test_estimates_are_those_that_were_recorded(past: PastModule) -> None:
    assert estimated(past) == past.estimate


@pytest.mark.parametrize("past", past_modules(), ids=lambda p: f"{p.family.value}-{p.module}")
def test_multipliers_and_blocks_are_exact(past: PastModule) -> None:
    assert (past.estimate.dsp, past.estimate.bram) == (past.real.dsp, past.real.bram)


def test_recorded_modules_are_within_15_percent_together() -> None:
    for family in {past.family for past in past_modules()}:
        own = [past for past in past_modules() if past.family is family]
        for name in ("lut", "ff"):
            estimate, real = (sum(r.of(name) for r in rs) for rs in ([p.estimate for p in own], [p.real for p in own]))
            assert abs(estimate - real) <= 0.15 * real, (family, name, estimate, real)


def test_spreads_are_those_of_the_recorded_designs() -> None:
    own = [d for d in past_designs() if d.family is Family.ECP5]
    assert own
    luts = next(s for s in spreads(Family.ECP5) if s.what == "LUTs")
    errors = [d.estimate.lut / d.real.lut - 1 for d in own]
    assert luts.designs == len(own)
    assert abs(luts.least - min(errors)) < 1e-9
    assert abs(luts.most - max(errors)) < 1e-9
    assert f"of {len(own)} designs" in accuracy_note(Family.ECP5)


def test_a_resource_that_no_design_has_says_nothing() -> None:
    for spread in spreads(Family.ECP5):
        assert spread.designs > 0


def test_the_top_has_edges_and_registers_beside_the_network() -> None:
    streams = {"x": Stream("x", 2, S8, 32), "y": Stream("y", 1, S8, 10)}
    register = Instance("hwc_stream_reg", "u", {"Width": 16}, ())
    network = Network("net", streams, (register,), (Edge("x", "x"),), (Edge("y", "y"),))
    assert top_cost(network) == network_cost(network) + edges_cost(network)
    assert edges_cost(network).ff > 400  # the counters of hwc_axil


@pytest.mark.parametrize(
    ("family", "width", "depth", "place"),
    [
        (Family.ECP5, 24, 64, Place.LUTS), (Family.ECP5, 24, 96, Place.BLOCK), (Family.ECP5, 8, 256, Place.LUTS),
        (Family.ECP5, 8, 512, Place.BLOCK), (Family.ECP5, 100, 40, Place.LUTS), (Family.ECP5, 100, 64, Place.BLOCK),
        (Family.XC7, 8, 1024, Place.LUTS), (Family.XC7, 36, 512, Place.BLOCK),
    ],
)  # fmt: skip
def test_a_rom_is_where_yosys_puts_it(family: Family, width: int, depth: int, place: Place) -> None:
    assert place_of_rom(width, depth, "auto", family) is place


@pytest.mark.parametrize(
    ("family", "width", "depth", "place"),
    [
        (Family.ECP5, 8, 128, Place.LUTS), (Family.ECP5, 8, 256, Place.BLOCK), (Family.ECP5, 24, 40, Place.LUTS),
        (Family.ECP5, 24, 64, Place.BLOCK), (Family.ECP5, 100, 32, Place.LUTS), (Family.ECP5, 100, 40, Place.BLOCK),
        (Family.XC7, 8, 256, Place.LUTS), (Family.XC7, 8, 512, Place.BLOCK), (Family.XC7, 72, 64, Place.LUTS),
        (Family.XC7, 72, 128, Place.BLOCK),
    ],
)  # fmt: skip
def test_a_ram_is_where_yosys_puts_it(family: Family, width: int, depth: int, place: Place) -> None:
    assert place_of_ram(width, depth, family) is place


def test_blocks_are_the_fewest() -> None:
    assert [blocks(100, 512), blocks(100, 1024), blocks(8, 2048), blocks(1, 16384)] == [3, 6, 1, 1]


@pytest.mark.slow
def test_digits_are_within_15_percent_of_yosys(tmp_path: Path) -> None:
    pytest.importorskip("pyosys")
    from bench.fpga_cells import bundle_cells

    options = driver.BuildOptions(target_options={"interval": "16384"})
    made = driver.build(resources.models() / "digits_qdq.onnx", "fpga", tmp_path / "digits", options)
    estimate = made.manifest.extra["estimate"]
    assert isinstance(estimate, dict)
    real = bundle_cells(tmp_path / "digits", Family.ECP5)
    for name in NAMES:
        assert abs(int(estimate[name]) - real.of(name)) <= 0.15 * real.of(name), (name, estimate, real)
