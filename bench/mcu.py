"""Instructions, flash and RAM of the MLPerf Tiny models on an emulated Cortex-M4, beside TFLite-Micro with CMSIS-NN.

    python -m bench.mcu [--json]

Ours is built and counted here: the model's run function, its memory functions included, on QEMU's mps2-an386 with Arm
GCC -O3
(instructions are exact and repeat; they are not cycles). The peer's figures were counted once on the same emulator
with the
same compiler; they are constants below. RAM is the arena: activations and scratch; the stack comes on top, and is
shown.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.models import load
from hwcomp import driver
from hwcomp.support.manifest import read_manifest
from hwcomp.verify.run import count_instructions


@dataclass(frozen=True, slots=True)
class Cost:
    """Instructions of one inference; flash (text, constants, data), arena and stack in bytes (stack None: not
    known)."""

    instructions: int
    flash_bytes: int
    arena_bytes: int
    stack_bytes: int | None


# TFLite-Micro with CMSIS-NN, gcc 12.2 -O3, QEMU 7.2; flash is text + rodata, harness and vectors (1 to 3 kB) included.
PEER = {
    "mlperf_kws_dscnn_int8.tflite": Cost(7_844_789, 165_000, 22_820, 1_068),
    "mlperf_ic_resnet8_int8.tflite": Cost(29_875_556, 212_100, 54_996, 1_068),
    "mlperf_ad_ae_int8.tflite": Cost(582_328, 388_800, 2_580, 748),
}
MACS = {
    "mlperf_kws_dscnn_int8.tflite": 2_656_768,
    "mlperf_ic_resnet8_int8.tflite": 12_501_632,
    "mlperf_ad_ae_int8.tflite": 264_192,
}


def measure(file: str) -> Cost:
    """Build a model for `mcu` and count one inference of its first expected input."""
    case = load(file)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        driver.build(case.path, "mcu", bundle, driver.BuildOptions())
        manifest = read_manifest(bundle)
        port = manifest.inputs[0]
        result = count_instructions(bundle, {port.name: case.inputs[:1].reshape(port.shape)})
        assert result.instructions is not None and result.sections is not None
        return Cost(result.instructions[0], result.sections.flash, manifest.arena_bytes, result.stack_bytes)


def main() -> int:
    """Print the table; 1 where a figure is not ahead of the peer's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    wants_json = bool(parser.parse_args().json)
    ours = {file: measure(file) for file in PEER}
    if wants_json:
        print(json.dumps({file: {"hwcomp": asdict(ours[file]), "tflm": asdict(PEER[file])} for file in PEER}, indent=2))
    else:
        _print(ours)
    behind = [
        file
        for file, peer in PEER.items()
        if ours[file].instructions >= peer.instructions
        or ours[file].flash_bytes >= peer.flash_bytes
        or ours[file].arena_bytes >= peer.arena_bytes
    ]
    return 1 if behind else 0


def _print(ours: dict[str, Cost]) -> None:
    table = Table(title="Cortex-M4, measured on an emulator: hwcomp / TFLite-Micro + CMSIS-NN (ratio)")
    for column in ("model", "instructions", "instructions/MAC", "flash B", "arena B", "stack B"):
        table.add_column(column, justify="left" if column == "model" else "right")
    for file, peer in PEER.items():
        own = ours[file]
        table.add_row(
            file.removesuffix(".tflite"),
            _pair(own.instructions, peer.instructions),
            f"{own.instructions / MACS[file]:.2f} / {peer.instructions / MACS[file]:.2f}",
            _pair(own.flash_bytes, peer.flash_bytes),
            _pair(own.arena_bytes, peer.arena_bytes),
            f"{own.stack_bytes} / {peer.stack_bytes}",
        )
    Console(width=140).print(table)


def _pair(own: int, peer: int) -> str:
    return f"{own:,} / {peer:,} ({peer / own:.2f}x)"


if __name__ == "__main__":
    sys.exit(main())
