"""The figures of a job: exact counts from the bundle, from its rungs' notes, and from a counted run where asked."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from hwcomp.regress.outcome import Rung
from hwcomp.report.bundle import CERTIFICATES
from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import is_record, items, record, whole
from hwcomp.support.manifest import Manifest, read_manifest
from hwcomp.verify.run import RunOptions, run_bundle
from hwcomp.verify.vectors import read_vectors

_CYCLES = re.compile(r"latency (\d+), interval (\d+)")
_RESOURCES = ("lut", "ff", "dsp", "bram")


def figures_of(bundle: Path, target: str, groups: Sequence[str], rungs: Sequence[Rung]) -> dict[str, int]:
    """The figures of the groups asked for, as far as the target has them.

    arena: the bytes that the caller of an mcu bundle gives, and its constants. flash, instructions: of a run on the
    emulated Cortex-M4. cycles: of an fpga bundle, as planned, and as simulated where a rung did. resources: the
    estimate. exceptions: accumulators whose result differs from the reference, over all rescales.

    Raises:
        HwcompError: HWC007 the bundle cannot be read; HWC5xx the counted run failed; HWC6xx a tool for it is missing.
    """
    manifest = read_manifest(bundle)
    found: dict[str, int] = {}
    if target == "mcu":
        found |= _arena(manifest) if "arena" in groups else {}
        found |= _counted(bundle, manifest, groups) if {"flash", "instructions"} & set(groups) else {}
    else:
        extra = manifest.extra
        found |= _ints(extra, ("latency_cycles", "interval_cycles")) | _simulated(rungs) if "cycles" in groups else {}
        estimate = extra.get("estimate")
        found |= _ints(estimate, _RESOURCES) if "resources" in groups and is_record(estimate) else {}
    if "exceptions" in groups:
        found["exceptions"] = _exceptions(bundle)
    return found


def _arena(manifest: Manifest) -> dict[str, int]:
    sizes = {"arena_bytes": manifest.arena_bytes, "states_bytes": manifest.states_bytes}
    return sizes | _ints(manifest.extra, ("constant_bytes",))


def _counted(bundle: Path, manifest: Manifest, groups: Sequence[str]) -> dict[str, int]:
    """One run of the bundle's first vector, as `hwcomp report --on cortex-m4` has it."""
    vectors = read_vectors(bundle)
    inputs = {port.name: vectors[port.name][0] for port in manifest.inputs}
    result = run_bundle(bundle, inputs, "cortex-m4", options=RunOptions(raw=True))
    found: dict[str, int] = {}
    if "flash" in groups and result.sections is not None:
        found |= {"flash_bytes": result.sections.flash, "static_ram_bytes": result.sections.ram}
    if "instructions" in groups and result.instructions:
        found["instructions"] = result.instructions[0]
        found |= {} if result.stack_bytes is None else {"stack_bytes": result.stack_bytes}
    return found


def _simulated(rungs: Sequence[Rung]) -> dict[str, int]:
    """Cycles that the rung without stalls took."""
    for rung in rungs:
        match = _CYCLES.search(rung.note) if rung.name == "verilator" else None
        if match is not None:
            return {"simulated_latency_cycles": int(match[1]), "simulated_interval_cycles": int(match[2])}
    return {}


def _exceptions(bundle: Path) -> int:
    try:
        proofs = record(json.loads(gzip.decompress((bundle / CERTIFICATES).read_bytes())))
        return sum(whole(record(item)["exceptions"]) for item in items(proofs["requants"]))
    except (OSError, EOFError, zlib.error, ValueError, KeyError) as error:
        what = f"{CERTIFICATES} cannot be read: {type(error).__name__} {error}"
        raise HwcompError("HWC007", what, str(bundle), "build the bundle again with 'hwcomp build'") from error


def _ints(values: Mapping[str, object], names: Sequence[str]) -> dict[str, int]:
    return {name: value for name in names if isinstance(value := values.get(name), int)}
