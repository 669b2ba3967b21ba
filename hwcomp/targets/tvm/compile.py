"""TVM at work, in a process of its own: the bundle's build.py compiles what the bundle holds."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from hwcomp.support.errors import HwcompError

VERSIONS = {"apache-tvm": "0.27.0.post1", "apache-tvm-ffi": "0.1.14.post1"}
"""The pair that works: with the tvm-ffi that pip would choose, `tensorize` crashes."""

_SECONDS = 1800
_SHOWN = 1500
_MADE = ("scheduled.tvmscript.py", "schedules/*", "tuned/*", "lib/*")


def check_installed(packages: Sequence[str] = tuple(VERSIONS)) -> None:
    """HWC601 where TVM is missing or of another version; nothing is imported."""
    for package in packages:
        version = VERSIONS[package]
        try:
            found = metadata.version(package)
        except metadata.PackageNotFoundError:
            found = ""
        if found != version:
            what = f"{package} is {found}, hwcomp needs {version}" if found else f"{package} is not installed"
            raise HwcompError("HWC601", what, "target 'tvm'", "install it: pip install 'hwcomp[tvm]'")


def compile_files(files: Mapping[str, bytes], at: str) -> dict[str, bytes]:
    """What build.py makes of a bundle: schedules, their traces, the scheduled module, the libraries.

    Raises:
        HwcompError: HWC601 TVM is missing; HWC502 TVM failed.
    """
    return _made_by(["build.py"], files, _MADE, at, _SECONDS)


def tuned_files(files: Mapping[str, bytes], seconds: int, at: str) -> dict[str, bytes]:
    """tuned/<kernel>.json where tune.py found a faster schedule in about so many seconds.

    It runs in a process of its own, in a copy of the bundle: where TVM crashes, nothing is left of it.

    Raises:
        HwcompError: HWC601 TVM is missing; HWC502 TVM failed.
    """
    return _made_by(["tune.py", str(seconds)], files, ("tuned/*.json",), at, seconds + _SECONDS)


def _made_by(
    command: list[str], files: Mapping[str, bytes], kinds: Sequence[str], at: str, seconds: float
) -> dict[str, bytes]:
    """The files of these kinds that a script of the bundle leaves."""
    check_installed()
    with tempfile.TemporaryDirectory(prefix="hwcomp.") as name:
        folder = Path(name)
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        _run(folder, command, at, seconds)
        made = (path for kind in kinds for path in folder.glob(kind) if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in made}


def _run(folder: Path, command: list[str], at: str, seconds: float) -> None:
    environment = os.environ | {"TVM_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-B", *command],
            cwd=folder, env=environment, capture_output=True, text=True, errors="replace", timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise HwcompError("HWC502", f"{command[0]} took over {seconds:.0f} s", at, "please report this") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-_SHOWN:]
        raise HwcompError("HWC502", f"{command[0]} stopped ({done.returncode}): {said}", at, "report this")
