"""Errors: their text, their codes, their exit codes, and that several are raised as one."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from hwcomp.support.advice import advice
from hwcomp.support.causes import CAUSES, cause
from hwcomp.support.codes import CODES
from hwcomp.support.errors import HwcompError, Mismatch, Problem, raise_all

PACKAGE = Path(__file__).resolve().parent.parent / "hwcomp"


def test_text_has_code_place_reason_and_fix() -> None:
    error = HwcompError(
        "HWC101", "dilations [2, 2] are not lowered", "net.onnx: Conv '/conv2'", "export with dilation 1"
    )
    assert str(error) == (
        "[HWC101] net.onnx: Conv '/conv2': dilations [2, 2] are not lowered\n  fix: export with dilation 1"
    )
    assert (error.code, error.at) == ("HWC101", "net.onnx: Conv '/conv2'")


def test_several_problems_are_one_error_in_order_without_repetitions() -> None:
    first, second = Problem("HWC203", "w", "a", "f"), Problem("HWC101", "w", "b", "f")
    with pytest.raises(HwcompError) as raised:
        raise_all([first, second, first])
    assert raised.value.problems == (first, second)
    assert str(raised.value).splitlines() == ["[HWC203] a: w", "  fix: f", "[HWC101] b: w", "  fix: f"]


def test_no_problem_raises_nothing() -> None:
    raise_all([])


def test_errors_cross_processes() -> None:
    error = HwcompError.of([Problem("HWC203", "w", "a", "f"), Problem("HWC101", "w", "b", "f")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("HWC001", 2), ("HWC101", 1), ("HWC201", 1), ("HWC301", 1), ("HWC401", 1), ("HWC501", 3), ("HWC601", 4)],
)
def test_exit_code_follows_the_range(code: str, exit_code: int) -> None:
    assert HwcompError(code, "w", "a", "f").exit_code == exit_code


def test_an_unknown_code_is_our_mistake() -> None:
    with pytest.raises(AssertionError, match="HWC999"):
        Problem("HWC999", "w", "a", "f")


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_meaning_and_an_advice(code: str) -> None:
    assert re.fullmatch(r"HWC[0-6][0-9]{2}", code)
    assert CODES[code] and "\n" not in CODES[code] and not CODES[code].endswith(".")
    assert advice(code) and cause(code)


def test_causes_are_of_codes_alone() -> None:
    assert sorted(CAUSES) == sorted(CODES)


def test_every_code_in_the_sources_is_in_the_table() -> None:
    used = {code for path in PACKAGE.rglob("*.py") for code in re.findall(r"\"(HWC\d{3})\"", path.read_text("utf-8"))}
    assert used <= set(CODES), sorted(used - set(CODES))


def test_a_mismatch_names_operator_index_values_and_command() -> None:
    text = str(Mismatch("conv1", (0, 3, 1), 5, 6, "Conv '/conv1'", "hwcomp verify out --on host"))
    assert text == (
        "first difference at Conv '/conv1': conv1[0, 3, 1] is 6, expected 5\n  reproduce: hwcomp verify out --on host"
    )
