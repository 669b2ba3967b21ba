"""Kernels with weights of 4, 2 and 1 bits equal their numpy twins: on the host under sanitizers, and on a Cortex-M4."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.targets.mcu import packed, packing
from hwcomp.targets.mcu.packed import Coding
from tests.targets.kernels_host import run_host
from tests.targets.packed_cases import CODINGS, conv_cases, remainder_cases, xnor_cases
from tests.targets.test_kernels_cortex_m import check

CASES = [case for n, coding in enumerate(CODINGS) for case in conv_cases(n, coding) + remainder_cases(n, coding)]
CASES += xnor_cases(9)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_generic_kernels_equal_numpy(tmp_path: Path, compiler: str) -> None:
    run_host(tmp_path, compiler, CASES)


@pytest.mark.parametrize("compiler", ["gcc", pytest.param("zig", marks=pytest.mark.slow)])
def test_cortex_m_kernels_equal_numpy(tmp_path: Path, compiler: str) -> None:
    check(tmp_path, compiler, CASES)


@given(st.sampled_from(CODINGS), st.integers(1, 9), st.integers(1, 70), st.integers(0, 99))
def test_packing_places_every_code(coding: Coding, outputs: int, inputs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 1 << coding.bits, (outputs, inputs))
    weights = codes * coding.step + coding.offset
    rows, dense = packed.pack_conv2d(weights, coding), packed.pack_dense(weights, coding)
    words = -(-inputs // coding.inputs)
    assert rows.shape == (outputs, words) and dense.size == -(-outputs // 4) * 4 * words
    for o, k in np.ndindex(outputs, inputs):
        n, i = divmod(k, coding.inputs)
        at = 16 * (i >> 1 & 1) + coding.bits * (2 * (i >> 2) + (i & 1))
        mask = (1 << coding.bits) - 1
        assert int(rows[o, n]) >> at & mask == codes[o, k]
        assert int(dense[(o // 4 * words + n) * 4 + o % 4]) >> at & mask == codes[o, k]


def test_the_narrowest_coding_is_found() -> None:
    for values, coding in (
        ((-1, 1), Coding(1, -1)), ((3, 5), Coding(1, 3)), ((-1, 0, 1), Coding(2, -1)), ((-2, 1), Coding(2, -2)),
        ((0,), Coding(2, 0)), ((0, 1), Coding(2, 0)), ((-8, 7), Coding(4, -8)), ((0, 15), Coding(4, 0)),
        ((-8, 8), None), ((-128, 127), None), ((300, 301), None),
    ):  # fmt: skip
        assert packed.coding_of(np.array(values)) == coding


def test_packed_rows_take_their_share() -> None:
    weights = np.ones((64, 3, 3, 32), np.int64)
    whole = packing.pack_conv2d_weights(weights.astype(np.int8)).size
    for bits, share in ((4, 2), (2, 4), (1, 8)):
        assert packed.pack_conv2d(weights, Coding(bits, 1)).nbytes * share == whole


def test_a_pass_has_whole_words() -> None:
    for coding in CODINGS:
        for channels in (4, 12, 32, 64):
            rows = packed.rows_per_pass((3, 3), channels, 64, 1000, coding)
            assert rows == 3 or rows * 3 * channels % coding.inputs == 0
    assert packed.rows_per_pass((3, 3), 64, 64, 100_000, CODINGS[0]) == 3
    assert packed.rows_per_pass((3, 3), 64, 64, 5_000, CODINGS[0]) == 1
