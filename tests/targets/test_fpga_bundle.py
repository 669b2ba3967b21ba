"""The fpga bundle as text: complete, deterministic, consistent with its manifest."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from hwcomp.ir.ops.layout import Transpose
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import parse_manifest
from hwcomp.targets.dataflow.modules.control import Register
from hwcomp.targets.dataflow.ops import LOWERINGS
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from tests.targets.fpga_bundles import bundle_of
from tests.targets.mcu_graphs import GRAPHS

OPTIONS = FpgaOptions(interval=4000)
BUNDLE = bundle_of(GRAPHS["convolutions"](), OPTIONS)


def text(path: str) -> str:
    return BUNDLE.files[path].decode("utf-8")


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert bundle_of(GRAPHS["convolutions"](), OPTIONS).files == BUNDLE.files


def test_all_files_are_there() -> None:
    files = set(BUNDLE.files)
    wanted = (
        "README.md",
        "Makefile",
        "net.core",
        "rtl/net_core.sv",
        "rtl/net_top.sv",
        "tb/tb_net.sv",
        "tb/test_net.py",
    )
    packaged = ("constraints/net.lpf", "constraints/net.xdc", "scripts/vivado.tcl", "ip/component.xml", "sw/net.h")
    assert files >= {*wanted, *packaged, "graph.hwc", "manifest.json", "certificates.json.gz", "vectors/vectors.npz"}
    assert set(BUNDLE.manifest.sources) <= files


def test_the_manifest_reads_back() -> None:
    manifest = parse_manifest(text("manifest.json"), "test")
    assert manifest.target == "fpga"
    assert manifest.extra["interval_cycles"] == BUNDLE.manifest.extra["interval_cycles"] <= 4000


def test_every_memory_is_named_once_and_exists() -> None:
    named = re.findall(r'"(mem/[^"]+\.hex)"', text("rtl/net_core.sv"))
    assert sorted(named) == sorted(path for path in BUNDLE.files if path.startswith("mem/"))


def test_only_modules_that_are_used_are_copied() -> None:
    core, top = text("rtl/net_core.sv"), text("rtl/net_top.sv")
    library = {path for path in BUNDLE.files if path.startswith("rtl/lib/")}
    assert "rtl/lib/hwc_softmax.sv" not in library
    for module in set(re.findall(r"^  (hwc_\w+) #\(", core + top, re.MULTILINE)):
        assert f"rtl/lib/{module}.sv" in library


def test_connections_and_parameters_are_named() -> None:
    """Between an instance's brackets stand lines of `.name(value)` alone."""
    inside = False
    for line in text("rtl/net_core.sv").splitlines():
        if re.match(r"  (hwc_\w+ #\(|\) u_\w+ \()$", line):
            inside = True
        elif line == "  );":
            inside = False
        elif inside:
            assert re.fullmatch(r"    \.\w+\(.+\),?", line), line


def test_the_component_is_xml() -> None:
    root = ElementTree.fromstring(text("ip/component.xml"))
    assert root.tag.endswith("component")
    spirit = {"x": root.tag.removeprefix("{").split("}")[0]}
    at = {
        r.findtext("x:name", "", spirit): r.findtext("x:addressOffset", "", spirit)
        for r in root.iterfind(".//x:register", spirit)
    }
    assert at == {register.name: f"'h{register.value:02x}" for register in Register}
    (lite,) = (b for b in root.iterfind(".//x:busInterface", spirit) if b.findtext("x:name", "", spirit) == "s_axi")
    reference = lite.find(".//x:memoryMapRef", spirit)
    assert reference is not None
    assert reference.attrib["memoryMapRef"] == root.findtext("x:memoryMaps/x:memoryMap/x:name", "", spirit)


def test_an_operator_without_module_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(LOWERINGS, Transpose)
    problems = TARGET.check(TARGET.prepare(GRAPHS["layouts"](), OPTIONS), OPTIONS)
    assert {problem.code for problem in problems} == {"HWC106"}
    assert all("Transpose" in problem.what for problem in problems)


@pytest.mark.parametrize("name", ["module", "hwc_x", "a__b", "9x"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(HwcompError, match="HWC006"):
        bundle_of(GRAPHS["states"](), FpgaOptions(name=name))
