"""Whole fpga designs on real inputs, simulated: differences from `evaluate`, and predicted beside simulated clocks.

    python -m bench.fpga_models [--models kws,ic] [--goals 3] [--rows 20] [--json FILE]

Each model is built for up to three intervals. The first design plays all rows without stalls, every stream compared
with the integer graph, and three rows under random stalls, pauses of the input and holds of the output; the others play
three rows and as many as are under way at once. Latency and interval are in clocks. Needs HWCOMP_MODELS, Verilator and
a C++ compiler.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench.fpga_inputs import INPUTS, Rows
from bench.models import ROOT, folder
from hwcomp import driver
from hwcomp.ir.graph import Interpreter
from hwcomp.ir.parser import parse
from hwcomp.ir.types import IntArray
from hwcomp.support.manifest import Manifest, read_manifest
from hwcomp.verify.simulate import Simulation, Stalls, build_bench, hard_stalls, simulate, streams_of

STALLED_ROWS = 3


@dataclass(frozen=True, slots=True)
class FpgaModel:
    """intervals: the goals, the quickest first; options: of the target; rows: how many inputs are played."""

    key: str
    file: str
    intervals: tuple[int, ...]
    reference: str | None = None
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    rows: int = 20

    @property
    def path(self) -> Path:
        own = ROOT / "models" / self.file
        return own if own.is_file() else folder() / "models" / self.file


MODELS = (
    FpgaModel("digits", "digits_qdq.onnx", (400, 2000, 16000), rows=50),
    FpgaModel("kws", "mlperf_kws_dscnn_int8.tflite", (16000, 64000, 256000)),
    FpgaModel("ic", "mlperf_ic_resnet8_int8.tflite", (33000, 132000, 528000)),
    FpgaModel("ad", "mlperf_ad_ae_int8.tflite", (1024, 4096, 16384)),
    FpgaModel("micro_speech", "tflm_micro_speech_int8.tflite", (4000, 16000, 64000)),
    FpgaModel(
        "mobilenet",
        "coral_mobilenet_v1_0.25_128_quant.tflite",
        (67000, 268000, 1072000),
        "litert",
        {"max-bram": "600", "max-lut": "200000"},
    ),
    FpgaModel("hey_jarvis", "mww_v2_hey_jarvis.tflite", (400, 1600, 6400), rows=160),
)
"""The seven models of the fpga target's evidence."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One design. differences: streams that differ, without stalls and under each pattern; stalled: patterns played."""

    model: str
    goal: int
    rows: int
    streams: int
    elements: int
    differences: int
    stalled: int
    verdict: str
    interval_predicted: int
    interval: int
    latency_predicted: int
    latency: int
    build_seconds: float
    compile_seconds: float
    simulate_seconds: float

    @property
    def interval_error(self) -> float:
        """Of the prediction, as a share of the simulation."""
        return self.interval_predicted / self.interval - 1

    @property
    def latency_error(self) -> float:
        """Of the prediction, as a share of the simulation."""
        return self.latency_predicted / self.latency - 1


def by_key(key: str) -> FpgaModel:
    """The model of that key."""
    return next(model for model in MODELS if model.key == key)


def build_design(model: FpgaModel, goal: int, out: Path) -> Manifest:
    """The bundle of `model` for an interval of at most `goal` clocks, in the folder `out`."""
    options = {"interval": str(goal), **model.options}
    driver.build(model.path, "fpga", out, driver.BuildOptions(reference=model.reference, target_options=options))
    return read_manifest(out)


def evaluated(bundle: Path, inputs: Rows) -> list[Mapping[str, IntArray]]:
    """All values of each row by the bundle's integer graph, in order; states are kept from row to row."""
    graph = parse((bundle / "graph.hwc").read_text(encoding="utf-8"))
    interpreter, port = Interpreter(graph, fast=True), graph.inputs[0]
    shape = graph.values[port.value].shape
    return [interpreter.run({port.name: row.reshape(shape)}) for row in inputs]


