"""FullyConnected in doubles, and MEAN of raw sums."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hwcomp.ir.dyadic import apply_requant
from hwcomp.prove.steps import TfliteDouble, mean_multiplier
from hwcomp.prove.steps_tflite_real import LitertDense, TfliteMean


def c_round(value: float) -> int:
    return int(math.copysign(math.floor(abs(value) + 0.5), value)) if abs(value) < 2**51 else int(value)


def test_dense_rounds_the_double_product_half_away() -> None:
    step = LitertDense((0.5, 0.0078125, 3.0e-4), -3, -128, 127)
    acc = np.concatenate([np.arange(-300, 300), np.random.default_rng(0).integers(-(2**31), 2**31, 500)])
    got = step(np.tile(acc, (3, 1)))
    for row, scale in zip(got, step.scale, strict=True):
        want = [min(127, max(-128, c_round(float(a) * scale) - 3)) for a in acc]
        assert row.tolist() == want
    assert step.channels == 3


def test_dense_survives_products_beyond_64_bits() -> None:
    got = LitertDense((1e30,), 0, -128, 127)(np.array([[-(2**31), -1, 0, 1, 2**31 - 1]]))
    assert got.tolist() == [[-128, -128, 0, 127, 127]]


@pytest.mark.parametrize("zero", [-128, -5, 0, 127])
@pytest.mark.parametrize(("real", "count"), [(0.7, 49), (1.0, 7), (0.013, 4), (1.9, 1), (0.5, 64)])
def test_the_definition_of_mean_is_its_step(real: float, count: int, zero: int) -> None:
    multiplier, shift = mean_multiplier(real, count)
    step = TfliteMean(TfliteDouble((multiplier,), (shift,), 11, -128, 127), -zero * count)
    acc = np.arange(-128 * count, 127 * count + 1, dtype=np.int64)[None, :]
    d = step.definition
    assert d is not None
    got = apply_requant([acc], d.mult, d.offset, d.shift, d.tie, d.negative, d.zero, -128, 127)
    np.testing.assert_array_equal(got, step(acc))
    assert (np.diff(got) >= 0).all()
