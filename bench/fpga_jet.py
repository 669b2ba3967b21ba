"""The jet tagger, 16-64-32-32-5, from one result a clock to one in hundreds, each by `hwcomp build`; and the peers.

    python -m bench.fpga_jet [MODEL.onnx] [--intervals 1 8 32 128] [--rows 300] [--max-dsp N] [--no-synthesis]
                             [--plot FILE.html] [--peer PYTHON]

MODEL is QKeras' 3-layer jet tagger of the QONNX model zoo (by default of HWCOMP_MODELS): weights, biases and
activations of 6 bits; the input has 8 bits, 5 of them fractional; activations are rounded half up, as the peers do.
Every design is the bundle that a user gets for AMD's ZU3EG, with AXI4-Stream and AXI4-Lite; it plays the rows back to
back and again under stalls, and every stream is compared with the integer graph. Yosys: synth_xilinx -family xcup, of
the whole bundle. --peer: the Verilog that da4ml 0.6 of that Python writes goes through the same Yosys in the same run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.adders_jet import ACTIVATION_FRACTION, INPUT_FRACTION, WEIGHT_FRACTION, expected, read_layers
from bench.fpga_cnn import rows_of
from bench.fpga_yosys import Cells, count, synthesise
from bench.models import folder as models_folder
from bench.needs import need
from hwcomp.support.manifest import read_manifest
from hwcomp.verify.simulate import Stalls, simulate

STALLS = Stalls(idle=90, stall=120)
INPUT, BOARD = "s8:2^-5", "zu3eg"


@dataclass(frozen=True, slots=True)
class Peer:
    """Another tool's design of the same net, measured with the same Yosys command. interval: clocks a frame."""

    name: str
    interval: int
    lut: int
    note: str


PEERS = (
    Peer("da4ml 0.6", 1, 26046, "15 stages, no stream ports"),
    Peer("alkaid 0.8.2", 1, 27074, "15 stages, no stream ports"),
    Peer("NNgen 1.3.4", 6217, 6032, "3 DSP, 13 BRAM, AXI DMA"),
)


@dataclass(frozen=True, slots=True)
class Design:
    """asked: the interval that was asked for; seconds: of the whole command `hwcomp build`; estimate: LUTs; yosys:
    seconds of synthesis."""

    asked: int
    interval: int
    latency: int
    verdicts: tuple[str, str]
    seconds: float
    estimate: int
    cells: Cells | None
    yosys: float


def half_up(model: Path, out: Path) -> None:
    """The model with every Quant rounded half up."""
    found = onnx.load_from_string(model.read_bytes())
    for node in found.graph.node:
        for attribute in node.attribute:
            if attribute.name == "rounding_mode":
                attribute.s = b"HALF_UP"
    onnx.save(found, out)


def make(model: Path, work: Path, interval: int, rows: int, options: Sequence[str], *, is_synthesised: bool) -> Design:
    """Build, simulate without stalls and with them, synthesise."""
    out = work / f"jet_{interval}"
    goal = [f"interval={interval}", f"board={BOARD}", *options]
    command = [sys.executable, "-m", "hwcomp.cli", "build", str(model), "--target", "fpga", "--input", INPUT]
    start = time.perf_counter()
    given = [word for option in goal for word in ("-O", option)]
    subprocess.run([*command, *given, "-o", str(out), "--force"], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    manifest = read_manifest(out)
    frames = rows_of(out, rows)
    ran, stalled = simulate(out, manifest, frames), simulate(out, manifest, frames, STALLS)
    estimate = manifest.extra["estimate"]
    assert isinstance(estimate, dict)
    start = time.perf_counter()
    cells = count(synthesise(out, manifest.sources, f"{manifest.c_name}_top")) if is_synthesised else None
    return Design(
        interval, ran.interval_cycles, ran.latency_cycles, (ran.verdict, stalled.verdict), seconds,
        int(str(estimate["lut"])), cells, time.perf_counter() - start,
    )  # fmt: skip


def peer_row(model: Path, work: Path, python: str) -> tuple[str, ...]:
    """da4ml's own design of the net: a row of the table."""
    layers, out = read_layers(model), work / "da4ml"
    x = np.clip(np.floor(np.random.default_rng(0).normal(size=(1000, 16)) * 32 + 0.5), -128, 127).astype(np.int64)
    arrays: dict[str, NDArray[np.generic]] = {
        "x": x / 32.0,
        "y": expected(layers, x) / 2.0 ** (ACTIVATION_FRACTION + WEIGHT_FRACTION),
    }
    for number, layer in enumerate(layers):
        fraction = WEIGHT_FRACTION + (ACTIVATION_FRACTION if number else INPUT_FRACTION)
        half = 1 << layer.shift - 1 if layer.shift else 0
        arrays |= {
            f"w{number}": layer.w.T / 2.0**WEIGHT_FRACTION,
            f"b{number}": (layer.constant - half) / 2.0**fraction,
        }
    np.savez(work / "da4ml.npz", allow_pickle=False, **arrays)
    script = str(Path(__file__).parent / "da4ml_jet.py")
    command = [python, "-P", script, str(work / "da4ml.npz"), str(out)]
    seconds, wrong = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-2:]
    start = time.perf_counter()
    found = count(synthesise(out, sorted(str(path.relative_to(out)) for path in out.glob("src/**/*.v")), "jet"))
    verdict = "equal in its interpreter" if wrong == "0" else f"{wrong} rows differ"
    yosys = f"{time.perf_counter() - start:.0f}"
    cells = (str(found.lut), str(found.ff), str(found.dsp), str(found.bram))
    return ("da4ml 0.6, here", "1", "", verdict, seconds, "", *cells, yosys)


