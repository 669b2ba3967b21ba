"""Goals that cannot be met are refused with numbers, the layer, and the nearest that can be had."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hwcomp import driver
from hwcomp.cli.app import app
from hwcomp.ir.ops.dot import Dense
from hwcomp.ir.ops.reduce import SumPool2d
from hwcomp.support.errors import HwcompError
from hwcomp.support.resources import models
from hwcomp.targets.dataflow.boards import DEVICES, Board
from hwcomp.targets.dataflow.design import Design, make_design
from hwcomp.targets.dataflow.folding.goals import budget_of, goal_clocks
from hwcomp.targets.dataflow.ops import LOWERINGS
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from tests.targets.mcu_graphs import GRAPHS
from tests.targets.mcu_graphs import GRAPHS as STATEFUL

GRAPH = GRAPHS["convolutions"]()


def made(**options: int) -> Design:
    return make_design(GRAPH, "net", TARGET.parse_options({name: str(value) for name, value in options.items()}))


def refused(**options: int) -> HwcompError:
    with pytest.raises(HwcompError) as caught:
        made(**options)
    assert "net.onnx" in caught.value.at
    return caught.value


def test_too_fast_says_by_how_much_and_what_can_be_had() -> None:
    error = refused(interval=2)
    assert error.code == "HWC420"
    found = re.fullmatch(r"2 clocks a frame are asked for, but this layer takes at least (\d+), (\d+) more", error.what)
    assert found is not None and int(found[1]) - 2 == int(found[2])
    made(interval=int(found[1]), max_lut=10**7, max_dsp=10**5, max_bram=10**5)
    assert f"'interval={found[1]}'" in error.fix


def test_frames_a_second_are_named_as_they_were_asked_for() -> None:
    error = refused(fps=2**31 - 1, clock_mhz=1)
    assert error.code == "HWC420"
    assert error.what.startswith("2147483647 frames a second at 1 MHz, 1 clocks a frame, are asked for")


@pytest.mark.parametrize(
    ("limit", "title"), [("max_lut", "LUTs"), ("max_dsp", "multipliers"), ("max_bram", "block RAMs")]
)
def test_the_limit_in_the_way_is_named_and_enough_of_it_is_enough(limit: str, title: str) -> None:
    """The resource is short, the others are not: the error blames that limit, and its remedy works."""
    others = {"max_lut": 10**6 if limit == "max_bram" else 60000, "max_dsp": 0, "max_bram": 10**4}
    asked = {"interval": 800} | others | {limit: {"max_lut": 3000, "max_dsp": 0, "max_bram": 0}[limit]}
    if limit == "max_dsp":
        asked |= {"max_lut": 9000, "adder_levels": 0}
    error = refused(**asked)
    assert error.code == "HWC421"
    name = limit.replace("_", "-")
    given = {key.replace("-", "_"): int(value) for key, value in re.findall(r"'(max-\w+)=(\d+)'", error.fix)}
    assert f"of '{name}=" in error.what or limit == "max_dsp"
    assert title in error.what or limit == "max_dsp"
    assert "Lattice" not in error.what
    assert made(**(asked | given)).schedule.interval <= 800


def test_the_nearest_interval_that_is_offered_can_be_had() -> None:
    error = refused(interval=300, max_lut=9000, max_dsp=0, adder_levels=0)
    offered = re.search(r"'interval=(\d+)', which fits", error.fix)
    assert offered is not None
    design = made(interval=int(offered[1]), max_lut=9000, max_dsp=0, adder_levels=0)
    assert design.schedule.interval <= int(offered[1]) and design.cost.lut <= 9000


def test_a_board_is_blamed_for_its_own_limits() -> None:
    options = driver.BuildOptions(target_options={"interval": "200", "max-dsp": "0", "adder-levels": "0"})
    with pytest.raises(HwcompError) as caught:
        driver.plan(models() / "digits_qdq.onnx", "fpga", options)
    assert caught.value.code == "HWC421"
    assert "of Lattice ECP5-85k" in caught.value.what and "larger board" in caught.value.fix


def test_what_fits_at_no_speed_says_so() -> None:
    error = refused(max_lut=500)
    assert error.code == "HWC421" and "the smallest design: it needs" in error.what
    assert "smaller model" in error.fix


def test_contradicting_limits_name_all_of_them() -> None:
    limits = {"interval": "100", "max-lut": "1000", "max-dsp": "1", "max-bram": "1"}
    with pytest.raises(HwcompError) as caught:
        driver.plan(models() / "digits_qdq.onnx", "fpga", driver.BuildOptions(target_options=limits))
    error = caught.value
    assert error.code == "HWC421"
    assert error.what.count("more than") == error.what.count("it needs") > 1


def test_latency_out_of_reach_says_the_least() -> None:
    error = refused(latency_us=1, clock_mhz=1)
    assert error.code == "HWC422" and "from beat to result" in error.what
    offered = re.search(r"'latency-us=(\d+)'", error.fix)
    assert offered is not None
    design = make_design(GRAPH, "net", FpgaOptions(latency_us=int(offered[1]), clock_mhz=1))
    assert design.schedule.latency <= int(offered[1])


def test_the_strictest_goal_counts() -> None:
    assert goal_clocks(FpgaOptions(interval=900, fps=1000), 50) == 900
    assert goal_clocks(FpgaOptions(interval=900, fps=100_000), 50) == 500
    assert goal_clocks(FpgaOptions(), 50) == 0


def test_limits_of_none_and_of_the_board_differ() -> None:
    device = DEVICES[Board.ECP5]
    assert TARGET.parse_options({}).max_dsp == -1
    assert budget_of(TARGET.parse_options({}), device).limits.dsp == device.limits.dsp
    none = budget_of(TARGET.parse_options({"max-dsp": "0"}), device)
    assert none.limits.dsp == 0 and none.limits.bram == device.limits.bram


@pytest.mark.parametrize(
    "given", [{"max-dsp": "-1"}, {"max-lut": "9" * 20}, {"fps": "1e9"}, {"clock-mhz": "2001"}, {"interval": "-5"}]
)
def test_absurd_numbers_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(HwcompError) as caught:
        TARGET.parse_options(given)
    assert caught.value.code == "HWC006"


@pytest.mark.parametrize("command", [["build", "-o", "out"], ["plan"]])
def test_an_operator_that_is_missing_is_named_before_anything_is_written(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All operators of the graph that the target lacks, each with the user's name of it, and no folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(LOWERINGS, SumPool2d)
    monkeypatch.delitem(LOWERINGS, Dense)
    answer = CliRunner().invoke(app, [*command, str(models() / "digits_qdq.onnx"), "--target", "fpga", "--json"])
    assert answer.exit_code == 1
    errors = json.loads(answer.stdout)["errors"]
    assert [error["code"] for error in errors] == ["HWC106"] * 2
    assert "SumPool2d" in errors[0]["what"] and "/pool/" in errors[0]["at"]
    assert "Dense" in errors[1]["what"] and "/head/Gemm" in errors[1]["at"]
    assert not list(tmp_path.iterdir())


def test_a_loop_through_states_bounds_the_interval() -> None:
    graph = TARGET.prepare(STATEFUL["states"](), FpgaOptions())
    with pytest.raises(HwcompError, match="HWC420") as caught:
        make_design(graph, "net", FpgaOptions(interval=1))
    (problem,) = caught.value.problems
    offered = int(re.findall(r"'interval=(\d+)'", problem.fix)[0])
    assert "state" in problem.what and "write_left" in problem.at
    assert make_design(graph, "net", FpgaOptions(interval=offered)).schedule.interval <= offered
