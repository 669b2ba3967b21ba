"""Random graphs through the hls target, compiled and run: `python -m tests.targets.hls_random --seeds 0:100`.

Folded at random; every stream is compared with `evaluate`. `--flavour hls-ap` takes the vendors' types.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from hwcomp.ir.graph import Level
from hwcomp.verify.hls import FLAVOURS, simulate_hls
from tests.random_graphs import random_graph
from tests.targets.fpga_bundles import rows_of
from tests.targets.fpga_random import options_of
from tests.targets.hls_bundles import bundle_in, prepared, roomy

FRAMES = 4


def check_seed(seed: int, flavour: str = "hls", optimise: str = "-O0") -> str:
    """What is wrong with the graph of a seed; "" where every stream is right."""
    drawn = random_graph(seed, Level.INTEGER)
    options = roomy(options_of(drawn, np.random.default_rng(seed)).interval)
    graph = prepared(drawn, options)
    how = FLAVOURS[flavour]
    how = replace(how, flags=tuple(optimise if flag.startswith("-O") else flag for flag in how.flags))
    with TemporaryDirectory() as holder:
        bundle = bundle_in(Path(holder), graph, options)
        done = simulate_hls(Path(holder), bundle.manifest, rows_of(graph, FRAMES), how)
    return "" if done.verdict == "equal" else f"{done.verdict}: {done.differences[:1]}"


def main() -> int:
    """All seeds of the range, a line for each; 1 where any has a problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0:20", help="first:beyond")
    parser.add_argument("--flavour", default="hls", choices=sorted(FLAVOURS))
    given = parser.parse_args()
    first, beyond = (int(word) for word in given.seeds.split(":"))
    bad = 0
    for seed in range(first, beyond):
        started = time.monotonic()
        try:
            problem = check_seed(seed, given.flavour)
        except Exception as error:  # noqa: BLE001  # any crash is a finding
            problem = f"{type(error).__name__}: {error}"
        bad += bool(problem)
        sys.stdout.write(f"seed {seed}: {problem or 'equal'} ({time.monotonic() - started:.1f} s)\n")
        sys.stdout.flush()
    sys.stdout.write(f"{beyond - first} graphs, {bad} with problems\n")
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
