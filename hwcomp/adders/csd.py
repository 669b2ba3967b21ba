"""Canonical signed digits: the representation of an integer by +-2**k in which no two neighbours are both non-zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def csd(value: int) -> tuple[tuple[int, int], ...]:
    """Digits (shift, sign) of `value`, least shift first; sum of sign * 2**shift is `value`.

    No representation by signed powers of two has fewer digits. Source: Reitwiesner, 1960 (the non-adjacent form).
    """
    digits: list[tuple[int, int]] = []
    shift = 0
    while value:
        if value & 1:
            sign = 2 - (value & 3)
            digits.append((shift, sign))
            value -= sign
        value >>= 1
        shift += 1
    return tuple(digits)


def digit_count(matrix: NDArray[np.int64]) -> int:
    """How many digits `csd` has of all elements together: the bits in which a value and three times it differ."""
    size = np.abs(matrix)
    return int(np.bitwise_count(3 * size ^ size).sum())
