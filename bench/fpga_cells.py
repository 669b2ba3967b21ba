"""Cells of designs and of single instances, as Yosys makes them, kept on disk by what goes in.

The key is a SHA-256 of the sources that the top needs, the memories' words, the command and the version of Yosys, so
that a fit after a change of one module synthesises that module alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.fpga_yosys import ECP5, XCUP, count, synthesise
from hwcomp.support.manifest import read_manifest
from hwcomp.targets.dataflow.estimate.cost import Family, Resources
from hwcomp.targets.dataflow.modules.spec import Parameter
from hwcomp.targets.dataflow.network import Direction, Instance, Network
from hwcomp.targets.fpga.adder_files import adder_files
from hwcomp.targets.fpga.sources import needed_files

COMMANDS = {Family.ECP5: ECP5, Family.XC7: "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf", Family.XCUP: XCUP}
_COMMENT = re.compile(r"^\s*//[^\n]*\n", re.MULTILINE)


def cache_folder() -> Path:
    """HWCOMP_CELLS, or a folder of the user's cache."""
    given = os.environ.get("HWCOMP_CELLS")
    folder = Path(given) if given else Path.home() / ".cache" / "hwcomp" / "cells"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def resources_of(kinds: Mapping[str, int], family: Family) -> Resources:
    """LUTs of the family: on ECP5 a carry cell (CCU2C) is two of them; on 7-series CARRY4 is beside them."""
    cells = count(kinds)
    return Resources(cells.lut + 2 * cells.carry * (family is Family.ECP5), cells.ff, cells.dsp, cells.bram)


def kept(texts: Mapping[str, str], top: str, family: Family) -> Resources:
    """The cells of `top` in the files `texts` (path: text; .sv are read), from the disk or from Yosys."""
    command = COMMANDS[family]
    said = [version("pyosys"), command, top, *(f"{path}\0{text}" for path, text in sorted(texts.items()))]
    key = hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]
    path = cache_folder() / f"{key}.json"
    if not path.is_file():
        with TemporaryDirectory() as holder:
            for name, text in texts.items():
                (Path(holder) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(holder) / name).write_text(text, encoding="utf-8")
            sources = sorted(name for name in texts if name.endswith(".sv"))
            path.write_text(json.dumps(synthesise(Path(holder), sources, top, command)), encoding="utf-8")
    return resources_of(json.loads(path.read_text(encoding="utf-8")), family)


_BALLAST = """module ballast (
  input clk_i, input [35:0] a_i, input [35:0] b_i, input [35:0] c_i, output reg [35:0] s_o
);
  reg [35:0] a_q, b_q, c_q;
  always @(posedge clk_i) begin
    a_q <= a_i; b_q <= b_i; c_q <= c_i;
    s_o <= ((a_q + b_q) ^ c_q) + (a_q & c_q);
  end
endmodule
"""
"""A long path beside the module, as every design has: ABC spends LUTs on the longest path, and saves them elsewhere."""

_BALLAST_PORTS = "input [35:0] ba_i, input [35:0] bb_i, input [35:0] bc_i, output [35:0] bs_o"
_BALLAST_USE = "  ballast u_ballast (.clk_i(clk_i), .a_i(ba_i), .b_i(bb_i), .c_i(bc_i), .s_o(bs_o));\n"


