"""An adder graph: inputs of proved ranges, sums of two earlier nodes, outputs with sign, shift and constant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Add:
    """(first << first_shift) + (second << second_shift), or minus where `subtract`; nodes count inputs, then sums."""

    first: int
    first_shift: int
    second: int
    second_shift: int
    subtract: bool


@dataclass(frozen=True, slots=True)
class Output:
    """constant + (node << shift), or minus that where `negate`; node None is zero."""

    node: int | None
    shift: int = 0
    negate: bool = False
    constant: int = 0


@dataclass(frozen=True, slots=True)
class AdderGraph:
    """inputs: closed ranges; adds: node len(inputs) + k is adds[k]; every operand is an earlier node."""

    inputs: tuple[tuple[int, int], ...]
    adds: tuple[Add, ...]
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        for position, add in enumerate(self.adds, len(self.inputs)):
            assert min(add.first, add.second) >= 0 and max(add.first, add.second) < position
            assert min(add.first_shift, add.second_shift) >= 0
        assert all(out.node is None or 0 <= out.node < self.nodes for out in self.outputs)

    @property
    def nodes(self) -> int:
        """Inputs and sums."""
        return len(self.inputs) + len(self.adds)


def depths(graph: AdderGraph) -> list[int]:
    """Adders on the longest path to each node; 0 for inputs."""
    found = [0] * len(graph.inputs)
    for add in graph.adds:
        found.append(1 + max(found[add.first], found[add.second]))
    return found


def coefficients(graph: AdderGraph) -> Ints:
    """[nodes, inputs]: every node as a sum of inputs."""
    rows = np.zeros((graph.nodes, len(graph.inputs)), np.int64)
    rows[: len(graph.inputs)] = np.eye(len(graph.inputs), dtype=np.int64)
    for position, add in enumerate(graph.adds, len(graph.inputs)):
        second = rows[add.second] << add.second_shift
        rows[position] = (rows[add.first] << add.first_shift) + (-second if add.subtract else second)
    return rows


def row_ranges(rows: Ints, inputs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Least and greatest value of each row [n, inputs] times x over the box of input ranges: both are attained."""
    bounds = np.array(inputs, np.int64).reshape(-1, 2)
    low, high = rows * bounds[:, 0], rows * bounds[:, 1]
    least, greatest = np.minimum(low, high).sum(axis=1), np.maximum(low, high).sum(axis=1)
    return list(zip(least.tolist(), greatest.tolist(), strict=True))


def ranges(graph: AdderGraph) -> list[tuple[int, int]]:
    """Closed range of each node, exact: intervals of its coefficients, not of its operands, so that 4x - x is 3x."""
    return row_ranges(coefficients(graph), graph.inputs)


def evaluate(graph: AdderGraph, x: Ints) -> Ints:
    """Outputs [..., outputs] of x [..., inputs]: what the graph means."""
    nodes = [x[..., position] for position in range(len(graph.inputs))]
    for add in graph.adds:
        first, second = nodes[add.first] << add.first_shift, nodes[add.second] << add.second_shift
        nodes.append(first - second if add.subtract else first + second)
    result = np.zeros((*x.shape[:-1], len(graph.outputs)), np.int64)
    for position, out in enumerate(graph.outputs):
        value = np.zeros_like(result[..., 0]) if out.node is None else nodes[out.node] << out.shift
        result[..., position] = out.constant + (-value if out.negate else value)
    return result
