"""`hwcomp report BUNDLE`: what the model takes, gives and costs, and what was proved of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.options import BundleFolder, Json
from hwcomp.cli.output import reporting, say, say_json, say_table

if TYPE_CHECKING:
    from hwcomp.report.bundle import BundleReport, DesignReport
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
        from hwcomp.report.bundle import read_report

        found = read_report(bundle)
        measured = _measure(bundle, found.manifest, on) if on else None
    if as_json:
        costs = None if measured is None else _costs(measured)
        proofs = [asdict(proof) for proof in found.proofs]
        say_json({"manifest": json.loads(found.manifest.to_json()), "proofs": proofs, "measured": costs})
        return
    _print_interface(found.manifest)
    if found.design is not None:
        _print_design(found.design)
    else:
        _print_costs(found)
    _print_proofs(found)
    if measured is not None and on is not None:
        _print_measured(measured, on)


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


def _print_interface(manifest: Manifest) -> None:
    say(f"{manifest.c_name}: target '{manifest.target}', written by hwcomp {manifest.hwcomp}", style="bold")
    rows = [
        (kind, port.name, str(list(port.shape)), port.dtype, port.bytes)
        for kind, ports in (("input", manifest.inputs), ("output", manifest.outputs))
        for port in ports
    ]
    say_table("interface", ("", "name", "shape", "type", "bytes"), rows)


def _print_costs(found: BundleReport) -> None:
    layers = [(layer.what, layer.kernel, layer.macs, layer.scratch_bytes) for layer in found.layers]
    say_table("layers", ("operator", "kernel", "MACs", "scratch bytes"), layers)
    sizes = [
        ("arena, which the caller gives", found.manifest.arena_bytes),
        ("least arena that any plan needs", found.arena_bound_bytes),
        ("states, which the caller gives", found.manifest.states_bytes),
        ("constants, in flash", found.constant_bytes),
    ]
    say_table("memory", ("what", "bytes"), [row for row in sizes if row[1] is not None])
    if found.macs is not None:
        say(f"multiplications of one run: {found.macs:,}")


def _print_design(design: DesignReport) -> None:
    rows = [(fold.what, fold.fold, fold.interval_cycles) for fold in design.folds]
    say_table("layers, predicted", ("operator", "folding", "clocks a frame"), rows)
    sizes = [("clocks between frames", design.interval_cycles), ("clocks from beat to result", design.latency_cycles)]
    say_table("predicted", ("what", "clocks"), sizes)
    say_table("resources, estimated", ("what", "count"), list(design.estimate.items()))


def _print_proofs(found: BundleReport) -> None:
    rows = [(p.node, p.mult_bits, p.shift, p.reference, p.verdict, p.exceptions) for p in found.proofs]
    say_table("rescales", ("operator", "b bits", "c", "reference", "verdict", "values that differ"), rows)


def _print_measured(measured: RunResult, on: str) -> None:
    costs = _costs(measured)
    functions = costs.pop("functions", None)
    say_table(
        f"measured on {on}", ("what", "value"), [(name.replace("_", " "), value) for name, value in costs.items()]
    )
    if isinstance(functions, dict):
        rows = sorted(measured.functions.items(), key=lambda item: (-item[1], item[0]))[:_LISTED_FUNCTIONS]
        say_table("instructions by function", ("function", "instructions"), rows)
