"""The search: designs as a whole are within the limits; neighbours, the frontier, and MACs a multiplier and clock."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hwcomp import driver
from hwcomp.cli.app import app
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.support.json_values import items, record, whole
from hwcomp.support.resources import models
from hwcomp.targets.base import Plan
from hwcomp.targets.dataflow.boards import DEVICES, Board
from hwcomp.targets.dataflow.choice import Choice
from hwcomp.targets.dataflow.design import Frontier, make_design, make_frontier
from hwcomp.targets.dataflow.estimate.cost import Resources, top_cost
from hwcomp.targets.dataflow.folding.goals import budget_of
from hwcomp.targets.dataflow.folding.macs import layer_rate, mac_rate, macs_of, multipliers_of
from hwcomp.targets.dataflow.folding.search import Search
from hwcomp.targets.dataflow.folding.solver import Budget, Candidate, Folding, Menu
from hwcomp.targets.dataflow.folding.trial import Trial
from hwcomp.targets.dataflow.network import Network
from hwcomp.targets.dataflow.timing.schedule import Schedule
from hwcomp.targets.fpga.options import FpgaOptions
from tests.targets.mcu_graphs import GRAPHS

GRAPH = GRAPHS["convolutions"]()
MODEL = models() / "digits_qdq.onnx"
DEVICE = DEVICES[Board.ECP5]


@pytest.fixture(scope="module")
def found() -> Frontier:
    """Without adder graphs, so that every layer of weights has multipliers."""
    return make_frontier(GRAPH, "net", FpgaOptions(interval=1000, adder_levels=0), everything=True)


def faked(menu: Menu, limits: Resources, between: dict[int, int]) -> Search:
    """A search in which so many LUTs stand between the layers of a design, by its interval."""

    def try_out(folding: Folding) -> Trial:
        cost = folding.cost + Resources(lut=between[folding.interval])
        schedule = Schedule(folding.interval, folding.interval, "", {})
        return Trial(folding, Network("net", {}, (), (), ()), schedule, cost, None)

    return Search(menu, Budget(limits, Resources(16, 1, 16, 16)), try_out)


def layer(*costs: tuple[int, int]) -> list[Candidate]:
    return [Candidate(Choice(simd=i), i, Resources(lut=lut)) for i, lut in costs]


def test_what_stands_between_layers_is_taken_from_them() -> None:
    """At 2 clocks the layers fit and the design does not: 4 is the fastest."""
    search = faked({0: layer((1, 200), (2, 95), (4, 60)), 1: layer((1, 5))}, Resources(lut=100), {2: 10, 4: 10})
    fastest = search.fastest()
    assert fastest is not None and fastest.interval == 4
    assert search.smallest(2) is None
    assert [trial.interval for trial in search.frontier()] == [4]


def test_a_faster_design_that_takes_less_in_all_is_taken() -> None:
    search = faked({0: layer((1, 90), (2, 62), (4, 60))}, Resources(lut=1000), {1: 0, 2: 0, 4: 10})
    slow = search.smallest(4)
    assert slow is not None and slow.interval == 4
    assert search.bargain(slow).interval == 2


def test_without_a_goal_a_little_speed_is_given_for_much_less() -> None:
    between = {1000: 0, 1200: 0, 1300: 0}
    search = faked({0: layer((1000, 900), (1200, 500), (1300, 100))}, Resources(lut=1000), between)
    balanced = search.balanced()
    assert balanced is not None and balanced.interval == 1200


@pytest.mark.parametrize("max_lut", [6000, 9000, 20000])
def test_converters_and_fifos_are_within_the_limits_too(max_lut: int) -> None:
    design = make_design(GRAPH, "net", FpgaOptions(max_lut=max_lut, max_dsp=8, max_bram=30))
    cost = top_cost(design.network)
    assert cost == design.cost
    assert cost.lut <= max_lut and cost.dsp <= 8 and cost.bram <= 30


def test_neighbours_are_a_tenth_away(found: Frontier) -> None:
    budget = budget_of(FpgaOptions(), DEVICE)
    kinds = {n.kind: n.trial for n in found.neighbours}
    assert kinds.keys() == {"cheaper", "faster"}
    chosen = found.chosen
    assert chosen.interval * 10 >= kinds["faster"].interval * 11
    assert kinds["cheaper"].interval > chosen.interval
    assert budget.worth(kinds["cheaper"].cost) * 10 <= budget.worth(chosen.cost) * 9


def test_beyond_the_fastest_a_design_that_does_not_fit_is_shown() -> None:
    search = faked({0: layer((10, 500), (20, 100), (40, 60))}, Resources(lut=100), {10: 0, 20: 0, 40: 0})
    chosen = search.fastest()
    assert chosen is not None and chosen.interval == 20
    around = {n.kind: (n.trial.interval, n.trial.cost.lut, n.fits) for n in search.neighbours(chosen)}
    assert around == {"faster": (10, 500, False), "cheaper": (40, 60, True)}


def test_the_frontier_descends(found: Frontier) -> None:
    budget = budget_of(FpgaOptions(), DEVICE)
    worth = [budget.worth(trial.cost) for trial in found.all]
    assert len(worth) > 3
    assert worth == sorted(set(worth), reverse=True)
    assert [t.interval for t in found.all] == sorted({t.interval for t in found.all})


def test_the_rate_is_macs_by_multipliers_by_clocks(found: Frontier) -> None:
    trial = found.chosen
    weights = {i: GRAPH.values[op.inputs[1]] for i, op in enumerate(GRAPH.ops) if isinstance(op, Conv2d | Dense)}
    macs = {i: GRAPH.values[GRAPH.ops[i].outputs[0]].type.size * math.prod(w.shape[1:]) for i, w in weights.items()}
    assert {i: macs_of(GRAPH, GRAPH.ops[i]) for i in macs} == macs
    multipliers = {i: sum(multipliers_of(x) for x in trial.network.instances if x.layer == i) for i in macs}
    assert trial.rate == sum(macs.values()) / (sum(multipliers.values()) * trial.interval)
    assert trial.rate == mac_rate(GRAPH, trial.network, trial.interval)
    for index in macs:
        rate = layer_rate(GRAPH, trial.network, index, trial.interval)
        expected = macs[index] / (multipliers[index] * trial.interval)
        assert rate == expected and 0 < expected <= 1


def test_alternatives_are_said_before_a_file_is_written(tmp_path: Path) -> None:
    out, said = tmp_path / "out", list[Plan]()

    def announce(plan: Plan) -> None:
        assert not out.exists() and not list(tmp_path.iterdir())
        said.append(plan)

    options = driver.BuildOptions(target_options={"interval": "4096"})
    bundle = driver.build(MODEL, "fpga", out, options, announce=announce)
    (plan,) = said
    chosen = next(d for d in plan.designs if d.kind == "chosen")
    assert (out / "manifest.json").is_file()
    assert chosen.interval_cycles == bundle.manifest.extra["interval_cycles"]
    assert chosen.latency_cycles == bundle.manifest.extra["latency_cycles"]
    estimate = {"lut": chosen.lut, "ff": chosen.ff, "dsp": chosen.dsp, "bram": chosen.bram}
    assert estimate == bundle.manifest.extra["estimate"]
    others = bundle.manifest.extra["alternatives"]
    intervals = {whole(record(other)["interval_cycles"]) for other in items(others)}
    assert intervals == {d.interval_cycles for d in plan.designs if d is not chosen}


def test_plan_prints_what_build_would_choose_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(app, ["plan", str(MODEL), "-O", "interval=4096", "--json"])
    assert answer.exit_code == 0
    designs = json.loads(answer.stdout)["designs"]
    assert [d["kind"] for d in designs].count("chosen") == 1
    assert {"faster", "cheaper"} >= {d["kind"] for d in designs} - {"chosen"}
    assert not list(tmp_path.iterdir())
    table = CliRunner().invoke(app, ["plan", str(MODEL), "-O", "interval=4096"])
    for column in ("frames a second", "latency", "LUTs", "flip-flops", "multipliers", "block RAMs"):
        assert column in table.stdout


def test_a_target_without_choices_says_so() -> None:
    answer = CliRunner().invoke(app, ["plan", str(MODEL), "--target", "mcu"])
    assert answer.exit_code == 0 and "nothing to choose" in answer.stdout
