"""One model, several targets: run each bundle on the same inputs, and say what each gives and costs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwcomp.support.errors import EXIT_TOOL, HwcompError
from hwcomp.support.json_values import record, whole
from hwcomp.support.manifest import Manifest, bundles_in, read_manifest
from hwcomp.verify.run import PLACES, RunOptions, RunResult, run_bundle
from hwcomp.verify.vectors import read_vectors

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class TargetRow:
    """place: where it ran, "" where it could not, and then `reason`; outputs: the start of a SHA-256 of all outputs as
    64-bit integers, in the order of the ports; speed and size: figures with their units, and how they were had."""

    target: str
    place: str
    rows: int
    outputs: str
    speed: str
    size: str
    reason: str = ""


def compare(folder: Path) -> tuple[TargetRow, ...]:
    """A row for each bundle in a folder that `driver.build_several` wrote, run on the vectors of the first.

    Raises:
        HwcompError: HWC007 the folder holds no bundles; HWC502, HWC503 one of them fails.
    """
    names = bundles_in(folder)
    if not names:
        fix = "give a folder that 'hwcomp build --target mcu,fpga' wrote"
        raise HwcompError("HWC007", "it does not hold the bundles of several targets", str(folder), fix)
    return tuple(_row(folder / name, folder / names[0]) for name in names)


def _row(bundle: Path, first: Path) -> TargetRow:
    manifest = read_manifest(bundle)
    vectors = read_vectors(first)
    inputs = {port.name: _joined(vectors[port.name], port.shape) for port in manifest.inputs}
    rows = len(next(iter(vectors.values())))
    reasons: list[str] = []
    for place in _PLACES[manifest.target]:
        try:
            done = run_bundle(bundle, inputs, place, options=RunOptions(raw=True))
        except HwcompError as error:
            if error.exit_code != EXIT_TOOL:
                raise
            reasons.append(f"{error.what}; {error.fix}")
            continue
        speed, size = _FIGURES[manifest.target](bundle, manifest, done)
        return TargetRow(manifest.target, place, rows, _digest(manifest, done), speed, size)
    return TargetRow(manifest.target, "", rows, "", "", "", "; ".join(reasons))


_PLACES = {name: tuple(reversed(places)) if name == "mcu" else places for name, places in PLACES.items()}
"""Where each target's bundle is run; a microcontroller's first on an emulated one, for the count."""


def _joined(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Rows [n, *shape] joined along axis 0."""
    return array.reshape(-1, *shape[1:]) if shape else array.reshape(-1)


def _digest(manifest: Manifest, done: RunResult) -> str:
    digest = hashlib.sha256()
    for port in manifest.outputs:
        digest.update(np.asarray(done.outputs[port.name]).astype("<i8").tobytes())
    return digest.hexdigest()[:_DIGITS]


def _mcu(bundle: Path, manifest: Manifest, done: RunResult) -> tuple[str, str]:
    speed = f"{done.instructions[0]:,} instructions, counted" if done.instructions else "not counted on the host"
    flash = f"{done.sections.flash:,} B flash, " if done.sections is not None else ""
    return speed, f"{flash}{manifest.arena_bytes + manifest.states_bytes:,} B RAM"


def _design(bundle: Path, manifest: Manifest, done: RunResult) -> tuple[str, str]:
    if done.latency_cycles is not None:
        speed = f"{done.latency_cycles:,} clocks, {done.interval_cycles:,} between frames, simulated"
    else:
        latency, interval = (whole(manifest.extra[f"{name}_cycles"]) for name in ("latency", "interval"))
        speed = f"{latency:,} clocks, {interval:,} between frames, estimated"
    cost: Mapping[str, object] = record(manifest.extra["estimate"])
    return speed, ", ".join(f"{whole(value):,} {name}" for name, value in cost.items()) + ", estimated"


def _tvm(bundle: Path, manifest: Manifest, done: RunResult) -> tuple[str, str]:
    parameters = whole(manifest.extra["parameter_bytes"])
    library = (bundle / "lib" / f"lib{manifest.c_name}.so").stat().st_size
    memory = manifest.arena_bytes + manifest.states_bytes
    return "see bench/tvm.py", f"{library:,} B library, {parameters:,} B parameters, {memory:,} B RAM"


_FIGURES: dict[str, Callable[[Path, Manifest, RunResult], tuple[str, str]]] = {
    "mcu": _mcu,
    "fpga": _design,
    "asic": _design,
    "hls": _design,
    "tvm": _tvm,
}
