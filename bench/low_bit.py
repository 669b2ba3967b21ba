"""The same small network with weights of 8, 6, 4, 3, 2 and 1 bits on a Cortex-M4, in one table.

    python -m bench.low_bit [--json] [--bits 8 4 2]

For each width the network of models/train_low_bit.py is trained on from the same float network, written as ONNX, built
for `mcu` with packed weights and without, and run: accuracy on the 450 test images (integers, the C code on the host;
ONNX Runtime's own beside it), flash of the linked image, its constants, the arena, and the instructions of one
inference on an emulated Cortex-M4.
Arm GCC -O3; instructions are exact and repeat, they are not cycles. Needs `pip install -e '.[train]'`.
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


def train(widths: list[int], work: Path) -> None:
    """Write `low_bit_<bits>.onnx` of each width."""
    command = [sys.executable, str(MODELS / "train_low_bit.py"), str(work), *map(str, widths)]
    subprocess.run(command, check=True)


def measure(bits: int, work: Path) -> Row:
    """Build a trained model twice, run both."""
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
    return Row(bits, len(labels), correct, _runtime_correct(model, images, labels), costs[0], costs[1])


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
    parser.add_argument("--bits", type=int, nargs="+", default=list(WIDTHS), help="which widths")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        train(chosen.bits, Path(folder))
        rows = [measure(bits, Path(folder)) for bits in chosen.bits]
    if chosen.json:
        sys.stdout.write(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    else:
        _print(rows)
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
    Console(width=140).print(table)


if __name__ == "__main__":
    sys.exit(main())
