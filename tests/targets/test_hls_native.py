"""The C++ of hls bundles compiled and run: every stream equals `evaluate`; wrong constants and widths are found."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.support.resources import templates
from hwcomp.targets.dataflow.choice import MultStyle
from hwcomp.targets.hls.options import HlsOptions
from hwcomp.verify.hls import FLAVOURS, Flavour, hls_headers, simulate_hls
from hwcomp.verify.ladder import verify_bundle
from hwcomp.verify.run import RunOptions, run_bundle
from tests.resources import missing, program
from tests.targets.fpga_bundles import rows_of
from tests.targets.hls_bundles import bundle_in, prepared, roomy, text
from tests.targets.mcu_graphs import GRAPHS
from tests.targets.test_fpga_adders import GRAPHS_OF as ADDER_GRAPHS
from tests.targets.test_fpga_adders import only

QUICK = Flavour(flags=("-O0",))
# Each family with a slow and a fast folding, in clocks.
FAMILIES = {
    "convolutions": (4000, 600),
    "batches": (3000, 300),
    "elementwise": (500, 72),
    "layouts": (2000, 616),
    "products": (3000, 700),
    "states": (50, 14),
    "recurrent": (4000, 1500),
    "passing": (50, 6),
    "functions": (2000, 1100),
}
CASES = [(family, interval) for family, intervals in FAMILIES.items() for interval in intervals]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program("g++")
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


def headers(kind: str) -> None:
    """The test goes on only with the vendors' headers."""
    try:
        hls_headers(kind)
    except HwcompError as error:
        missing(f"ap_int or ac_int ({kind})", error.problems[0].fix)


def test_states_are_kept_and_every_stream_is_equal(tmp_path: Path) -> None:
    options = roomy(50)
    graph = prepared(GRAPHS["states"](), options)
    bundle = bundle_in(tmp_path / "bundle", graph, options)
    done = simulate_hls(tmp_path / "bundle", bundle.manifest, rows_of(graph, 4), QUICK)
    assert (done.verdict, done.frames, done.differences) == ("equal", 4, ())


@pytest.mark.slow
@pytest.mark.parametrize(("family", "interval"), CASES)
def test_every_stream_is_equal(family: str, interval: int, tmp_path: Path) -> None:
    options = roomy(interval)
    graph = prepared(GRAPHS[family](), options)
    bundle = bundle_in(tmp_path / "bundle", graph, options)
    done = simulate_hls(tmp_path / "bundle", bundle.manifest, rows_of(graph, 4), Flavour(flags=("-O1",)))
    assert (done.verdict, done.differences) == ("equal", ())


