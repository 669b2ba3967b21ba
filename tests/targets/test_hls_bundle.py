"""What an hls bundle has: the design in C++, the library, a bench, scripts; and what it says of itself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.support.resources import templates
from hwcomp.targets.base import Bundle
from hwcomp.targets.dataflow.modules.spec import pack_fields
from hwcomp.targets.hls import problems
from hwcomp.targets.hls.functions import FUNCTIONS
from hwcomp.targets.hls.options import HlsOptions
from hwcomp.targets.hls.target import TARGET
from tests.targets.hls_bundles import INFO, bundle_in, prepared, roomy, text
from tests.targets.mcu_graphs import GRAPHS

LIBRARY = sorted((templates() / "hls" / "include" / "hwc").glob("*.hpp"))


@pytest.fixture(scope="module")
def convolutions(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    options = roomy(4000)
    return bundle_in(tmp_path_factory.mktemp("bundle"), prepared(GRAPHS["convolutions"](), options), options)


def test_the_same_input_gives_the_same_bytes(convolutions: Bundle) -> None:
    options = roomy(4000)
    again = TARGET.emit(prepared(GRAPHS["convolutions"](), options), options, INFO)
    assert again.files == convolutions.files


def test_a_bundle_stands_by_itself(convolutions: Bundle) -> None:
    paths = set(convolutions.files)
    assert {f"include/hwc/{path.name}" for path in LIBRARY} <= paths
    assert {
        "src/net.cpp",
        "src/net.hpp",
        "src/net_design.hpp",
        "tb/net_tb.cpp",
        "tb/bench.hpp",
        "tb/vectors/in0.hex",
    } <= paths
    assert {"scripts/vitis_hls.tcl", "scripts/catapult.tcl", "Makefile", "README.md", "check_certificates.py"} <= paths
    assert not [path for path in paths if path.endswith((".sv", ".v"))]
    for source in convolutions.manifest.sources:
        assert source in paths


def test_it_says_that_synthesis_was_not_run(convolutions: Bundle) -> None:
    assert "Synthesis was not run" in text(convolutions, "README.md")


def test_each_module_is_one_call(convolutions: Bundle) -> None:
    calls = re.findall(r"^  hwc::(\w+)<net_design::(\w+)>\(", text(convolutions, "src/net.cpp"), re.MULTILINE)
    names = [function for function, _ in calls]
    assert names.count("mvu") == 4 and names.count("dwu") == 1 and names.count("window") == 3
    assert len({config for _, config in calls}) == len(calls)
    structs = re.findall(r"^struct (\w+) \{", text(convolutions, "src/net_design.hpp"), re.MULTILINE)
    assert {config for _, config in calls} <= set(structs)


def test_depths_are_in_the_text(convolutions: Bundle) -> None:
    source = text(convolutions, "src/net.cpp")
    channels = re.findall(r"HWC_CHANNEL hwc::stream<.*> (\w+);", source)
    depths = dict(re.findall(r"HWC_VITIS\(HLS stream variable = (\w+) depth = (\d+)\)", source))
    assert channels and set(channels) == set(depths)
    assert all(int(depth) >= 2 for depth in depths.values())


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.name)
def test_the_library_has_no_floats_and_divides_no_variable(path: Path) -> None:
    code = re.sub(r"//[^\n]*|\"[^\"\n]*\"|#\w+[^\n]*", "", path.read_text("utf-8"))
    assert not re.search(r"\b(float|double)\b", code)
    # Parameters are divided when it is compiled.
    for line in code.splitlines():
        for divisor in re.findall(r"[^/*]/\s*\(*([A-Za-z_:]+|\d+)", line):
            assert divisor.startswith("C::") or divisor in ("beats", "Bits", "groups", "8", "2"), line
        assert "%" not in line, line


def test_no_bundle_divides(convolutions: Bundle) -> None:
    for path in ("src/net.cpp", "src/net_design.hpp"):
        code = re.sub(r"//[^\n]*|#include[^\n]*", "", text(convolutions, path))
        assert not re.search(r"[/%]|\b(float|double)\b|\d\.\d", code)


def test_options_are_those_of_the_network() -> None:
    options = TARGET.parse_options({"fps": "10", "weights": "ram", "name": "top", "max-lut": "5000"})
    assert (options.fps, options.name, options.max_lut) == (10, "top", 5000)
    assert HlsOptions().board.value == "zynq7020"
    with pytest.raises(HwcompError, match="HWC006"):
        TARGET.parse_options({"lanes": "2"})


def test_a_module_without_a_function_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name: function for name, function in FUNCTIONS.items() if name != "hwc_softmax"}
    monkeypatch.setattr(problems, "FUNCTIONS", known)
    options = roomy(4000)
    found = TARGET.check(TARGET.prepare(GRAPHS["products"](), options), options)
    assert [problem.code for problem in found] == ["HWC106"]
    assert "target 'hls' has no function for Softmax (hwc_softmax)" in found[0].what


def test_every_module_of_the_families_has_a_function() -> None:
    options = roomy(4000)
    for family in GRAPHS:
        assert TARGET.check(TARGET.prepare(GRAPHS[family](), options), options) == [], family


def test_packed_parameters_come_apart() -> None:
    from hwcomp.targets.hls.functions import _unpacked

    assert _unpacked(pack_fields((3, 0, 70000)), 3) == [3, 0, 70000]


def test_a_name_that_is_no_identifier_is_refused() -> None:
    options = replace(roomy(4000), name="hwc_mine")
    with pytest.raises(HwcompError, match="HWC006"):
        TARGET.emit(prepared(GRAPHS["passing"](), options), options, INFO)
