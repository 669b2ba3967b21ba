"""hwc_packed_mul gives the products on every input: a model check that is complete, by SMT; a mutant is refused.

Solvers do not multiply well, so the operands are narrow; rtl/tb/test_mvu.py has those of 8 and 16 bits.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rtl.formal.smt import Values, needs_tools, prove

PARTS = ("hwc_delay", "hwc_packed_mul")
CASES: dict[str, Values] = {
    "int4_3": {},
    "uint4_2": {"ASigned": 0, "Pack": 2},
    "w2a4_4": {"ASigned": 0, "BWidth": 2, "Pack": 4},
    "w4a2_2": {"AWidth": 2, "Pack": 2},
    "w3a5_2": {"AWidth": 5, "BWidth": 3, "Pack": 2},
    "w2a2_4": {"AWidth": 2, "BWidth": 2, "Pack": 4},
    "bits": {"AWidth": 1, "ASigned": 0, "BWidth": 1, "Pack": 5},
}


def proves(values: Values, folder: Path) -> bool:
    """Whether the products are those of the definition once the pipeline is full."""
    return prove("packed_proof", PARTS, values, 5, folder)


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_products_are_exact(case: str, tmp_path: Path) -> None:
    assert proves(CASES[case], tmp_path)


@needs_tools
@pytest.mark.slow
def test_mutant_is_refused(tmp_path: Path) -> None:
    assert not proves({"Mutant": 1}, tmp_path)
