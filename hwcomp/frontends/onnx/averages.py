"""Averages over windows: exact integer sums, and the number of elements that each window holds."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.frontends.onnx.dot import activation, as_image, from_image
from hwcomp.frontends.onnx.expressions import Elementwise, Held
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.spatial import Window, whole_window, window_of
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.elementwise import Mul
from hwcomp.ir.ops.reduce import SumPool2d
from hwcomp.ir.types import IntArray, IntType
from hwcomp.prove.terms_onnx import Accumulated


def pool_window(node: Node, shape: tuple[int, ...]) -> Window:
    """The window of a pool over x [n, c, (h,) w].

    Raises: HWC101 another rank, HWC219 no kernel_shape, and as `window_of`.
    """
    if len(shape) not in (3, 4):
        raise node.fail("HWC101", f"a pool over rank {len(shape)}", "pool over 1 or 2 spatial dimensions")
    kernel = node.integers("kernel_shape")
    if kernel is None:
        raise node.fail("HWC219", "attribute 'kernel_shape' is missing", "export the model again")
    return window_of(node, kernel, shape[2:])


def summed(walk: Walk, node: Node, x: Held, zero: int, window: Window) -> Held:
    """Sums of raw integers over windows; padded places hold the zero point."""
    image = as_image(walk, node, x)
    op = SumPool2d(
        name=node.loc.node, inputs=(image.name,), outputs=(node.outputs[0],), loc=node.loc, kernel=window.kernel,
        strides=window.strides, padding=window.padding, dilations=window.dilations, pad_value=zero,
    )  # fmt: skip
    return from_image(walk, node, walk.emit(node, op), x, window, x.shape[1])


def averaged(y: Held, scale: float, zero: int, count: int, divisor: int) -> Elementwise:
    """The expression of (sum of `count` raw integers - count * zero) * scale / divisor."""
    return Elementwise(Accumulated(0, (-count * zero,), (scale,), (0.0,), divisor), (y,))


def average_pool(walk: Walk, node: Node) -> None:
    x, scale, zero = activation(walk, node, 0)
    walk.put(node, average(walk, node, x, scale, zero))


def average(walk: Walk, node: Node, x: Held, scale: float, zero: int) -> Elementwise:
    """Average over windows.

    Windows at the border may count fewer elements. Each sum (a padded place adds nothing to it) is then multiplied by
    m / its count, m the least common multiple of all counts, so that all are divided by m.

    Raises: HWC101 a window that holds no element.
    """
    window = pool_window(node, x.shape)
    counts = _counts(window, x.shape[2:], bool(node.integer("count_include_pad", 0)))
    if int(counts.min()) == 0:
        raise node.fail("HWC101", "a window lies in the padding alone", "use smaller pads, or count_include_pad")
    sums, taps = summed(walk, node, x, zero, window), math.prod(window.kernel)
    found = {int(count) for count in counts.ravel()}
    if len(found) == 1:
        return averaged(sums, scale, zero, taps, found.pop())
    multiple = math.lcm(*found)
    weights = (multiple // counts).reshape(1, *(size for size in window.output[4 - len(x.shape) :]), 1)
    constant = walk.builder.constant(
        f"{node.outputs[0]}.weights", weights, IntType.covering(int(weights.min()), int(weights.max()))
    )
    op = Mul(
        name=node.loc.node, inputs=(sums.name, constant), outputs=(node.outputs[0],), loc=node.loc, a_zero=taps * zero
    )
    y = Held(walk.emit(node, op), sums.shape, sums.perm)
    return averaged(y, scale, 0, 0, multiple)


def _counts(window: Window, size: tuple[int, ...], with_padding: bool) -> IntArray:
    """How many elements each window counts, int64 [out_height, out_width].

    Places that ceil_mode adds past the declared padding never count. ONNX Runtime counts so in every case.
    """
    sides = (1, *size) if len(size) == 1 else size
    lines: list[IntArray] = []
    for axis, length in enumerate(sides):
        before, after = window.padding[axis], window.padding[axis + 2] - window.overhang[axis]
        low, high = (-before, length + after) if with_padding else (0, length)
        first = np.arange(window.output[axis]) * window.strides[axis] - before
        places = first[:, None] + np.arange(window.kernel[axis]) * window.dilations[axis]
        lines.append(((low <= places) & (places < high)).sum(axis=1))
    counts: IntArray = np.outer(lines[0], lines[1]).astype(np.int64)
    return counts


def global_average_pool(walk: Walk, node: Node) -> None:
    x, scale, zero = activation(walk, node, 0)
    walk.put(node, global_average(walk, node, x, scale, zero))


def global_average(walk: Walk, node: Node, x: Held, scale: float, zero: int) -> Elementwise:
    """Average over all spatial dimensions, kept as 1."""
    window = whole_window(node, x.shape)
    count = math.prod(x.shape[2:])
    return averaged(summed(walk, node, x, zero, window), scale, zero, count, count)
