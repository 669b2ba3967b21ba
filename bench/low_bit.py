"""The same small network with weights of 8, 6, 4, 3, 2 and 1 bits on a Cortex-M4 and on an FPGA, in one table.

    python -m bench.low_bit [--json] [--bits 8 4 2] [--no-fpga] [--plot FILE.html]

For each width the network of models/train_low_bit.py is trained on from the same float network, written as ONNX, built
for `mcu` with packed weights and without, and run: accuracy on the 450 test images (integers, the C code on the host;
ONNX Runtime's own beside it), flash of the linked image, its constants, the arena, and the instructions of one
inference on an emulated Cortex-M4.
Arm GCC -O3; instructions are exact and repeat, they are not cycles. Needs `pip install -e '.[train]'`.

`fpga`, two designs for AMD's ZU3EG: the smallest of 512 clocks a frame, and the fastest within 6,000 LUTs, 24
multipliers and 24 block RAMs as estimated. Clocks are simulated in Verilator, where every stream equals the integer
graph with and without stalls; LUTs, multipliers and block RAMs are those of Yosys (synth_xilinx -family xcup), with
AXI. The last lines are the ratios of 8 to 4 bits, beside the 1.45 that HAWQ-V3 reports of its GPU. --plot needs plotly.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.low_bit_fpga import ONE_SIZE, ONE_SPEED, Design, design_of
from bench.low_bit_plot import plot
from bench.needs import need
from hwcomp import driver
from hwcomp.support.manifest import read_manifest
from hwcomp.verify.run import RunOptions, run_bundle

WIDTHS = (8, 6, 4, 3, 2, 1)
MODELS = Path(__file__).resolve().parent.parent / "models"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one build: bytes of flash, of constants in it, of RAM, and instructions of one inference."""

    flash: int
    constants: int
    arena: int
    instructions: int


@dataclass(frozen=True, slots=True)
class Row:
    """Of one width: correct test images of ours and of ONNX Runtime's; int8 and packed weights."""

    bits: int
    images: int
    correct: int
    runtime_correct: int
    plain: Cost
    packed: Cost
    one_speed: Design | None
    one_size: Design | None


def train(widths: list[int], work: Path) -> None:
    """Write `low_bit_<bits>.onnx` of each width."""
    command = [sys.executable, str(MODELS / "train_low_bit.py"), str(work), *map(str, widths)]
    subprocess.run(command, check=True)


def measure(bits: int, work: Path, *, with_fpga: bool) -> Row:
    """Build a trained model twice for a microcontroller and twice for an FPGA, run all."""
    model = work / f"low_bit_{bits}.onnx"
    data = np.load(MODELS / "digits_test.npz")
    images, labels = data["image"], data["labels"]
    costs, outputs = [], []
    for how in ("never", "auto"):
        bundle = work / f"{how}_{bits}"
        options = {"pack_weights": how, "c_name": "low_bit"}
        driver.build(model, "mcu", bundle, driver.BuildOptions(target_options=options))
        costs.append(_cost(bundle, images[:1]))
        outputs.append(_logits(bundle, images))
    assert (outputs[0] == outputs[1]).all(), "packed weights change the outputs"
    correct = int((outputs[1].argmax(1) == labels).sum())
    goals = {"speed": ONE_SPEED, "size": ONE_SIZE} if with_fpga else {}
    designs = {name: design_of(model, work / f"{name}_{bits}", goal) for name, goal in goals.items()}
    assert all(design.is_equal for design in designs.values()), "a design differs from its integer graph"
    runtime = _runtime_correct(model, images, labels)
    plain, packed = costs
    return Row(bits, len(labels), correct, runtime, plain, packed, designs.get("speed"), designs.get("size"))


def _cost(bundle: Path, image: NDArray[np.float32]) -> Cost:
    manifest = read_manifest(bundle)
    result = run_bundle(bundle, {"image": image}, "cortex-m4", options=RunOptions(compiler="arm-none-eabi-gcc"))
    assert result.instructions is not None and result.sections is not None
    constants = manifest.extra["constant_bytes"]
    assert isinstance(constants, int)
    return Cost(result.sections.flash, constants, manifest.arena_bytes, result.instructions[0])


