"""Pad and Resize."""

from __future__ import annotations

import numpy as np

from hwcomp.frontends.onnx import layout
from hwcomp.frontends.onnx.expressions import AnyTensor, Constant, Held, QuantConstant
from hwcomp.frontends.onnx.movement import moved, pad_level, put_slice
from hwcomp.frontends.onnx.parameters import axis_in
from hwcomp.frontends.onnx.source import Array, Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.layout import Resize

_REPEAT = "export the model again"
_MODES = {"reflect": "reflect", "edge": "edge", "wrap": "wrap"}


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
            indices = np.pad(np.arange(size), width, mode=mode)  # type: ignore[call-overload]
            x = taken(walk, node, x, axis, indices)
    return x


def taken(walk: Walk, node: Node, x: AnyTensor, axis: int, indices: Array) -> AnyTensor:
    """Elements `indices` along one axis."""
    picked = [int(i) for i in indices]  # type: ignore[call-overload]
    return moved(
        walk, node, x, lambda h: layout.gather(walk, node, h, axis, picked), lambda a: np.take(a, picked, axis=axis)
    )


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
    still = all(len(x.shape) == 4 and np.array_equal(tables[i], np.arange(x.shape[i])) for i in (0, 1)[: len(x.shape)])

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


def nearest(
    node: Node, size: int, out: int, scale: float, coordinate: str, rounding: str
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Which of `size` elements each of `out` is, in float32 as ONNX Runtime computes it.

    Source: the ONNX specification of Resize; microsoft/onnxruntime `core/providers/cpu/tensor/upsamplebase.h`.
    """
    i, one, half = np.arange(out, dtype=np.float32), np.float32(1), np.float32(0.5)
    s = np.float32(scale)
    if scale == 1.0 and out == size:
        return np.arange(size)
    match coordinate:
        case "asymmetric":
            x = i / s
        case "half_pixel":
            x = (i + half) / s - half
        case "pytorch_half_pixel":
            x = (i + half) / s - half if out > 1 else i * 0
        case "tf_half_pixel_for_nn":
            x = (i + half) / s
        case "align_corners":
            x = i * 0 if out == 1 else i * np.float32(size - 1) / np.float32(out - 1)
        case "half_pixel_symmetric":
            adjustment = np.float32(out) / (s * np.float32(size))
            offset = np.float32(size) / np.float32(2) * (one - adjustment)
            x = offset + (i + half) / s - half
        case _:
            raise node.fail("HWC101", f"coordinate_transformation_mode '{coordinate}'", "use 'half_pixel'")
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
    return np.clip(index, 0, size - 1).astype(np.int64)