@pytest.mark.parametrize(
    ("name", "flavour"),
    [
        ("ternary", QUICK),
        pytest.param("int8", FLAVOURS["hls"], marks=pytest.mark.slow),
        *(pytest.param("ternary", FLAVOURS[name], marks=pytest.mark.slow) for name in FLAVOURS if name != "hls"),
    ],
)
def test_every_stream_of_adder_graphs_is_equal(
    name: str, flavour: Flavour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Convolutions with borders, strides and groups, dense layers: all as sums."""
    if flavour.headers:
        headers(flavour.headers)
    only(MultStyle.ADDERS, monkeypatch)
    options = HlsOptions(max_lut=10**6, max_dsp=10**4, max_bram=10**4)
    graph = prepared(ADDER_GRAPHS[name](), options)
    bundle = bundle_in(tmp_path / "bundle", graph, options)
    assert text(bundle, "src/net_design.hpp").count("struct sums_") >= 4
    done = simulate_hls(tmp_path / "bundle", bundle.manifest, rows_of(graph, 4), flavour)
    assert (done.verdict, done.differences) == ("equal", ())


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", [name for name in FLAVOURS if name != "hls"])
def test_every_flavour_is_equal(family: str, name: str, tmp_path: Path) -> None:
    if name == "hls-clang":
        program("clang++")
    if FLAVOURS[name].headers:
        headers(FLAVOURS[name].headers)
    options = roomy(FAMILIES[family][0])
    graph = prepared(GRAPHS[family](), options)
    bundle = bundle_in(tmp_path / "bundle", graph, options)
    done = simulate_hls(tmp_path / "bundle", bundle.manifest, rows_of(graph, 2), FLAVOURS[name])
    assert (done.verdict, done.differences) == ("equal", ())


@pytest.mark.slow
def test_a_wrong_weight_is_found_where_it_is(tmp_path: Path) -> None:
    options = roomy(4000)
    graph = prepared(GRAPHS["convolutions"](), options)
    bundle = bundle_in(tmp_path / "bundle", graph, options)
    header = tmp_path / "bundle" / "src" / "net_design.hpp"
    lines = header.read_text("utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if "conv2d_3_weights[" in line) + 1
    weight = re.search(r"-?\d+", lines[at])
    assert weight is not None
    lines[at] = f"{lines[at][: weight.start()]}{int(weight[0]) // 2 + 7}{lines[at][weight.end() :]}"
    header.write_text("\n".join(lines) + "\n", "utf-8")
    done = simulate_hls(tmp_path / "bundle", bundle.manifest, rows_of(graph, 1), QUICK)
    assert done.verdict == "different"
    assert done.differences[0].stream.value == "/conv2d_3"
    results = verify_bundle(tmp_path / "bundle", ["hls"])
    assert results[0].verdict == "mismatch" and results[0].mismatch is not None
    assert results[0].mismatch.value == "/conv2d_3"


@pytest.mark.slow
def test_a_bundle_runs_on_arrays(tmp_path: Path) -> None:
    options = roomy(4000)
    graph = prepared(GRAPHS["convolutions"](), options)
    bundle_in(tmp_path / "bundle", graph, options)
    rows = rows_of(graph, 3)
    images = np.concatenate([row["image"] for row in rows])
    found = run_bundle(tmp_path / "bundle", {"image": images}, "hls", options=RunOptions(raw=True, flags=("-O0",)))
    for port in graph.outputs:
        wanted = np.concatenate([row[port.value] for row in rows])
        np.testing.assert_array_equal(found.outputs[port.name], wanted)
    with pytest.raises(HwcompError, match="use 'hls'"):
        run_bundle(tmp_path / "bundle", {"image": images}, "host")


def compiled(tmp_path: Path, body: str) -> subprocess.CompletedProcess[str]:
    source = tmp_path / "main.cpp"
    source.write_text(f'#include "hwc/hwc.hpp"\nint main() {{\n{body}\n}}\n', "utf-8")
    include = f"-I{templates() / 'hls' / 'include'}"
    subprocess.run(["g++", "-std=c++14", include, "-o", tmp_path / "main", source], check=True)
    return subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("body", "bits"),
    [
        ("hwc::sint<4> a = 7; hwc::sint<4> b = a + hwc::sint<2>(1); (void)b;", 4),
        ("hwc::uint<4> a = 3; hwc::uint<4> b = a - hwc::uint<4>(5); (void)b;", 4),
        ("hwc::sint<70> a = hwc::sint<40>(1LL << 38) * hwc::sint<40>(2); hwc::sint<40> b = a; (void)b;", 40),
        ("hwc::sint<8> a = 64; a = a << 1;", 8),
    ],
)
def test_a_value_that_leaves_its_width_stops_the_program(body: str, bits: int, tmp_path: Path) -> None:
    done = compiled(tmp_path, body)
    assert done.returncode != 0
    assert f"a value does not fit its width ({bits})" in done.stderr


def test_widths_are_those_of_the_vendors_types(tmp_path: Path) -> None:
    body = """
    const hwc::sint<7> a = -64; const hwc::uint<7> b = 127; const hwc::uint<3> c = 7;
    static_assert(hwc::traits<decltype(a * b)>::width == 14, "product");
    static_assert(hwc::traits<decltype(a + b)>::width == 9, "mixed sum");
    static_assert(hwc::traits<decltype(b + c)>::width == 8 && !hwc::traits<decltype(b + c)>::sign, "unsigned sum");
    static_assert(hwc::traits<decltype(c - b)>::sign, "difference");
    hwc::accumulator<8, 40> far(hwc::sint<8>(100));
    far.add(hwc::sint<20>(-400000)); far.add(hwc::sint<20>(400000));
    const bool good = (a * b).to_int64() == -8128 && (a + b).to_int64() == 63 && (c - b).to_int64() == -120 &&
                      (hwc::sint<9>(-3) >> 1).to_int64() == -2 && a < b && far.value() == 100;
    // A bias modulo 2^8: 130 - 3 = 127.
    hwc::accumulator<8, 12> wrapped(hwc::sint<8>(130 - 256));
    wrapped.add(hwc::sint<8>(-3));
    if (!(wrapped.value() == 127)) return 1;
    return good ? 0 : 1;"""
    assert compiled(tmp_path, body).returncode == 0


def test_missing_headers_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HWCOMP_HLS_HEADERS", str(tmp_path))
    with pytest.raises(HwcompError, match="HWC601") as caught:
        hls_headers("ap")
    assert "HWCOMP_HLS_HEADERS" in caught.value.problems[0].fix
    (tmp_path / "ap_types").mkdir()
    (tmp_path / "ap_types" / "ap_int.h").write_text("")
    assert hls_headers("ap") == tmp_path / "ap_types"


def test_a_bad_flag_is_an_error_of_the_compiler(tmp_path: Path) -> None:
    options = roomy(50)
    graph = prepared(GRAPHS["states"](), options)
    bundle = bundle_in(tmp_path / "bundle", graph, options)
    with pytest.raises(HwcompError, match="HWC502"):
        simulate_hls(tmp_path / "bundle", bundle.manifest, [], replace(QUICK, flags=("-std=c++99",)))
