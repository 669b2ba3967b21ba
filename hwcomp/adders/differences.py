"""Outputs as differences: a row of the matrix may be another row, shifted or negated, plus a row of fewer digits.

Source: minimum spanning trees over the rows, as for filter banks (Gustafsson et al., 2007, and others after them).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwcomp.adders.graph import Ints

_MAX_SHIFT = 1


@dataclass(frozen=True, slots=True)
class Parent:
    """A row is rest + sign * (row `row` << shift)."""

    row: int
    shift: int
    sign: int


@dataclass(frozen=True, slots=True)
class Tree:
    """parents: of each row, None for those by themselves; order: parents before children; rest: [rows, inputs]."""

    parents: tuple[Parent | None, ...]
    order: tuple[int, ...]
    rest: Ints


def spanning_tree(w: Ints, height: int, price: float) -> Tree:
    """The tree of least digits, by Prim's algorithm from zero; `price` is what the sum with a parent costs, in digits.

    No row has more than `height` rows above it.
    """
    count = len(w)
    ways = [(shift, sign) for shift in range(_MAX_SHIFT + 1) for sign in (1, -1)]
    edges = np.stack([_digits(w[:, None] - sign * (w[None] << shift)) for shift, sign in ways]) + price
    least, chosen = edges.min(axis=0), edges.argmin(axis=0)
    best = _digits(w).astype(np.float64)
    parents: list[Parent | None] = [None] * count
    above = [0] * count
    left = set(range(count))
    order: list[int] = []
    while left:
        row = min(sorted(left), key=lambda place: best[place])
        left.remove(row)
        order.append(row)
        parent = parents[row]
        above[row] = 0 if parent is None else 1 + above[parent.row]
        if above[row] == height:
            continue
        for child in left:
            if least[child, row] < best[child]:
                best[child] = least[child, row]
                parents[child] = Parent(row, *ways[int(chosen[child, row])])
    rest = w.copy()
    for row, parent in enumerate(parents):
        if parent is not None:
            rest[row] -= parent.sign * (w[parent.row] << parent.shift)
    return Tree(tuple(parents), tuple(order), rest)


def _digits(values: Ints) -> Ints:
    """CSD digits in the last axis together."""
    size = np.abs(values)
    both: Ints = np.bitwise_count((3 * size) ^ size).astype(np.int64).sum(axis=-1)
    return both
