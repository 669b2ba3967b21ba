"""Resize and Upsample by nearest neighbour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwcomp.frontends.onnx import layout
from hwcomp.frontends.onnx.expressions import Held
from hwcomp.frontends.onnx.movement import moved
from hwcomp.frontends.onnx.parameters import axis_in
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.layout import Resize
from hwcomp.ir.types import IntArray

_REPEAT = "export the model again"


def resize(walk: Walk, node: Node) -> None:
    """Resize and Upsample by nearest neighbour."""
    x = walk.tensor(node, 0)
    mode = node.text("mode", "nearest")
    if mode != "nearest":
        raise node.fail("HWC101", f"mode '{mode}' is not lowered", "resize with mode 'nearest'")
    if node.integer("antialias", 0) or node.text("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise node.fail("HWC101", "antialias or keep_aspect_ratio_policy", "resize with plain nearest neighbour")
    axes, scales, sizes = _targets(walk, node, x.shape)
    coordinate = node.text("coordinate_transformation_mode", "half_pixel")
    rounding = node.text("nearest_mode", "round_prefer_floor")
    if node.version < 11 or node.op_type == "Upsample":
        coordinate, rounding = "asymmetric", "floor"
    walk.check_size(node, sizes)
    tables = [
        nearest(node, n, out, scale, coordinate, rounding) if axis in axes else np.arange(n)
        for axis, (n, out, scale) in enumerate(zip(x.shape, sizes, scales, strict=True))
    ]
    still = len(x.shape) == 4 and all(np.array_equal(tables[i], np.arange(x.shape[i])) for i in (0, 1))

    def move(h: Held) -> Held:
        if not still:
            for axis, table in enumerate(tables):
                h = layout.gather(walk, node, h, axis, table.tolist())
            return h
        image = layout.arranged(walk, node, h, layout.NHWC)
        op = Resize(
            name=node.loc.node, inputs=(image.name,), outputs=(node.outputs[0],), loc=node.loc,
            rows=tuple(tables[2].tolist()), columns=tuple(tables[3].tolist()),
        )  # fmt: skip
        return Held(walk.emit(node, op), (*x.shape[:2], len(tables[2]), len(tables[3])), layout.NHWC)

    walk.put(node, moved(walk, node, x, move, lambda a: a[np.ix_(*tables)]))


def _targets(
    walk: Walk, node: Node, shape: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[float, ...], tuple[int, ...]]:
    """The axes resized, the scale of each axis of x and the size of each axis of the result."""
    at_scales, at_sizes = (1, 99) if node.op_type == "Upsample" or node.version < 11 else (2, 3)
    rank = len(shape)
    axes = tuple(axis_in(node, a, rank) for a in node.integers("axes") or range(rank))
    scales, sizes = [1.0] * rank, list(shape)
    if walk.has(node, at_sizes):
        wanted = walk.integers(node, at_sizes)
        if len(wanted) != len(axes) or min(wanted) < 1:
            raise node.fail("HWC208", f"sizes {wanted} for {len(axes)} axes", _REPEAT)
        for axis, size in zip(axes, wanted, strict=True):
            scales[axis], sizes[axis] = float(np.float32(size) / np.float32(shape[axis])), size
        return axes, tuple(scales), tuple(sizes)
    given = np.asarray(walk.constant(node, at_scales), np.float64).reshape(-1)
    if given.size != len(axes) or not np.isfinite(given).all() or (given <= 0).any() or (given > 1 << 20).any():
        raise node.fail("HWC208", "its scales are not positive finite numbers, one for each axis", _REPEAT)
    for axis, scale in zip(axes, given.tolist(), strict=True):
        scales[axis], sizes[axis] = scale, int(np.floor(np.float32(scale) * np.float32(shape[axis])))
    return axes, tuple(scales), tuple(sizes)


def nearest(node: Node, size: int, out: int, scale: float, coordinate: str, rounding: str) -> IntArray:
    """Which of `size` elements each of `out` is, in float32 as ONNX Runtime computes it.

    Source: the ONNX specification of Resize; microsoft/onnxruntime `core/providers/cpu/tensor/upsamplebase.h`.
    """
    if scale == 1.0 and out == size:
        return np.arange(size)
    x = _coordinates(node, size, out, np.float32(scale), coordinate)
    half = np.float32(0.5)
    down = np.floor(x)
    match rounding:
        case "round_prefer_floor":
            index = np.where(x == down + half, down, np.floor(x + half))
        case "round_prefer_ceil":
            index = np.floor(x + half)
        case "floor":
            index = down
        case "ceil":
            index = np.ceil(x)
        case _:
            raise node.fail("HWC219", f"nearest_mode '{rounding}'", _REPEAT)
    return np.asarray(np.clip(index, 0, size - 1), np.int64)


def _coordinates(node: Node, size: int, out: int, scale: np.float32, mode: str) -> NDArray[np.float32]:
    """Where each of `out` elements lies in the source."""
    i, half = np.arange(out, dtype=np.float32), np.float32(0.5)
    middle = (i + half) / scale
    match mode:
        case "asymmetric":
            x = i / scale
        case "half_pixel":
            x = middle - half
        case "pytorch_half_pixel":
            x = middle - half if out > 1 else i * 0
        case "tf_half_pixel_for_nn":
            x = middle
        case "align_corners":
            x = i * 0 if out == 1 else i * np.float32(size - 1) / np.float32(out - 1)
        case "half_pixel_symmetric":
            adjustment = np.float32(out) / (scale * np.float32(size))
            x = np.float32(size) / np.float32(2) * (np.float32(1) - adjustment) + middle - half
        case _:
            raise node.fail("HWC101", f"coordinate_transformation_mode '{mode}'", "use 'half_pixel'")
    return np.asarray(x, np.float32)
