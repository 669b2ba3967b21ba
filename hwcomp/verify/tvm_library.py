"""Run the compiled library of a tvm bundle by the bundle's own runner, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import is_record
from hwcomp.support.manifest import Manifest
from hwcomp.verify.protocol import IntArray

_SECONDS = 1800
_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class LibraryRun:
    """outputs: by port name, [rows, *shape]; values: by the index in the manifest, where traced."""

    outputs: Mapping[str, IntArray]
    values: Mapping[int, IntArray]


def check_machine(bundle: Path, manifest: Manifest, on: str) -> None:
    """A tvm bundle has objects of one machine: "cortex-m4" runs that machine's, "host" and "tvm" those of this one.

    Raises:
        HwcompError: HWC601 the objects are for another machine.
    """
    machine = manifest.extra.get("machine")
    name = str(machine.get("name")) if is_record(machine) else ""
    runs_here = is_record(machine) and machine.get("runs_here") is True
    if not (name in ("cortex-m4", "c") if on == "cortex-m4" else runs_here):
        wanted = "cortex-m4" if on == "cortex-m4" else "x86-vnni' or 'x86"
        fix = f"build it with '-O tvm-target={wanted}' to run it there"
        raise HwcompError("HWC601", f"the objects were compiled for '{name}'", str(bundle), fix)


def run_library(bundle: Path, manifest: Manifest, inputs: Mapping[str, IntArray], *, trace: bool) -> LibraryRun:
    """Run rows of inputs, [rows, *shape] by port name.

    Raises:
        HwcompError: HWC601 the library is for another machine, or was not linked; HWC503 the runner failed.
    """
    check_machine(bundle, manifest, "tvm")
    library = bundle / "lib" / f"lib{manifest.c_name}.so"
    if not library.is_file():
        raise HwcompError("HWC601", f"{library.name} was not linked: no C compiler was there", str(bundle),
                          "install gcc or clang, then 'python build.py' in the bundle")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="hwcomp.") as name:
        source, target = Path(name) / "in.npz", Path(name) / "out.npz"
        np.savez(source, allow_pickle=False, **{key: np.asarray(array) for key, array in inputs.items()})
        command = [sys.executable, "-B", str(bundle.resolve() / "runner.py"), str(source), str(target)]
        command += ["--trace"] if trace else []
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip()[-_SHOWN:] or f"it ended with code {done.returncode}"
            raise HwcompError("HWC503", f"the runner failed: {said}", str(bundle), "report this")
        with np.load(target) as found:
            arrays = {key: found[key].astype(np.int64) for key in found.files}
    outputs = {port.name: arrays[f"output:{port.name}"] for port in manifest.outputs}
    return LibraryRun(outputs, {int(key): array for key, array in arrays.items() if key.isdigit()})