def plot(designs: Sequence[Design], path: Path) -> None:
    """LUTs against clocks between results, as a page of plotly."""
    import plotly.graph_objects as go

    drawn = [(d.interval, d.cells.lut, f"{d.cells.dsp} DSP") for d in designs if d.cells is not None]
    figure = go.Figure()
    figure.add_scatter(
        x=[x for x, _, _ in drawn], y=[y for _, y, _ in drawn], text=[text for _, _, text in drawn],
        mode="lines+markers+text", textposition="top right", name="hwcomp, with AXI4-Stream",
    )  # fmt: skip
    for peer in PEERS:
        figure.add_scatter(x=[peer.interval], y=[peer.lut], mode="markers", name=f"{peer.name}: {peer.note}")
    figure.update_xaxes(type="log", title="clocks between results (simulated)")
    figure.update_yaxes(type="log", title="LUTs (Yosys 0.70, synth_xilinx -family xcup)")
    figure.update_layout(title="jet tagger 16-64-32-32-5, 6 bits")
    figure.write_html(path, include_plotlyjs="directory")


def main() -> int:
    """Print the table; 1 where a design differs from its graph."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("model", type=Path, nargs="?", default=models_folder() / "models" / "qonnx_jet_qkeras.onnx")
    reader.add_argument("--intervals", type=int, nargs="+", default=[1, 8, 32, 128])
    reader.add_argument("--rows", type=int, default=300)
    reader.add_argument("--max-dsp", type=int, help="multiplier blocks that a design may have; all of the board's")
    reader.add_argument("--no-synthesis", action="store_true")
    reader.add_argument("--plot", type=Path, help="a page with LUTs against intervals; needs plotly")
    reader.add_argument("--peer", metavar="PYTHON", help="one that has da4ml==0.6.0")
    given = reader.parse_args()
    if given.plot is not None:
        need("bench", "plotly")
    titles = (
        "design", "interval", "latency", "exact, stalled", "build s", "LUT est", "LUT", "FF", "DSP", "BRAM18",
        "Yosys s",
    )  # fmt: skip
    table = Table(*titles, title="jet tagger, Yosys synth_xilinx -family xcup")
    console, designs = Console(width=180), list[Design]()
    for peer in PEERS:
        table.add_row(peer.name, str(peer.interval), "", "", "", "", str(peer.lut), "", "", "", peer.note)
    options = [] if given.max_dsp is None else [f"max-dsp={given.max_dsp}"]
    with TemporaryDirectory() as holder:
        work = Path(holder)
        half_up(given.model, work / "jet.onnx")
        if given.peer:
            table.add_row(*peer_row(given.model, work, given.peer))
        for interval in given.intervals:
            made = make(work / "jet.onnx", work, interval, given.rows, options, is_synthesised=not given.no_synthesis)
            designs.append(made)
            c = made.cells
            cells = [""] * 4 if c is None else [str(number) for number in (c.lut, c.ff, c.dsp, c.bram)]
            row = [f"hwcomp, {interval} asked", str(made.interval), str(made.latency), ", ".join(made.verdicts)]
            table.add_row(*row, f"{made.seconds:.1f}", str(made.estimate), *cells, f"{made.yosys:.0f}")
            console.print(made)
    console.print(table)
    if given.plot is not None:
        plot(designs, given.plot)
    return int(any(set(design.verdicts) != {"equal"} for design in designs))


if __name__ == "__main__":
    sys.exit(main())
