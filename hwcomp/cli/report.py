"""`hwcomp report BUNDLE`: what the model takes, gives and costs, and what was proved of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.implementation import LayerCells, layer_cells, print_implementation, print_layers
from hwcomp.cli.options import BundleFolder, Json
from hwcomp.cli.output import reporting, say, say_json, say_table
from hwcomp.cli.standard_cells import figures, print_estimate
from hwcomp.support.errors import EXIT_MISMATCH, HwcompError

if TYPE_CHECKING:
    from hwcomp.report.bundle import BundleReport, DesignReport
    from hwcomp.support.manifest import Manifest
    from hwcomp.verify.run import RunResult
    from hwcomp.verify.standard_cells import Estimate
    from hwcomp.verify.synthesis import Implementation

_LISTED_FUNCTIONS = 12
_RESOURCES = ("LUTs", "flip-flops", "multipliers", "block RAMs")


def report(
    bundle: BundleFolder,
    on: Annotated[
        str | None, typer.Option("--on", metavar="MACHINE", help="Also run one input there and count: cortex-m4.")
    ] = None,
    synth: Annotated[
        bool, typer.Option("--synth", help="Also synthesise a design with Yosys; for ECP5 place it with nextpnr.")
    ] = False,
    route: Annotated[bool, typer.Option("--route", help="As --synth, and route it.")] = False,
    seeds: Annotated[
        int, typer.Option(metavar="N", min=1, max=100, help="With --synth or --route: place from N seeds.")
    ] = 1,
    layers: Annotated[
        bool, typer.Option("--layers", help="As --synth, and each layer apart, beside what was estimated of it.")
    ] = False,
    liberty: Annotated[
        Path | None, typer.Option(metavar="LIB", help="Also map an asic bundle to these cells: area, timing, power.")
    ] = None,
    clock_mhz: Annotated[
        int, typer.Option(metavar="MHZ", min=0, max=100_000, help="The clock for --liberty; 0: the bundle's own.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Print BUNDLE's inputs, outputs, memory and proofs; with --on, what a run costs there; of RTL, what tools make."""
    with reporting(as_json):
        from hwcomp.report.bundle import read_report
        from hwcomp.support.manifest import bundles_in

        if bundles_in(bundle):
            _compare(bundle, as_json)
            return

        found = read_report(bundle)
        measured = _measure(bundle, found.manifest, on) if on else None
        built = _implemented(bundle, found, route, seeds) if synth or route or layers else None
        apart = _apart(bundle, found, built) if layers and built is not None else []
        mapped = _mapped(bundle, liberty, clock_mhz) if liberty else None
    if as_json:
        costs = None if measured is None else _costs(measured)
        proofs = [asdict(proof) for proof in found.proofs]
        shown = {"manifest": json.loads(found.manifest.to_json()), "proofs": proofs, "measured": costs}
        shown["past_estimates"] = [asdict(spread) for spread in found.design.past] if found.design is not None else []
        cells = None if mapped is None else figures(mapped)
        shown |= {"implementation": None if built is None else asdict(built), "layers": [asdict(row) for row in apart]}
        say_json(shown | {"cells": cells})
        return
    _print_interface(found.manifest)
    if found.design is not None:
        _print_design(found.design)
    else:
        _print_costs(found)
    _print_proofs(found)
    if measured is not None and on is not None:
        _print_measured(measured, on)
    if built is not None and found.design is not None:
        print_implementation(built, found.design)
    if apart:
        print_layers(apart)
    if mapped is not None:
        print_estimate(mapped)


def _compare(folder: Path, as_json: bool) -> None:
    """The table of several targets' bundles; exit code 3 where their outputs differ."""
    from hwcomp.side_by_side import compare

    rows = compare(folder)
    hashes = {row.outputs for row in rows if row.outputs}
    if as_json:
        say_json({"targets": [asdict(row) for row in rows], "outputs_equal": len(hashes) < 2})
    else:
        shown = [(r.target, r.place or f"not run: {r.reason}", r.rows, r.outputs, r.speed, r.size) for r in rows]
        say_table("one model", ("target", "ran on", "inputs", "outputs' hash", "a run takes", "size"), shown)
        say("outputs: equal, bit for bit" if len(hashes) < 2 else "outputs: DIFFERENT")
    if len(hashes) > 1:
        raise typer.Exit(EXIT_MISMATCH)


def _measure(bundle: Path, manifest: Manifest, on: str) -> RunResult:
    """One run of the bundle's first vector on the machine `on`."""
    from hwcomp.verify.run import RunOptions, run_bundle
    from hwcomp.verify.vectors import read_vectors

    vectors = read_vectors(bundle)
    inputs = {port.name: vectors[port.name][0] for port in manifest.inputs}
    return run_bundle(bundle, inputs, on, options=RunOptions(raw=True))


def _mapped(bundle: Path, liberty: Path, clock_mhz: int) -> Estimate:
    from hwcomp.verify.standard_cells import estimate

    return estimate(bundle, liberty, clock_mhz)


def _implemented(bundle: Path, found: BundleReport, route: bool, seeds: int) -> Implementation:
    from hwcomp.verify.synthesis import implement

    if found.manifest.target != "fpga":
        fix = "give a bundle of 'hwcomp build --target fpga'; one of asic wants '--liberty'"
        raise HwcompError("HWC005", "only a bundle of the fpga target can be synthesised for it", "--synth", fix)
    return implement(bundle, f"{found.manifest.c_name}_top", route=route, seeds=seeds)


def _apart(bundle: Path, found: BundleReport, built: Implementation) -> list[LayerCells]:
    from hwcomp.verify.synthesis import synthesise_apart

    assert found.design is not None
    cells = synthesise_apart(bundle, f"{found.manifest.c_name}_top")
    return layer_cells(found.design, cells, is_ecp5=bool(built.clocks))


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
    rows = [(f.what, f.kernel, f.fold, f.interval_cycles, f.rate, *f.estimate.values()) for f in design.folds]
    columns = ("operator", "kernel", "folding", "clocks a frame", "MACs a multiplier and clock")
    say_table("layers, predicted", (*columns, *_RESOURCES), rows)
    other = [
        (f.what, k.kernel, k.note, k.interval_cycles, *k.estimate.values()) for f in design.folds for k in f.others
    ]
    say_table("other kernels of these layers", ("operator", "kernel", "", "clocks a frame", *_RESOURCES), other)
    sizes = [("clocks between frames", design.interval_cycles), ("clocks from beat to result", design.latency_cycles)]
    say_table("predicted", ("what", "clocks"), sizes)
    say(f"MACs a multiplier and clock: {design.rate}")
    say_table("resources, estimated", ("what", "count"), list(design.estimate.items()))
    past = [(s.what, s.designs, f"{100 * s.least:+.0f} %", f"{100 * s.most:+.0f} %") for s in design.past]
    say_table("past estimates against Yosys", ("resource", "designs", "least error", "greatest error"), past)
    others = [(o.kind, o.interval_cycles, o.latency_cycles, o.lut, o.ff, o.dsp, o.bram) for o in design.others]
    say_table("other designs, estimated", ("design", "clocks a frame", "latency", *_RESOURCES), others)


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
