"""Many random graphs: `python -m tests.fuzz.run --seeds 10000 [--first 0] [--kind qdq|qoperator] [--mcu]`."""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback

import onnxruntime

from hwcomp.support.errors import HwcompError
from tests.fuzz.compare import Tally, compare
from tests.fuzz.operators import draw


def check_seed(seed: int, reference: str = "onnx") -> Tally:
    """Compare the graph of a seed; a crash is a problem, a refusal is counted by its code."""
    label = f"seed {seed}"
    try:
        return compare(draw(seed), label, reference)
    except HwcompError as error:
        code = error.problems[0].code
        return Tally(graphs=1, refused={code: 1}, problems=[f"{label} refused: {error}"])
    except Exception as error:  # noqa: BLE001  # any crash is a finding of the fuzz
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Tally(graphs=1, problems=[f"{label} {type(error).__name__}: {error} at {where.filename}:{where.lineno}"])


def report(tally: Tally, seconds: float) -> str:
    """What was found, as text."""
    share = tally.softmax_off_by_one / max(tally.values, 1)
    lines = [
        f"{tally.graphs} graphs, {tally.tensors} tensors, {tally.values} values compared in {seconds:.0f} s",
        f"  problems: {len(tally.problems)}",
        f"  explained by the order of float32 sums: {tally.float_order} values",
        f"  Softmax off by one: {tally.softmax_off_by_one} of {tally.softmax_values} values ({share:.5%} of all)",
        f"  listed exceptions met: {tally.listed} values",
        f"  tensors behind a difference, not compared: {tally.not_compared}",
        f"  operators: {', '.join(f'{k} {v}' for k, v in sorted(tally.by_operator.items(), key=lambda kv: -kv[1]))}",
    ]
    return "\n".join(lines + [f"  {problem}" for problem in tally.problems[:50]])


def main() -> int:
    """Run the seeds asked for; 1 where there are problems."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000, help="how many graphs")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--reference", default="onnx", choices=["onnx", "onnxruntime"])
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    onnxruntime.set_default_logger_severity(4)
    started, total = time.monotonic(), Tally()
    for seed in range(options.first, options.first + options.seeds):
        total.add(check_seed(seed, options.reference))
    sys.stdout.write(report(total, time.monotonic() - started) + "\n")
    return int(bool(total.problems))


if __name__ == "__main__":
    sys.exit(main())
