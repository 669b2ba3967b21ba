"""The SystemVerilog of a network's adder graphs: for each the graph, and a module that gives it stream ports."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from hwcomp.adders import serial_verilog
from hwcomp.adders.verilog import input_width, module, output_widths
from hwcomp.support.render import render
from hwcomp.targets.dataflow.modules.adders import AdderBody, SerialBody
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.pipelines import pipeline_latency


@dataclass(frozen=True, slots=True)
class AdderView:
    """What the template prints. what: in words; x_width, y_width: bits of the graph's ports; wires: from element to
    element."""

    name: str
    what: str
    stages: int
    inputs: int
    outputs: int
    in_width: int
    out_width: int
    x_width: int
    y_width: int
    wires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SerialView:
    """What the template prints of a graph that works on digits. what: in words."""

    name: str
    what: str
    latency: int
    inputs: int
    outputs: int
    in_width: int
    in_signed: int
    out_width: int
    digit: int
    period: int
    levels: int


def adder_files(network: Network) -> dict[str, str]:
    """By path in the bundle, in the order of the network."""
    files: dict[str, str] = {}
    for instance in network.instances:
        match instance.body:
            case AdderBody() as body:
                files[f"rtl/{body.name}_graph.sv"] = module(f"{body.name}_graph", body.graph, body.stages)
                files[f"rtl/{body.name}.sv"] = render("fpga/adders.sv.jinja", _view(instance, body))
            case SerialBody() as body:
                unit = body.unit
                text = serial_verilog.module(f"{body.name}_graph", unit.graph, unit.digit, unit.period)
                files[f"rtl/{body.name}_graph.sv"] = text
                files[f"rtl/{body.name}.sv"] = render("fpga/serial.sv.jinja", _serial_view(instance, body))
            case None:
                pass
    return files


def _serial_view(instance: Instance, body: SerialBody) -> SerialView:
    graph, n = body.unit.graph, instance.number
    return SerialView(
        name=body.name,
        what=f"{graph.inputs} elements to {len(graph.outputs)}, {len(graph.sums)} adders",
        latency=pipeline_latency(instance),
        inputs=graph.inputs,
        outputs=len(graph.outputs),
        in_width=n("InWidth"),
        in_signed=n("InSigned"),
        out_width=n("OutWidth"),
        digit=n("Digit"),
        period=n("Period"),
        levels=n("Levels"),
    )


def _view(instance: Instance, body: AdderBody) -> AdderView:
    graph, bits, out_bits = body.graph, instance.number("InWidth"), instance.number("OutWidth")
    taken, given = [input_width(*span) for span in graph.inputs], output_widths(graph)
    wires = [
        f"assign x[{start + width - 1}:{start}] = in_data_i[{i}*InWidth+:{width}];"
        for i, (width, start) in enumerate(zip(taken, _starts(taken), strict=True))
    ]
    wires += [
        f"assign out_data_o[{i}*OutWidth+:OutWidth] = {_resized(start, width, out_bits)};"
        for i, (width, start) in enumerate(zip(given, _starts(given), strict=True))
    ]
    return AdderView(
        name=body.name,
        what=f"{len(taken)} elements to {len(given)}, {body.adders} adders",
        stages=body.stages,
        inputs=len(taken),
        outputs=len(given),
        in_width=bits,
        out_width=out_bits,
        x_width=sum(taken),
        y_width=sum(given),
        wires=tuple(wires),
    )


def _starts(widths: list[int]) -> list[int]:
    return [0, *accumulate(widths)][:-1]


def _resized(start: int, width: int, wanted: int) -> str:
    """An element of y in `wanted` bits: its value fits, so that bits above are copies of the sign."""
    if width >= wanted:
        return f"y[{start + wanted - 1}:{start}]"
    return f"{{{{{wanted - width}{{y[{start + width - 1}]}}}}, y[{start + width - 1}:{start}]}}"
