"""Dot operators: exact integer accumulation of activations with constant weights, or of two activations.

Zero points are folded before: into the bias and, for a padded convolution, into `pad_value`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray, IntType, Range, Result, TensorType, Value

ACCUMULATOR_BITS = 32  # the narrowest accumulator type; a proof may ask for 64


class _Same:
    """An array as the key of a cache: equal to itself alone, and kept alive, so that its id is never given again."""

    __slots__ = ("array",)

    def __init__(self, array: IntArray) -> None:
        self.array = array

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.array is other.array

    def __hash__(self) -> int:
        return id(self.array)


@lru_cache(maxsize=512)
def _dot_range(weights: _Same, bias: _Same, x: Range, groups: int, partial: bool) -> Range:
    """Bounds of bias + sum(w * x) per output channel of w [oc, taps..., ic / groups], x in its channels' intervals.

    With `partial`, every term may also be missing: the bounds then hold for each partial sum in any order. Every pass
    asks for the same bounds again, hence the cache; constants are never written to.
    """
    w = weights.array.reshape(len(weights.array), -1, weights.array.shape[-1])
    oc, _, icg = w.shape
    lo, hi = x.channels(groups * icg)
    group = np.arange(oc) // (oc // groups)  # the input channels of an output channel
    channel = group[:, None] * icg + np.arange(icg)
    up, down = np.maximum(w, 0).sum(axis=1), np.minimum(w, 0).sum(axis=1)  # [oc, icg]
    x_lo, x_hi = lo[channel], hi[channel]
    if partial:
        x_lo, x_hi = np.minimum(x_lo, 0), np.maximum(x_hi, 0)
    low, high = up * x_lo + down * x_hi, up * x_hi + down * x_lo
    return Range.of_arrays(bias.array + low.sum(axis=1), bias.array + high.sum(axis=1))


def _accumulator(shape: Sequence[int], bounds: Range, partial: Range) -> Result:
    """A sum in [bounds], in a type that also holds every partial sum."""
    dtype = IntType.covering(partial.min, partial.max, ACCUMULATOR_BITS)
    return Result(TensorType(tuple(shape), dtype), bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conv2d(Op):
    """Convolution of x [n, h, w, ic] with w [oc, kh, kw, ic / groups], bias b [oc] -> accumulators [n, oh, ow, oc].

    Depthwise is groups == ic. `padding` is (top, left, bottom, right); padded places hold `pad_value`, x's zero point.
    """

    strides: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilations: tuple[int, int] = (1, 1)
    groups: int = 1
    pad_value: int = 0

    def verify(self, operands: Sequence[Value]) -> list[str]:
        x, w, b = operands
        problems: list[str] = []
        if len(x.shape) != 4 or len(w.shape) != 4:
            return ["conv2d wants x [n,h,w,c] and w [oc,kh,kw,ic]"]
        if w.data is None or b.data is None:
            problems.append("conv2d wants constant weights and bias")
        if x.shape[3] != w.shape[3] * self.groups or w.shape[0] % self.groups:
            problems.append(f"channels {x.shape[3]} and weights {w.shape} do not agree with {self.groups} groups")
        if b.shape != (w.shape[0],):
            problems.append(f"bias {b.shape} does not agree with {w.shape[0]} output channels")
        if min(*self.strides, *self.dilations, self.groups) < 1 or min(self.padding) < 0:
            problems.append("strides, dilations and groups are at least 1, padding at least 0")
        elif min(self.output_size(x.shape, w.shape)) < 1:
            problems.append("the kernel is larger than the padded input")
        return problems

    def output_size(self, x_shape: Sequence[int], w_shape: Sequence[int]) -> tuple[int, int]:
        """Output height and width."""
        top, left, bottom, right = self.padding
        height = x_shape[1] + top + bottom - (w_shape[1] - 1) * self.dilations[0] - 1
        width = x_shape[2] + left + right - (w_shape[2] - 1) * self.dilations[1] - 1
        return height // self.strides[0] + 1, width // self.strides[1] + 1

    def _bounds(self, operands: Sequence[Value], partial: bool) -> Range:
        x, w, b = operands
        assert w.data is not None and b.data is not None
        bounds = x.range
        if any(self.padding):
            lo, hi = x.range.channels(x.shape[3])
            bounds = Range.of_arrays(np.minimum(lo, self.pad_value), np.maximum(hi, self.pad_value))
        return _dot_range(_Same(w.data), _Same(b.data), bounds, self.groups, partial)

    def partial_range(self, operands: Sequence[Value]) -> Range:
        """Bounds of every partial sum, terms taken in any order, the bias first."""
        return self._bounds(operands, True)

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x, w, _ = operands
        shape = (x.shape[0], *self.output_size(x.shape, w.shape), w.shape[0])
        return (_accumulator(shape, self._bounds(operands, False), self.partial_range(operands)),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, w, b = operands
        oc, kh, kw, icg = w.shape
        top, left, bottom, right = self.padding
        oh, ow = self.output_size(x.shape, w.shape)
        padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=self.pad_value)
        acc = np.broadcast_to(b, (x.shape[0], oh, ow, oc)).copy()
        ocg = oc // self.groups
        (sh, sw), (dh, dw) = self.strides, self.dilations
        for i in range(kh):
            for j in range(kw):
                rows = slice(i * dh, i * dh + (oh - 1) * sh + 1, sh)
                columns = slice(j * dw, j * dw + (ow - 1) * sw + 1, sw)
                tap = padded[:, rows, columns, :].reshape(x.shape[0], oh, ow, self.groups, icg)
                taps = w[:, i, j, :].reshape(self.groups, ocg, icg)
                if icg == 1:  # depthwise: an outer product per group
                    acc += (tap * taps[:, :, 0]).reshape(acc.shape)
                elif self.groups == 1:
                    acc += tap[:, :, :, 0, :] @ taps[0].T
                else:
                    acc += np.einsum("nhwgi,goi->nhwgo", tap, taps).reshape(acc.shape)
        return (acc,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dense(Op):
    """x [..., k] times constant w [oc, k], plus bias b [oc] -> accumulators [..., oc]."""

    def verify(self, operands: Sequence[Value]) -> list[str]:
        x, w, b = operands
        if w.data is None or b.data is None:
            return ["dense wants constant weights and bias"]
        if not x.shape or len(w.shape) != 2 or x.shape[-1] != w.shape[1] or b.shape != (w.shape[0],):
            return [f"dense shapes do not agree: x {x.shape}, w {w.shape}, b {b.shape}"]
        return []

    def _bounds(self, operands: Sequence[Value], partial: bool) -> Range:
        x, w, b = operands
        assert w.data is not None and b.data is not None
        return _dot_range(_Same(w.data), _Same(b.data), x.range, 1, partial)

    def partial_range(self, operands: Sequence[Value]) -> Range:
        """Bounds of every partial sum, terms taken in any order, the bias first."""
        return self._bounds(operands, True)

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x, w, _ = operands
        shape = (*x.shape[:-1], w.shape[0])
        return (_accumulator(shape, self._bounds(operands, False), self.partial_range(operands)),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, w, b = operands
        return (x @ w.T + b,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatMul(Op):
    """(a - a_zero) [..., m, k] times (b - b_zero) [..., k, n], both activations, leading axes broadcast."""

    a_zero: int = 0
    b_zero: int = 0

    def verify(self, operands: Sequence[Value]) -> list[str]:
        a, b = operands
        if len(a.shape) < 2 or len(b.shape) < 2 or a.shape[-1] != b.shape[-2]:
            return [f"matmul shapes do not agree: {a.shape} and {b.shape}"]
        return []

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        a, b = operands
        terms = [
            (u - self.a_zero) * (v - self.b_zero)
            for u in (a.range.min, a.range.max)
            for v in (b.range.min, b.range.max)
        ]
        k = a.shape[-1]
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        bounds = Range.whole(k * min(terms), k * max(terms))
        return (Result.covering((*batch, a.shape[-2], b.shape[-1]), bounds, ACCUMULATOR_BITS),)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        a, b = operands
        return ((a - self.a_zero) @ (b - self.b_zero),)
