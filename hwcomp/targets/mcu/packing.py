"""How constants are laid out for the firmware's kernels, and how much scratch each kernel needs.

The layouts are those of firmware/include/hwc_dot.h; generic and Cortex-M kernels read the same arrays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

PIXELS_PER_BLOCK = 6
"""Output pixels that the Cortex-M convolution computes at once (kernels/cortex_m/hwc_conv2d_dsp.c)."""


def round_up(value: int, step: int) -> int:
    """Return the least multiple of `step` (a power of two) not below `value`."""
    return (value + step - 1) & -step


def pack_conv2d_weights(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Return int8[out_channels, weight_stride] from int8[out_channels, kh, kw, in_channels / groups].

    Each row is kh, kw, ic in order, then zeros up to a multiple of 4 bytes. Depthwise weights are
    [out_channels, kh, kw, 1].
    """
    rows = weights.reshape(weights.shape[0], -1)
    packed = np.zeros((rows.shape[0], round_up(rows.shape[1], 4)), np.int8)
    packed[:, : rows.shape[1]] = rows
    return packed


def pack_dense_weights(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Return the flat "oc4k4" interleaving of int8[out_features, in_features].

    Byte ((o / 4 * K + k / 4) * 4 + o % 4) * 4 + k % 4 holds weight [o, k], K = ceil(in_features / 4);
    places past the shape are 0. One LDM of four registers then reads 4 inputs' weights of 4 outputs.
    """
    out_features, in_features = weights.shape
    padded = np.zeros((round_up(out_features, 4), round_up(in_features, 4)), np.int8)
    padded[:out_features, :in_features] = weights
    blocks = padded.reshape(padded.shape[0] // 4, 4, padded.shape[1] // 4, 4)
    return np.ascontiguousarray(blocks.transpose(0, 2, 1, 3)).reshape(-1)


def conv2d_scratch_bytes(kernel: tuple[int, int], in_channels: int, out_channels: int, rows_per_pass: int) -> int:
    """Return the bytes of scratch of `hwc_conv2d` on a Cortex-M with DSP, groups == 1; 0 for other groups.

    A pass unpacks `rows_per_pass` kernel rows of 6 pixels to int16. If in_channels is no multiple of 4, one
    pixel's bytes are gathered first. If the kernel's rows take several passes, the accumulators wait between
    them: 6 int32 for each output channel; else 8 channels' accumulators wait for a general requant.
    """
    kernel_height, kernel_width = kernel
    depth = round_up(rows_per_pass * kernel_width * in_channels, 4)
    unpacked = PIXELS_PER_BLOCK * depth * 2
    gathered = 0 if in_channels % 4 == 0 else depth + 4
    waiting = out_channels if rows_per_pass < kernel_height else 8
    return unpacked + gathered + waiting * PIXELS_PER_BLOCK * 4


def rows_per_pass(kernel: tuple[int, int], in_channels: int, out_channels: int, budget_bytes: int) -> int:
    """Return the greatest legal `rows_per_pass` whose scratch fits `budget_bytes`, or 1 if none does.

    A split needs rows of whole words: kernel_width * in_channels a multiple of 4.
    """
    kernel_height, kernel_width = kernel
    if (kernel_width * in_channels) % 4 != 0 or in_channels % 4 != 0:
        return kernel_height
    for rows in range(kernel_height, 0, -1):
        if conv2d_scratch_bytes(kernel, in_channels, out_channels, rows) <= budget_bytes:
            return rows
    return 1


def depthwise_scratch_bytes(
    kernel: tuple[int, int], in_size: tuple[int, int], pads: tuple[int, int], out_size: tuple[int, int], stride: int
) -> int:
    """Return the bytes of scratch of `hwc_depthwise` on a Cortex-M with DSP: one channel's padded plane as int16.

    The fast path is 3x3, stride 1 or 2; others need none. Rows are rounded up to whole words, plus one word that
    the paired loads may read.
    """
    del in_size, pads
    if kernel != (3, 3) or stride not in (1, 2):
        return 0
    pitch = round_up((out_size[1] - 1) * stride + 3, 2) + 2
    rows = (out_size[0] - 1) * stride + 3
    return rows * pitch * 2 + 4


def dense_scratch_bytes(in_features: int) -> int:
    """Return the bytes of scratch of `hwc_dense` on a Cortex-M with DSP: one row of inputs as int16."""
    return round_up(in_features, 4) * 2


def widen_shift(mult: list[int], offset: list[int], shift: int) -> tuple[list[int], list[int], int]:
    """Return the same rescale with shift 32, if its multipliers then still fit int32; else what was given.

    floor((p*b + r) / 2^c) = floor((p*b*2^k + r*2^k) / 2^(c+k)): exact for every tie rule and correction (scale the
    correction's bias and amount by 2^k too). The Cortex-M
    kernels finish shifts from 32 to 40 in one pass, others apart.
    """
    steps = 32 - shift
    if steps <= 0 or max(mult) << steps >= 1 << 31 or max(abs(r) for r in offset) << steps >= 1 << 62:
        return mult, offset, shift
    return [b << steps for b in mult], [r << steps for r in offset], 32


def absorb_offset(mult: list[int], offset: list[int], shift: int, bias: list[int]) -> list[int] | None:
    """Return the biases with which the rescale's offsets all become 2^31, so that HWC_REQUANT_HIGH does it; or None.

    b*(acc + k) + 2^31 = b*acc + r where k = (r - 2^31) / b, shift 32. The caller checks that acc + k fits int32.
    Arguments are per channel, all of one length.
    """
    if shift != 32 or any((r - (1 << 31)) % b for b, r in zip(mult, offset, strict=True)):
        return None
    return [a + (r - (1 << 31)) // b for a, b, r in zip(bias, mult, offset, strict=True)]
