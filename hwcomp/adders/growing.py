"""A graph under construction: sums are made once, with their depth, exact range and width."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcomp.adders.graph import Add, AdderGraph, Ints, Output


class Growing:
    """Nodes so far. depth: adders on the way to each; width: bits of each as a number without sign."""

    def __init__(self, inputs: Sequence[tuple[int, int]]) -> None:
        self.inputs = tuple(inputs)
        self.adds: list[Add] = []
        self.depth = [0] * len(inputs)
        self.width = [(high - low).bit_length() for low, high in inputs]
        self.rows: list[Ints] = list(np.eye(len(inputs), dtype=np.int64))
        self._spans = np.array([high - low for low, high in inputs], np.int64)
        self._known: dict[Add, int] = {}

    def add(self, first: int, first_shift: int, second: int, second_shift: int, subtract: bool) -> int:
        """The node of that sum, a new one if there is none."""
        add = Add(first, first_shift, second, second_shift, subtract)
        known = self._known.get(add)
        if known is not None:
            return known
        term = self.rows[second] << second_shift
        row = (self.rows[first] << first_shift) + (-term if subtract else term)
        self.adds.append(add)
        self.rows.append(row)
        self.depth.append(1 + max(self.depth[first], self.depth[second]))
        self.width.append(int(np.abs(row) @ self._spans).bit_length())
        self._known[add] = len(self.rows) - 1
        return len(self.rows) - 1

    def graph(self, outputs: Sequence[Output]) -> AdderGraph:
        """The graph with these outputs, without the nodes that none of them needs."""
        used = [False] * len(self.rows)
        for out in outputs:
            if out.node is not None:
                used[out.node] = True
        for position in range(len(self.rows) - 1, len(self.inputs) - 1, -1):
            if used[position]:
                add = self.adds[position - len(self.inputs)]
                used[add.first] = used[add.second] = True
        place = {node: node for node in range(len(self.inputs))}
        adds: list[Add] = []
        for position, add in enumerate(self.adds, len(self.inputs)):
            if used[position]:
                place[position] = len(self.inputs) + len(adds)
                adds.append(Add(place[add.first], add.first_shift, place[add.second], add.second_shift, add.subtract))
        moved = [
            Output(None if out.node is None else place[out.node], out.shift, out.negate, out.constant)
            for out in outputs
        ]
        return AdderGraph(self.inputs, tuple(adds), tuple(moved))
