"""Adder graphs are the matrix, their ranges are attained, and sharing costs no more than plain digits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcomp.adders.codes import encode
from hwcomp.adders.cost import XCUP
from hwcomp.adders.csd import csd, digit_count
from hwcomp.adders.graph import AdderGraph, Ints, coefficients, depths, evaluate, ranges
from hwcomp.adders.solve import cost_of, least_levels, plain, solve

Span = tuple[int, int]


@st.composite
def problems(draw: st.DrawFn) -> tuple[Ints, list[Span], list[int]]:
    """A matrix with zeros and equal rows among others, ranges (some of one value), constants."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    weight = st.one_of(st.just(0), st.integers(-32, 31), st.integers(-300, 300))
    w = draw(st.lists(st.lists(weight, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    edge = st.integers(-140, 140)
    spans = [
        (min(pair), max(pair)) for pair in draw(st.lists(st.tuples(edge, edge), min_size=columns, max_size=columns))
    ]
    constants = draw(st.lists(st.integers(-999, 999), min_size=rows, max_size=rows))
    return np.array(w, np.int64), spans, constants


def corners(spans: list[Span]) -> Ints:
    """[2**inputs, inputs]: where a linear function has its extremes."""
    return np.array(list(itertools.product(*spans)), np.int64)


def kept(graph: AdderGraph, x: Ints) -> Ints:
    """Nodes [rows, nodes] of x, by their coefficients."""
    return x @ coefficients(graph).T


@given(problems(), st.integers(0, 2))
@settings(max_examples=150, deadline=None)
def test_graph_is_the_matrix(problem: tuple[Ints, list[Span], list[int]], extra: int) -> None:
    w, spans, constants = problem
    levels = least_levels(w) + extra
    graph = solve(w, spans, constants, levels)
    x = corners(spans)
    assert np.array_equal(evaluate(graph, x), x @ w.T + constants)
    assert max(depths(graph), default=0) <= levels
    unshared = plain(w, spans, constants, levels)
    assert np.array_equal(evaluate(unshared, x), x @ w.T + constants)
    assert cost_of(graph, XCUP) <= cost_of(unshared, XCUP)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_ranges_and_codes_hold_exactly(problem: tuple[Ints, list[Span], list[int]]) -> None:
    w, spans, constants = problem
    graph = solve(w, spans, constants)
    values = kept(graph, corners(spans))
    found = ranges(graph)
    assert found == list(zip(values.min(axis=0).tolist(), values.max(axis=0).tolist(), strict=True))
    for code, column in zip(encode(graph).codes, values.T, strict=True):
        coded = code.sign * column + code.offset
        assert coded.min() >= 0 and coded.max() < 1 << code.width


@pytest.mark.parametrize("value", [*range(-70, 71), 1365, -(2**20) + 1])
def test_csd_is_the_value_with_no_neighbours(value: int) -> None:
    digits = csd(value)
    assert sum(sign << shift for shift, sign in digits) == value
    assert len(digits) == digit_count(np.array([value]))
    assert all(second - first > 1 for (first, _), (second, _) in itertools.pairwise(digits))


def test_csd_is_minimal() -> None:
    least = {0: 0}
    for count in range(1, 5):
        for value in [value for value, digits in least.items() if digits == count - 1]:
            for shift, sign in itertools.product(range(9), (1, -1)):
                least.setdefault(value + (sign << shift), count)
    assert all(digit_count(np.array([value])) == least[value] for value in range(-128, 129))


def test_equal_and_negated_rows_are_one_sum() -> None:
    row = [3, 5, 0, -7]
    w = np.array([row, [-2 * weight for weight in row], row], np.int64)
    graph = solve(w, [(0, 15)] * 4)
    assert len({out.node for out in graph.outputs}) == 1
    assert [out.shift for out in graph.outputs] == [0, 1, 0]


def test_the_same_graph_every_time() -> None:
    w = np.random.default_rng(3).integers(-32, 32, (16, 16))
    assert solve(w, [(0, 63)] * 16) == solve(w, [(0, 63)] * 16)


def test_sharing_saves_a_quarter_of_a_dense_matrix() -> None:
    w = np.random.default_rng(5).integers(-32, 32, (32, 32))
    spans = [(0, 63)] * 32
    levels = least_levels(w) + 1
    assert cost_of(solve(w, spans, None, levels), XCUP) < 0.75 * cost_of(plain(w, spans, [0] * 32, levels), XCUP)
