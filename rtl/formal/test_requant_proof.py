"""The datapath of hwc_requant equals its definition on every input: a bounded model check that is complete, by SMT.

The pipeline only moves forward, so what holds as many clocks after an arbitrary start as it has stages, holds always. A
mutant of the definition must be refused. Where products are cut into parts the operands are narrow, for solvers do not
multiply well; where they are not, the widths are those of a real layer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rtl.formal.smt import Values, needs_tools, prove

PARTS = ("hwc_tree", "hwc_product", "hwc_delay", "hwc_requant_lane")

PLAIN: Values = {}
CASES: dict[str, Values] = {
    "floor": PLAIN,
    "even": {"Tie": "even"},
    "layer": {"XWidth": 24, "MultWidth": 20, "OffsetWidth": 40, "AccWidth": 46, "Shift": 30, "XChunk": 24,
              "MultChunk": 20, "Tie": "even"},
    "shift0": {"Shift": 0, "Tie": "even"},
    "beyond": {"Shift": 30, "Lo": -2, "Hi": 5, "Zero": 0},
    "negative": {"HasNegative": 1, "Latency": 5},
    "negative_bias": {"HasNegative": 1, "NegativeBias": 77, "Tie": "even", "Latency": 5},
    "two_inputs": {"Inputs": 2, "Latency": 5},
    "parts": {"XWidth": 6, "MultWidth": 5, "OffsetWidth": 9, "AccWidth": 13, "Shift": 4, "XChunk": 4, "MultChunk": 3,
              "Lo": -20, "Hi": 25, "Latency": 6},
    "unsigned_out": {"Lo": 0, "Hi": 255, "Zero": 128, "Tie": "away"},
}  # fmt: skip


def proves(values: Values, folder: Path) -> bool:
    """Whether the assertion holds in every state that `Latency` clocks can reach."""
    return prove("requant", PARTS, values, int(values.get("Latency", 4)) + 2, folder)


@needs_tools
@pytest.mark.parametrize("case", CASES)
def test_lane_is_the_definition(case: str, tmp_path: Path) -> None:
    assert proves(CASES[case], tmp_path)


@needs_tools
@pytest.mark.parametrize("case", ["even", "floor"])
def test_mutant_is_refused(case: str, tmp_path: Path) -> None:
    assert not proves({**CASES[case], "Mutant": 1}, tmp_path)
