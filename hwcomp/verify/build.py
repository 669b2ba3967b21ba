"""Build a program once: its folder in the user's cache is named by a hash of all that goes into it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwcomp.support import resources
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Manifest
from hwcomp.verify.once import make_once
from hwcomp.verify.toolchain import Compiler

_SOURCE_SUFFIXES = (".c", ".h", ".inc", ".S", ".ld", ".o")
_COMPILE_SECONDS = 900.0
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a bundle becomes a program.

    flags: for the bundle's sources, such as `-O3`; is_traced: with the trace call; variant: whatever else decides
    the result (target, linker script).
    """

    bundle: Path
    manifest: Manifest
    compiler: Compiler
    flags: tuple[str, ...]
    is_traced: bool
    variant: str


def cache_folder() -> Path:
    """HWCOMP_CACHE, else `hwcomp` in XDG_CACHE_HOME or `~/.cache`; in the temporary folder where none can be made."""
    given = os.environ.get("HWCOMP_CACHE")
    base = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hwcomp"
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError:
        base = Path(tempfile.gettempdir()) / f"hwcomp-{os.getuid()}"
        base.mkdir(parents=True, exist_ok=True)
    return base


def build_once(recipe: Recipe, make: Callable[[Path], None]) -> Path:
    """The folder that `make` filled for this recipe, now or in an earlier run. A failed build leaves nothing."""
    return _once(_digest(recipe), make)


def plugin_folder(source: Path, compiler: Compiler, make: Callable[[Path], None]) -> Path:
    """Likewise for a library that is compiled from one file of the runtime."""
    words = "\0".join([*compiler.command, compiler.version, source.name]).encode()
    return _once(hashlib.sha256(words + source.read_bytes()).hexdigest()[:32], make)


def _once(digest: str, make: Callable[[Path], None]) -> Path:
    return make_once(cache_folder() / "build" / digest, make)


def compile_c(command: Sequence[str], at: str) -> None:
    """Run a compiler or linker.

    Raises:
        HwcompError: HWC502 with the first lines that it printed.
    """
    try:
        result = subprocess.run(list(command), capture_output=True, text=True, timeout=_COMPILE_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise HwcompError("HWC502", f"{command[0]} took over {_COMPILE_SECONDS:.0f} s", at, "use '-O1'") from error
    if result.returncode != 0:
        lines = (result.stderr or result.stdout).strip().splitlines()[:_SHOWN_LINES]
        raise HwcompError(
            "HWC502",
            f"{command[0]} failed with code {result.returncode}:\n    " + "\n    ".join(lines),
            at,
            "check that compiler and flags fit the target; otherwise this is a bug of hwcomp: please report it",
        )


def harness_defines(manifest: Manifest, *, is_traced: bool) -> tuple[str, ...]:
    """The `-D` options that bind firmware/runtime/harness.c to a model."""
    name = manifest.c_name
    defines = (
        f'-DHWC_MODEL_HEADER="{manifest.header or f"{name}.h"}"',
        f"-DHWC_MODEL={name}",
        f"-DHWC_MODEL_UPPER={name.upper()}",
        f"-DHWC_STATEFUL={int(manifest.states_bytes > 0)}",
        f"-DHWC_ARENA_BYTES={manifest.arena_bytes}",
        "-DHWC_INPUT_BYTES=" + ",".join(str(port.bytes) for port in manifest.inputs),
        "-DHWC_OUTPUT_BYTES=" + ",".join(str(port.bytes) for port in manifest.outputs),
    )
    return (*defines, "-DHWC_TRACE") if is_traced else defines


def include_options(recipe: Recipe) -> tuple[str, ...]:
    """`-I` for each include folder of the bundle."""
    return tuple(f"-I{recipe.bundle / folder}" for folder in recipe.manifest.include_dirs)


def _digest(recipe: Recipe) -> str:
    """A hash over the sources of bundle and runtime, the compiler, its flags and the harness's binding."""
    digest = hashlib.sha256()
    words: list[str] = [
        *recipe.compiler.command,
        recipe.compiler.version,
        *recipe.flags,
        recipe.variant,
        *recipe.manifest.sources,
        *recipe.manifest.include_dirs,
        *harness_defines(recipe.manifest, is_traced=recipe.is_traced),
    ]
    digest.update("\0".join(words).encode())
    for folder in (recipe.bundle, resources.firmware_runtime()):
        for path in _sources(folder):
            digest.update(f"\0{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _SOURCE_SUFFIXES and path.is_file())
