"""All 1,000 official keyword samples through the simulated DS-CNN: `python -m bench.fpga_kws [--interval 8000]`.

The outputs of the Verilated design are compared with the integer graph's and with those recorded of TFLite-Micro; the
time is that of everything: build, compile, simulate. Intermediates are not compared here (`bench.fpga_models` does).
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.accuracy import KWS_DATA, KWS_EXPECTED
from bench.fpga_models import build_design, by_key
from bench.models import folder
from hwcomp.ir.graph import Interpreter
from hwcomp.ir.parser import parse
from hwcomp.ir.types import IntArray
from hwcomp.verify.simulate import build_bench, input_rows, simulate

INTERVAL = 8000


@dataclass(frozen=True, slots=True)
class Spotted:
    """differ, recorded_differ: of `outputs` values, from the integer graph and from TFLite-Micro; seconds: build,
    compile, simulate."""

    rows: int
    correct: int
    outputs: int
    differ: int
    recorded_differ: int
    cycles: int
    seconds: tuple[float, float, float]

    def __str__(self) -> str:
        share = self.correct / self.rows
        build, compiled, run = self.seconds
        return (
            f"{self.correct} of {self.rows} correct ({share:.2%}); of {self.outputs} outputs {self.differ} differ from "
            f"evaluate, {self.recorded_differ} from TFLite-Micro; {self.cycles} clocks; build {build:.0f} s, compile "
            f"{compiled:.0f} s, simulate {run:.0f} s ({self.cycles / max(run, 0.001) / 1000:.0f} k clocks/s)"
        )


def spot(rows: int | None = None, interval: int = INTERVAL) -> Spotted:
    """The first `rows` samples, all without any."""
    data = np.load(folder() / "data" / KWS_DATA)
    recorded = np.load(folder() / "expected" / KWS_EXPECTED)["y"][:rows]
    x, labels = data["x"][:rows].astype(np.int64), data["y"][:rows]
    with TemporaryDirectory() as holder:
        bundle = Path(holder) / "bundle"
        times = [time.perf_counter()]
        manifest = build_design(by_key("kws"), interval, bundle)
        times.append(time.perf_counter())
        build_bench(bundle, manifest)
        times.append(time.perf_counter())
        played = input_rows(manifest, {manifest.inputs[0].name: x}, len(x))
        done = simulate(bundle, manifest, played, compare=False)
        times.append(time.perf_counter())
        wanted = _outputs_of(bundle, x)
    got = done.outputs[manifest.outputs[0].name].reshape(len(x), -1)
    build, compiled, run = (b - a for a, b in pairwise(times))
    return Spotted(
        rows=len(x),
        correct=int((got.argmax(axis=1) == labels).sum()),
        outputs=got.size,
        differ=int((got != wanted).sum()),
        recorded_differ=int((got != recorded.reshape(len(x), -1)).sum()),
        cycles=done.cycles,
        seconds=(build, compiled, run),
    )


def _outputs_of(bundle: Path, x: IntArray) -> IntArray:
    """What the bundle's integer graph gives, [rows, classes]; only a row's values are held at a time."""
    graph = parse((bundle / "graph.hwc").read_text(encoding="utf-8"))
    interpreter, port, output = Interpreter(graph, fast=True), graph.inputs[0], graph.outputs[0].value
    shape = graph.values[port.value].shape
    return np.stack([interpreter.run({port.name: row.reshape(shape)})[output].reshape(-1) for row in x])


def main() -> None:
    """Run and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=None, help="only the first rows")
    parser.add_argument("--interval", type=int, default=INTERVAL, help="clocks between frames wanted")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    sys.stdout.write(f"{spot(options.rows, options.interval)}\n")


if __name__ == "__main__":
    main()