def instance_cells(instance: Instance, network: Network, family: Family) -> Resources:
    """The cells of one instance alone."""
    body = instance.body
    library = needed_files([instance.module]) if body is None else adder_files(network) | needed_files(body.modules)
    texts = {name: _COMMENT.sub("", text) for name, text in library.items()}
    for memory in instance.memories:
        digits = -(-memory.width // 4)
        texts[f"mem/{memory.parameter}.hex"] = "".join(f"{word:0{digits}x}\n" for word in memory.make())
    texts["alone.sv"] = wrapper(instance, network)
    texts["ballast.sv"] = _BALLAST
    both, ballast = kept(texts, "alone", family), kept({"ballast.sv": _BALLAST}, "ballast", family)
    return Resources(both.lut - ballast.lut, both.ff - ballast.ff, both.dsp - ballast.dsp, both.bram - ballast.bram)


def bundle_cells(bundle: Path, family: Family, part: str = "top") -> Resources:
    """The cells of a bundle's top, as its Makefile synthesises it, or of its `core` alone."""
    manifest = read_manifest(bundle)
    texts = {name: (bundle / name).read_text(encoding="utf-8") for name in manifest.sources}
    texts = {name: _COMMENT.sub("", text) for name, text in texts.items()}
    texts |= {f"mem/{path.name}": path.read_text(encoding="utf-8") for path in sorted((bundle / "mem").glob("*.hex"))}
    return kept(texts, f"{manifest.c_name}_{part}", family)


def _literal(value: Parameter) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


_PORT = re.compile(r"^ +(?:input|output) +logic [^;]*?(?=,?$)", re.MULTILINE)


def edge_wrapper(instance: Instance) -> str:
    """As `wrapper`, for a module of the top: its own ports, by name."""
    source = _COMMENT.sub("", needed_files([instance.module])[f"{instance.module}.sv"])
    found = [re.sub(r" *//.*", "", port) for port in _PORT.findall(source.split(");")[0])]
    # Nothing is loaded into a design of constants: these outputs lead nowhere.
    loose = [port for port in found if " load_" in port]
    ports = ",".join(port for port in found if port not in loose)
    wires = "".join(f"  {port.strip().removeprefix('output')};\n" for port in loose)
    values = {name: _literal(value) for name, value in instance.parameters.items()}
    for name, value in values.items():
        ports = re.sub(rf"\b{name}\b", value, ports)
    given = f"#({', '.join(f'.{name}({value})' for name, value in values.items())})" if values else ""
    head = f"module alone ({_BALLAST_PORTS}, {ports});\n{_BALLAST_USE}{wires}"
    return f"{head}  {instance.module} {given} u_alone (.*);\nendmodule\n"


def wrapper(instance: Instance, network: Network) -> str:
    """A module `alone` that has the instance's ports and the instance."""
    if not instance.ports or not instance.outputs:
        return edge_wrapper(instance)
    ports, wires = [_BALLAST_PORTS, "input clk_i", "input rst_ni"], ["clk_i", "rst_ni"]
    for name, _ in instance.wires:
        ports.append(f"{'input' if name.endswith('_i') else 'output'} {name}")
        wires.append(name)
    for port in instance.ports:
        number, width = len(port.streams), sum(network.streams[name].width for name in port.streams)
        given, taken = ("i", "o") if port.direction is Direction.IN else ("o", "i")
        for kind, way, bits in (("valid", given, number), ("ready", taken, number), ("data", given, width)):
            name = f"{port.prefix}_{kind}_{way}"
            ports.append(f"{'input' if way == 'i' else 'output'} [{bits - 1}:0] {name}")
            wires.append(name)
    parameters = [f".{name}({_literal(value)})" for name, value in sorted(instance.parameters.items())]
    parameters += [f'.{m.parameter}("mem/{m.parameter}.hex")' for m in instance.memories]
    connections = ", ".join(f".{name}({name})" for name in wires)
    head = f"module alone ({', '.join(ports)});"
    module = instance.module if instance.body is None else instance.body.name
    return f"{head}\n{_BALLAST_USE}  {module} #({', '.join(parameters)}) u_alone ({connections});\nendmodule\n"


def alike(network: Network, modules: Sequence[str] = ()) -> list[list[Instance]]:
    """Instances of the same module, parameters and memories' shapes together."""
    found: dict[str, list[Instance]] = {}
    for instance in sorted(network.instances, key=lambda i: i.module):
        shapes = [(m.width, m.depth) for m in instance.memories]
        if not modules or instance.module in modules:
            found.setdefault(repr((instance.module, sorted(instance.parameters.items()), shapes)), []).append(instance)
    return list(found.values())
