"""Random graphs through the fpga target, simulated: `python -m tests.targets.fpga_random --seeds 0:100`.

Each has forks, joins, strides, borders and odd shapes, folded at random. Every stream is compared with `evaluate`,
without stalls and under stalls of many kinds, and the predicted clocks with the simulated.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from hwcomp.ir.graph import Graph, Level
from hwcomp.support.manifest import Manifest
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.targets.fpga.target import TARGET
from hwcomp.verify.simulate import Stalls, hard_stalls, simulate
from tests.random_graphs import random_graph
from tests.targets.fpga_bundles import bundle_of, rows_of, write_bundle

FRAMES, STEADY_FRAMES = 4, 16
STALLS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What a seed gave. problems: empty where every stream is right; predicted and simulated: interval and latency."""

    seed: int
    problems: tuple[str, ...]
    predicted: tuple[int, int]
    simulated: tuple[int, int]

    @property
    def errors(self) -> tuple[float, float]:
        """Of the predicted interval and latency, as shares of the simulated."""
        interval, latency = (p / max(s, 1) - 1 for p, s in zip(self.predicted, self.simulated, strict=True))
        return interval, latency

    def __str__(self) -> str:
        interval, latency = (f"{error:+.2%}" for error in self.errors)
        clocks = f"interval {self.predicted[0]} / {self.simulated[0]} ({interval}), latency {self.predicted[1]} / "
        return f"seed {self.seed}: {clocks}{self.simulated[1]} ({latency}) {'; '.join(self.problems)}"


def patterns(manifest: Manifest, rng: np.random.Generator) -> list[Stalls]:
    """Random ones, an input that is starved, an output that is blocked, bursts, and both ends at random."""
    hard = hard_stalls(manifest)
    fixed = [
        Stalls(idle=250),
        Stalls(stall=250),
        Stalls(hold=hard.hold, seed=1),
        Stalls(pause=4 * hard.pause, seed=2),
        Stalls(pause=hard.pause + 1, hold=hard.hold, seed=3),
        hard,
    ]
    drawn = rng.integers(0, 240, (STALLS - len(fixed), 2)).tolist()
    return fixed + [Stalls(idle, stall, seed=int(rng.integers(1, 10**6))) for idle, stall in drawn]


def options_of(graph: Graph, rng: np.random.Generator) -> FpgaOptions:
    """A folding between the quickest and one in which each operator takes some elements a clock."""
    most = max(int(np.prod(graph.values[name].shape)) for op in graph.ops for name in op.outputs) * 30
    return FpgaOptions(interval=int(rng.integers(most // 20, most)) + 50, max_lut=10**6, max_dsp=10**4, max_bram=10**4)


def check_seed(seed: int) -> Found:
    """Build and simulate the graph of a seed."""
    rng = np.random.default_rng(seed)
    drawn = random_graph(seed, Level.INTEGER)
    options = options_of(drawn, rng)
    graph = TARGET.prepare(drawn, options)
    with TemporaryDirectory() as holder:
        bundle = bundle_of(graph, options)
        folder = write_bundle(bundle, Path(holder))
        manifest, rows = bundle.manifest, rows_of(graph, STEADY_FRAMES)
        steady = simulate(folder, manifest, rows)
        problems = [f"{steady.verdict} without stalls: {steady.differences[:1]}"] if steady.verdict != "equal" else []
        for stalls in patterns(manifest, rng):
            run = simulate(folder, manifest, rows[:FRAMES], stalls)
            if run.verdict != "equal":
                problems.append(f"{run.verdict} with {stalls}: {run.differences[:1]}")
    interval, latency = (manifest.extra[key] for key in ("interval_cycles", "latency_cycles"))
    assert isinstance(interval, int) and isinstance(latency, int)
    return Found(seed, tuple(problems), (interval, latency), (steady.interval_cycles, steady.latency_cycles))


def main() -> int:
    """All seeds of the range; 1 where any has a problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0:20", help="first:beyond")
    first, beyond = (int(word) for word in parser.parse_args().seeds.split(":"))
    bad = 0
    for seed in range(first, beyond):
        try:
            found = check_seed(seed)
        except Exception as error:  # noqa: BLE001  # any crash is a finding
            sys.stdout.write(f"seed {seed}: {type(error).__name__}: {error}\n")
            bad += 1
            continue
        bad += bool(found.problems)
        sys.stdout.write(f"{found}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{beyond - first} graphs, {bad} with problems\n")
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
