"""Memories as arrays: fields come out of words as they went in."""

from __future__ import annotations

import numpy as np
import pytest

from hwcomp.targets.dataflow.weights import join_fields, pack_words
from hwcomp.targets.hls.memories import literal, row_lines, unpack_words


@pytest.mark.parametrize("bits", [1, 2, 5, 8, 13, 31, 32, 33, 47, 62, 63, 64])
@pytest.mark.parametrize("signed", [False, True])
def test_fields_come_back(bits: int, signed: bool) -> None:
    rng = np.random.default_rng(bits)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    rows = [[low, high, 0], *([int(v) % (high + 1) for v in rng.integers(0, 2**62, 3)] for _ in range(20))]
    words = [join_fields([(value, bits) for value in row]) for row in rows]
    assert unpack_words(words, 3, bits, signed=signed) == rows


def test_it_inverts_what_the_network_packs() -> None:
    rows = np.random.default_rng(1).integers(-16, 16, (40, 72))
    assert unpack_words(pack_words(rows, 5), 72, 5, signed=True) == rows.tolist()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0, "0"),
        (-(2**31) + 1, "-2147483647"),
        (-(2**31), "-2147483648LL"),
        (2**31, "2147483648LL"),
        (-(2**63), "(-9223372036854775807LL - 1)"),
        (2**63, "9223372036854775808ULL"),
    ],
)
def test_literals_have_a_type_that_holds_them(value: int, wanted: str) -> None:
    assert literal(value) == wanted


def test_lines_are_short_where_rows_are() -> None:
    lines = row_lines([[1, -2]] * 100)
    assert all(len(line) <= 120 for line in lines)
    assert " ".join(lines) == " ".join(["{1, -2},"] * 100)
