"""Random graphs through the tvm target, compiled and run: `python -m tests.targets.tvm_random --seeds 0:500`.

Every value of every row is compared with `evaluate`. Half of the graphs are built for each of the machines given.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hwcomp.ir.graph import Level
from hwcomp.support.errors import HwcompError
from tests.random_graphs import random_graph
from tests.targets.tvm_bundles import problem_of, rendered, run_all, written

BATCH = 25


def check_seeds(seeds: Sequence[int], machines: Sequence[str], folder: Path) -> dict[int, str]:
    """What is wrong, by seed; the graphs are compiled by one process."""
    folders: dict[int, Path] = {}
    problems: dict[int, str] = {}
    for seed in seeds:
        machine = machines[seed % len(machines)]
        try:
            files, _ = rendered(random_graph(seed, Level.INTEGER), tvm_target=machine)
            folders[seed] = written(files, folder / f"seed{seed}")
        except Exception as error:  # noqa: BLE001  # any crash is a finding
            problems[seed] = f"{type(error).__name__}: {error}"
    failed = run_all("build.py", list(folders.values()))
    for seed, place in folders.items():
        try:
            found = failed.get(place.name) or problem_of(place)
        except HwcompError as error:
            found = str(error)
        if found:
            problems[seed] = found
    return problems


def main() -> int:
    """All seeds of the range; 1 where any has a problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0:20", help="first:beyond")
    parser.add_argument("--machines", default="x86,x86-vnni", help="names of machines, by commas")
    given = parser.parse_args()
    first, beyond = (int(word) for word in given.seeds.split(":"))
    bad, started = 0, time.monotonic()
    for start in range(first, beyond, BATCH):
        with TemporaryDirectory() as holder:
            problems = check_seeds(range(start, min(start + BATCH, beyond)), given.machines.split(","), Path(holder))
        bad += len(problems)
        for seed, problem in problems.items():
            sys.stdout.write(f"seed {seed}: {problem}\n")
        sys.stdout.flush()
    seconds = time.monotonic() - started
    sys.stdout.write(f"{beyond - first} graphs, {bad} with problems, {seconds:.0f} s\n")
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
