"""Dyadic rescaling: the meaning of Requant as one pure function. Integers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from hwcomp.ir.types import IntArray

_INT64_SAFE_BITS = 62


class Tie(Enum):
    """What happens to an accumulator that is a multiple of 2**shift after the offset was added."""

    FLOOR = "floor"
    EVEN = "even"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Dyadic:
    """`floor((x * mult + offset) / 2**shift)`."""

    mult: int
    offset: int
    shift: int

    def __call__(self, x: int) -> int:
        """The rescaled `x`, in unbounded integers."""
        return (x * self.mult + self.offset) >> self.shift


@dataclass(frozen=True, slots=True)
class NegativeCorrection:
    """What TFLite's double rounding needs: an accumulator below zero is moved down before the shift.

    With p = sum_i x_i * mult_i (without the offset): where `p + bias < 0`, subtract `amount[channel]`.
    `amount` has one entry a channel, or one for all; entries are >= 0. It is per channel because TFLite's right shift
    is, while a Requant has one shift: amount = 2**(31 + shift - source_shift). `bias` is 0 wherever the prover made it.
    """

    bias: int
    amount: tuple[int, ...]


def apply_requant(
    accs: Sequence[IntArray],
    mult: Sequence[Sequence[int]],
    offset: Sequence[int],
    shift: int,
    tie: Tie,
    negative: NegativeCorrection | None,
    zero: int,
    lo: int,
    hi: int,
) -> IntArray:
    """The Requant of `accs`, each int64 [channels, n] (rows of length 1 and one-row arrays broadcast).

        p   = sum_i accs[i] * mult[i][ch]
        acc = p + offset[ch] - (negative.amount[ch] where p + negative.bias < 0)
        q   = acc >> shift
        q  -= 1  where tie is EVEN, acc mod 2**shift == 0 and q is odd
        q  -= 1  where tie is AWAY, acc mod 2**shift == 0 and p < 0
        y   = clamp(q + zero, lo, hi)

    `mult[i]`, `offset` and `negative.amount` hold one value a channel, or one for all. Runs in int64 where the largest
    magnitude is below 2**62, else in unbounded Python integers. Returns int64 [channels, n].
    """
    wide = requant_bits(accs, mult, offset, negative) > _INT64_SAFE_BITS
    kind: type[object] = object if wide else np.int64

    def column(values: Sequence[int]) -> IntArray:
        return np.array(list(values), dtype=kind).reshape(-1, 1)

    p: IntArray = accs[0].astype(kind) * column(mult[0])
    for x, b in zip(accs[1:], mult[1:], strict=True):
        term: IntArray = x.astype(kind) * column(b)
        p = p + term
    acc: IntArray = p + column(offset)
    if negative is not None:
        acc = acc - column(negative.amount) * np.asarray(p + negative.bias < 0, dtype=np.int64)
    q = acc >> shift
    if tie is not Tie.FLOOR:
        exact = acc == (q << shift)
        q = q - (exact & ((q & 1) == 1 if tie is Tie.EVEN else p < 0))
    y: IntArray = np.clip(q + zero, lo, hi).astype(np.int64)
    return y


def requant_bits(
    accs: Sequence[IntArray], mult: Sequence[Sequence[int]], offset: Sequence[int], negative: NegativeCorrection | None
) -> int:
    """Bits, sign excluded, that hold every intermediate of `apply_requant` on these arrays."""
    bound = max((abs(int(r)) for r in offset), default=0)
    for x, b in zip(accs, mult, strict=True):
        largest_x = max(abs(int(x.max())), abs(int(x.min()))) if x.size else 0
        bound += largest_x * max(abs(int(m)) for m in b)
    if negative is not None:
        bound += abs(negative.bias) + max(negative.amount)
    return bound.bit_length()
