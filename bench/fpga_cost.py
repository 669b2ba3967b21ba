"""What `dataflow/estimate/cost.py` estimates, beside what Yosys makes of it: of single modules, and of whole designs.

    python -m bench.fpga_cost --fit [--family ecp5] [--modules hwc_mvu,hwc_requant] [--points 24]
    python -m bench.fpga_cost BUNDLE ... [--family ecp5] [--alone] [--record]
    python -m bench.fpga_cost --designs all [--family ecp5] [--record]

--fit synthesises random instances of each module alone and writes `estimate/coefficients.json`. A BUNDLE is synthesised
whole, as its user does it, with AXI; --designs builds those of `bench/fpga_designs.py` first; --alone synthesises one
of each module and adds them up. --record keeps what was found in `calibration.json` beside it, which reports read. On
ECP5 LUTs are LUT4, two a carry cell (CCU2C has two), and 6 for 16 x 4 bits of memory; on 7-series all LUTs, with
memories and shift registers.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench.fpga_bundle import network_of
from bench.fpga_cells import alike, bundle_cells, instance_cells
from bench.fpga_designs import build_designs
from bench.fpga_fit import fitted, keep
from bench.fpga_point import Point
from bench.fpga_points import MAKERS, points
from bench.fpga_record import MOST_BITS, READ, record_design, record_modules
from hwcomp.support.manifest import read_manifest
from hwcomp.targets.dataflow.estimate.bill import Bill
from hwcomp.targets.dataflow.estimate.cost import Resources, cost_of, network_cost, priced, total
from hwcomp.targets.dataflow.estimate.family import Family
from hwcomp.targets.dataflow.estimate.modules import bill_of
from hwcomp.targets.dataflow.network import Instance

_KEPT = 3
"""Points of each module that the calibration file keeps."""

NAMES = ("lut", "ff", "dsp", "bram")


def percent(estimate: int, real: int) -> str:
    """By how much the estimate is off."""
    return "-" if real == 0 else f"{100 * (estimate - real) / real:+.0f} %"


def fit(family: Family, modules: Sequence[str], number: int, console: Console) -> None:
    """Fits the modules' coefficients anew and shows each point."""
    table = Table("module", "points", *(f"{name} error: mean, worst" for name in ("lut", "ff")), "dsp", "bram")
    for module in modules:
        made = points(module, number)
        reals = [instance_cells(*point, family) for point in made]
        bills = [bill_of(*point, family) for point in made]
        prices = {name: fitted(bills, reals, name) for name in ("lut", "ff")}
        table.add_row(module, str(number), *_errors(made, bills, reals, prices))
        keep(family, module, prices)  # at once: a fit can be stopped and taken up again
        estimates = [priced(bill, prices) for bill in bills]
        found = [f for f in zip((p[0] for p in made), estimates, reals, strict=True) if _is_small(f[0])]
        record_modules(family, module, found[:_KEPT])
    console.print(table)


def _is_small(instance: Instance) -> bool:
    """Whether its estimate can be made again from the record: the words of some memories count, and adder graphs."""
    counting = [memory.bits for memory in instance.memories if memory.parameter in READ]
    return instance.body is None and max(counting, default=0) <= MOST_BITS


def _errors(
    made: Sequence[Point], bills: Sequence[Bill], reals: Sequence[Resources], prices: dict[str, dict[str, float]]
) -> list[str]:
    texts: list[str] = []
    for name in ("lut", "ff"):
        found = [(b.lut if name == "lut" else b.ff) for b in bills]
        sums = [sum(v * prices[name].get(k, 0) for k, v in one.items()) for one in found]
        errors = [(s - r.of(name)) / max(r.of(name), 40) for s, r in zip(sums, reals, strict=True)]
        worst = max(range(len(errors)), key=lambda at: abs(errors[at]))
        mean = sum(abs(e) for e in errors) / len(errors)
        what = {k: v for k, v in made[worst][0].parameters.items() if "Signed" not in k}
        texts.append(f"{mean:.1%}, {errors[worst]:+.0%} of {reals[worst].of(name)}: {what}")
    for name in ("dsp", "bram"):
        exact = [bill.dsp if name == "dsp" else bill.bram for bill in bills]
        wrong = [
            f"{e}, not {r.of(name)}: {dict(p[0].parameters)}"
            for e, r, p in zip(exact, reals, made, strict=True)
            if e != r.of(name)
        ]
        texts.append("; ".join(wrong[:2]) or "equal")
    return texts


def alone(bundle: Path, family: Family, modules: Sequence[str], console: Console) -> Resources:
    """The table of a design's modules, each synthesised alone; their sum."""
    network = network_of(bundle)
    table = Table("module", "n", "parameters", *(f"{name}{part}" for name in NAMES for part in (" est", "")))
    table.title = f"{bundle.name}, {family.value}"
    estimates, reals = Resources(), Resources()
    for group in alike(network, modules):
        first = group[0]
        if not first.ports:
            continue
        estimate, real = cost_of(first, network, family), instance_cells(first, network, family)
        shown = ", ".join(f"{k}={v}" for k, v in first.parameters.items())
        pairs = [(estimate.of(name), real.of(name)) for name in NAMES]
        table.add_row(first.module, str(len(group)), shown, *(str(number) for pair in pairs for number in pair))
        estimates, reals = total([estimates, *[estimate] * len(group)]), total([reals, *[real] * len(group)])
    pairs = [(estimates.of(name), reals.of(name)) for name in NAMES]
    table.add_row("sum", "", "", *(str(number) for pair in pairs for number in pair))
    table.add_row("error", "", "", *(text for pair in pairs for text in (percent(*pair), "")))
    console.print(table)
    return reals


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("bundles", type=Path, nargs="*")
    reader.add_argument("--designs", default="", help="such as kws-30000,ad-30000; all")
    reader.add_argument("--fit", action="store_true")
    reader.add_argument("--alone", action="store_true", help="each module of the bundles, not the whole")
    reader.add_argument("--record", action="store_true", help="keep what was found for reports")
    reader.add_argument("--family", type=Family, default=Family.ECP5)
    reader.add_argument("--modules", default="", help="such as hwc_mvu,hwc_requant; all by default")
    reader.add_argument("--points", type=int, default=24)
    given = reader.parse_args()
    console, modules = Console(width=240), [m for m in given.modules.split(",") if m]
    if given.fit:
        fit(given.family, modules or sorted(MAKERS), given.points, console)
    with TemporaryDirectory() as holder:
        names = () if given.designs == "all" else tuple(given.designs.split(","))
        built = build_designs(names, given.family, Path(holder)) if given.designs else ()
        _compare(chain(given.bundles, built), given, modules, console)


def _compare(bundles: Iterable[Path], given: argparse.Namespace, modules: Sequence[str], console: Console) -> None:
    """Each bundle's estimate beside what Yosys makes of it."""
    table = Table("design", *(f"{name} est / Yosys" for name in NAMES))
    for bundle in bundles:
        if given.alone:
            alone(bundle, given.family, modules, console)
            continue
        estimate, real = network_cost(network_of(bundle), given.family), bundle_cells(bundle, given.family)
        pairs = [(estimate.of(name), real.of(name)) for name in NAMES]
        if given.record:
            interval = read_manifest(bundle).extra["interval_cycles"]
            assert isinstance(interval, int)
            record_design(bundle.name, given.family, interval, "whole", estimate, real)
        texts = [f"{e} / {r} ({percent(e, r)})" for e, r in pairs]
        console.print(bundle.name, *texts)
        table.add_row(bundle.name, *texts)
    if table.row_count:
        console.print(table)


if __name__ == "__main__":
    main()
