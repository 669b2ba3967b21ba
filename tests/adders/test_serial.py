"""Graphs that work on digits: the same function, in sums of at most so many operands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcomp.adders.graph import Ints
from hwcomp.adders.serial import Operand, evaluate, serialise, uses_of
from hwcomp.adders.solve import solve
from tests.adders.test_graph import Span, corners, problems


@given(problems(), st.integers(2, 4))
@settings(max_examples=150, deadline=None)
def test_serial_graph_is_the_matrix(problem: tuple[Ints, list[Span], list[int]], operands: int) -> None:
    w, spans, constants = problem
    graph = serialise(solve(w, spans, constants), operands)
    x = corners(spans)
    assert np.array_equal(evaluate(graph, x), x @ w.T + constants)
    for item in graph.sums:
        assert 2 <= item.size <= operands
        assert item.constant is not None or not all(term.negative for term in item.operands)
        assert item.level == 1 + max(graph.level(term.node) for term in item.operands)
    for out in graph.outputs:
        assert isinstance(out, int) or (not out.negative and graph.level(out.node) <= graph.levels)


@given(problems(), st.integers(2, 4))
@settings(max_examples=50, deadline=None)
def test_digits_are_kept_for_all_that_read_them(problem: tuple[Ints, list[Span], list[int]], operands: int) -> None:
    graph = serialise(solve(*problem), operands)
    uses = uses_of(graph)
    for item in graph.sums:
        for term in item.operands:
            late = item.level - 1 - graph.level(term.node)
            assert 0 <= late <= uses.delays[term.node]
            assert term.shift <= uses.shifts.get((term.node, late), 0)


def test_four_operands_need_a_third_of_the_sums() -> None:
    """A row of sixteen equal weights: fifteen adders of two, five of four."""
    graph = solve(np.ones((1, 16), np.int64), [(0, 63)] * 16)
    assert [len(serialise(graph, operands).sums) for operands in (2, 4)] == [15, 5]
    assert [serialise(graph, operands).levels for operands in (2, 4)] == [4, 2]


@pytest.mark.parametrize(("weight", "constant", "sums"), [(1, 0, 0), (4, 0, 0), (-1, 0, 1), (2, 7, 1), (0, 9, 0)])
def test_outputs_that_are_one_input(weight: int, constant: int, sums: int) -> None:
    graph = serialise(solve(np.array([[weight]]), [(-8, 7)], [constant]), 2)
    assert len(graph.sums) == sums
    assert graph.outputs[0] == (constant if weight == 0 else graph.outputs[0])
    assert isinstance(graph.outputs[0], Operand) or weight == 0
