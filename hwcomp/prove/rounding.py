"""Correctly rounded float32 of exact products and quotients, with float64 as the only tool.

Rounding an exact value to float64 and then to float32 rounds twice. Rounding the float64 *to odd* first (the last bit
set where anything was lost) makes the second rounding right: Boldo and Melquiond, "When double rounding is odd", 2005.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.types import IntArray

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]

_SPLITTER = 134217729.0  # 2**27 + 1: Dekker's split of a 53-bit significand into two halves


def two_product(a: Float64, b: Float64) -> tuple[Float64, Float64]:
    """(p, e) with p + e == a * b exactly; no overflow near 2**996. Source: Dekker, 1971."""
    p = a * b
    a_high = _SPLITTER * a - (_SPLITTER * a - a)
    b_high = _SPLITTER * b - (_SPLITTER * b - b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def two_sum(a: Float64, b: Float64) -> tuple[Float64, Float64]:
    """(s, e) with s + e == a + b exactly. Source: Knuth, TAOCP 2, 4.2.2."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def to_odd(p: Float64, rest: Float64) -> Float64:
    """The float64 of the exact value p + rest rounded to odd; |rest| is at most half a unit in the last place of p."""
    bits = np.ascontiguousarray(p).view(np.int64)
    toward_zero = bits - ((rest < 0) != (p < 0))
    return np.where(rest == 0, bits, toward_zero | 1).view(np.float64)


def float32_of_product(acc: IntArray | Float64, scale: Float64, count: int = 1) -> Float32:
    """float32 of the exact acc * scale / count, rounded once. |acc| <= 2**53, |result| a normal float32 or 0."""
    p, e = two_product(acc.astype(np.float64), scale)
    if count == 1:
        return to_odd(p, e).astype(np.float32)
    divisor = np.float64(count)
    quotient = np.asarray(p / divisor)
    back, error = two_product(quotient, np.broadcast_to(divisor, quotient.shape))
    remainder = ((p - back) - error) + e
    return to_odd(quotient, remainder).astype(np.float32)
