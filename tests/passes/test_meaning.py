"""Every pass keeps the Interpreter's outputs on random graphs, states included, and leaves a valid graph."""

from __future__ import annotations

import numpy as np
import pytest

from hwcomp.ir.graph import Graph, Interpreter, Level
from hwcomp.ir.ops import Requant
from hwcomp.ir.parser import parse
from hwcomp.ir.printer import PrintOptions, to_text
from hwcomp.ir.spec import find_problems
from hwcomp.passes import fold_dead_channels
from hwcomp.passes.base import Pipeline
from hwcomp.passes.pipelines import CANONICALISE, to_integer
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.support.errors import HwcompError
from tests.random_graphs import random_graph, random_inputs

SEEDS = [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 80))]


def outputs(graph: Graph, seed: int, fast: bool = False) -> list[dict[str, list[int]]]:
    machine = Interpreter(graph, fast)
    runs = [machine.run(inputs) for inputs in random_inputs(graph, seed, runs=3)]
    return [{port.name: env[port.value].tolist() for port in graph.outputs} for env in runs]


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("seed", SEEDS)
def test_each_pass_keeps_the_outputs(seed: int, level: Level) -> None:
    graph = random_graph(seed, level)
    expected = outputs(graph, seed)
    extra = (fold_dead_channels.PASS,) if level is Level.INTEGER else ()

    def watch(name: str, after: Graph) -> None:
        assert outputs(after, seed) == expected, name

    Pipeline((*CANONICALISE, *extra), certificates=False).run(graph, watch)


@pytest.mark.parametrize("seed", SEEDS)
def test_lowering_is_exact_where_nothing_is_listed(seed: int) -> None:
    """Whatever the certificates promise holds: without exceptions the integer graph is the source, bit for bit."""
    graph = random_graph(seed)
    expected = outputs(graph, seed)

    def watch(name: str, after: Graph) -> None:
        certificates = [op.certificate for op in after.ops if isinstance(op, Requant)]
        if not any(cert is not None and cert.exception_count for cert in certificates):
            assert outputs(after, seed) == expected, name

    lowered = to_integer(Policy.LISTED).run(graph, watch)
    assert lowered.level is Level.INTEGER
    assert find_problems(lowered) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_strict_is_exact_or_refuses(seed: int) -> None:
    graph = random_graph(seed)
    try:
        lowered = to_integer(Policy.STRICT, ShiftPreference(prefer_shift=32)).run(graph)
    except HwcompError as error:
        assert {problem.code for problem in error.problems} == {"HWC301"}
        assert all(problem.at.startswith("random.onnx: ") for problem in error.problems)
        return
    assert outputs(lowered, seed) == outputs(graph, seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_text_and_back(seed: int) -> None:
    lowered = to_integer(Policy.LISTED).run(random_graph(seed))
    for graph in (random_graph(seed, Level.INTEGER), lowered):
        text = to_text(graph, PrintOptions(certificates=True, inline=seed))
        again = parse(text)
        assert again == graph
        assert to_text(again, PrintOptions(certificates=True, inline=seed)) == text
        pairs = zip(graph.ops, again.ops, strict=True)
        assert all(
            a.certificate == b.certificate for a, b in pairs if isinstance(a, Requant) and isinstance(b, Requant)
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fast_interpreter_gives_the_same_integers(seed: int) -> None:
    for level in Level:
        graph = random_graph(seed, level)
        for inputs in random_inputs(graph, seed):
            slow, fast = Interpreter(graph).run(inputs), Interpreter(graph, fast=True).run(inputs)
            assert slow.keys() == fast.keys()
            assert all(np.array_equal(slow[name], fast[name]) for name in slow)


@pytest.mark.parametrize("seed", SEEDS)
def test_ranges_hold_every_intermediate(seed: int) -> None:
    graph = to_integer(Policy.LISTED).run(random_graph(seed))
    for inputs in random_inputs(graph, seed, runs=3):
        for name, array in Interpreter(graph).run(inputs).items():
            value = graph.values[name]
            lo, hi = value.range.channels(array.shape[-1] if array.ndim else 1)
            assert ((array >= lo) & (array <= hi)).all(), name
