"""What `targets/fpga/cost.py` estimates, beside what Yosys makes of it for ECP5, of each module and of the whole.

    python -m bench.fpga_cost BUNDLE ... [--modules hwc_mvu,hwc_requant] [--interval 0] [--max-dsp 0]

Takes the graph of an fpga bundle, folds it again, and synthesises one instance of each module with its parameters alone
(`synth_ecp5 -abc9`); the sums count each as often as it is there. LUTs are LUT4 and twice the carry cells (CCU2C has
two), and 6 for 16 x 4 bits of memory in LUTs. The edges (AXI) are in neither.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench.fpga_yosys import ECP5, count, synthesise
from hwcomp.ir.parser import parse
from hwcomp.support.manifest import read_manifest
from hwcomp.targets.fpga.cost import Resources, cost_of, total
from hwcomp.targets.fpga.design import make_design
from hwcomp.targets.fpga.model_view import literal
from hwcomp.targets.fpga.network import Direction, Instance, Network
from hwcomp.targets.fpga.options import FpgaOptions

LIB = Path(__file__).resolve().parent.parent / "rtl" / "lib"
NAMES = ("lut", "ff", "dsp", "bram")
SHOWN = ("Simd", "Pe", "Lanes", "Taps", "Width", "InLanes", "OutLanes", "Depth", "InWidth", "MultStyle", "WeightStyle")


def network_of(bundle: Path, interval: int, max_dsp: int) -> Network:
    """The network of the bundle's graph, for `interval` clocks or the bundle's own."""
    manifest = read_manifest(bundle)
    graph = parse((bundle / "graph.hwc").read_text(encoding="utf-8"))
    own = manifest.extra["interval_cycles"]
    assert isinstance(own, int)
    options = FpgaOptions(interval=interval or own, max_lut=10**6, max_dsp=max_dsp)
    return make_design(graph, manifest.c_name, options).network


def alike(network: Network, modules: Sequence[str]) -> list[list[Instance]]:
    """Instances of the same module, parameters and memories' shapes together."""
    found: dict[str, list[Instance]] = {}
    for instance in sorted(network.instances, key=lambda i: i.module):
        shapes = [(m.width, m.depth) for m in instance.memories]
        if not modules or instance.module in modules:
            found.setdefault(repr((instance.module, sorted(instance.parameters.items()), shapes)), []).append(instance)
    return list(found.values())


def wrapper(instance: Instance, network: Network) -> str:
    """A module `alone` that has the instance's ports and the instance."""
    ports = ["input clk_i", "input rst_ni"]
    wires = ["clk_i", "rst_ni"]
    for port in instance.ports:
        count, width = len(port.streams), sum(network.streams[name].width for name in port.streams)
        given, taken = ("i", "o") if port.direction is Direction.IN else ("o", "i")
        for kind, way, bits in (("valid", given, count), ("ready", taken, count), ("data", given, width)):
            name = f"{port.prefix}_{kind}_{way}"
            ports.append(f"{'input' if way == 'i' else 'output'} [{bits - 1}:0] {name}")
            wires.append(name)
    parameters = [f".{name}({literal(value)})" for name, value in instance.parameters.items()]
    parameters += [f'.{m.parameter}("mem/{m.name}.hex")' for m in instance.memories]
    connections = ", ".join(f".{name}({name})" for name in wires)
    head = f"module alone ({', '.join(ports)});"
    return f"{head}\n  {instance.module} #({', '.join(parameters)}) u_alone ({connections});\nendmodule\n"


def measured(instance: Instance, network: Network) -> Resources:
    """The cells of one instance alone."""
    with TemporaryDirectory() as holder:
        folder = Path(holder)
        (folder / "mem").mkdir()
        for memory in instance.memories:
            digits = -(-memory.width // 4)
            words = "".join(f"{word:0{digits}x}\n" for word in memory.make())
            (folder / "mem" / f"{memory.name}.hex").write_text(words, encoding="ascii")
        (folder / "alone.sv").write_text(wrapper(instance, network), encoding="utf-8")
        library = [str(path) for path in sorted(LIB.glob("hwc_*.sv"))]
        cells = count(synthesise(folder, [*library, "alone.sv"], "alone", ECP5))
    return Resources(cells.lut + 2 * cells.carry, cells.ff, cells.dsp, cells.bram)


def percent(estimate: int, real: int) -> str:
    """By how much the estimate is off."""
    return "-" if real == 0 else f"{100 * (estimate - real) / real:+.0f} %"


def compare(bundle: Path, network: Network, modules: Sequence[str], console: Console) -> None:
    """The table of one design."""
    table = Table("module", "n", "parameters", *(f"{name}{part}" for name in NAMES for part in (" est", "")))
    table.title = bundle.name
    estimates, reals = Resources(), Resources()
    for group in alike(network, modules):
        first = group[0]
        estimate, real = cost_of(first, network), measured(first, network)
        shown = ", ".join(f"{k}={v}" for k, v in first.parameters.items() if k in SHOWN)
        pairs = [(estimate.of(name), real.of(name)) for name in NAMES]
        table.add_row(first.module, str(len(group)), shown, *(str(number) for pair in pairs for number in pair))
        estimates, reals = total([estimates, *[estimate] * len(group)]), total([reals, *[real] * len(group)])
    pairs = [(estimates.of(name), reals.of(name)) for name in NAMES]
    table.add_row("sum", "", "", *(str(number) for pair in pairs for number in pair))
    table.add_row("error", "", "", *(text for pair in pairs for text in (percent(*pair), "")))
    console.print(table)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("bundles", type=Path, nargs="+")
    reader.add_argument("--modules", default="", help="such as hwc_mvu,hwc_requant; all by default")
    reader.add_argument("--interval", type=int, default=0, help="clocks; the bundle's by default")
    reader.add_argument("--max-dsp", type=int, default=0, help="multipliers; the board's by default")
    given = reader.parse_args()
    for bundle in given.bundles:
        network = network_of(bundle, given.interval, given.max_dsp)
        compare(bundle, network, [m for m in given.modules.split(",") if m], Console(width=220))


if __name__ == "__main__":
    main()
