"""Clusters: where they begin and end, what they may have under way, and what is printed of their streams."""

from __future__ import annotations

import pytest

from hwcomp.ir.ops.elementwise import Add
from hwcomp.targets.dataflow.boards import Board
from hwcomp.targets.dataflow.design import Design, make_design
from hwcomp.targets.dataflow.network import Instance
from hwcomp.targets.dataflow.timing.clusters import ENTRY, EXIT, EXIT_BEATS, Cluster
from hwcomp.targets.dataflow.timing.pipelines import pipeline_latency
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.hls.options import HlsOptions
from tests.targets.fpga_bundles import bundle_of
from tests.targets.mcu_graphs import Maker


def two_layers(options: FpgaOptions) -> Design:
    m = Maker("dense")
    y = m.requant(m.op_dense(m.input("x", (1, 12)), 8), divide=900)
    return make_design(m.finish(y=m.op_dense(y, 4)), "net", options)


def of(design: Design, module: str) -> list[Instance]:
    return [i for i in design.network.instances if i.module == module]


def test_layers_in_a_row_are_one_cluster() -> None:
    design = two_layers(FpgaOptions(interval=1))
    (entry,), (leave,) = of(design, ENTRY), of(design, EXIT)
    (wire,) = {net for i in (entry, leave) for _, net in i.wires}
    inside = design.network.instances[1:-1]
    assert wire == "cluster0_room"
    assert [i.module for i in inside] == ["hwc_adders", "hwc_requant", "hwc_adders"]
    latency = sum(pipeline_latency(i) for i in inside)
    assert leave.number("Reserve") == latency + 1 and leave.number("Depth") >= latency + 1 + EXIT_BEATS
    free = {name for name, stream in design.network.streams.items() if stream.is_free}
    assert free == {s for i in inside for s in (*i.inputs, *i.outputs)}


def test_the_slowest_module_sets_the_pace() -> None:
    design = two_layers(FpgaOptions(Board.ZU3EG, interval=4, max_dsp=0))
    periods = [i.number("Period") for i in of(design, "hwc_serial")]
    assert [i.number("Interval") for i in of(design, ENTRY)] == [max(periods)] == [4]


@pytest.mark.parametrize(
    ("interval", "latency", "beats", "reserve"),
    [(1, 0, 1, 1), (1, 9, 1, 10), (4, 9, 1, 3), (4, 12, 2, 8), (16, 3, 8, 8)],
)
def test_what_is_under_way(interval: int, latency: int, beats: int, reserve: int) -> None:
    """Beats that are let in at clocks 0, interval ... and have not all come out by `latency`, that clock included."""
    assert Cluster("", "", (), interval, latency, beats).reserve == reserve


def test_a_fork_ends_a_cluster() -> None:
    m = Maker("residual")
    x = m.requant(m.op_dense(m.input("x", (1, 8)), 8), divide=900)
    y = m.requant(m.op_dense(x, 8), divide=900)
    design = make_design(m.finish(y=m.op(Add, x, y)), "net", FpgaOptions(interval=1))
    forks, exits = of(design, "hwc_fork"), of(design, EXIT)
    assert len(forks) == 1 and len(exits) == 2
    assert not design.network.streams[forks[0].inputs[0]].is_free
    assert forks[0].inputs[0] in {s for i in exits for s in i.outputs}


@pytest.mark.parametrize("options", [FpgaOptions(interval=1, adder_levels=0, max_dsp=10**4), HlsOptions(interval=1)])
def test_no_clusters_without_adder_graphs_nor_in_c(options: FpgaOptions) -> None:
    design = two_layers(options)
    assert not of(design, ENTRY) and not any(s.is_free for s in design.network.streams.values())


def test_streams_of_clusters_are_always_ready() -> None:
    m = Maker("dense")
    graph = m.finish(y=m.op_dense(m.input("x", (1, 12)), 4))
    bundle = bundle_of(graph, FpgaOptions(interval=1))
    (core,) = (data.decode() for path, data in bundle.files.items() if path.endswith("_core.sv"))
    assert "assign x_entry_ready = 1'b1;" in core
    assert '$error("x_entry: a beat is lost")' in core
    assert ".in_ready_o(x_entry_takes)" in core