def patterns(manifest: Manifest) -> tuple[Stalls, ...]:
    """Stalls of both sides: random, a starved and a blocked design, bursts, and holds of two intervals a frame."""
    hard = hard_stalls(manifest)
    return (
        Stalls(idle=100, stall=100, seed=1),
        Stalls(idle=200, seed=2),
        Stalls(stall=230, seed=3),
        Stalls(pause=hard.pause, hold=hard.hold // 2, seed=4),
        hard,
    )


def measure(model: FpgaModel, goal: int, rows: int, *, stalls: int = 0) -> Measured:
    """Build, play `rows` inputs without stalls and, under each of `stalls` patterns, three; compare every stream.

    More are played where more are under way at once: the interval is that of the steady state.
    """
    inputs = INPUTS[model.file]()
    with TemporaryDirectory() as holder:
        bundle = Path(holder) / "bundle"
        started = time.perf_counter()
        manifest = build_design(model, goal, bundle)
        built = time.perf_counter()
        build_bench(bundle, manifest)
        compiled = time.perf_counter()
        interval, latency = (_clocks(manifest, key) for key in ("interval_cycles", "latency_cycles"))
        inputs = inputs[: max(rows, STALLED_ROWS + latency // interval)]
        values = evaluated(bundle, inputs)
        ready = time.perf_counter()
        steady = simulate(bundle, manifest, values)
        stalled = [simulate(bundle, manifest, values[:STALLED_ROWS], s) for s in patterns(manifest)[:stalls]]
        done = time.perf_counter()
    streams = {stream.value for stream in streams_of(manifest)}
    return Measured(
        model=model.key,
        goal=goal,
        rows=len(inputs),
        streams=len(streams),
        elements=len(inputs) * sum(values[0][name].size for name in streams),
        differences=sum(len(run.differences) for run in (steady, *stalled)),
        stalled=len(stalled),
        verdict=_verdict([steady, *stalled]),
        interval_predicted=interval,
        interval=steady.interval_cycles,
        latency_predicted=latency,
        latency=steady.latency_cycles,
        build_seconds=built - started,
        compile_seconds=compiled - built,
        simulate_seconds=done - ready,
    )


def _verdict(runs: Sequence[Simulation]) -> str:
    """ "equal" where all are, else the first that is not."""
    return next((run.verdict for run in runs if run.verdict != "equal"), "equal")


def _clocks(manifest: Manifest, key: str) -> int:
    value = manifest.extra[key]
    assert isinstance(value, int)
    return value


def show(found: Sequence[Measured]) -> None:
    """The table."""
    titles = ("model", "rows", "streams", "elements", "stalls", "different", "interval", "simulated", "error",
              "latency", "simulated", "error", "compile s", "run s")  # fmt: skip
    table = Table(*titles)
    for m in found:
        table.add_row(
            m.model,
            *(f"{n:,}" for n in (m.rows, m.streams, m.elements, m.stalled, m.differences)),
            *(f"{m.interval_predicted:,}", f"{m.interval:,}", f"{m.interval_error:+.2%}"),
            *(f"{m.latency_predicted:,}", f"{m.latency:,}", f"{m.latency_error:+.2%}"),
            *(f"{m.compile_seconds:.0f}", f"{m.simulate_seconds:.0f}"),
        )
    Console(width=150).print(table)


def main() -> None:
    """Measure the models asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(model.key for model in MODELS), help="keys, by commas")
    parser.add_argument("--goals", type=int, default=3, help="how many of the intervals of each")
    parser.add_argument("--rows", type=int, default=0, help="rows of the first design; 0: each model's own")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    found: list[Measured] = []
    for key in options.models.split(","):
        model = by_key(key)
        for number, goal in enumerate(model.intervals[: options.goals]):
            rows = (options.rows or model.rows) if number == 0 else STALLED_ROWS
            found.append(measure(model, goal, rows, stalls=0 if number else 5))
            show(found[-1:])
            if options.json:
                text = json.dumps([asdict(m) for m in found], indent=2)
                options.json.write_text(text + "\n", encoding="utf-8")
    show(found)


if __name__ == "__main__":
    main()
