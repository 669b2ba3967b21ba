"""The digits that a row has left become one sum, cheapest pair first, within its levels."""

from __future__ import annotations

import heapq

from hwcomp.adders.cost import CostModel
from hwcomp.adders.graph import Output
from hwcomp.adders.growing import Growing
from hwcomp.adders.rows import SHIFT_BITS, SHIFT_MASK, Row

Term = tuple[int, int, int]  # node, shift, sign
_Pair = tuple[float, int, int, int]  # cost, level of the sum, places of two terms: the least is summed first


def sum_row(growing: Growing, row: Row, limit: int, model: CostModel, constant: int = 0) -> Output:
    """The output that sums the row's digits in at most `limit` levels: sum of 2**depth is at most 2**limit."""
    terms: list[Term] = [(key >> SHIFT_BITS, key & SHIFT_MASK, sign) for key, sign in sorted(row.items())]
    if not terms:
        return Output(None, constant=constant)
    node, shift, sign = _Summing(growing, terms, limit, model).sum()
    return Output(node, shift, sign < 0, constant)


class _Summing:
    """Pairs of terms in a heap. `room`, what the limit leaves of 2**limit, never grows: a pair that is too deep once is
    so for good."""

    def __init__(self, growing: Growing, terms: list[Term], limit: int, model: CostModel) -> None:
        self._growing, self._model = growing, model
        self._terms = terms
        self._room = (1 << limit) - sum(1 << growing.depth[node] for node, _, _ in terms)
        self._alive: list[int] = list(range(len(terms)))
        self._heap = [self._pair(a, b) for a in self._alive for b in self._alive[a + 1 :]]
        heapq.heapify(self._heap)

    def sum(self) -> Term:
        """The one term that is left."""
        while len(self._alive) > 1:
            _, level, first, second = heapq.heappop(self._heap)
            if first not in self._alive or second not in self._alive:
                continue
            spent = (1 << level) - self._depth(first) - self._depth(second)
            if spent > self._room:
                continue
            self._room -= spent
            self._alive = [place for place in self._alive if place not in (first, second)]
            self._terms.append(merge(self._growing, self._terms[first], self._terms[second]))
            made = len(self._terms) - 1
            for place in self._alive:
                heapq.heappush(self._heap, self._pair(place, made))
            self._alive.append(made)
        return self._terms[self._alive[0]]

    def _pair(self, first: int, second: int) -> _Pair:
        depth, width = self._growing.depth, self._growing.width
        node, shift, _ = self._terms[first]
        other, other_shift, _ = self._terms[second]
        cost = self._model.adder(width[node], width[other], other_shift - shift)
        return cost, 1 + max(depth[node], depth[other]), first, second

    def _depth(self, place: int) -> int:
        """2**depth of a term."""
        return 1 << self._growing.depth[self._terms[place][0]]


def merge(growing: Growing, first: Term, second: Term) -> Term:
    """One term for the sum of two."""
    if first > second:
        first, second = second, first
    base = min(first[1], second[1])
    node = growing.add(first[0], first[1] - base, second[0], second[1] - base, first[2] != second[2])
    return node, base, first[2]
