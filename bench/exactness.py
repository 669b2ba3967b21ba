"""Print how exact hwcomp is on the real models: `python -m bench.exactness [--json] [--model NAME] [--small]`.

A row for each model and reference: outputs that differ from what the reference gave, at both levels; how many channels
are proved; how wide the multipliers are. For QDQ models that ONNX Runtime runs in unfused float32, `bench/layers.py`
compares each quantised tensor given the runtime's own inputs to it, and proves every difference.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.layers import LayerTally, compare_layers
from bench.models import BIG, QUANTISED, STREAMING, Case, load
from hwcomp import driver
from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.report.exactness import totals
from hwcomp.support import manifest
from hwcomp.verify.border import dequantize, to_integers

BIG_ROWS, LAYER_ROWS, BIG_LAYER_ROWS = 2, 16, 1


@dataclass(frozen=True, slots=True)
class Row:
    """A model under a reference. quant_differ, integer_differ: outputs of all `rows` that are not the reference's."""

    model: str
    reference: str
    rows: int
    outputs: int
    quant_differ: int
    integer_differ: int
    channels: int
    proved: int
    listed: int
    definition: int
    exceptions: int
    median_bits: int
    max_bits: int
    read_seconds: float
    lower_seconds: float
    layers: LayerTally | None


def is_big(file: str) -> bool:
    """Whether an inference takes about a second."""
    return file.startswith(BIG)


def border(graph: Graph, index: int, *, output: bool = False) -> manifest.Port:
    """An input or output port as a bundle's manifest has it."""
    port = (graph.outputs if output else graph.inputs)[index]
    kind, found = graph.values[port.value].type, port.quantizer
    quantizer = None if found is None else manifest.Quantizer(found.scale, found.zero_point)
    return manifest.Port(port.name, kind.shape, str(kind.dtype), 0, quantizer)


def run_rows(
    graph: Graph, inputs: NDArray[np.generic], like: NDArray[np.generic], *, is_stream: bool
) -> NDArray[np.generic]:
    """The first output for each row of `inputs`, in the type of `like`; states are kept between rows of a stream."""
    interpreter, port = Interpreter(graph, fast=True), border(graph, 0)
    result = []
    for row in inputs:
        if not is_stream:
            interpreter.reset()
        integers = to_integers(row.reshape(port.shape), port)
        found = interpreter.run({port.name: integers.astype(np.int64)})[graph.outputs[0].value]
        result.append(dequantize(found, border(graph, 0, output=True)) if like.dtype.kind == "f" else found)
    return np.stack(result).reshape(len(inputs), *like.shape[1:])


def measure(file: str, case: Case, reference: str) -> Row:
    """One row of the table."""
    expected = case.expected[reference]
    count = min(BIG_ROWS, len(expected)) if is_big(file) else len(expected)
    started = time.perf_counter()
    quant = driver.read(case.path, reference)
    read_done = time.perf_counter()
    integer = driver.lower(quant, Policy.LISTED, ShiftPreference())
    lowered = time.perf_counter()
    inputs, expected = case.inputs[:count], expected[:count]
    is_stream = file.startswith(STREAMING)
    differ = [
        int((run_rows(graph, inputs, expected, is_stream=is_stream) != expected).sum()) for graph in (quant, integer)
    ]
    found = totals(integer)
    layers = None
    if case.path.suffix == ".onnx":
        layers = compare_layers(case.path, case.inputs[: BIG_LAYER_ROWS if is_big(file) else LAYER_ROWS])
    return Row(
        case.name, reference, count, expected.size, differ[0], differ[1], found.channels, found.proved, found.listed,
        found.definition, found.exceptions, found.median_bits, max((bits for bits, _ in found.widths), default=0),
        round(read_done - started, 2), round(lowered - read_done, 2), layers,
    )  # fmt: skip


def table_of(rows: list[Row]) -> Table:
    """The rows for a terminal."""
    table = Table(title="Outputs that differ from the reference, and what is proved")
    for name in ("model", "reference", "outputs", "quant differ", "integer differ", "channels proved", "listed",
                 "definition", "bits median/max", "read s", "lower s"):  # fmt: skip
        table.add_column(name, justify="left" if name in ("model", "reference") else "right")
    for row in rows:
        share = row.proved / max(row.channels, 1)
        table.add_row(
            row.model, row.reference, f"{row.outputs:,}", str(row.quant_differ), str(row.integer_differ),
            f"{row.proved} ({share:.2%})", f"{row.listed} ({row.exceptions} acc.)", str(row.definition),
            f"{row.median_bits}/{row.max_bits}", f"{row.read_seconds:.2f}", f"{row.lower_seconds:.2f}",
        )  # fmt: skip
    return table


def layers_table(rows: list[Row]) -> Table:
    """The comparison layer by layer for a terminal."""
    table = Table(title="Quantised tensors, each given ONNX Runtime's own inputs to it (optimisations off)")
    for name in (
        "model",
        "tensors",
        "values",
        "differ",
        "explained by float32 sums",
        "Softmax off by one",
        "unexplained",
    ):
        table.add_column(name, justify="left" if name == "model" else "right")
    for row in rows:
        if row.layers is not None:
            found = row.layers
            table.add_row(
                row.model, str(found.tensors), f"{found.values:,}", str(found.differ), str(found.explained),
                str(found.softmax), str(len(found.unexplained)),
            )  # fmt: skip
    return table


def main() -> int:
    """Measure and print; 1 where a layer differs without a reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--model", default="", help="only models whose file name contains this")
    parser.add_argument("--small", action="store_true", help="without the models that take a second an inference")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    rows = []
    for file in QUANTISED:
        if options.model not in file or (options.small and is_big(file)):
            continue
        case = load(file)
        for reference in case.expected:
            rows.append(measure(file, case, reference))
            sys.stderr.write(f"{file} {reference}\n")
    if options.json:
        sys.stdout.write(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    else:
        console = Console(width=None if sys.stdout.isatty() else 180)
        console.print(table_of(rows))
        console.print(layers_table(rows))
    return int(any(row.layers is not None and row.layers.unexplained for row in rows))


if __name__ == "__main__":
    sys.exit(main())
