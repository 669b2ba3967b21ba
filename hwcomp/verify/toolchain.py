"""Where the compilers and emulators are: in an environment variable, on PATH, or in a Python package.

HWCOMP_CC       host compiler          gcc, clang, or `python -m ziglang cc` (pip)
HWCOMP_CXX      host C++ compiler      g++, clang++, or `python -m ziglang c++` (pip)
HWCOMP_ARM_CC   Cortex-M compiler      arm-none-eabi-gcc, or `python -m ziglang cc -target thumb-...` (pip)
HWCOMP_QEMU     qemu-system-arm
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from hwcomp.support.errors import HwcompError

_VERSION_SECONDS = 60.0


class Family(Enum):
    """Whose options a compiler takes."""

    GCC = "gcc"
    CLANG = "clang"
    ZIG = "zig"


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C compiler that runs. command: the words before its arguments; version: the first line it prints."""

    command: tuple[str, ...]
    family: Family
    version: str


_HOST_FIX = "install one: 'apt install gcc' or 'pip install ziglang', or set HWCOMP_CC"
_CXX_FIX = "install one: 'apt install g++' or 'pip install ziglang', or set HWCOMP_CXX"
_ARM_FIX = "install one: 'apt install gcc-arm-none-eabi' or 'pip install ziglang', or set HWCOMP_ARM_CC"
_QEMU_FIX = "install it: 'apt install qemu-system-arm', set HWCOMP_QEMU, or use unicorn ('pip install unicorn')"
_HOST_NAMES = ("gcc", "clang", "zig")
_CXX_NAMES = ("g++", "clang++", "zig")
_ARM_NAMES = ("arm-none-eabi-gcc", "zig")


def host_compiler(name: str | None = None) -> Compiler:
    """The host's C compiler: `name` ("gcc", "clang", "zig", any command), else HWCOMP_CC, else the first there is.

    Raises:
        HwcompError: HWC601 there is none, or it does not run.
    """
    override = None if name else os.environ.get("HWCOMP_CC")
    return _find("host C compiler", override or name, _HOST_NAMES, _HOST_FIX)


def cxx_compiler(name: str | None = None) -> Compiler:
    """The host's C++ compiler: `name` ("g++", "clang++", "zig", any command), else HWCOMP_CXX, else the first there is.

    Raises:
        HwcompError: HWC601 there is none, or it does not run.
    """
    override = None if name else os.environ.get("HWCOMP_CXX")
    found = _find("host C++ compiler", override or name, _CXX_NAMES, _CXX_FIX)
    if found.family is Family.ZIG and found.command[-1] == "cc":
        return Compiler((*found.command[:-1], "c++"), found.family, found.version)
    return found


def arm_compiler(name: str | None = None) -> Compiler:
    """For Cortex-M: `name` ("arm-none-eabi-gcc", "zig", any command), else HWCOMP_ARM_CC, else the first there is.

    Raises:
        HwcompError: HWC601 there is none, or it does not run.
    """
    override = None if name else os.environ.get("HWCOMP_ARM_CC")
    return _find("Cortex-M C compiler", override or name, _ARM_NAMES, _ARM_FIX)


def qemu_system_arm() -> str:
    """The path of qemu-system-arm: HWCOMP_QEMU, else from PATH.

    Raises:
        HwcompError: HWC601 it is not there.
    """
    path = shutil.which(os.environ.get("HWCOMP_QEMU") or "qemu-system-arm")
    if path is None:
        raise HwcompError("HWC601", "qemu-system-arm is missing", "toolchain", _QEMU_FIX)
    return path


def has_package(name: str) -> bool:
    """Whether the Python package is installed; it is not imported."""
    return importlib.util.find_spec(name) is not None


def require_package(name: str, purpose: str) -> None:
    """Raise HWC602 when the Python package `name` is missing."""
    if not has_package(name):
        raise HwcompError(
            "HWC602", f"the Python package '{name}' is missing ({purpose})", "toolchain", f"'pip install {name}'"
        )


def _find(what: str, wanted: str | None, names: tuple[str, ...], fix: str) -> Compiler:
    candidates = (wanted,) if wanted else names
    for candidate in candidates:
        command = _command(candidate)
        version = None if command is None else _version(command)
        if command is not None and version is not None:
            return Compiler(command, _family(command, version), version)
    missing = f"'{wanted}' is missing or does not run" if wanted else "is missing"
    raise HwcompError("HWC601", f"the {what} {missing}", "toolchain", fix)


def _command(text: str) -> tuple[str, ...] | None:
    """The words of a command whose program exists; "zig" is the program on PATH, else that of the Python package."""
    words = tuple(shlex.split(text))
    if words and shutil.which(words[0]):
        return (*words, "cc") if words == ("zig",) else words
    if words == ("zig",) and has_package("ziglang"):
        return (sys.executable, "-m", "ziglang", "cc")
    return None


def _family(command: tuple[str, ...], version: str) -> Family:
    if "ziglang" in command or Path(command[0]).name.startswith("zig"):
        return Family.ZIG
    return Family.CLANG if "clang" in version.lower() else Family.GCC


@cache
def _version(command: tuple[str, ...]) -> str | None:
    """The first line of `--version`; None when the program does not run."""
    try:
        result = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (result.stdout or "").splitlines()
    return lines[0] if result.returncode == 0 and lines else None
