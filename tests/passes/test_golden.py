"""Text in, text out: `<pass>/<case>.hwc` through the pass gives `<case>.expected`; `pytest --update-golden` writes it.

The graphs' meaning is compared as well, on random inputs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.parser import parse
from hwcomp.ir.printer import PrintOptions, to_text
from hwcomp.ir.spec import find_problems
from hwcomp.passes import (
    cancel_transposes,
    eliminate_dead,
    fold_constants,
    fold_dead_channels,
    fold_identity_requants,
    fold_permutation_into_dense,
    infer_ranges,
    merge_pads,
    merge_reshapes,
    sink_depth_to_space,
    tabulate,
)
from tests.random_graphs import random_inputs

HERE = Path(__file__).parent
PASSES = {
    item.PASS.name: item.PASS
    for item in (
        cancel_transposes,
        eliminate_dead,
        fold_constants,
        fold_dead_channels,
        fold_identity_requants,
        fold_permutation_into_dense,
        infer_ranges,
        merge_pads,
        merge_reshapes,
        sink_depth_to_space,
        tabulate,
    )
}
CASES = sorted(path.relative_to(HERE).with_suffix("").as_posix() for path in HERE.glob("*/*.hwc"))


def outputs(graph: Graph, inputs: dict[str, np.ndarray]) -> dict[str, list[int]]:
    env = Interpreter(graph).run(inputs)
    return {port.name: env[port.value].tolist() for port in graph.outputs}


@pytest.mark.parametrize("case", CASES)
def test_text_in_text_out(case: str, update_golden: bool) -> None:
    before = parse((HERE / case).with_suffix(".hwc").read_text(encoding="utf-8"))
    assert find_problems(before, certificates=False) == []
    after = PASSES[case.split("/")[0]].run(before)
    assert find_problems(after, certificates=False) == []
    for inputs in random_inputs(before, seed=1, runs=3):
        assert outputs(after, inputs) == outputs(before, inputs)
    text = to_text(after, PrintOptions(locations=False))
    golden = (HERE / case).with_suffix(".expected")
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_rewrite_has_a_case() -> None:
    assert {case.split("/")[0] for case in CASES} == set(PASSES)
