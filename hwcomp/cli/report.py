"""`hwcomp report BUNDLE`: what the model takes, gives and costs, and what was proved of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.options import BundleFolder, Json
from hwcomp.cli.output import reporting, say, say_json, say_table
from hwcomp.support.errors import HwcompError

if TYPE_CHECKING:
    from hwcomp.report.exactness import Totals
    from hwcomp.support.manifest import Manifest
    from hwcomp.verify.run import RunResult

_LISTED_FUNCTIONS = 12


def report(
    bundle: BundleFolder,
    on: Annotated[
        str | None, typer.Option("--on", metavar="MACHINE", help="Also run one input there and count: cortex-m4.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print BUNDLE's inputs, outputs, memory and proofs; with --on, what a run costs there."""
    with reporting(as_json):
        from hwcomp.support.manifest import read_manifest

        manifest = read_manifest(bundle)
        proofs = _proofs(bundle)
        measured = _measure(bundle, manifest, on) if on else None
    if as_json:
        costs = None if measured is None else _costs(measured)
        say_json({"manifest": json.loads(manifest.to_json()), "proofs": asdict(proofs), "measured": costs})
        return
    _print_manifest(manifest)
    _print_proofs(proofs)
    if measured is not None and on is not None:
        _print_measured(measured, on)


def _proofs(bundle: Path) -> Totals:
    """What was proved of the rescales, from the graph that the bundle holds."""
    from hwcomp.ir.parser import parse
    from hwcomp.report.exactness import totals

    try:
        return totals(parse((bundle / "graph.hwc").read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        fix = "build the bundle again with 'hwcomp build'"
        raise HwcompError("HWC007", f"graph.hwc cannot be read: {error}", str(bundle), fix) from error


def _measure(bundle: Path, manifest: Manifest, on: str) -> RunResult:
    """One run of the bundle's first vector on the machine `on`."""
    from hwcomp.verify.run import RunOptions, run_bundle
    from hwcomp.verify.vectors import read_vectors

    vectors = read_vectors(bundle)
    inputs = {port.name: vectors[port.name][0] for port in manifest.inputs}
    return run_bundle(bundle, inputs, on, options=RunOptions(raw=True))


def _costs(measured: RunResult) -> dict[str, object]:
    """Bytes and instructions; what the machine does not show is left out."""
    costs: dict[str, object] = {}
    if measured.sections is not None:
        costs |= {"flash_bytes": measured.sections.flash, "static_ram_bytes": measured.sections.ram}
    if measured.stack_bytes is not None:
        costs["stack_bytes"] = measured.stack_bytes
    if measured.instructions:
        costs |= {"instructions": measured.instructions[0], "functions": dict(measured.functions)}
    return costs


def _print_manifest(manifest: Manifest) -> None:
    say(f"{manifest.c_name}: target '{manifest.target}', written by hwcomp {manifest.hwcomp}")
    rows = [
        (kind, port.name, str(list(port.shape)), port.dtype, port.bytes)
        for kind, ports in (("input", manifest.inputs), ("output", manifest.outputs))
        for port in ports
    ]
    say_table("interface", ("", "name", "shape", "type", "bytes"), rows)
    memory = [("arena", manifest.arena_bytes), ("states", manifest.states_bytes)]
    say_table("memory that the caller gives", ("what", "bytes"), memory)


def _print_proofs(proofs: Totals) -> None:
    rows = [
        ("equal to the reference, proved", proofs.proved),
        ("equal but for listed values", proofs.listed),
        ("narrow multipliers, differences counted", proofs.fast),
        ("integers by definition", proofs.definition),
    ]
    say_table(f"rescales, {proofs.channels:,} channels", ("verdict", "channels"), [row for row in rows if row[1]])
    if proofs.channels:
        say(f"median multiplier: {proofs.median_bits} bits; values that differ: {proofs.exceptions:,}")


def _print_measured(measured: RunResult, on: str) -> None:
    costs = _costs(measured)
    functions = costs.pop("functions", None)
    say_table(
        f"measured on {on}", ("what", "value"), [(name.replace("_", " "), value) for name, value in costs.items()]
    )
    if isinstance(functions, dict):
        rows = sorted(measured.functions.items(), key=lambda item: (-item[1], item[0]))[:_LISTED_FUNCTIONS]
        say_table("instructions by function", ("function", "instructions"), rows)
