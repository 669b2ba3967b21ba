"""Run an image on QEMU's mps2-an386 (Cortex-M4F) and count its instructions with our TCG plugin."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hwcomp.support import resources
from hwcomp.support.errors import HwcompError
from hwcomp.verify.build import compile_c, plugin_folder
from hwcomp.verify.cortex_m import Image
from hwcomp.verify.counting import BlockCount, by_function
from hwcomp.verify.protocol import INPUT_FILE, OUTPUT_FILE, REPORT_FILE, TRACE_FILE, Execution, read_report
from hwcomp.verify.toolchain import Compiler, host_compiler, qemu_system_arm

_COUNT_FILE = "counts.txt"
_PLUGIN_SOURCE = "qemu_count_plugin.c"
_SHOWN_CHARACTERS = 2000


def run_qemu(image: Image, rows: bytes, at: str, timeout_seconds: float) -> Execution:
    """Run `rows` (protocol.pack_rows) through the image; QEMU reads and writes the files of a temporary folder.

    Tested with QEMU 7.2 (version 1 of the plugin interface).

    Raises:
        HwcompError: HWC601 QEMU or a host compiler for the plugin is missing; HWC503 a fault, no end in time, or the
            model reported a failure.
    """
    with tempfile.TemporaryDirectory(prefix="hwcomp.") as name:
        folder = Path(name)
        (folder / INPUT_FILE).write_bytes(rows)
        said = _run([*_machine(image), *_counting(image)], folder, at, timeout_seconds)
        report = read_report(_bytes(folder / REPORT_FILE), at, said)
        regions, blocks = _counts(folder / _COUNT_FILE)
        return Execution(
            _bytes(folder / OUTPUT_FILE) or b"",
            _bytes(folder / TRACE_FILE) or b"",
            report,
            regions or None,
            by_function(image.elf, blocks),
        )


def build_plugin(compiler: Compiler) -> Path:
    """The counting plugin as a shared library for this machine; compiled when it is not in the cache."""
    source = resources.firmware_runtime() / _PLUGIN_SOURCE

    def make(folder: Path) -> None:
        options = ("-O2", "-shared", "-fPIC", "-o", str(folder / "count.so"), str(source))
        compile_c([*compiler.command, *options], _PLUGIN_SOURCE)

    return plugin_folder(source, compiler, make) / "count.so"


def _machine(image: Image) -> list[str]:
    return [
        qemu_system_arm(),
        *("-M", "mps2-an386", "-display", "none", "-monitor", "none", "-serial", "none"),
        *("-semihosting-config", "enable=on,target=native"),
        *("-kernel", str(image.path)),
    ]


def _counting(image: Image) -> list[str]:
    """The options that load the plugin; none for an image that counts nothing."""
    if image.region is None:
        return []
    begin, end = image.region
    return ["-plugin", f"{build_plugin(host_compiler())},begin={begin:x},end={end:x},out={_COUNT_FILE}"]


def _run(command: Sequence[str], folder: Path, at: str, timeout_seconds: float) -> str:
    """Run QEMU in `folder`; what it said."""
    try:
        result = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise HwcompError(
            "HWC503", f"it did not end within {timeout_seconds:.0f} s", at, "give fewer rows or a longer time"
        ) from error
    said = (result.stderr or result.stdout).strip()[:_SHOWN_CHARACTERS]
    return said or f"the program ended with code {result.returncode}"


def _counts(path: Path) -> tuple[tuple[int, ...], list[BlockCount]]:
    """The plugin's file: instructions of each region, and the executed blocks. Nothing if it is missing."""
    regions: list[int] = []
    blocks: list[BlockCount] = []
    if not path.is_file():
        return (), []
    for line in path.read_text(encoding="ascii").splitlines():
        kind, *fields = line.split()
        if kind == "region":
            regions.append(int(fields[0]))
        else:
            blocks.append(BlockCount(int(fields[0], 16), int(fields[1]), int(fields[2])))
    return tuple(regions), blocks


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
