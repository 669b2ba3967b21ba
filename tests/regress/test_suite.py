"""suite.toml: the product, its names and patterns, and every wrong key at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp.regress.matrix import chosen, jobs_of, matches, parse_job
from hwcomp.regress.suite import read_suite
from hwcomp.support.errors import HwcompError
from tests.regress.digits import HEAD, QUICK, ROOT, write_suite

AXES = """
[suite]
rungs = ["proof", "host", "verilator"]
[[model]]
name = "a"
path = "a.onnx"
reference = ["onnx", "onnxruntime"]
timeout-seconds = 5
[[model]]
name = "b"
input = ["x=u8:1/255", "s8:2^-5:1"]
path = "${REGRESS_TEST_FOLDER:-there}/b.tflite"
exact = "strict"
[[target]]
name = "mcu"
option = {arch = ["generic", "cortex-m"], vectors = 2, c-name = "net"}
[[target]]
name = "fpga"
timeout-seconds = 9
[matrix]
skip = ["b/mcu:arch=generic*", "onnxruntime"]
"""


def names(folder: Path, *parts: str) -> list[str]:
    return [job.name for job in jobs_of(read_suite(write_suite(folder, *parts)))]


def test_the_product(tmp_path: Path) -> None:
    jobs = {job.name: job for job in jobs_of(read_suite(write_suite(tmp_path, AXES)))}
    assert list(jobs) == [
        "a/mcu:arch=generic/onnx",
        "a/mcu:arch=cortex-m/onnx",
        "a/fpga/onnx",
        "b/mcu:arch=cortex-m/strict",
        "b/fpga/strict",
    ]
    generic = jobs["a/mcu:arch=generic/onnx"]
    assert generic.options == (("arch", "generic"), ("c-name", "net"), ("vectors", "2"))
    assert (generic.rungs, jobs["a/fpga/onnx"].rungs) == (("proof", "host"), ("proof", "verilator"))
    assert (generic.seconds, jobs["b/fpga/strict"].seconds, jobs["b/mcu:arch=cortex-m/strict"].seconds) == (5, 9, 600)
    assert jobs["b/fpga/strict"].model == str(tmp_path / "there" / "b.tflite")
    assert [job.inputs for job in jobs.values()] == [()] * 3 + [("x=u8:1/255", "s8:2^-5:1")] * 2
    assert all(parse_job(job.to_json()) == job for job in jobs.values())


def test_the_environment_is_in_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGRESS_TEST_FOLDER", "/models")
    assert read_suite(write_suite(tmp_path, AXES)).models[1].path == Path("/models/b.tflite")


def test_only_of_the_matrix_and_of_the_command(tmp_path: Path) -> None:
    assert names(tmp_path, AXES, 'only = ["*/fpga/*"]') == ["a/fpga/onnx", "b/fpga/strict"]
    jobs = jobs_of(read_suite(tmp_path / "suite.toml"))
    assert [job.name for job in chosen(jobs, ["strict"], "suite")] == ["b/fpga/strict"]
    with pytest.raises(HwcompError) as raised:
        chosen(jobs, ["a/fpg?"], "suite")
    assert raised.value.code == "HWC014"


@pytest.mark.parametrize(
    ("pattern", "expected"), [("fpga", True), ("a/f", True), ("a/*", True), ("fp*", False), ("[ab]/fpga", True)]
)
def test_patterns(pattern: str, expected: bool) -> None:
    assert matches("a/fpga", [pattern]) is expected


WRONG = """
seconds = 3
[suite]
timeout-seconds = 0
rungs = ["proof", "flight"]
colour = "red"
exact = "roughly"
[[model]]
reference = 3
[[model]]
path = "${REGRESS_TEST_NOWHERE}/net.onnx"
input = "s99:1"
name = "a/b"
[[target]]
name = "abacus"
option = {arch = [1.5]}
[[target]]
name = "mcu"
[[target]]
name = "mcu"
option = 7
figures = ["weight"]
[matrix]
skip = [1]
"""


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(HwcompError) as raised:
        read_suite(write_suite(tmp_path, WRONG))
    found = [problem.what for problem in raised.value.problems]
    assert {problem.code for problem in raised.value.problems} == {"HWC012"}
    for part in (
        "'seconds' is no key", "'timeout-seconds' is 0", "'rungs' has no 'flight'", "'colour' is no key",
        "'exact' has no 'roughly'", "'path' is missing", "'reference' is no list of texts",
        "the environment has no REGRESS_TEST_NOWHERE", "the name 'a/b' has other signs", "no target 'abacus'",
        "'option.arch' is no text", "2 [[target]] are named 'mcu'", "'option' is no table", "'figures' has no 'weight'",
        "'skip' is no list of texts", "'input': 's99:1' is no type",
    ):  # fmt: skip
        assert any(part in what for what in found), (part, found)
    assert all(problem.fix for problem in raised.value.problems)


@pytest.mark.parametrize("text", ["[suite", "suite = 1", "model = [1]", "", "[suite]\n[suite]", "\x00", "[[suite]]"])
def test_damaged_files(tmp_path: Path, text: str) -> None:
    with pytest.raises(HwcompError) as raised:
        read_suite(write_suite(tmp_path, text))
    assert raised.value.code == "HWC012"


def test_options_and_rungs_are_checked_before_anything_runs(tmp_path: Path) -> None:
    wrong = QUICK.replace("vectors = 1", "vectors = [1, 5000], speed = 3").replace("evaluate", "verilator")
    with pytest.raises(HwcompError) as raised:
        names(tmp_path, HEAD, wrong)
    assert [problem.code for problem in raised.value.problems] == ["HWC012", "HWC006", "HWC006"]


@pytest.mark.parametrize("name", ["tests/regress/suite.toml", "bench/regress.toml"])
def test_the_suites_that_are_shipped_are_whole(name: str) -> None:
    assert len(jobs_of(read_suite(ROOT / name))) > 3
