"""Folding: exact against brute force, goals met or refused with numbers."""

from __future__ import annotations

import itertools

import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.targets.fpga.boards import DEVICES, Board
from hwcomp.targets.fpga.choice import Choice
from hwcomp.targets.fpga.cost import Resources, blocks
from hwcomp.targets.fpga.design import make_design
from hwcomp.targets.fpga.folding import Candidate, fastest, menu_of, smallest
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.timing import network_interval
from tests.targets.mcu_graphs import GRAPHS

GRAPH = GRAPHS["convolutions"]()
LIMITS = Resources(1000, 10**6, 10, 10)


def candidate(interval: int, lut: int, dsp: int) -> Candidate:
    return Candidate(Choice(simd=interval), interval, Resources(lut, 0, dsp, 0))


MENU = {
    0: [candidate(1, 700, 0), candidate(2, 100, 8), candidate(2, 400, 0), candidate(9, 50, 0)],
    1: [candidate(1, 500, 6), candidate(3, 300, 2), candidate(8, 100, 0)],
}


def within(picks: tuple[Candidate, ...]) -> bool:
    cost = sum((c.cost for c in picks), Resources())
    return cost.lut * 100 <= LIMITS.lut * 90 and cost.dsp * 100 <= LIMITS.dsp * 90


def test_fastest_is_the_least_interval_of_all_combinations() -> None:
    best = min(max(c.interval for c in picks) for picks in itertools.product(*MENU.values()) if within(picks))
    found = fastest(MENU, LIMITS)
    assert found is not None and found.interval == best


@pytest.mark.parametrize("goal", [3, 8, 9])
def test_smallest_is_the_cheapest_of_all_combinations(goal: int) -> None:
    def worth(picks: tuple[Candidate, ...]) -> int:
        cost = sum((c.cost for c in picks), Resources())
        return 64 * cost.lut + 6400 * cost.dsp

    fitting = [p for p in itertools.product(*MENU.values()) if within(p) and max(c.interval for c in p) <= goal]
    found = smallest(MENU, goal, LIMITS)
    assert found is not None
    assert 64 * found.cost.lut + 6400 * found.cost.dsp == min(map(worth, fitting))


def test_nothing_fits_nothing() -> None:
    assert smallest(MENU, 9, Resources(10, 10, 0, 0)) is None
    assert fastest(MENU, Resources(10, 10, 0, 0)) is None


@pytest.mark.parametrize("interval", [2000, 20000])
def test_the_interval_is_met(interval: int) -> None:
    design = make_design(GRAPH, "net", FpgaOptions(interval=interval))
    assert network_interval(design.network)[0] <= interval
    assert design.schedule.interval <= interval


def test_frames_a_second_are_clocks() -> None:
    design = make_design(GRAPH, "net", FpgaOptions(fps=10_000, clock_mhz=50))
    assert design.schedule.interval <= 5000


def test_slower_is_not_larger() -> None:
    costs = [make_design(GRAPH, "net", FpgaOptions(interval=i)).cost for i in (2000, 20000)]
    assert costs[1].lut <= costs[0].lut and costs[1].dsp <= costs[0].dsp


def test_the_latency_is_met_by_the_slowest_that_does() -> None:
    free = make_design(GRAPH, "net", FpgaOptions(interval=50000))
    wanted = free.schedule.latency * 3 // 4 // 50
    design = make_design(GRAPH, "net", FpgaOptions(latency_us=wanted, clock_mhz=50))
    assert design.schedule.latency <= wanted * 50
    assert design.cost.lut < make_design(GRAPH, "net", FpgaOptions()).cost.lut


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (FpgaOptions(interval=2), "HWC420", "clocks a frame are asked for, but this layer takes at least"),
        (FpgaOptions(interval=100, max_lut=9000), "HWC421", "LUTs too many"),
        (FpgaOptions(latency_us=1, clock_mhz=1), "HWC422", "from beat to result"),
    ],
)
def test_a_goal_out_of_reach_says_by_how_much(options: FpgaOptions, code: str, words: str) -> None:
    with pytest.raises(HwcompError) as caught:
        make_design(GRAPH, "net", options)
    assert caught.value.code == code and words in caught.value.what
    assert "ask for" in caught.value.fix and "net.onnx" in caught.value.at


def test_what_fits_at_no_speed_says_so() -> None:
    with pytest.raises(HwcompError) as caught:
        make_design(GRAPH, "net", FpgaOptions(max_lut=500))
    assert caught.value.code == "HWC421" and "LUTs too many" in caught.value.what
    assert "larger board" in caught.value.fix


def test_without_multipliers_everything_is_in_luts() -> None:
    design = make_design(GRAPH, "net", FpgaOptions(max_dsp=1))
    assert design.cost.dsp == 0
    styles = {i.parameters["MultStyle"] for i in design.network.instances if "MultStyle" in i.parameters}
    assert styles == {"lut"}


def test_every_choice_is_undominated() -> None:
    for candidates in menu_of(GRAPH).values():
        for one, other in itertools.permutations(candidates, 2):
            mine = (one.interval, one.cost.lut, one.cost.dsp, one.cost.bram)
            theirs = (other.interval, other.cost.lut, other.cost.dsp, other.cost.bram)
            assert not all(a <= b for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize(("width", "depth", "count"), [(8, 2048, 1), (9, 2048, 1), (10, 2048, 2), (72, 512, 2)])
def test_blocks(width: int, depth: int, count: int) -> None:
    assert blocks(width, depth) == count


def test_every_board_has_a_device() -> None:
    assert set(DEVICES) == set(Board)
