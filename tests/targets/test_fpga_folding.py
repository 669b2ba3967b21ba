"""Folding: exact against brute force, limits and prices, multipliers used where they are granted."""

from __future__ import annotations

import itertools

import pytest

from hwcomp.targets.dataflow.boards import DEVICES, Board
from hwcomp.targets.dataflow.choice import Choice, Fabric
from hwcomp.targets.dataflow.design import make_design
from hwcomp.targets.dataflow.estimate.cost import Resources, blocks
from hwcomp.targets.dataflow.folding.goals import budget_of
from hwcomp.targets.dataflow.folding.menu import menu_of, offers_of
from hwcomp.targets.dataflow.folding.solver import Budget, Candidate, fastest, smallest
from hwcomp.targets.dataflow.modules.compute import parts
from hwcomp.targets.dataflow.ops.requant import chunks_of
from hwcomp.targets.dataflow.timing.interval import network_interval
from hwcomp.targets.fpga.options import FpgaOptions
from tests.targets.mcu_graphs import GRAPHS

GRAPH = GRAPHS["convolutions"]()
BUDGET = Budget(Resources(1000, 10**6, 10, 10), Resources(16, 1, 700, 500))


def candidate(interval: int, lut: int, dsp: int) -> Candidate:
    return Candidate(Choice(simd=interval), interval, Resources(lut, 0, dsp, 0))


MENU = {
    0: [candidate(1, 700, 0), candidate(2, 100, 8), candidate(2, 400, 0), candidate(9, 50, 0)],
    1: [candidate(1, 500, 6), candidate(3, 300, 2), candidate(8, 100, 0)],
}


def cost(picks: tuple[Candidate, ...]) -> Resources:
    return sum((c.cost for c in picks), Resources())


def within(picks: tuple[Candidate, ...]) -> bool:
    return not BUDGET.missing(cost(picks))


def test_fastest_is_the_least_interval_of_all_combinations() -> None:
    best = min(max(c.interval for c in picks) for picks in itertools.product(*MENU.values()) if within(picks))
    found = fastest(MENU, BUDGET)
    assert found is not None and found.interval == best


@pytest.mark.parametrize("goal", [3, 8, 9])
def test_smallest_is_the_cheapest_of_all_combinations(goal: int) -> None:
    fitting = [p for p in itertools.product(*MENU.values()) if within(p) and max(c.interval for c in p) <= goal]
    found = smallest(MENU, goal, BUDGET)
    assert found is not None
    assert BUDGET.worth(found.cost) == min(BUDGET.worth(cost(picks)) for picks in fitting)


def test_nothing_fits_nothing() -> None:
    none = Budget(Resources(10, 10, 0, 0), BUDGET.prices)
    assert smallest(MENU, 9, none) is None
    assert fastest(MENU, none) is None


def test_limits_are_used_to_the_last_unit() -> None:
    exact = Budget(Resources(lut=400, dsp=10), BUDGET.prices)
    found = smallest(MENU, 3, exact)
    assert found is not None and found.cost == Resources(lut=400, dsp=10)


@pytest.mark.parametrize("interval", [2000, 20000])
def test_the_interval_is_met(interval: int) -> None:
    design = make_design(GRAPH, "net", FpgaOptions(interval=interval))
    assert network_interval(design.network)[0] <= interval
    assert design.schedule.interval <= interval


def test_frames_a_second_are_clocks() -> None:
    design = make_design(GRAPH, "net", FpgaOptions(fps=10_000, clock_mhz=50))
    assert design.schedule.interval <= 5000


def test_slower_is_worth_no_more() -> None:
    budget = budget_of(FpgaOptions(), DEVICES[Board.ECP5])
    costs = [make_design(GRAPH, "net", FpgaOptions(interval=i)).cost for i in (2000, 20000)]
    assert budget.worth(costs[1]) <= budget.worth(costs[0])


