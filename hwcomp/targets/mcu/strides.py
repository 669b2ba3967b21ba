"""Strided access over dense arrays, as hwc_strided_t and hwc_binary_t have it. In elements."""

from __future__ import annotations

from collections.abc import Sequence

MAX_DIMS = 6
"""HWC_MAX_DIMS of firmware/include/hwc_types.h."""

Ints = tuple[int, ...]


def row_major(shape: Sequence[int]) -> Ints:
    """Elements from one index to the next along each axis of a dense array."""
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


def merge_dims(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> tuple[Ints, tuple[Ints, ...]]:
    """The least axes that visit the same elements in the same order; at least one axis.

    Axes of size 1 go; two neighbours become one where, for every array, the outer stride is the inner one's length.
    """
    dims: list[int] = []
    kept: list[list[int]] = [[] for _ in strides]
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        steps = [s[axis] for s in strides]
        if dims and all(k[-1] == size * step for k, step in zip(kept, steps, strict=True)):
            dims[-1] *= size
            for k, step in zip(kept, steps, strict=True):
                k[-1] = step
        else:
            dims.append(size)
            for k, step in zip(kept, steps, strict=True):
                k.append(step)
    if not dims:
        return (1,), tuple((1,) for _ in strides)
    return tuple(dims), tuple(tuple(k) for k in kept)
