"""The SystemVerilog of a network's adder graphs: for each the graph, and a module that gives it stream ports."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from hwcomp.adders.verilog import input_width, module, output_widths
from hwcomp.support.render import render
from hwcomp.targets.dataflow.network import Instance, Network


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


def adder_files(network: Network) -> dict[str, str]:
    """By path in the bundle, in the order of the network."""
    files: dict[str, str] = {}
    for instance in network.instances:
        if instance.body is not None:
            body = instance.body
            files[f"rtl/{body.name}_graph.sv"] = module(f"{body.name}_graph", body.graph, body.stages)
            files[f"rtl/{body.name}.sv"] = render("fpga/adders.sv.jinja", _view(instance))
    return files


def _view(instance: Instance) -> AdderView:
    body = instance.body
    assert body is not None
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
