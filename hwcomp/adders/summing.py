"""The digits that a row has left become one sum, cheapest pair first, within its levels."""

from __future__ import annotations

from hwcomp.adders.cost import CostModel
from hwcomp.adders.graph import Output
from hwcomp.adders.growing import Growing
from hwcomp.adders.rows import SHIFT_BITS, SHIFT_MASK, Row

Term = tuple[int, int, int]  # node, shift, sign


def sum_row(growing: Growing, row: Row, limit: int, model: CostModel, constant: int = 0) -> Output:
    """The output that sums the row's digits in at most `limit` levels: sum of 2**depth is at most 2**limit."""
    terms: list[Term] = [(key >> SHIFT_BITS, key & SHIFT_MASK, sign) for key, sign in sorted(row.items())]
    if not terms:
        return Output(None, constant=constant)
    while len(terms) > 1:
        first, second = _cheapest(growing, terms, limit, model)
        merged = merge(growing, terms[first], terms[second])
        terms = [term for position, term in enumerate(terms) if position not in (first, second)] + [merged]
    node, shift, sign = terms[0]
    return Output(node, shift, sign < 0, constant)


def merge(growing: Growing, first: Term, second: Term) -> Term:
    """One term for the sum of two."""
    if first > second:
        first, second = second, first
    base = min(first[1], second[1])
    node = growing.add(first[0], first[1] - base, second[0], second[1] - base, first[2] != second[2])
    return node, base, first[2]


def _cheapest(growing: Growing, terms: list[Term], limit: int, model: CostModel) -> tuple[int, int]:
    """Places of the two terms to sum first: of the pairs after which the limit can be held, the one of least cost."""
    depth, width = growing.depth, growing.width
    room = (1 << limit) - sum(1 << depth[node] for node, _, _ in terms)
    best: tuple[float, int, int, int] | None = None
    for position, (node, shift, _) in enumerate(terms):
        for other in range(position + 1, len(terms)):
            second, second_shift, _ = terms[other]
            level = 1 + max(depth[node], depth[second])
            if (1 << level) - (1 << depth[node]) - (1 << depth[second]) > room:
                continue
            difference = second_shift - shift
            cost = model.adder(width[node], width[second], difference)
            candidate = (cost, level, position, other)
            if best is None or candidate < best:
                best = candidate
    assert best is not None, "two of the shallowest terms always leave the limit reachable"
    return best[2], best[3]
