"""The digits that the outputs still sum, how often each pair of them occurs, and what a pair would save.

A digit is a node, a shift and a sign. A pair of digits of one row is an instance of a *pattern*: two nodes, the
difference of the shifts and whether the signs differ; the same pattern anywhere, in any row, can be the same adder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

SHIFT_BITS = 6
SHIFT_MASK = (1 << SHIFT_BITS) - 1
_NODE_BITS = 16
_BIAS = 1 << SHIFT_BITS
_TAIL_BITS = SHIFT_BITS + 2

Row = dict[int, int]


def key_of(node: int, shift: int) -> int:
    """A digit's place as one number, ordered by node, then shift."""
    return node << SHIFT_BITS | shift


def pattern_of(first: int, first_sign: int, second: int, second_sign: int) -> int:
    """The pattern of two digits (key, sign) as one number; digits of one node are ordered by shift."""
    if first > second:
        first, second = second, first
    nodes = (first >> SHIFT_BITS) << _NODE_BITS | second >> SHIFT_BITS
    difference = (second & SHIFT_MASK) - (first & SHIFT_MASK) + _BIAS
    return nodes << _TAIL_BITS | difference << 1 | (first_sign != second_sign)


def parts_of(pattern: int) -> tuple[int, int, int, bool]:
    """first node, second node, shift of the second less that of the first, whether the signs differ."""
    nodes, tail = pattern >> _TAIL_BITS, pattern & ((1 << _TAIL_BITS) - 1)
    return nodes >> _NODE_BITS, nodes & ((1 << _NODE_BITS) - 1), (tail >> 1) - _BIAS, bool(tail & 1)


class Rows:
    """Rows of digits (key to sign), the rows of each node, and the count of each pattern over all rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = [dict(row) for row in rows]
        self.rows_of: defaultdict[int, set[int]] = defaultdict(set)
        self.counts: defaultdict[int, int] = defaultdict(int)
        for index, row in enumerate(self.rows):
            digits = sorted(row.items())
            for position, (key, sign) in enumerate(digits):
                self.rows_of[key >> SHIFT_BITS].add(index)
                for other, other_sign in digits[position + 1 :]:
                    self.counts[pattern_of(key, sign, other, other_sign)] += 1

    def occurrences(self, pattern: int) -> list[tuple[int, int, int]]:
        """(row, first key, second key) of each occurrence, no digit in two of them; in order."""
        first, second, difference, differs = parts_of(pattern)
        found: list[tuple[int, int, int]] = []
        low, high = max(0, -difference), SHIFT_MASK
        for index in sorted(self.rows_of[first] & self.rows_of[second]):
            row = self.rows[index]
            used: set[int] = set()
            for shift in range(low, high + 1 - max(0, difference)):
                first_key = key_of(first, shift)
                sign = row.get(first_key)
                if sign is None or first_key in used:
                    continue
                second_key = key_of(second, shift + difference)
                if row.get(second_key) == (-sign if differs else sign):
                    found.append((index, first_key, second_key))
                    used.update((first_key, second_key))
        return found

    def replace(self, index: int, first: int, second: int, new: int, sign: int, grown: set[int]) -> None:
        """In row `index`, digits `first` and `second` become `new`; patterns that became more frequent join `grown`."""
        row = self.rows[index]
        counts = self.counts
        for key in (first, second):
            removed = row.pop(key)
            for other, other_sign in row.items():
                counts[pattern_of(key, removed, other, other_sign)] -= 1
            node = key >> SHIFT_BITS
            if not any(other >> SHIFT_BITS == node for other in row):
                self.rows_of[node].discard(index)
        for other, other_sign in row.items():
            pattern = pattern_of(new, sign, other, other_sign)
            counts[pattern] += 1
            if counts[pattern] > 1:
                grown.add(pattern)
        row[new] = sign
        self.rows_of[new >> SHIFT_BITS].add(index)
