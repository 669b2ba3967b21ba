"""Common-subexpression sharing: the pair of digits that saves most becomes a node, until no pair occurs twice.

Sources: Hartley (sharing over CSD digits); Hosangadi, Fallah and Kastner (two-term divisors of linear systems, greedy);
Aksoy and others (delay limits); arXiv:2507.04535 (weights by the bits in which operands meet, for neural networks).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from hwcomp.adders.cost import CostModel
from hwcomp.adders.growing import Growing
from hwcomp.adders.rows import SHIFT_BITS, SHIFT_MASK, Row, Rows, key_of, parts_of


def share(growing: Growing, start: Sequence[Row], limits: Sequence[int], model: CostModel, base: float) -> list[Row]:
    """The rows with shared pairs replaced; row r can still be summed in limits[r] levels: sum of 2**depth <= 2**limit.

    A pair that occurs n times saves n - 1 adders, each worth `base` and its LUTs: a great base counts adders, 0 bits.
    """
    rows = Rows(start)
    room = [
        (1 << limit) - sum(1 << growing.depth[key >> SHIFT_BITS] for key in row)
        for limit, row in zip(limits, rows.rows, strict=True)
    ]

    def weight(pattern: int, count: int) -> float:
        first, second, difference, _ = parts_of(pattern)
        return (count - 1) * (base + model.adder(growing.width[first], growing.width[second], difference))

    heap = [(-weight(pattern, count), pattern) for pattern, count in rows.counts.items() if count > 1]
    heapq.heapify(heap)
    while heap:
        claimed, pattern = heapq.heappop(heap)
        now = -weight(pattern, rows.counts[pattern])
        if now != claimed:
            if rows.counts[pattern] > 1:
                heapq.heappush(heap, (now, pattern))
            continue
        for grown in _replace_all(growing, rows, room, pattern):
            heapq.heappush(heap, (-weight(grown, rows.counts[grown]), grown))
    return rows.rows


def _replace_all(growing: Growing, rows: Rows, room: list[int], pattern: int) -> list[int]:
    """Replaces the occurrences that leave rows within their limits, if two do; patterns that became more frequent."""
    first, second, difference, differs = parts_of(pattern)
    depth = growing.depth
    level = 1 + max(depth[first], depth[second])
    spent = (1 << level) - (1 << depth[first]) - (1 << depth[second])
    found: list[tuple[int, int, int]] = []
    left: dict[int, int] = {}
    for index, first_key, second_key in rows.occurrences(pattern):
        if left.setdefault(index, room[index]) >= spent:
            left[index] -= spent
            found.append((index, first_key, second_key))
    if len(found) < 2:
        return []
    node = growing.add(first, max(0, -difference), second, max(0, difference), differs)
    grown: set[int] = set()
    for index, first_key, second_key in found:
        row = rows.rows[index]
        sign = row[first_key]
        shift = min(first_key & SHIFT_MASK, second_key & SHIFT_MASK)
        rows.replace(index, first_key, second_key, key_of(node, shift), sign, grown)
    for index, value in left.items():
        room[index] = value
    return sorted(grown)
