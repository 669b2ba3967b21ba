"""Constants as memory words: two's complement fields, the first lowest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcomp.ir.types import IntArray


def pack_words(rows: IntArray, bits: int) -> list[int]:
    """A word for each row of `rows` [words, fields]: field i at bits [i * bits, (i + 1) * bits)."""
    count, fields = rows.shape
    masked = (rows.astype(np.int64) & ((1 << bits) - 1 if bits < 64 else -1)).astype(np.uint64)
    shifts = np.arange(bits, dtype=np.uint64)
    planes = ((masked[:, :, None] >> shifts) & np.uint64(1)).astype(np.uint8).reshape(count, fields * bits)
    packed = np.packbits(planes, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def join_fields(fields: Sequence[tuple[int, int]]) -> int:
    """One word of (value, bits) fields, the first lowest."""
    word, position = 0, 0
    for value, bits in fields:
        word |= (value & ((1 << bits) - 1)) << position
        position += bits
    return word


def dot_rows(weights: IntArray, pe: int, simd: int) -> IntArray:
    """Weights [oc, k] in the order of the memory, [oc / pe * k / simd, pe * simd].

    Word [group g of oc / pe][beat b of k / simd], pe the slower index in it.
    """
    oc, k = weights.shape
    return weights.reshape(oc // pe, pe, k // simd, simd).transpose(0, 2, 1, 3).reshape(-1, pe * simd)


def window_order(weights: IntArray, lanes: int) -> IntArray:
    """Weights [oc, kh, kw, c] as [oc, k] in the order of a window's elements: (c / lanes, ky, kx, c % lanes)."""
    oc, kh, kw, c = weights.shape
    return weights.reshape(oc, kh, kw, c // lanes, lanes).transpose(0, 3, 1, 2, 4).reshape(oc, -1)


def depthwise_rows(weights: IntArray, lanes: int, taps: int) -> IntArray:
    """Weights [c, kernel_taps] in the order of the memory, [c / lanes * kernel_taps / taps, taps * lanes].

    Word [channel group][beat], the tap the slower index in it, as the window's beat has it.
    """
    c, kernel = weights.shape
    return weights.reshape(c // lanes, lanes, kernel // taps, taps).transpose(0, 2, 3, 1).reshape(-1, taps * lanes)


def hex_text(words: Sequence[int], width: int) -> str:
    """The file for `$readmemh`: a word a line."""
    digits = (width + 3) // 4
    return "".join(f"{word:0{digits}x}\n" for word in words)
