"""y = W x + c as an adder graph."""

from __future__ import annotations

from collections.abc import Sequence

from hwcomp.adders.cost import XCUP, CostModel
from hwcomp.adders.csd import csd
from hwcomp.adders.graph import AdderGraph, Ints
from hwcomp.adders.growing import Growing
from hwcomp.adders.rows import Row, key_of
from hwcomp.adders.sharing import share
from hwcomp.adders.summing import sum_row


def solve(w: Ints, inputs: Sequence[tuple[int, int]], extra: int = 1, model: CostModel = XCUP, shared=True, constants=None) -> AdderGraph:
    growing = Growing(inputs)
    rows = [csd_row(row) for row in w.tolist()]
    limits = [least_levels(growing, row) + extra for row in rows]
    if shared:
        rows = share(growing, rows, limits, model)
    constants = constants or [0] * len(rows)
    outputs = [sum_row(growing, row, limit, model, c) for row, limit, c in zip(rows, limits, constants, strict=True)]
    return growing.graph(outputs)


def csd_row(weights: Sequence[int]) -> Row:
    """The digits of one row of the matrix."""
    return {key_of(node, shift): sign for node, weight in enumerate(weights) for shift, sign in csd(weight)}


def least_levels(growing: Growing, row: Row) -> int:
    """The fewest levels of two-input adders that sum the row: the logarithm of sum of 2**depth, rounded up."""
    return max(0, (sum(1 << growing.depth[key >> 6] for key in row) - 1).bit_length())
