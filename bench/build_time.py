"""Seconds and memory of `hwcomp build`, proofs included, as whole processes.

    python -m bench.build_time [MODEL ...]

Seconds are measured on this machine and vary; user seconds vary less than wall seconds. The peak is the process's own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.models import folder

MODELS = ("mlperf_kws_dscnn_int8.tflite", "coral_tf2_mobilenet_v2_1.0_224_ptq.tflite")
GOALS = {MODELS[0]: 3.0, MODELS[1]: 20.0}
RUNS = 3


def build_once(model: Path) -> tuple[float, float]:
    """Wall and user seconds of one build in a process of its own."""
    with tempfile.TemporaryDirectory() as out:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        start = time.perf_counter()
        command = [sys.executable, "-m", "hwcomp.cli", "build", str(model), "--target", "mcu", "-o", f"{out}/bundle"]
        subprocess.run(command, check=True, capture_output=True)
        wall = time.perf_counter() - start
        return wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main() -> int:
    """Print the table; the least and the median of three builds each."""
    files = sys.argv[1:] or list(MODELS)
    table = Table(title=f"hwcomp build --target mcu, {RUNS} runs, measured on this machine")
    for column in ("model", "wall s, least", "wall s, median", "user s, median", "goal s"):
        table.add_column(column, justify="left" if column == "model" else "right")
    for file in files:
        runs = sorted(build_once(folder() / "models" / file) for _ in range(RUNS))
        user = sorted(run[1] for run in runs)[RUNS >> 1]
        goal = GOALS.get(file)
        table.add_row(
            file, f"{runs[0][0]:.2f}", f"{runs[RUNS >> 1][0]:.2f}", f"{user:.2f}", f"{goal:.0f}" if goal else "-"
        )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    console = Console(width=110)
    console.print(table)
    console.print(f"peak memory of the largest: {peak >> 10} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
