"""Synthesis of an asic bundle for a library of seven cells: areas, macros, timing, and what is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.targets.asic.options import AsicOptions
from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.verify import toolchain
from hwcomp.verify.liberty import read_liberty
from hwcomp.verify.standard_cells import estimate
from tests.resources import package
from tests.targets.asic_bundles import TINY, asic_bundle
from tests.targets.fpga_bundles import bundle_of, write_bundle
from tests.targets.mcu_graphs import GRAPHS

OPTIONS = AsicOptions(interval=4000, macro_bits=64)


def bundle(family: str, folder: Path, options: AsicOptions = OPTIONS) -> Path:
    return write_bundle(asic_bundle(GRAPHS[family](), options)[1], folder / "bundle")


def library(folder: Path, text: str) -> Path:
    path = folder / "cells.lib"
    path.write_text(text, "utf-8")
    return path


def without(cells: str) -> str:
    """The tiny library without the cells whose names match."""
    return re.sub(rf"  cell \((?:{cells})\) \{{.*?\n  \}}\n", "", TINY.read_text("utf-8"), flags=re.DOTALL)


def test_the_library_says_its_gate() -> None:
    tiny = read_liberty(TINY)
    assert (tiny.name, tiny.gate, tiny.gate_um2) == ("tiny", "tiny_nand2", 2.0)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "it has no 'library"),
        ("LIBRARY OF CONGRESS", "it has no 'library"),
        ("library (pads) { cell (io) { area : 9.0; } }", "no flip-flop"),
        (without("tiny_(?!dff).*?"), "no logic"),
        (without("tiny_dffr?"), "no flip-flop"),
        ("library (x) { cell (q) { area : much; ff (a, b) { } } }", "no flip-flop"),
    ],
)
def test_other_files_are_refused(text: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(HwcompError, match=rf"HWC015.*{what}"):
        read_liberty(library(tmp_path, text))


def test_a_library_without_nand_has_no_gate_equivalents(tmp_path: Path) -> None:
    found = read_liberty(library(tmp_path, without("tiny_nand2")))
    assert (found.gate, found.gate_um2) == ("", None)


def test_other_bundles_are_refused(tmp_path: Path) -> None:
    folder = write_bundle(bundle_of(GRAPHS["states"](), FpgaOptions(interval=50)), tmp_path / "fpga")
    with pytest.raises(HwcompError, match="HWC005"):
        estimate(folder, TINY)


def test_a_missing_file_or_package_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bundle("states", tmp_path)
    with pytest.raises(HwcompError, match="HWC001"):
        estimate(folder, tmp_path / "gone.lib")
    monkeypatch.setattr(toolchain, "has_package", lambda name: False)
    with pytest.raises(HwcompError, match="HWC602"):
        estimate(folder, TINY)


def test_a_manifest_with_a_script_in_it_is_refused(tmp_path: Path) -> None:
    package("pyosys")
    folder = bundle("states", tmp_path)
    manifest = folder / "manifest.json"
    text = manifest.read_text("utf-8").replace('"source": "rtl/macros/', '"source": "x.v; exec -- touch rtl/macros/')
    manifest.write_text(text, "utf-8")
    with pytest.raises(HwcompError, match="HWC007"):
        estimate(folder, TINY)


@pytest.mark.slow
def test_cells_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package("pyosys")
    folder = bundle("states", tmp_path)
    monkeypatch.setenv("HWCOMP_STA", "no-such-program")
    found = estimate(folder, TINY, 50)
    assert (found.liberty.name, found.clock_mhz, found.power_mw) == ("tiny", 50, None)
    assert found.gates == found.area_um2 / 2.0 > 1000
    assert sum(row.area_um2 for row in found.rows) == pytest.approx(found.area_um2)
    assert all(row.area_um2 > 0 for row in found.rows if row.module != "hwc_take")
    assert found.timing is not None and found.timing.tool.startswith("abc")


@pytest.mark.slow
@pytest.mark.parametrize("family", ["layouts", "products", "batches", "functions", "recurrent"])
def test_yosys_finds_the_macros_that_the_manifest_lists(family: str, tmp_path: Path) -> None:
    """As it elaborates the sources; `synth` is not needed for that."""
    package("pyosys")
    weights = WeightMemory.ROM if family == "recurrent" else WeightMemory.RAM
    made = asic_bundle(GRAPHS[family](), replace(OPTIONS, weights=weights))[1]
    folder = write_bundle(made, tmp_path)
    listed = made.manifest.extra["macros"]
    assert isinstance(listed, dict)
    shapes = sorted((shape["width"], shape["depth"], shape["count"]) for shape in listed["shapes"])
    assert elaborated(folder, made.manifest.sources) == shapes


def elaborated(folder: Path, sources: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """Width, depth and number of the macros that Yosys instantiates."""
    reads = [f"read_verilog -sv {'-lib' if 'macros' in s else '-defer'} {s}" for s in sources]
    script = [*reads, "hierarchy -check -top net_top", "proc", "flatten", "write_verilog -noattr flat.v"]
    (folder / "flat.ys").write_text("\n".join(script), "utf-8")
    program = 'from pyosys import libyosys\nlibyosys.run_pass("tee -q -o flat.log script flat.ys", libyosys.Design())'
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, capture_output=True, timeout=600)
    text = (folder / "flat.v").read_text("utf-8")
    found = re.findall(r"hwc_ram_1r1w #\(\s*\.Depth\(32'sd(\d+)\),\s*\.Width\(32'sd(\d+)\)", text)
    return sorted((int(width), int(depth), number) for (depth, width), number in Counter(found).items())


@pytest.mark.slow
def test_opensta_times_the_cells(tmp_path: Path) -> None:
    package("pyosys")
    if shutil.which("sta") is None:
        pytest.skip("OpenSTA is not installed")
    found = estimate(bundle("states", tmp_path), TINY)
    assert found.timing is not None and found.timing.tool == "OpenSTA"
    assert 0.2 < found.timing.worst_ns < 50 and "Startpoint" in found.timing.path
    assert found.power_mw is not None and found.power_mw > 0
