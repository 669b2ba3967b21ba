"""Requants to few levels as comparisons: thresholds are those of `evaluate`; the design takes and simulates them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp import driver
from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import IntType, Location, Range
from hwcomp.targets.dataflow.ops.compare import MOST_LEVELS, steps_of
from hwcomp.verify.ladder import verify_bundle
from tests.frontends.onnx_build import Net
from tests.frontends.qonnx_build import quant

X = IntType(10, signed=True)
HALF = 1 << 6


def requant(
    mult: tuple[int, ...], offset: tuple[int, ...], hi: int, tie: Tie, fix: NegativeCorrection | None
) -> Requant:
    return Requant(
        name="r", inputs=("x",), outputs=("y",), loc=Location("", "", ""), mult=(mult,), offset=offset, shift=7, zero=2,
        lo=0, hi=hi, dtype=IntType(4, signed=False), tie=tie, negative=fix,
    )  # fmt: skip


@pytest.mark.parametrize("hi", [1, 3, 15])
@pytest.mark.parametrize(("tie", "offset"), [(Tie.FLOOR, (3, -90)), (Tie.EVEN, (HALF, 7)), (Tie.AWAY, (HALF, HALF))])
@pytest.mark.parametrize("fix", [None, NegativeCorrection(5, (9, 1))])
@pytest.mark.parametrize("mult", [(1, 23), (0, 128)])
def test_steps_are_those_of_evaluate(
    hi: int, tie: Tie, offset: tuple[int, ...], fix: NegativeCorrection | None, mult: tuple[int, ...]
) -> None:
    op = requant(mult, offset, hi, tie, fix)
    x = np.arange(-400, 380, dtype=np.int64)
    (y,) = op.evaluate(np.stack([x, x], axis=1))
    result = Range.whole(int(y.min()), int(y.max()))
    found = steps_of(op, Range.whole(-400, 379), result, X)
    assert found is not None and (np.diff(found, axis=1) >= 0).all()
    counted = result.min + (x[:, None, None] >= found[None]).sum(axis=2)
    assert np.array_equal(counted, y)


def test_not_offered_for_many_levels() -> None:
    op = requant((1,), (0,), 15, Tie.FLOOR, None)
    assert steps_of(op, Range.whole(0, 9), Range.whole(0, MOST_LEVELS + 1), X) is None
    assert steps_of(op, Range.whole(0, 9), Range.whole(3, 3), X) is None


def two_bits(folder: Path) -> Path:
    """Quantised to 8 bits, a matrix, quantised to 2 bits."""
    net, rng = Net(), np.random.default_rng(5)
    x = quant(net, net.input((1, 8), np.float32), 0.125)
    weights = quant(net, net.constant(rng.normal(0, 1, (8, 6)), np.float32), 0.25, 4)
    net.output(quant(net, net.node("MatMul", [x, weights]), 0.7, 2), np.float32)
    return net.save(folder)


@pytest.mark.parametrize(("weights", "compares"), [("auto", True), ("ram", False)])
def test_a_design_compares_unless_its_constants_are_loaded(tmp_path: Path, weights: str, compares: bool) -> None:
    bundle = tmp_path / "bundle"
    options = {"vectors": "1", "interval": "500", **({} if weights == "auto" else {"weights": weights})}
    driver.build(two_bits(tmp_path), "fpga", bundle, driver.BuildOptions(target_options=options))
    design = "".join(path.read_text() for path in bundle.rglob("*.sv") if not path.name.startswith("hwc_"))
    assert ("hwc_threshold #(" in design) is compares
    assert {result.verdict for result in verify_bundle(bundle, ("verilator", "verilator-stalls"))} == {"equal"}
