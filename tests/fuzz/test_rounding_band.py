"""The interval of float32 sums holds what runtimes give and little else: a wrong level is not taken for rounding."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.fuzz.compare import explained
from tests.fuzz.generator import run_onnxruntime
from tests.fuzz.operators import draw
from tests.fuzz.rounding_band import Bands, gamma

SEEDS = range(0, 120, 2)


def test_runtime_lies_within_and_few_elements_are_near_a_boundary() -> None:
    """On 60 graphs with arbitrary scales."""
    values = ambiguous = 0
    for seed in SEEDS:
        drawn = draw(seed)
        names = [output.name for output in drawn.model.graph.output]
        expected = dict(zip(names, run_onnxruntime(drawn.model, drawn.inputs), strict=True))
        bands = Bands(drawn.model, {**drawn.inputs, **expected})
        for name, want in expected.items():
            levels = bands.levels(name)
            if levels is None:
                continue
            wide = want.astype(np.int64)
            assert ((levels[0] <= wide) & (wide <= levels[1])).all(), (seed, name)
            values += want.size
            ambiguous += int((levels[0] < levels[1]).sum())
    assert values > 10_000
    assert ambiguous < 1e-3 * values


def test_a_wrong_level_is_not_explained() -> None:
    refused = 0
    for seed in SEEDS:
        drawn = draw(seed)
        names = [output.name for output in drawn.model.graph.output]
        expected = dict(zip(names, run_onnxruntime(drawn.model, drawn.inputs), strict=True))
        bands = Bands(drawn.model, {**drawn.inputs, **expected})
        for name in (n for n in names if drawn.made_by[n] in ("Conv", "Gemm", "ReduceMean")):
            wrong = expected[name].astype(np.int64)
            wrong.reshape(-1)[wrong.size // 2] += 1
            refused += not explained(bands, name, expected[name], wrong)
    assert refused > 20


@pytest.mark.parametrize(("a", "is_near"), [(2.0**-25, True), (2.0**-20, False)])
def test_a_boundary_is_found_where_it_is(a: float, is_near: bool) -> None:
    """1 * 1 + a * 1 with 1.5 subtracted, quantised at scale 1: a boundary at -0.5 + a."""
    x = numpy_helper.from_array(np.array([[1.0, a, -1.5]], np.float32), "x")
    w = numpy_helper.from_array(np.ones((3, 1), np.float32), "w")
    scale = numpy_helper.from_array(np.array(1.0, np.float32), "s")
    zero = numpy_helper.from_array(np.array(0, np.int8), "z")
    nodes = [helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("QuantizeLinear", ["m", "s", "z"], ["y"])]
    out = helper.make_tensor_value_info("y", TensorProto.INT8, [1, 1])
    model = helper.make_model(helper.make_graph(nodes, "g", [], [out], [x, w, scale, zero]))
    levels = Bands(model, {}).levels("y")
    assert levels is not None
    assert bool((levels[0] < levels[1]).all()) == is_near
    assert gamma(4) * 2.5 < 2.0**-20
