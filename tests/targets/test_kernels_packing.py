"""The packing of constants: layouts by index, scratch formulas, and rescales rewritten without change."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.targets.mcu import packing


@given(st.integers(1, 9), st.integers(1, 9))
def test_dense_packing_places_every_weight(out_features: int, in_features: int) -> None:
    weights = np.arange(1, out_features * in_features + 1).astype(np.int8).reshape(out_features, in_features)
    packed = packing.pack_dense_weights(weights)
    blocks = (in_features + 3) // 4
    for o, k in np.ndindex(out_features, in_features):
        assert packed[((o // 4 * blocks + k // 4) * 4 + o % 4) * 4 + k % 4] == weights[o, k]
    assert packed.size == (out_features + 3) // 4 * blocks * 16
    assert np.count_nonzero(packed) == np.count_nonzero(weights)


def test_conv2d_packing_pads_rows_to_words() -> None:
    weights = np.arange(-13, 14, dtype=np.int8).reshape(1, 3, 3, 3).repeat(2, 0)
    packed = packing.pack_conv2d_weights(weights)
    assert packed.shape == (2, 28)
    assert (packed[:, :27] == weights.reshape(2, 27)).all() and (packed[:, 27] == 0).all()


@given(st.integers(1, 2**20), st.integers(-(2**30), 2**30), st.integers(0, 40), st.integers(-(2**31), 2**31 - 1))
def test_widened_shift_is_the_same_rescale(mult: int, offset: int, shift: int, acc: int) -> None:
    (b,), (r,), c = packing.widen_shift([mult], [offset], shift)
    assert (acc * b + r) >> c == (acc * mult + offset) >> shift
    assert b < 2**31 and c in (shift, 32)


@given(st.integers(1, 2**31 - 1), st.integers(-(2**20), 2**20), st.integers(-(2**30), 2**30))
def test_absorbed_offset_is_the_same_rescale(mult: int, steps: int, acc: int) -> None:
    offset = (1 << 31) + steps * mult
    bias = packing.absorb_offset([mult], [offset], 32, [5])
    assert bias is not None
    assert ((acc + bias[0] - 5) * mult + (1 << 31)) >> 32 == (acc * mult + offset) >> 32


def test_offsets_that_no_bias_absorbs() -> None:
    assert packing.absorb_offset([3], [(1 << 31) + 1], 32, [0]) is None
    assert packing.absorb_offset([3], [1 << 30], 31, [0]) is None


def test_rows_per_pass_fits_the_budget() -> None:
    assert packing.rows_per_pass((3, 3), 64, 64, 100_000) == 3
    assert packing.conv2d_scratch_bytes((3, 3), 64, 64, packing.rows_per_pass((3, 3), 64, 64, 5_000)) <= 5_000
    assert packing.rows_per_pass((3, 3), 3, 16, 0) == 3, "rows of 9 bytes cannot be split"
