"""Pad."""

from __future__ import annotations

from typing import Literal

import numpy as np

from hwcomp.frontends.onnx import layout
from hwcomp.frontends.onnx.expressions import AnyTensor, Constant, QuantConstant
from hwcomp.frontends.onnx.movement import moved, pad_level, put_slice
from hwcomp.frontends.onnx.parameters import axis_in
from hwcomp.frontends.onnx.source import Array, Node
from hwcomp.frontends.onnx.walk import Walk

_REPEAT = "export the model again"
_MODES: dict[str, Literal["reflect", "edge", "wrap"]] = {"reflect": "reflect", "edge": "edge", "wrap": "wrap"}


def pad(walk: Walk, node: Node) -> None:
    """Pad: constant, reflect, edge or wrap; a negative pad cuts."""
    x = walk.tensor(node, 0)
    before, after = _amounts(walk, node, len(x.shape))
    if any(p < 0 for p in (*before, *after)):
        ranges = [range(max(-b, 0), size - max(-a, 0)) for b, size, a in zip(before, x.shape, after, strict=True)]
        put_slice(walk, node, x, ranges)
        x = walk.tensors[node.outputs[0]]
        before, after = ([max(p, 0) for p in side] for side in (before, after))
    walk.check_size(node, [b + s + a for b, s, a in zip(before, x.shape, after, strict=True)])
    mode = node.text("mode", "constant")
    widths = list(zip(before, after, strict=True))
    if mode in _MODES:
        walk.put(node, _mirrored(walk, node, x, widths, mode))
        return
    if mode != "constant":
        raise node.fail("HWC219", f"pad mode '{mode}'", _REPEAT)
    if not any(map(any, widths)):
        walk.put(node, x)
        return
    value = _value(walk, node)
    if isinstance(x, (Constant, QuantConstant)):
        array = x.array if isinstance(x, Constant) else x.floats
        walk.put(node, Constant(np.pad(array, widths, constant_values=value), getattr(x, "type_name", "FLOAT")))
        return
    level = pad_level(walk, node, x, value)
    walk.put(node, moved(
        walk, node, x, lambda h: layout.pad(walk, node, h, before, after, level), lambda a: np.pad(a, widths)
    ))  # fmt: skip


def _amounts(walk: Walk, node: Node, rank: int) -> tuple[list[int], list[int]]:
    given = walk.integers(node, 1) if node.version >= 11 else node.integers("pads") or ()
    axes = walk.integers(node, 3) if node.version >= 18 and walk.has(node, 3) else tuple(range(rank))
    if len(given) != 2 * len(axes):
        raise node.fail("HWC214", f"{len(given)} pads for {len(axes)} axes", _REPEAT)
    before, after = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        before[axis_in(node, axis, rank)] = given[i]
        after[axis_in(node, axis, rank)] = given[i + len(axes)]
    return before, after


def _value(walk: Walk, node: Node) -> float:
    if node.version < 11:
        return node.number("value", 0.0)
    if not walk.has(node, 2):
        return 0.0
    array = walk.constant(node, 2)
    if array.size != 1 or not np.isfinite(array).all():
        raise node.fail("HWC221", "its pad value is no finite number", _REPEAT)
    return float(array.reshape(-1)[0])


def _mirrored(walk: Walk, node: Node, x: AnyTensor, widths: list[tuple[int, int]], mode: str) -> AnyTensor:
    for axis, width in enumerate(widths):
        if any(width):
            size = x.shape[axis]
            if mode == "reflect" and max(width) >= size:
                raise node.fail("HWC208", f"it reflects {max(width)} of {size} elements", _REPEAT)
            walk.check_bound(node, (size + sum(width),))
            indices = np.pad(np.arange(size), width, mode=_MODES[mode])
            x = taken(walk, node, x, axis, indices)
    return x


def taken(walk: Walk, node: Node, x: AnyTensor, axis: int, indices: Array) -> AnyTensor:
    """Elements `indices` along one axis."""
    picked = [int(i) for i in indices]
    return moved(
        walk, node, x, lambda h: layout.gather(walk, node, h, axis, picked), lambda a: np.take(a, picked, axis=axis)
    )
