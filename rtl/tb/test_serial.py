"""Digit-serial adder graphs, `hwc_serial_*` together: against the matrix, under stalls; latency and interval."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.adders.graph import row_ranges
from hwcomp.adders.serial import serialise
from hwcomp.adders.solve import solve
from hwcomp.ir.types import IntType
from hwcomp.targets.dataflow.builder import signed_type
from hwcomp.targets.dataflow.modules.adders import Serial, SerialBody
from hwcomp.targets.dataflow.modules.spec import ModuleSpec
from hwcomp.targets.dataflow.network import Direction, Instance, Network, Stream, StreamPort
from hwcomp.targets.dataflow.timing.interval import interval_of
from hwcomp.targets.dataflow.timing.pipelines import pipeline_latency
from hwcomp.targets.fpga.adder_files import adder_files
from rtl.tb import bench
from rtl.tb.bench import Case, check, pack

FRAMES, BEATS = 3, 12


def case(
    folder: Path, name: str, shape: tuple[int, int], x: IntType, digit: int, operands: int = 2, weight: int = 60
) -> Case:
    """A random matrix [oc, k] with a row of zeros, one of one weight, one of negative weights; constants, some zero."""
    rng = np.random.default_rng(len(name) + digit)
    oc, k = shape
    w = rng.integers(-weight, weight + 1, shape)
    w[-1] = -np.abs(w[-1])
    if oc > 3:
        w[1], w[2] = 0, 0
        w[2, -1] = 4
    constants = np.where(rng.random(oc) < 0.7, rng.integers(-(2**10), 2**10, oc), 0)
    low, high = (-(1 << x.bits - 1), (1 << x.bits - 1) - 1) if x.signed else (0, (1 << x.bits) - 1)
    data = rng.integers(low, high, (FRAMES * BEATS, k), endpoint=True)
    data[0], data[1] = low, high
    data[2], data[3] = np.where(w[0] > 0, high, low), np.where(w[0] > 0, low, high)
    y = data @ w.T + constants
    spans = [(a + c, b + c) for (a, b), c in zip(row_ranges(w, [(low, high)] * k), constants.tolist(), strict=True)]
    bits = max(signed_type(*span).bits for span in spans)
    graph = serialise(solve(w, [(low, high)] * k, constants.tolist()), operands)
    unit = Serial(graph, digit, -(-bits // digit))
    parameters = {
        "InWidth": x.bits, "InSigned": int(x.signed), "OutWidth": bits, "Digit": digit, "Period": unit.period,
        "Levels": graph.levels,
    }  # fmt: skip
    ports = (StreamPort("in", Direction.IN, ("x",)), StreamPort("out", Direction.OUT, ("y",)))
    instance = Instance("hwc_serial", f"u_{name}", parameters, ports, body=SerialBody(name, unit))
    streams = {"x": Stream("x", k, x, BEATS), "y": Stream("y", oc, IntType(bits, True), BEATS)}
    network = Network(name, streams, (instance,), (), ())
    for path, text in adder_files(network).items():
        (folder / Path(path).name).write_text(text, encoding="ascii")
    spec = ModuleSpec(name, parameters, pipeline_latency(instance), interval_of(instance, network), (BEATS,), (BEATS,))
    ins, outs = bench.Stream(k * x.bits, pack(data, k, x.bits)), bench.Stream(oc * bits, pack(y, oc, bits))
    return Case(name, spec, {"in": ins}, {"out": outs}, FRAMES)


@pytest.mark.slow
def test_serial_units(tmp_path: Path) -> None:
    s8, u6, u1, s2, s16 = IntType(8, True), IntType(6, False), IntType(1, False), IntType(2, True), IntType(16, True)
    cases = [
        case(tmp_path, "bits", (9, 7), s8, 1),
        case(tmp_path, "bits_of_four", (9, 12), s8, 1, 4),
        case(tmp_path, "bits_of_three", (5, 9), u6, 1, 3),
        case(tmp_path, "pairs", (9, 7), s8, 2),
        case(tmp_path, "pairs_unsigned", (6, 16), u6, 2),
        case(tmp_path, "threes", (5, 5), s8, 3),
        case(tmp_path, "fours", (8, 9), u6, 4),
        case(tmp_path, "nibbles_of_words", (4, 3), s16, 4, weight=900),
        case(tmp_path, "bytes", (4, 6), s8, 8),
        case(tmp_path, "binary", (6, 20), u1, 1, 4, weight=1),
        case(tmp_path, "binary_of_pairs", (6, 20), u1, 2, weight=1),
        case(tmp_path, "ternary", (8, 18), s2, 1, 4, weight=1),
        case(tmp_path, "one_output", (1, 4), s8, 2),
        case(tmp_path, "one_input", (4, 1), s8, 5),
        case(tmp_path, "fours_of_four", (7, 11), s8, 4, 4),
    ]
    check(cases, tmp_path)
