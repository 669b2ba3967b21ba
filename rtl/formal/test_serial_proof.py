"""hwc_serial_add and hwc_serial_shift sum words digit by digit, on every input: by SMT; a mutant is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtl.formal.smt import Values, needs_tools, prove

PARTS = ("hwc_serial_add", "hwc_serial_shift")
CASES: dict[str, Values] = {
    "pairs": {},
    "difference": {"Negative": 2, "Shift": 3},
    "bits": {"Digit": 1, "Period": 4},
    "difference_of_bits": {"Digit": 1, "Period": 4, "Negative": 2, "Shift": 2},
    "three": {"Digit": 1, "Operands": 3},
    "three_less_two": {"Digit": 1, "Operands": 3, "Negative": 6},
    "four": {"Digit": 1, "Operands": 4},
    "four_less_three": {"Digit": 1, "Operands": 4, "Negative": 14},
    "four_of_pairs": {"Digit": 2, "Period": 2, "Operands": 4, "Negative": 4},
}


def proves(values: Values, folder: Path) -> bool:
    """Whether words are summed, for as many clocks as three words take, a third of them not enabled."""
    return prove("serial_proof", PARTS, values, 4 * int(values.get("Period", 3)) + 3, folder)


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_words_are_summed(case: str, tmp_path: Path) -> None:
    assert proves(CASES[case], tmp_path)


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize("case", ["pairs", "four"])
def test_mutant_is_refused(case: str, tmp_path: Path) -> None:
    assert not proves({**CASES[case]} | {"Mutant": 1}, tmp_path)
