"""Weights of 4, 2 and 1 bits: how they are coded and packed, and the scratch of the kernels that read them.

The layouts are those of firmware/include/hwc_packed.h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwcomp.targets.mcu import packing

WIDTHS = (1, 2, 4)
"""Bits of a code, narrowest first."""

SUM_SHIFT = {1: 6, 2: 6, 4: 4}
"""The Cortex-M kernels hold 2^SUM_SHIFT times the sums, which must fit int32."""

_MAX_OFFSET = 255


@dataclass(frozen=True, slots=True)
class Coding:
    """weight = code * step + offset, codes of `bits` bits; step is 2 for 1 bit, else 1."""

    bits: int
    offset: int

    @property
    def step(self) -> int:
        """Distance of two weights whose codes are neighbours."""
        return 2 if self.bits == 1 else 1

    @property
    def inputs(self) -> int:
        """Inputs of a word of 32 bits."""
        return 32 // self.bits


def coding_of(weights: npt.NDArray[np.integer]) -> Coding | None:
    """The narrowest coding that holds every weight; None where 4 bits are too few.

    1 bit: two values at distance 2, as of {-1, +1}. 2 bits: a span of 3, ternary weights among them. 4 bits: of 15.
    """
    low, high = int(weights.min()), int(weights.max())
    if max(abs(low), abs(high)) > _MAX_OFFSET:
        return None
    if high - low == 2 and bool(((weights == low) | (weights == high)).all()):
        return Coding(1, low)
    for bits in (2, 4):
        if high - low < 1 << bits:
            return Coding(bits, low)
    return None


def pack_conv2d(weights: npt.NDArray[np.integer], coding: Coding) -> npt.NDArray[np.uint32]:
    """Return uint32[out_channels, words] from [out_channels, kh, kw, in_channels / groups]."""
    return _words(weights.reshape(len(weights), -1), coding)


def pack_dense(weights: npt.NDArray[np.integer], coding: Coding) -> npt.NDArray[np.uint32]:
    """Return the words of [out_features, in_features], 4 outputs interleaved; outputs past the shape have codes 0."""
    words = _words(weights, coding)
    padded = np.zeros((packing.round_up(len(words), 4), words.shape[1]), np.uint32)
    padded[: len(words)] = words
    return np.ascontiguousarray(padded.reshape(-1, 4, words.shape[1]).transpose(0, 2, 1)).reshape(-1)


def conv2d_scratch_bytes(
    kernel: tuple[int, int], in_channels: int, out_channels: int, rows_per_pass: int, coding: Coding
) -> int:
    """Return the bytes of scratch of `hwc_conv2d_w4` and its like, groups == 1.

    As `packing.conv2d_scratch_bytes`, with windows of whole words of weights; and room for a row as int8, which the
    generic kernel unpacks.
    """
    kernel_height, kernel_width = kernel
    inputs = rows_per_pass * kernel_width * in_channels
    unpacked = packing.PIXELS_PER_BLOCK * packing.round_up(inputs, coding.inputs) * 2
    gathered = 0 if in_channels % 4 == 0 else packing.round_up(inputs, 4) + 4
    waiting = out_channels if rows_per_pass < kernel_height else 8
    blocks = unpacked + gathered + waiting * packing.PIXELS_PER_BLOCK * 4
    return max(blocks, row_scratch_bytes(kernel_height * kernel_width * in_channels))


def rows_per_pass(
    kernel: tuple[int, int], in_channels: int, out_channels: int, budget_bytes: int, coding: Coding
) -> int:
    """Return the greatest legal `rows_per_pass` whose scratch fits `budget_bytes`, or the least legal one.

    A split needs whole words of weights: rows_per_pass * kernel_width * in_channels a multiple of a word's inputs.
    """
    kernel_height, kernel_width = kernel
    best = kernel_height
    for rows in range(kernel_height, 0, -1):
        if rows < kernel_height and (rows * kernel_width * in_channels) % coding.inputs:
            continue
        best = rows
        if conv2d_scratch_bytes(kernel, in_channels, out_channels, rows, coding) <= budget_bytes:
            break
    return best


def dense_scratch_bytes(in_features: int, coding: Coding) -> int:
    """Return the bytes of scratch of `hwc_dense_w4` and its like: a row of inputs as int16, whole words of weights."""
    return packing.round_up(in_features, coding.inputs) * 2


def row_scratch_bytes(inputs: int) -> int:
    """Return the bytes of scratch of the generic kernels: a row of `inputs` weights as int8."""
    return packing.round_up(inputs, 4)


def _words(rows: npt.NDArray[np.integer], coding: Coding) -> npt.NDArray[np.uint32]:
    count, inputs = rows.shape
    codes = np.zeros((count, packing.round_up(inputs, coding.inputs)), np.uint64)
    codes[:, :inputs] = (rows.astype(np.int64) - coding.offset) // coding.step
    k = np.arange(coding.inputs, dtype=np.uint64)
    place = 16 * (k >> 1 & 1) + coding.bits * (2 * (k >> 2) + (k & 1))
    grouped = codes.reshape(count, -1, coding.inputs)
    words: npt.NDArray[np.uint32] = (grouped << place).sum(axis=2).astype(np.uint32)
    return words


def pack_xnor(weights: npt.NDArray[np.integer]) -> npt.NDArray[np.uint32]:
    """Return uint32[out_channels, words] of [out_channels, ...] weights -1 and +1: input k is bit k % 32, 1 for +1."""
    rows = weights.reshape(len(weights), -1)
    bits = np.zeros((len(rows), packing.round_up(rows.shape[1], 32)), np.uint64)
    bits[:, : rows.shape[1]] = rows > 0
    words: npt.NDArray[np.uint32] = (
        (bits.reshape(len(rows), -1, 32) << np.arange(32, dtype=np.uint64)).sum(axis=2).astype(np.uint32)
    )
    return words


@dataclass(frozen=True, slots=True)
class TwoValues:
    """The two values of an input: `bit` of a stored value tells them apart."""

    zero: int
    one: int
    bit: int

    @staticmethod
    def of(a: int, b: int) -> TwoValues:
        """Of two different values of 8 bits."""
        bit = ((a ^ b) & -(a ^ b)).bit_length() - 1
        return TwoValues(b, a, bit) if a >> bit & 1 else TwoValues(a, b, bit)

    @property
    def step(self) -> int:
        """What a bit that differs from the weight's takes from the accumulator."""
        return self.one - self.zero

    def start(self, bias: npt.NDArray[np.int64], weights: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
        """The accumulator of each output where no bit differs from the weights'."""
        rows = weights.reshape(len(weights), -1).astype(np.int64)
        sums = (self.one + self.zero) * rows.sum(axis=1) + self.step * rows.shape[1]
        start: npt.NDArray[np.int64] = bias + sums // 2
        return start
