"""y = W x + c as an adder graph: of several plans the one of least cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.adders.cost import XCUP, CostModel
from hwcomp.adders.csd import csd
from hwcomp.adders.differences import Tree, spanning_tree
from hwcomp.adders.graph import AdderGraph, Ints, Output, ranges
from hwcomp.adders.growing import Growing
from hwcomp.adders.rows import Row, key_of
from hwcomp.adders.sharing import share
from hwcomp.adders.summing import merge, sum_row


@dataclass(frozen=True, slots=True)
class Plan:
    """A way to solve. height: of trees of differences, or 0; price: of a difference, in digits; base: see `share`."""

    height: int
    price: float
    base: float


PLANS = (Plan(0, 0.0, 1.0), Plan(0, 0.0, 4.0), Plan(1, 1.0, 4.0))


def solve(
    w: Ints,
    inputs: Sequence[tuple[int, int]],
    constants: Sequence[int] | None = None,
    levels: int | None = None,
    model: CostModel = XCUP,
    plans: Sequence[Plan] = PLANS,
) -> AdderGraph:
    """The cheapest graph of y = w x + constants that was found; the same one always.

    Args:
        w: [outputs, inputs].
        inputs: closed range of each input.
        levels: most adders on a path; None for one more than `least_levels(w)`: more saves next to nothing.
    """
    limit = least_levels(w) + 1 if levels is None else max(levels, least_levels(w))
    offsets = [0] * len(w) if constants is None else [int(value) for value in constants]
    graphs = [graph for plan in plans for graph in _planned(w, inputs, offsets, limit, model, plan)]
    adders = sum(max(0, len(csd_row(row)) - 1) for row in w.tolist())
    if adders < _MANY or min((len(graph.adds) for graph in graphs), default=adders) > _CLEARLY_SHARED * adders:
        graphs.insert(0, plain(w, inputs, offsets, limit, model))
    return min(graphs, key=lambda graph: cost_of(graph, model))


_MANY, _CLEARLY_SHARED = 300, 0.9
"""Where plain digits take so many adders, and sharing leaves no more than this part of them, they are not tried."""


def plain(
    w: Ints, inputs: Sequence[tuple[int, int]], constants: Sequence[int], levels: int, model: CostModel = XCUP
) -> AdderGraph:
    """Canonical signed digits summed row by row, without a search for what rows have in common."""
    growing = Growing(inputs)
    rows = [csd_row(row) for row in w.tolist()]
    return growing.graph([sum_row(growing, row, levels, model, c) for row, c in zip(rows, constants, strict=True)])


def cost_of(graph: AdderGraph, model: CostModel) -> float:
    """LUTs of the adders, as `model` estimates them from the exact ranges."""
    widths = [(high - low).bit_length() for low, high in ranges(graph)]
    return sum(
        model.adder(widths[add.first], widths[add.second], add.second_shift - add.first_shift) for add in graph.adds
    )


def least_levels(w: Ints) -> int:
    """The fewest levels of two-input adders that sum the digits of every row."""
    return max((max(0, len(csd_row(row)) - 1).bit_length() for row in w.tolist()), default=0)


def csd_row(weights: Sequence[int]) -> Row:
    """The digits of one row of the matrix."""
    return {key_of(node, shift): sign for node, weight in enumerate(weights) for shift, sign in csd(weight)}


def _planned(
    w: Ints, inputs: Sequence[tuple[int, int]], constants: Sequence[int], levels: int, model: CostModel, plan: Plan
) -> list[AdderGraph]:
    """The graph of one plan; none where its trees need more levels, or are none."""
    tree = spanning_tree(w, plan.height, plan.price)
    if plan.height and not any(tree.parents):
        return []
    limits = _limits(tree, levels)
    rows = [csd_row(row) for row in tree.rest.tolist()]
    if any(len(row) > 1 << limit for row, limit in zip(rows, limits, strict=True)):
        return []
    growing = Growing(inputs)
    shared = share(growing, rows, limits, model, plan.base)
    return [growing.graph(_joined(growing, tree, shared, limits, constants, model))]


def _limits(tree: Tree, levels: int) -> list[int]:
    """Levels of each row's rest: those of the row, less its children's, less one for the sum with its parent."""
    whole = [levels] * len(tree.order)
    limits = list(whole)
    for row in reversed(tree.order):
        parent = tree.parents[row]
        limits[row] = whole[row]
        if parent is not None:
            limits[row] -= 1
            whole[parent.row] = min(whole[parent.row], whole[row] - 1)
    return [max(0, limit) for limit in limits]


def _joined(
    growing: Growing,
    tree: Tree,
    rows: Sequence[Row],
    limits: Sequence[int],
    constants: Sequence[int],
    model: CostModel,
) -> list[Output]:
    """Rests are summed, and parents added to them."""
    found: dict[int, Output] = {}
    for row in tree.order:
        rest = sum_row(growing, rows[row], limits[row], model, constants[row])
        parent = tree.parents[row]
        above = None if parent is None else found[parent.row]
        if parent is None or above is None or above.node is None:
            found[row] = rest
            continue
        negate = above.negate != (parent.sign < 0)
        if rest.node is None:
            found[row] = Output(above.node, above.shift + parent.shift, negate, rest.constant)
            continue
        own = (rest.node, rest.shift, -1 if rest.negate else 1)
        node, shift, sign = merge(growing, own, (above.node, above.shift + parent.shift, -1 if negate else 1))
        found[row] = Output(node, shift, sign < 0, rest.constant)
    return [found[row] for row in range(len(rows))]
