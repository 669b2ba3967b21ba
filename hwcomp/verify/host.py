"""Compile a bundle for this machine and run it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from hwcomp.support import resources
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Manifest
from hwcomp.verify.build import Recipe, build_once, compile_c, harness_defines, include_options
from hwcomp.verify.protocol import INPUT_FILE, OUTPUT_FILE, REPORT_FILE, TRACE_FILE, Execution, read_report
from hwcomp.verify.toolchain import Compiler, Family

DEFAULT_FLAGS = ("-O2",)
SANITIZER_FLAGS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
_PROGRAM = "program"
_SHOWN_CHARACTERS = 2000


def build_host(
    bundle: Path, manifest: Manifest, compiler: Compiler, flags: tuple[str, ...], *, is_traced: bool
) -> Path:
    """The program that runs the bundle's rows; compiled when it is not in the cache.

    Raises:
        HwcompError: HWC502 it does not compile; HWC601 zig is asked for AddressSanitizer, which it lacks.
    """
    if compiler.family is Family.ZIG and any("address" in flag for flag in flags):
        raise HwcompError(
            "HWC601", "zig has no AddressSanitizer", "toolchain", "install gcc or clang: 'apt install gcc'"
        )
    recipe = Recipe(bundle.resolve(), manifest, compiler, flags, is_traced, "host")

    def make(folder: Path) -> None:
        runtime = resources.firmware_runtime()
        sources = [str(recipe.bundle / source) for source in manifest.sources]
        command = [
            *compiler.command,
            "-std=c99",
            *(("-fno-sanitize=undefined",) if compiler.family is Family.ZIG else ()),
            *flags,
            f"-I{runtime}",
            *include_options(recipe),
            *harness_defines(manifest, is_traced=is_traced),
            "-o",
            str(folder / _PROGRAM),
            *sources,
            str(runtime / "harness.c"),
            str(runtime / "host_main.c"),
        ]
        compile_c(command, str(bundle))

    return build_once(recipe, make) / _PROGRAM


def run_host(program: Path, rows: bytes, at: str, timeout_seconds: float) -> Execution:
    """Run `rows` (protocol.pack_rows) through the program. Instructions and stack are not measured on the host.

    Raises:
        HwcompError: HWC503 it crashed, a sanitizer stopped it, it took too long, or the model reported a failure.
    """
    with tempfile.TemporaryDirectory(prefix="hwcomp.") as name:
        folder = Path(name)
        (folder / INPUT_FILE).write_bytes(rows)
        try:
            result = subprocess.run(
                [str(program)],
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_seconds,
                env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"},
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise HwcompError(
                "HWC503", f"it did not end within {timeout_seconds:.0f} s", at, "give fewer rows or a longer time"
            ) from error
        said = (result.stderr or result.stdout).strip()[:_SHOWN_CHARACTERS]
        report = read_report(
            _bytes(folder / REPORT_FILE), at, said or f"the program ended with code {result.returncode}"
        )
        outputs = _bytes(folder / OUTPUT_FILE) or b""
        return Execution(outputs, _bytes(folder / TRACE_FILE) or b"", report, None, {})


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
