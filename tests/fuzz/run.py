"""Many random graphs: `python -m tests.fuzz.run --seeds 10000 [--first 0] [--kind qdq|rare|qoperator|mcu]`."""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback
import warnings
from collections.abc import Callable

import onnxruntime

from hwcomp.support.errors import HwcompError
from tests.fuzz import qoperator
from tests.fuzz.compare import Tally, compare, run_reference
from tests.fuzz.mcu import check_mcu
from tests.fuzz.operators import FAMILIES, draw
from tests.fuzz.rare_operators import RARE_FAMILIES


def compare_qdq(seed: int) -> Tally:
    """A QDQ graph against ONNX Runtime."""
    return compare(draw(seed), f"seed {seed}")


def compare_rare(seed: int) -> Tally:
    """A QDQ graph with the rarer operators against ONNX Runtime."""
    return compare(draw(seed, RARE_FAMILIES), f"rare seed {seed}")


def compare_qoperator(seed: int) -> Tally:
    """A QOperator graph against ONNX Runtime, and against onnx.reference where that has all of its operators."""
    drawn = qoperator.draw(seed)
    tally = compare(drawn, f"qoperator seed {seed}, onnxruntime:", "onnxruntime")
    if qoperator.is_core(seed):
        tally.add(compare(drawn, f"qoperator seed {seed}, onnx:", "onnx", run_reference))
    return tally


def compare_mcu(seed: int) -> Tally:
    """A graph, of each kind in turn, through the mcu target."""
    kind, rest = ("qdq", "rare", "qoperator")[seed % 3], seed // 3
    drawn = qoperator.draw(rest) if kind == "qoperator" else draw(rest, FAMILIES if kind == "qdq" else RARE_FAMILIES)
    reference = "onnxruntime" if kind == "qoperator" else "onnx"
    arch = ("cortex-m", "generic")[rest % 2]
    return Tally(graphs=1, problems=check_mcu(drawn, f"{kind} seed {rest}", arch, reference))


KINDS: dict[str, Callable[[int], Tally]] = {
    "qdq": compare_qdq,
    "rare": compare_rare,
    "qoperator": compare_qoperator,
    "mcu": compare_mcu,
}


def check_seed(seed: int, kind: str = "qdq") -> Tally:
    """Compare the graph of a seed; a crash or a refusal is a problem too."""
    label = f"{kind} seed {seed}"
    try:
        return KINDS[kind](seed)
    except HwcompError as error:
        code = error.problems[0].code
        return Tally(graphs=1, refused={code: 1}, problems=[f"{label} refused: {error}"])
    except Exception as error:  # noqa: BLE001  # any crash is a finding of the fuzz
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Tally(graphs=1, problems=[f"{label} {type(error).__name__}: {error} at {where.filename}:{where.lineno}"])


DIVISORS = {"qdq": 1, "rare": 4, "qoperator": 4, "mcu": 100}
"""Of all kinds together, the seeds asked for divided by this many: a graph through a C compiler takes a second."""


def report(tally: Tally, seconds: float) -> str:
    """What was found, as text."""
    share = tally.softmax_off_by_one / max(tally.values, 1)
    lines = [
        f"{tally.graphs} graphs, {tally.tensors} tensors, {tally.values} values compared in {seconds:.0f} s",
        f"  problems: {len(tally.problems)}",
        f"  explained by the order of float32 sums: {tally.float_order} values",
        f"  Softmax off by one: {tally.softmax_off_by_one} of {tally.softmax_values} values ({share:.5%} of all)",
        f"  transcendental functions, onnx.reference equal: {tally.approximated} values",
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
    parser.add_argument(
        "--kind",
        default="all",
        choices=["all", *KINDS],
        help="all: QDQ, a fourth as many rarer and QOperator graphs, a hundredth through mcu",
    )
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    onnxruntime.set_default_logger_severity(4)
    warnings.simplefilter("ignore")  # overflows in onnx.reference's Sigmoid
    started, total = time.monotonic(), Tally()
    for kind in KINDS if options.kind == "all" else [options.kind]:
        count = options.seeds // (DIVISORS[kind] if options.kind == "all" else 1)
        for seed in range(options.first, options.first + count):
            total.add(check_seed(seed, kind))
    sys.stdout.write(report(total, time.monotonic() - started) + "\n")
    return int(bool(total.problems))


if __name__ == "__main__":
    sys.exit(main())
