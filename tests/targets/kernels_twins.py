"""Numpy twins of the firmware's kernels: slow, obvious, exact in Python integers or int64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
I64 = npt.NDArray[np.int64]
NONE, HIGH, NARROW, GENERAL = range(4)
FLOOR, EVEN, AWAY = range(3)


@dataclass(frozen=True)
class Requant:
    """Constants of a requant; `mult` is [inputs, channels or 1]."""

    kind: int
    mult: I64
    offset: I64
    shift: int
    tie: int
    zero: int
    lo: int
    hi: int
    correction: tuple[I64, I64] | None = None

    def fields(self) -> dict[str, object]:
        """The fields of hwc_requant_t."""
        bias, amount = self.correction if self.correction else (None, None)
        return {
            "mult": self.mult.astype(np.int32),
            "offset": None if self.kind == HIGH else self.offset,
            "correction_bias": bias,
            "correction_amount": amount,
            "zero": self.zero,
            "lo": self.lo,
            "hi": self.hi,
            "kind": self.kind,
            "tie": self.tie,
            "shift": self.shift,
            "mult_step": int(self.mult.shape[1] > 1),
            "offset_step": int(self.offset.size > 1),
            "correction_step": int(bias is not None and bias.size > 1),
        }


RAW = Requant(NONE, np.zeros((1, 1), np.int64), np.zeros(1, np.int64), 0, 0, 0, 0, 0)


def requant(rq: Requant, inputs: list[I64]) -> I64:
    """y of inputs[i][..., channels]; see hwc_requant.h."""
    if rq.kind == NONE:
        return inputs[0]
    product = sum((x.astype(object) * m.astype(object) for x, m in zip(inputs, rq.mult, strict=True)), start=0)
    offset = rq.offset.astype(object)
    acc = product + offset
    if rq.correction is not None:
        bias, amount = (np.broadcast_to(v.astype(object), acc.shape) for v in rq.correction)
        acc = np.where(product + bias < 0, acc - amount, acc)
    q = acc >> rq.shift
    whole = acc & ((1 << rq.shift) - 1) == 0
    if rq.tie == EVEN:
        q = np.where(whole & (q & 1 == 1), q - 1, q)
    if rq.tie == AWAY:
        q = np.where(whole & (acc - offset < 0), q - 1, q)
    return np.clip(q + rq.zero, rq.lo, rq.hi).astype(np.int64)


def conv2d(x: Array, w: Array, bias: I64, pad: tuple[int, int], out: tuple[int, int], stride: tuple[int, int],
           dilation: tuple[int, int], groups: int, pad_value: int, weight_offset: int) -> I64:  # fmt: skip
    """acc[oh, ow, oc] of x[h, w, ic] and w[oc, kh, kw, ic / groups]."""
    oc, kh, kw, depth = w.shape
    height = (out[0] - 1) * stride[0] + (kh - 1) * dilation[0] + 1
    width = (out[1] - 1) * stride[1] + (kw - 1) * dilation[1] + 1
    padded = np.full(
        (pad[0] + max(height, x.shape[0]), pad[1] + max(width, x.shape[1]), x.shape[2]), pad_value, np.int64
    )
    padded[pad[0] : pad[0] + x.shape[0], pad[1] : pad[1] + x.shape[1]] = x
    acc = np.zeros((*out, oc), np.int64) + bias
    per_group = oc // groups
    for r in range(kh):
        for c in range(kw):
            top, left = r * dilation[0], c * dilation[1]
            window = padded[top : top + (out[0] - 1) * stride[0] + 1 : stride[0],
                            left : left + (out[1] - 1) * stride[1] + 1 : stride[1]]  # fmt: skip
            for g in range(groups):
                weights = w[g * per_group : (g + 1) * per_group, r, c].astype(np.int64) + weight_offset
                acc[..., g * per_group : (g + 1) * per_group] += window[..., g * depth : (g + 1) * depth] @ weights.T
    return acc


def _high_multiply(a: int, b: int) -> int:
    product = a * b
    total = product + (1 << 30 if product >= 0 else 1 - (1 << 30))
    return total // (1 << 31) if total >= 0 else -(-total // (1 << 31))


def _divide_by_power(value: int, shift: int) -> int:
    mask = (1 << shift) - 1
    return (value >> shift) + int((value & mask) > (mask >> 1) + (value < 0))


def _shift_saturated(value: int, bits: int) -> int:
    return max(-(2**31), min(2**31 - 1, value << bits))


def reciprocal(total: int, integer_bits: int) -> tuple[int, int]:
    """gemmlowp's GetReciprocal, step by step: (scale in Q0.31, bits over unit)."""
    headroom = 32 - total.bit_length()
    minus_one = (total << headroom) - (1 << 31)
    half_denominator = (minus_one + 2**31 - 1 + 1) // 2
    x = 1515870810 + _high_multiply(half_denominator, -1010580540)
    for _ in range(3):
        rest = (1 << 29) - _high_multiply(half_denominator, x)
        x += _shift_saturated(_high_multiply(x, rest), 2)
    return _shift_saturated(x, 1), integer_bits - headroom


def softmax(
    x: Array, exp_table: I64, sum_table: I64, integer_bits: int, out_bits: int, zero: int, lo: int, hi: int
) -> I64:
    """Rows of tflite-micro's reference softmax, by tables."""
    y = np.zeros(x.shape, np.int64)
    for row in range(x.shape[0]):
        d = int(x[row].max()) - x[row].astype(np.int64)
        scale, over = reciprocal(int(sum_table[d].sum()), integer_bits)
        for i, e in enumerate(exp_table[d]):
            y[row, i] = min(hi, max(lo, _divide_by_power(_high_multiply(scale, int(e)), over + 31 - out_bits) + zero))
    return y