def _logits(bundle: Path, images: NDArray[np.float32]) -> NDArray[np.int64]:
    result = run_bundle(bundle, {"image": images}, "host", options=RunOptions(raw=True))
    return np.asarray(result.outputs["logits"], np.int64).reshape(len(images), -1)


def _runtime_correct(model: Path, images: NDArray[np.float32], labels: NDArray[np.int64]) -> int:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"image": images})
    return int((np.asarray(logits).argmax(1) == labels).sum())


def main() -> int:
    """Print the table; 1 where packing does not shrink flash for weights of 4 bits or fewer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON array")
    parser.add_argument("--no-fpga", action="store_true", help="without simulation and synthesis")
    parser.add_argument("--plot", type=Path, help="a page that shows each figure as a share of that of 8 bits")
    parser.add_argument("--bits", type=int, nargs="+", default=list(WIDTHS), help="which widths")
    chosen = parser.parse_args()
    need("train", "torch", "sklearn")
    if chosen.plot is not None:
        need("bench", "plotly")
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        train(chosen.bits, Path(folder))
        rows = [measure(bits, Path(folder), with_fpga=not chosen.no_fpga) for bits in chosen.bits]
    if chosen.json:
        sys.stdout.write(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    else:
        _print(rows)
    if chosen.plot is not None:
        plot([row.bits for row in rows], figures_of(rows), chosen.plot)
    return int(any(row.bits <= 4 and row.packed.flash >= row.plain.flash for row in rows))


def _print(rows: list[Row]) -> None:
    table = Table(title="weights of b bits, activations of 8: stored as int8 / packed")
    for column in ("bits", "correct", "ONNX Runtime", "flash B", "constants B", "arena B", "instructions"):
        table.add_column(column, justify="right")
    for row in rows:
        pairs = [
            f"{getattr(row.plain, name):,} / {getattr(row.packed, name):,}"
            for name in ("flash", "constants", "arena", "instructions")
        ]
        share = f"{row.correct} ({row.correct / row.images:.1%})"
        table.add_row(str(row.bits), share, str(row.runtime_correct), *pairs)
    console = Console(width=160)
    console.print(table)
    if all(row.one_speed is not None for row in rows):
        console.print(_designs(rows))
    found = {row.bits: row for row in rows}
    if {8, 4} <= found.keys():
        both = figures_of([found[8], found[4]])
        ratios = ", ".join(f"{name} {row[0] / row[1]:.2f}" for name, row in both.items() if row[1])
        console.print(f"8 bits by 4 bits: {ratios}; HAWQ-V3 on its GPU, time: 1.45")


def _designs(rows: list[Row]) -> Table:
    table = Table(title="fpga: the smallest of 512 clocks | the fastest of one size")
    for column in (
        "bits",
        *(f"{n}{i}" for i in ("", " ") for n in ("clocks", "latency", "LUT", "FF", "DSP", "BRAM18")),
    ):
        table.add_column(column, justify="right")
    for row in rows:
        texts: list[str] = []
        for design in (row.one_speed, row.one_size):
            assert design is not None
            c = design.cells
            texts += [f"{number:,}" for number in (design.clocks, design.latency, c.lut, c.ff, c.dsp, c.bram)]
        table.add_row(str(row.bits), *texts)
    return table


def figures_of(rows: list[Row]) -> dict[str, list[float]]:
    """What is plotted and compared: a number for each row."""
    figures: dict[str, list[float]] = {
        "flash": [row.packed.flash for row in rows],
        "instructions": [row.packed.instructions for row in rows],
        "errors": [row.images - row.correct for row in rows],
    }
    speeds = [row.one_speed for row in rows if row.one_speed is not None]
    sizes = [row.one_size for row in rows if row.one_size is not None]
    if len(speeds) == len(rows):
        figures["LUT at 512 clocks"] = [design.cells.lut for design in speeds]
        figures["DSP at 512 clocks"] = [design.cells.dsp for design in speeds]
    if len(sizes) == len(rows):
        figures["clocks at one size"] = [design.clocks for design in sizes]
    return figures


if __name__ == "__main__":
    sys.exit(main())
