"""Area, timing and power of an asic bundle, estimated: Yosys to the cells of a liberty file, then OpenSTA.

What is not known is left out and said: the area of RAM macros, wires, paths that begin or end in a macro.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import items, record, text, whole
from hwcomp.support.manifest import Manifest, read_manifest
from hwcomp.support.render import render
from hwcomp.targets.asic.synthesis import SCRIPTS, MacroShape, SynthesisView
from hwcomp.verify.cell_areas import AreaRow, read_areas
from hwcomp.verify.liberty import Liberty, read_liberty
from hwcomp.verify.toolchain import require_package

_SECONDS = 7200
_DONE = "HWC done"
_PROGRAM = f"""import sys
from pyosys import libyosys
libyosys.run_pass("tee -q -o " + sys.argv[2] + " script " + sys.argv[1], libyosys.Design())
print("{_DONE}")
"""
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Timing:
    """tool: who says it, and what he leaves out; path: the worst one, as he prints it."""

    tool: str
    worst_ns: float
    path: str

    @property
    def fmax_mhz(self) -> float:
        return 1000 / self.worst_ns


@dataclass(frozen=True, slots=True)
class Estimate:
    """What synthesis says. power_mw: None without OpenSTA; activity: transitions a clock of a net that it assumes."""

    tool: str
    liberty: Liberty
    clock_mhz: int
    area_um2: float
    rows: tuple[AreaRow, ...]
    timing: Timing | None
    power_mw: float | None
    activity: str

    @property
    def gates(self) -> float | None:
        """Gate equivalents, of NANDs of two inputs."""
        return None if self.liberty.gate_um2 is None else self.area_um2 / self.liberty.gate_um2

    @property
    def macro_bits(self) -> int:
        return sum(row.macro_bits for row in self.rows)


def estimate(bundle: Path, liberty: Path, clock_mhz: int = 0) -> Estimate:
    """Synthesise the asic bundle in `bundle` for `clock_mhz`, or for the clock that it was built for.

    Raises:
        HwcompError: HWC001, HWC015 the liberty file; HWC005 no asic bundle; HWC007 no bundle; HWC503 Yosys stopped;
            HWC602 pyosys is missing.
    """
    manifest = read_manifest(bundle)
    if manifest.target != "asic":
        what = f"a bundle of target '{manifest.target}' is not synthesised for a liberty file"
        raise HwcompError("HWC005", what, str(bundle), "build it with '--target asic'")
    cells = read_liberty(liberty)
    require_package("pyosys", "it synthesises")
    with tempfile.TemporaryDirectory(prefix="hwc-synth-") as holder:
        work = Path(holder)
        shutil.copyfile(liberty, work / "cells.lib")
        view = _view(bundle, manifest, work, cells.driver, clock_mhz)
        log = _run_yosys(bundle, view, work)
        area, rows = read_areas(work, manifest.c_name)
        timing, power = _run_sta(view, work, str(bundle))
    mhz = round(1_000_000 / view.period_ps)
    return Estimate(
        f"Yosys {version('pyosys')}", cells, mhz, area, rows, timing or _abc_timing(log), power, view.activity
    )


def _view(bundle: Path, manifest: Manifest, work: Path, driver: str, clock_mhz: int) -> SynthesisView:
    try:
        built_for = whole(record(manifest.extra["options"])["clock_mhz"])
        macros = record(manifest.extra["macros"])
        source = text(macros["source"])
        shapes = [record(shape) for shape in items(macros["shapes"])]
        sizes = tuple(MacroShape(whole(shape["width"]), whole(shape["depth"])) for shape in shapes)
        modules = tuple(text(name) for name in items(manifest.extra["network_modules"]))
        if not all(_FILE.fullmatch(name) for name in (*manifest.sources, source, *modules)):
            raise ValueError("a name of a source or module has signs that no bundle has")
    except (KeyError, ValueError) as error:
        what, fix = f"its manifest does not say what is synthesised: {error}", "build the bundle again"
        raise HwcompError("HWC007", what, str(bundle), fix) from error
    period_ps = 1_000_000 // (clock_mhz or max(built_for, 1))
    cells = str(work / "cells.lib")
    return SynthesisView(manifest.c_name, manifest.sources, source, modules, sizes, cells, driver, period_ps, str(work))


def _run_yosys(bundle: Path, view: SynthesisView, work: Path) -> str:
    """Its log. It was seen to stop silently with code 0, so its last word is looked for."""
    script, log = work / "synth.ys", work / "yosys.log"
    script.write_text(render(SCRIPTS["scripts/synth.ys"], view), encoding="utf-8")
    (work / "abc.constr").write_text(render(SCRIPTS["scripts/abc.constr"], view), encoding="utf-8")
    command = [sys.executable, "-c", _PROGRAM, str(script), str(log)]
    try:
        done = subprocess.run(
            command, cwd=bundle, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        fix = "build for a longer interval, which takes fewer cells"
        raise HwcompError("HWC503", f"Yosys took over {_SECONDS} s", str(bundle), fix) from error
    said = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else done.stderr
    if _DONE not in done.stdout.splitlines() or not (work / "timing.v").is_file():
        problems = [line for line in (said + done.stderr).splitlines() if "ERROR" in line]
        what = (problems or [said.strip()])[-1][-_SHOWN:]
        raise HwcompError("HWC503", f"Yosys stopped: {what}", str(bundle), "check the liberty file, or report this")
    return said


def _run_sta(view: SynthesisView, work: Path, at: str) -> tuple[Timing | None, float | None]:
    """The worst path and the power by OpenSTA; None for both where it is not installed or finds no path.

    Raises:
        HwcompError: HWC503 it does not read the netlist, or a module of it: what it then says is of a part.
    """
    program = shutil.which(os.environ.get("HWCOMP_STA") or "sta")
    if program is None:
        return None, None
    netlist = work / "timing.v"
    # The parser of the OpenSTA that Debian has rejects `wire signed`.
    netlist.write_text(netlist.read_text(encoding="utf-8").replace(" signed ", " "), encoding="utf-8")
    script = work / "sta.tcl"
    script.write_text(render(SCRIPTS["scripts/sta.tcl"], view), encoding="utf-8")
    done = subprocess.run(
        [program, str(script)],
        cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=_SECONDS,
        check=False,
    )  # fmt: skip
    (work / "sta.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")]
    if said:
        raise HwcompError("HWC503", f"OpenSTA stopped: {said[0][-_SHOWN:]}", at, "set HWCOMP_STA to a newer 'sta'")
    sections = _sections(done.stdout)
    slack = re.search(r"worst slack\s+(-?[0-9.]+)", sections.get("worst", ""))
    if slack is None:
        return None, None
    worst = view.period_ps / 1000 - float(slack[1])
    power = re.search(r"^Total\s+\S+\s+\S+\s+\S+\s+(\S+)", sections.get("power", ""), re.MULTILINE)
    path = sections.get("path", "").strip()
    return Timing("OpenSTA", worst, path), None if power is None else float(power[1]) * 1000


def _sections(said: str) -> dict[str, str]:
    """What stands after each line "HWC name"."""
    parts = re.split(r"^HWC (\w+)$", said, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _abc_timing(log: str) -> Timing | None:
    """The worst delay in any one module, as abc says it."""
    delays = [float(delay) for delay in re.findall(r"ABC: .*Delay =\s*([0-9.]+) ps", log)]
    tool = "abc, within each module, without flip-flops"
    return Timing(tool, max(delays) / 1000, "") if delays and max(delays) > 0 else None
