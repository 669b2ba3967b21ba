"""Requants to few levels as comparisons: the thresholds are those of `evaluate`, the choice is offered and simulated."""

from __future__ import annotations

import numpy as np
import pytest

from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import IntType, Location, Range
from hwcomp.targets.dataflow.ops.compare import MOST_LEVELS, steps_of

X = IntType(10, signed=True)
HALF = 1 << 6


def requant(mult: tuple[int, ...], offset: tuple[int, ...], hi: int, tie: Tie, fix: NegativeCorrection | None) -> Requant:
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
