"""The asic bundle as text: nothing leans on power-up values, RAMs are listed, ROMs are logic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import parse_manifest
from hwcomp.support.resources import rtl_lib
from hwcomp.targets.asic.options import AsicOptions
from hwcomp.targets.asic.rams import Ram
from hwcomp.targets.asic.target import TARGET
from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.verify.verilator import lint
from tests.resources import package
from tests.targets.asic_bundles import asic_bundle
from tests.targets.fpga_bundles import write_bundle
from tests.targets.mcu_graphs import GRAPHS

FAMILIES = (
    "convolutions",
    "batches",
    "elementwise",
    "layouts",
    "products",
    "states",
    "passing",
    "functions",
)
PLAIN = AsicOptions(interval=4000)
COMMENT = re.compile(r"//[^\n]*")
# An array of words, and a register with a value in its declaration.
ARRAY = re.compile(r"logic\s*(?:signed\s*)?(?:\[[^\]]+\])?\s*(?!signed)\w+\s*\[")
START = re.compile(r"^\s*(?:logic|reg|bit|int)\b[^;()]*=[^=]", re.MULTILINE)


def designs() -> list[tuple[str, WeightMemory]]:
    """The weights of an LSTM cannot be loaded."""
    both = [(family, weights) for family in FAMILIES for weights in WeightMemory]
    return [*both, ("recurrent", WeightMemory.ROM)]


@pytest.mark.parametrize(("family", "weights"), designs())
def test_nothing_has_a_value_at_power_up(family: str, weights: WeightMemory) -> None:
    bundle = asic_bundle(GRAPHS[family](), AsicOptions(interval=4000, weights=weights))[1]
    for source in bundle.manifest.sources:
        text = COMMENT.sub("", bundle.files[source].decode("utf-8"))
        assert not re.search(r"\binitial\b|\$readmem", text), source
        assert not START.search(text), source
    assert not [path for path in bundle.files if path.startswith("mem/") and path != "mem/load.hex"]


@pytest.mark.parametrize("path", sorted(rtl_lib().glob("hwc_*.sv")), ids=lambda path: path.stem)
def test_words_are_in_hwc_ram_and_hwc_rom_alone(path: Path) -> None:
    text = re.sub(r"`ifdef FORMAL.*?`else", "", COMMENT.sub("", path.read_text("utf-8")), flags=re.DOTALL)
    if path.stem in ("hwc_ram", "hwc_rom"):
        return
    assert not re.search(r"\binitial\b|\$readmem", text)
    assert not ARRAY.search(text)


def test_every_user_of_hwc_ram_is_known() -> None:
    """A new one must be counted in hwcomp/targets/asic/rams.py, and then named here."""
    users = {
        path.stem for path in rtl_lib().glob("hwc_*.sv") if re.search(r"^\s*hwc_ram #", path.read_text("utf-8"), re.M)
    }
    loaded = {"hwc_loaded", "hwc_weights", "hwc_mac"}
    layers = {"hwc_log_softmax", "hwc_lstm", "hwc_lstm_unit", "hwc_matmul", "hwc_permute", "hwc_reduce", "hwc_softmax"}
    assert users == {*loaded, *layers, "hwc_fifo", "hwc_replay", "hwc_taps"}


def test_the_same_graph_gives_the_same_bytes() -> None:
    first, second = (asic_bundle(GRAPHS["layouts"](), PLAIN)[1] for _ in range(2))
    assert first.files == second.files


def test_the_manifest_lists_the_macros() -> None:
    bundle = asic_bundle(GRAPHS["convolutions"](), AsicOptions(interval=4000, macro_bits=256))[1]
    manifest = parse_manifest(bundle.files["manifest.json"].decode("utf-8"), "test")
    macros = manifest.extra["macros"]
    assert isinstance(macros, dict)
    assert manifest.target == "asic" and macros["source"] in manifest.sources
    readme = bundle.files["README.md"].decode("utf-8")
    assert macros["shapes"]
    for shape in macros["shapes"]:
        assert shape["width"] * shape["depth"] >= 256 and shape["depth"] >= 16
        assert f"| {shape['width']} | {shape['depth']} | {shape['count']} |" in readme


def test_roms_are_named_as_hwc_rom_knows_them() -> None:
    bundle = asic_bundle(GRAPHS["layouts"](), AsicOptions(interval=4000, weights=WeightMemory.ROM))[1]
    core = bundle.files["rtl/net_core.sv"].decode("utf-8")
    rom = bundle.files["rtl/memory/hwc_rom.sv"].decode("utf-8")
    named = re.findall(r'\.\w+File\("([^"]*)"\)', core)
    assert named and sorted(named) == sorted(re.findall(r'File == "([^"]*)"', rom))


@pytest.mark.parametrize(
    ("width", "depth", "expected"), [(128, 16, True), (127, 16, False), (4096, 15, False), (1, 2048, True)]
)
def test_small_rams_are_registers(width: int, depth: int, expected: bool) -> None:
    assert Ram(width, depth).is_macro(2048) is expected


@pytest.mark.parametrize("option", ["clock-mhz", "max-kgates", "max-multipliers", "macro-bits"])
def test_limits_are_not_zero(option: str) -> None:
    with pytest.raises(HwcompError, match="HWC006"):
        TARGET.parse_options({option: "0"})


def test_a_goal_out_of_reach_is_refused() -> None:
    with pytest.raises(HwcompError, match="HWC42"):
        asic_bundle(GRAPHS["convolutions"](), AsicOptions(interval=4000, max_kgates=1))


@pytest.mark.slow
@pytest.mark.parametrize(("family", "weights"), designs())
def test_verilator_has_no_warning(family: str, weights: WeightMemory, tmp_path: Path) -> None:
    package("verilator")
    bundle = asic_bundle(GRAPHS[family](), AsicOptions(interval=4000, weights=weights, macro_bits=256))[1]
    folder = write_bundle(bundle, tmp_path)
    lint([folder / source for source in bundle.manifest.sources], "net_top")
