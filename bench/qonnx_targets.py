"""QONNX models as they are and with every scale times 0.9, built and run: `python -m bench.qonnx --targets mcu,fpga`.

Each variant is built with reference rows in its vectors, and climbs rungs of `hwcomp verify`: C on this machine (host,
every value), the design in Verilator without and with stalls (every stream). The ladder adds the constant rows at both
ends of the input's type and random ones. A design that no board holds is built for as much as it needs.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from hwcomp import driver
from hwcomp.frontends.input_form import input_forms
from hwcomp.support.errors import HwcompError
from hwcomp.verify.ladder import verify_bundle

RUNGS = {"mcu": ("proof", "evaluate", "host"), "fpga": ("proof", "evaluate", "verilator", "verilator-stalls")}
SHOWN = {"mcu": ("host",), "fpga": ("verilator", "verilator-stalls")}
HEADS = {"host": "C", "verilator": "RTL", "verilator-stalls": "RTL, stalls"}
OPTIONS = {
    "mcu": {"vectors": "1"},
    "fpga": {"vectors": "1", "interval": "4000000", "max-bram": "4000", "max-lut": "1000000"},
}
"""A loose goal: the design is small, and quickly found and simulated."""


def heads(targets: list[str]) -> list[str]:
    """Of the columns that `cells` gives."""
    return [*(HEADS[rung] for target in targets for rung in SHOWN[target]), "seconds"]


def cells(path: Path, port: str, rows: Any, forms: tuple[str, ...], targets: list[str], work: Path) -> list[str]:
    """The verdict of each shown rung; a proof or a vector that does not hold is said in its target's first."""
    start = time.perf_counter()
    found: list[str] = []
    for target in targets:
        try:
            found += _verdicts(path, target, {port: rows}, forms, work / target)
        except HwcompError as error:
            found += [str(error), *[""] * (len(SHOWN[target]) - 1)]
    return [*found, f"{time.perf_counter() - start:.0f}"]


def _verdicts(path: Path, target: str, samples: dict[str, Any], forms: tuple[str, ...], out: Path) -> list[str]:
    options = driver.BuildOptions(
        target_options=OPTIONS[target], force=True, samples=samples, inputs=input_forms(forms)
    )
    driver.build(path, target, out, options)
    results = {result.name: result for result in verify_bundle(out, RUNGS[target])}
    shown = [results[name].verdict for name in SHOWN[target]]
    wrong = [f"{r.name} {r.verdict}" for r in results.values() if r.name not in SHOWN[target] and r.verdict != "equal"]
    return [", ".join([*wrong, shown[0]]), *shown[1:]]
