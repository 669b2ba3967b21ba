"""Dot operators by floating-point matrix products that are exact: the fast path beside the obvious `evaluate`.

A float64 holds every integer below 2^53. Where all terms, and so all partial sums in any order, stay below that, a BLAS
product of integers in float64 is the integer product, some 50 times faster than numpy's int64 matmul. Tested equal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.types import IntArray, Value

EXACT_BELOW = 1 << 53


def evaluate_fast(op: Op, operands: Sequence[Value], arrays: Sequence[IntArray]) -> tuple[IntArray, ...] | None:
    """`op.evaluate(*arrays)` for the dot operators whose proved ranges allow it, None for all others."""
    if isinstance(op, Dense) and _bound(operands) < EXACT_BELOW:
        x, w, b = arrays
        return (_product(x, w.T) + b,)
    if isinstance(op, MatMul):
        left, right = (
            max(abs(value.range.min - zero), abs(value.range.max - zero))
            for value, zero in zip(operands, (op.a_zero, op.b_zero), strict=True)
        )
        if left * right * operands[0].shape[-1] < EXACT_BELOW:
            return (_product(arrays[0] - op.a_zero, arrays[1] - op.b_zero),)
    if isinstance(op, Conv2d) and op.groups == 1 and _bound(operands, op.pad_value) < EXACT_BELOW:
        return (_convolution(op, *arrays),)
    return None


def _bound(operands: Sequence[Value], pad_value: int = 0) -> int:
    """A bound of |bias| + sum |w * x| over all rows of the weights."""
    x, w, b = operands
    assert w.data is not None and b.data is not None
    largest = max(abs(x.range.min), abs(x.range.max), abs(pad_value))
    rows = np.abs(w.data).reshape(w.shape[0], -1).sum(axis=1)
    return int(rows.max()) * largest + int(np.abs(b.data).max())


def _product(a: IntArray, b: IntArray) -> IntArray:
    exact: NDArray[np.float64] = a.astype(np.float64) @ b.astype(np.float64)
    return exact.astype(np.int64)


def _convolution(op: Conv2d, x: IntArray, w: IntArray, b: IntArray) -> IntArray:
    """One product of the patches [n * oh * ow, kh * kw * ic] (im2col) with the weights [kh * kw * ic, oc]."""
    oc, kh, kw, ic = w.shape
    top, left, bottom, right = op.padding
    oh, ow = op.output_size(x.shape, w.shape)
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=op.pad_value)
    patches = np.empty((x.shape[0], oh, ow, kh, kw, ic), np.float64)
    (sh, sw), (dh, dw) = op.strides, op.dilations
    for i in range(kh):
        for j in range(kw):
            rows = slice(i * dh, i * dh + (oh - 1) * sh + 1, sh)
            columns = slice(j * dw, j * dw + (ow - 1) * sw + 1, sw)
            patches[:, :, :, i, j, :] = padded[:, rows, columns, :]
    exact = patches.reshape(-1, kh * kw * ic) @ w.reshape(oc, -1).T.astype(np.float64)
    acc: IntArray = exact.astype(np.int64).reshape(x.shape[0], oh, ow, oc) + b
    return acc
