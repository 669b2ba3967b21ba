"""Single adder graphs to fit the estimates with: random matrices, a vector a clock or digit by digit."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from bench.fpga_point import Point, point
from hwcomp.adders.graph import AdderGraph, row_ranges
from hwcomp.adders.serial import serialise
from hwcomp.adders.solve import solve
from hwcomp.targets.dataflow.builder import signed_type
from hwcomp.targets.dataflow.modules.adders import AdderBody, Pipelined, Serial, SerialBody, stages_for
from hwcomp.targets.dataflow.modules.spec import Parameter


def adder_graph(r: random.Random) -> Point:
    outputs, inputs, weight_bits = r.choice((4, 8, 16, 32)), r.choice((9, 16, 24, 36)), r.choice((1, 2, 4, 6, 8))
    most, density, width = (1 << weight_bits - 1) - 1 or 1, r.choice((0.3, 0.6, 1.0)), r.choice((4, 6, 8))
    graph, bits = _graph(r, outputs, inputs, most, density, width)
    body = AdderBody("alone_adders", Pipelined(graph, stages_for(graph, r.choice((1, 2, 3)))))
    parameters: dict[str, Parameter] = {"InWidth": width, "OutWidth": bits, "Stages": body.stages}
    made, network = point("hwc_adders", parameters, [("in", [inputs * width])], [outputs * bits])
    made = replace(made, body=body)
    return made, replace(network, instances=(made,))


def serial_graph(r: random.Random) -> Point:
    """Sums of four only where a digit is a bit; no digits of more bits than the words that are taken apart."""
    outputs, inputs, weight_bits = r.choice((4, 8, 16, 32)), r.choice((9, 16, 24, 36)), r.choice((1, 2, 4, 6, 8))
    most, density, width = (1 << weight_bits - 1) - 1 or 1, r.choice((0.3, 0.6, 1.0)), r.choice((1, 2, 4, 6, 8))
    graph, bits = _graph(r, outputs, inputs, most, density, width)
    digit = r.choice([digit for digit in (1, 1, 2, 4, 6, 8) if digit <= width])
    made_of = serialise(graph, r.choice((2, 4)) if digit == 1 else 2)
    body = SerialBody("alone_adders", Serial(made_of, digit, -(-bits // digit)))
    parameters: dict[str, Parameter] = {
        "InWidth": width, "InSigned": 0, "OutWidth": bits, "Digit": digit, "Period": body.unit.period,
        "Levels": made_of.levels,
    }  # fmt: skip
    made, network = point("hwc_serial", parameters, [("in", [inputs * width])], [outputs * bits])
    made = replace(made, body=body)
    return made, replace(network, instances=(made,))


def _graph(
    r: random.Random, outputs: int, inputs: int, most: int, density: float, width: int
) -> tuple[AdderGraph, int]:
    """Of a random matrix and constants; and the bits of its widest output."""
    matrix = np.array(
        [[r.randint(-most, most) if r.random() < density else 0 for _ in range(inputs)] for _ in range(outputs)]
    )
    constants = [r.randint(-2000, 2000) for _ in range(outputs)]
    graph = solve(matrix, [(0, (1 << width) - 1)] * inputs, constants)
    rows = row_ranges(np.array(matrix), graph.inputs)
    bits = max(signed_type(low + c, high + c).bits for (low, high), c in zip(rows, constants, strict=True))
    return graph, bits
