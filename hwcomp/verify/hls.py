"""Run an hls bundle: compile its C++ with its bench, play rows, compare every stream with `evaluate`."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import items, record, text
from hwcomp.support.manifest import Manifest
from hwcomp.verify.build import cache_folder, compile_c
from hwcomp.verify.once import make_once
from hwcomp.verify.protocol import IntArray
from hwcomp.verify.simulate import Simulation, parse_messages, ports_of, read_beats, streams_of, write_beats
from hwcomp.verify.toolchain import Compiler, Family, cxx_compiler

_PROGRAM = "bench"
_SECONDS = 1800.0
_SHOWN_CHARACTERS = 2000
_FLAGS = ("-std=c++14", "-Wall", "-Wno-unknown-pragmas", "-DHWC_TRACE")
_SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")


@dataclass(frozen=True, slots=True)
class Flavour:
    """How the C++ is compiled. compiler: its name, "" for the first there is; headers: whose, "" for native types."""

    compiler: str = ""
    flags: tuple[str, ...] = ("-O2",)
    headers: str = ""


FLAVOURS = {
    "hls": Flavour(),
    "hls-clang": Flavour("clang++"),
    "hls-sanitized": Flavour(flags=("-O1", *_SANITIZERS)),
    "hls-ap": Flavour(flags=("-O1", "-DHWC_AP", "-Wno-maybe-uninitialized", "-Wno-unused-label"), headers="ap"),
    "hls-ac": Flavour(flags=("-O1", "-DHWC_AC"), headers="ac"),
}
"""Native types with two compilers and with sanitizers, and the vendors' types by their own headers."""

_HEADERS = {
    "ap": ("ap_int.h", "vivado/ap_types", "ap_types"),
    "ac": ("ac_int.h", "catapult/ac_types/include", "ac_types"),
}
"""For each kind its main header, and where it is in the wheel of hls4ml and elsewhere."""

_HEADERS_FIX = (
    "'pip download --no-deps hls4ml==1.3.0', unzip it, and set HWCOMP_HLS_HEADERS to its hls4ml/templates, "
    "or to a folder with ap_int.h and hls_stream.h (ac_int.h and ac_channel.h)"
)


def hls_headers(kind: str) -> Path:
    """The folder of ap_int.h ("ap") or ac_int.h ("ac"): in HWCOMP_HLS_HEADERS, the package hls4ml, or the environment.

    Raises:
        HwcompError: HWC601 they are nowhere.
    """
    header, *places = _HEADERS[kind]
    for root in _header_roots():
        for place in ("", *places):
            if (root / place / header).is_file():
                return root / place
    raise HwcompError("HWC601", f"the headers of {header.removesuffix('.h')} are missing", "toolchain", _HEADERS_FIX)


def _header_roots() -> list[Path]:
    given = os.environ.get("HWCOMP_HLS_HEADERS")
    if given:
        return [Path(given)]
    spec = importlib.util.find_spec("hls4ml")
    packaged = [Path(place) / "templates" for place in (spec.submodule_search_locations or ())] if spec else []
    return [*packaged, Path(sys.prefix) / "share" / "hwcomp" / "hls"]


def simulate_hls(
    bundle: Path,
    manifest: Manifest,
    rows: Sequence[Mapping[str, IntArray]],
    flavour: Flavour,
    *,
    compare: bool = True,
    load: Path | None = None,
    timeout_seconds: float = _SECONDS,
) -> Simulation:
    """Play `rows` (each: values by name, the inputs' at least) one after the other.

    With `compare`, a row has every value, and each stream is compared with its own. A stateful design starts at reset.
    `load` is a `mem/load.hex`, of this bundle or of another of the same shape, that is loaded before. There are no
    clocks: cycles, latency and interval are 0.

    Raises:
        HwcompError: HWC601 a compiler or headers are missing; HWC502 it does not compile; HWC503 it does not end well.
    """
    program = build_hls_bench(bundle, manifest, flavour)
    streams = streams_of(manifest)
    with tempfile.TemporaryDirectory(prefix="hwc-hls-") as holder:
        folder = Path(holder)
        outputs = folder / "outputs"
        outputs.mkdir()
        for index, (_, stream) in enumerate(ports_of(manifest, streams, "input")):
            write_beats(folder / f"in{index}.hex", rows, stream, byte_lanes=True)
        if compare:
            for stream in streams:
                write_beats(folder / f"{stream.name}.hex", rows, stream, byte_lanes=False)
        image = [] if load is None else [str(load.resolve())]
        said = _run([str(program), str(folder), str(len(rows)), str(outputs), *image], str(bundle), timeout_seconds)
        found = {
            port: read_beats(outputs / f"out{index}.hex", stream, len(rows))
            for index, (port, stream) in enumerate(ports_of(manifest, streams, "output"))
        }
    return parse_messages(said, streams, found, str(bundle))


def build_hls_bench(bundle: Path, manifest: Manifest, flavour: Flavour) -> Path:
    """The bench's program; compiled when it is not in the cache.

    Raises:
        HwcompError: HWC601 a compiler or headers are missing; HWC502 it does not compile.
    """
    compiler = cxx_compiler(flavour.compiler or None)
    flags = (*_FLAGS, *_known_flags(flavour, compiler))
    if flavour.headers:
        flags = (*flags, "-isystem", str(hls_headers(flavour.headers)))
    sources = [*manifest.sources, *(text(name) for name in items(record(manifest.extra["bench"])["sources"]))]
    folders = [f"-I{(bundle / folder).resolve()}" for folder in manifest.include_dirs]

    def make(folder: Path) -> None:
        files = [str((bundle / source).resolve()) for source in sources]
        compile_c([*compiler.command, *flags, *folders, "-o", str(folder / _PROGRAM), *files], str(bundle))

    return make_once(cache_folder() / "hls" / _digest(bundle, manifest, compiler, flags), make) / _PROGRAM


def _known_flags(flavour: Flavour, compiler: Compiler) -> tuple[str, ...]:
    """Without the warnings that only GCC knows; zig has no AddressSanitizer."""
    if compiler.family is Family.ZIG and any("address" in flag for flag in flavour.flags):
        raise HwcompError(
            "HWC601", "zig has no AddressSanitizer", "toolchain", "install g++ or clang++: 'apt install g++'"
        )
    return flavour.flags if compiler.family is Family.GCC else (*flavour.flags, "-Wno-unknown-warning-option")


def _digest(bundle: Path, manifest: Manifest, compiler: Compiler, flags: Sequence[str]) -> str:
    digest = hashlib.sha256("\0".join([*compiler.command, compiler.version, *flags]).encode())
    folders = [bundle / folder for folder in manifest.include_dirs]
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in _CODE):
        digest.update(f"\0{path.relative_to(bundle).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


_CODE = (".cpp", ".hpp")


def _run(command: Sequence[str], at: str, timeout_seconds: float) -> str:
    try:
        done = subprocess.run(
            list(command),
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
    if done.returncode not in (0, 1):
        said = done.stderr.strip()[:_SHOWN_CHARACTERS] or f"the program ended with code {done.returncode}"
        raise HwcompError("HWC503", said, at, "please report this with the model")
    return done.stdout
