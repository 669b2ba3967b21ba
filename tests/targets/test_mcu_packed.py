"""Graphs with weights of 4, 2 and 1 bits through the mcu target: every value, what is packed, and what it saves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.types import S16
from hwcomp.targets import load_target
from hwcomp.targets.mcu.codings import choose_codings
from hwcomp.targets.mcu.packed import Coding
from hwcomp.verify.run import RunOptions, run_bundle
from tests.targets.low_bit_graphs import BITS, VALUES, binary_net, low_bit, pointwise
from tests.targets.mcu_graphs import Maker
from tests.targets.test_mcu_run import STRICT, compare, emit, rows_of, write

TARGET = load_target("mcu")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


CASES = [(name, "cortex-m") for name in VALUES] + [("int4", "generic"), ("binary", "generic")]


@pytest.mark.parametrize(("name", "arch"), CASES)
def test_every_value_on_the_host(name: str, arch: str, tmp_path: Path) -> None:
    graph, bundle = emit(low_bit(name), arch=arch, pack_weights="always")
    kernels = {layer["kernel"] for layer in bundle.manifest.extra["layers"]}
    assert {f"hwc_conv2d_w{BITS[name]}", f"hwc_dense_w{BITS[name]}"} <= kernels
    rows = rows_of(graph, 1)
    joined = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    options = RunOptions(compiler="gcc", flags=STRICT, sanitize=True, raw=True)
    folder = write(bundle, tmp_path / "bundle")
    compare(graph, rows, run_bundle(folder, joined, "host", trace=True, options=options))


@pytest.mark.parametrize(("on", "how"), [("host", "always"), ("host", "never"), ("cortex-m4", "always")])
def test_binary_networks(on: str, how: str, tmp_path: Path) -> None:
    """Layers with inputs of two values are XOR and counts; where the padding is neither, packed weights alone."""
    if on == "cortex-m4":
        pytest.importorskip("unicorn")
    graph, bundle = emit(binary_net(), pack_weights=how)
    kernels = [layer["kernel"] for layer in bundle.manifest.extra["layers"]]
    assert kernels.count("hwc_xnor") == (4 if how == "always" else 0)
    assert kernels.count("hwc_conv2d_w1") == (2 if how == "always" else 0)
    rows = rows_of(graph, 4, 2 if on == "cortex-m4" else 3)
    joined = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    host = RunOptions(compiler="gcc", flags=STRICT, sanitize=True, raw=True)
    folder = write(bundle, tmp_path / "bundle")
    options = host if on == "host" else RunOptions(raw=True)
    compare(graph, rows, run_bundle(folder, joined, on, trace=True, options=options))


@pytest.mark.slow
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("optimise", ["speed", "size"])
def test_every_value_on_cortex_m4(name: str, optimise: str, tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    graph, bundle = emit(low_bit(name), pack_weights="always", optimise=optimise)
    rows = rows_of(graph, 2)
    joined = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}
    folder = write(bundle, tmp_path / "bundle")
    compare(graph, rows, run_bundle(folder, joined, "cortex-m4", trace=True, options=RunOptions(raw=True)))


@pytest.mark.parametrize(("name", "share"), [("int4", 2), ("ternary", 4), ("binary", 8)])
def test_constants_shrink_by_the_width(name: str, share: int) -> None:
    graph = pointwise(np.array(VALUES[name]))
    never, auto = (emit(graph, pack_weights=how)[1] for how in ("never", "auto"))
    weights = 4 * 96 * 96
    sizes = [bundle.manifest.extra["constant_bytes"] for bundle in (never, auto)]
    assert isinstance(sizes[0], int) and isinstance(sizes[1], int)
    assert sizes[0] - sizes[1] == weights - weights // share


@pytest.mark.parametrize(("name", "most"), [("int4", 0.64), ("ternary", 0.42), ("binary", 0.32)])
def test_flash_of_an_image_shrinks(name: str, most: float, tmp_path: Path) -> None:
    """Code and constants of the linked image, runtime and port included: sections, not arithmetic."""
    pytest.importorskip("unicorn")
    flash, outputs = {}, {}
    for how in ("never", "auto"):
        graph, bundle = emit(pointwise(np.array(VALUES[name])), pack_weights=how)
        folder = write(bundle, tmp_path / how)
        result = run_bundle(folder, rows_of(graph, 3, 1)[0], "cortex-m4", options=RunOptions(raw=True))
        assert result.sections is not None
        flash[how], outputs[how] = result.sections.flash, result.outputs["features"]
    assert flash["auto"] < most * flash["never"], flash
    np.testing.assert_array_equal(outputs["auto"], outputs["never"])


def codings(graph_values: tuple[int, ...], channels: int, layers: int, **options: str) -> list[Coding]:
    graph = pointwise(np.array(graph_values), channels, layers)
    return list(choose_codings(graph, TARGET.parse_options(options)).values())


def test_auto_counts_the_kernels() -> None:
    values = (-8, 7)
    assert codings(values, 32, 1) == [], "1 KiB of weights saves less than the kernel takes"
    assert codings(values, 96, 4) == [Coding(4, -8)] * 4
    assert codings(values, 32, 1, pack_weights="always") == [Coding(4, -8)]
    assert codings(values, 96, 4, pack_weights="never") == []
    assert codings((-9, 7), 96, 4, pack_weights="always") == [], "17 values are more than 4 bits"


def test_auto_shares_a_wider_kernel() -> None:
    """One small ternary layer among 4-bit ones: a kernel of its own would cost more than it saves."""
    m = Maker("shared")
    x = m.input("image", (1, 4, 5, 96))
    for least, most, size in ((-8, 7, 96), (-8, 7, 96), (-1, 1, 32)):
        x = m.requant(m.op(Conv2d, x, *m.weights((size, 1, 1, 96), least, most)), divide=200)
    graph = m.finish(features=x)
    chosen = choose_codings(graph, TARGET.parse_options({}))
    assert [coding.bits for coding in chosen.values()] == [4, 4, 4]
    chosen = choose_codings(graph, TARGET.parse_options({"pack_weights": "always"}))
    assert [coding.bits for coding in chosen.values()] == [4, 4, 2]


def test_generic_kernels_want_pixels() -> None:
    """Auto unpacks for the portable kernels only what is used for many pixels."""
    assert len(codings((-8, 7), 96, 4, arch="generic")) == 4
    m = Maker("rows")
    y = m.op_dense(m.input("x", (1, 400)), 40)
    graph = m.finish(y=y)
    assert not choose_codings(graph, TARGET.parse_options({"arch": "generic"}))


def test_sums_that_might_not_fit_stay_int8() -> None:
    """The Cortex-M kernels hold 16 to 64 times a sum: 16-bit inputs of many channels are left alone."""
    m = Maker("wide")
    x = m.input("x", (1, 4096), S16)
    y = m.op(Dense, x, *m.weights((8, 4096), -1, 1))
    assert not choose_codings(m.finish(y=y), TARGET.parse_options({"pack_weights": "always"}))