def test_the_latency_is_met_by_the_slowest_that_does() -> None:
    free = make_design(GRAPH, "net", FpgaOptions(interval=50000))
    wanted = free.schedule.latency * 3 // 4 // 50
    design = make_design(GRAPH, "net", FpgaOptions(latency_us=wanted, clock_mhz=50))
    assert design.schedule.latency <= wanted * 50
    assert design.cost.lut < make_design(GRAPH, "net", FpgaOptions()).cost.lut


def test_a_boards_multipliers_are_used_before_luts() -> None:
    """All multipliers at a slow interval: blocks that lie idle cost nothing, LUTs do."""
    free, none = (make_design(GRAPH, "net", FpgaOptions(interval=20000, max_dsp=m)).cost for m in (-1, 0))
    assert free.dsp > 0 and none.dsp == 0
    assert free.lut < none.lut


@pytest.mark.parametrize("board", list(Board))
def test_multipliers_save_luts(board: Board) -> None:
    """Some against none, and many against none; in between a block RAM may be worth more than a few LUTs."""
    costs = [make_design(GRAPH, "net", FpgaOptions(board, interval=5000, max_dsp=m)).cost for m in (0, 4, 11, 40)]
    assert all(made.dsp <= limit for made, limit in zip(costs, (0, 4, 11, 40), strict=True))
    assert costs[0].lut > costs[1].lut
    assert costs[0].lut > costs[-1].lut


def test_without_multipliers_everything_is_in_luts() -> None:
    design = make_design(GRAPH, "net", FpgaOptions(max_dsp=0))
    assert design.cost.dsp == 0
    styles = {i.parameters["MultStyle"] for i in design.network.instances if "MultStyle" in i.parameters}
    assert styles == {"lut"}


@pytest.mark.parametrize("levels", [0, 2])
def test_every_choice_is_undominated(levels: int) -> None:
    fabric = Fabric(adder_levels=levels, most_digits=6000, most_lut=10**5)
    for candidates in menu_of(offers_of(GRAPH, DEVICES[Board.ECP5], fabric)).values():
        for one, other in itertools.permutations(candidates, 2):
            mine = (one.interval, one.cost.lut, one.cost.dsp, one.cost.bram)
            theirs = (other.interval, other.cost.lut, other.cost.dsp, other.cost.bram)
            assert not all(a <= b for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize(
    ("x", "mult", "block", "expected", "count"),
    [
        (18, 18, (18, 18), (18, 18), 1),
        (27, 18, (18, 18), (18, 18), 2),
        (27, 18, (27, 18), (27, 18), 1),
        (12, 26, (27, 18), (18, 27), 1),
        (26, 18, (25, 18), (25, 18), 2),
        (34, 34, (27, 18), (27, 18), 4),
    ],
)
def test_products_are_cut_into_the_boards_multipliers(
    x: int, mult: int, block: tuple[int, int], expected: tuple[int, int], count: int
) -> None:
    chunks = chunks_of(x, mult, block)
    assert chunks == expected
    assert parts(x, chunks[0]) * parts(mult, chunks[1]) == count


def test_a_wider_multiplier_saves_blocks() -> None:
    def rescaling_blocks(board: Board) -> int:
        design = make_design(GRAPH, "net", FpgaOptions(board, interval=20000, max_dsp=10**4, max_lut=10**6))
        requants = [i for i in design.network.instances if i.module == "hwc_requant"]
        widths = {(i.number("XChunk"), i.number("MultChunk")) for i in requants}
        assert widths <= {DEVICES[board].mult_bits, DEVICES[board].mult_bits[::-1]}
        return sum(
            parts(i.number("InWidth") + 1 - i.number("InSigned"), i.number("XChunk"))
            * parts(i.number("MultWidth") + 1 - i.number("MultSigned"), i.number("MultChunk"))
            for i in requants
        )

    assert rescaling_blocks(Board.ZU3EG) < rescaling_blocks(Board.ECP5)


@pytest.mark.parametrize(("width", "depth", "count"), [(8, 2048, 1), (9, 2048, 1), (10, 2048, 2), (72, 512, 2)])
def test_blocks(width: int, depth: int, count: int) -> None:
    assert blocks(width, depth) == count


def test_every_board_has_a_device() -> None:
    assert set(DEVICES) == set(Board)
