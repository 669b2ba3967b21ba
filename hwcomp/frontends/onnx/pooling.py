"""Greatest elements, which commute with dequantising, and reductions, whose sums become exact integer sums."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from hwcomp.frontends.onnx import layout
from hwcomp.frontends.onnx.averages import averaged, pool_window, summed
from hwcomp.frontends.onnx.dot import activation, as_image, from_image
from hwcomp.frontends.onnx.expressions import (
    AnyTensor,
    Constant,
    Deferred,
    Elementwise,
    Held,
    QuantConstant,
    weight,
)
from hwcomp.frontends.onnx.parameters import axis_in
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.spatial import Window, whole_window
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.elementwise import Sub
from hwcomp.ir.ops.reduce import ArgMax, MaxPool2d, ReduceMax, ReduceSum
from hwcomp.ir.types import S8
from hwcomp.prove.terms_onnx import Dequantised


class Selection(Protocol):
    """A choice of greatest elements of an integer tensor, and the shape of its result."""

    def __call__(self, x: Held) -> Held: ...

    def shape_of(self, shape: tuple[int, ...]) -> tuple[int, ...]: ...


def greatest(walk: Walk, node: Node, x: AnyTensor, move: Selection) -> AnyTensor:
    """A choice of greatest elements by `move`, of integers, or of a float expression that does not decrease in them."""
    if isinstance(x, Held):
        return move(x)
    if isinstance(x, Elementwise) and len(x.sources) == 1 and x.term.nondecreasing:
        y = move(x.sources[0])
        if x.axis is None:
            return Elementwise(x.term, (y,), None, x.weight)
        if len(y.shape) == len(x.shape) and y.shape[x.axis] == x.shape[x.axis]:
            return Elementwise(x.term, (y,), x.axis, x.weight)
    if isinstance(x, (Constant, QuantConstant)):
        raise walk.floating(node, node.inputs[0])
    return Deferred((x,), lambda parts: move(parts[0]), move.shape_of(x.shape), False, weight(x) + 1)


def max_pool(walk: Walk, node: Node) -> None:
    x = walk.tensor(node, 0)
    if len([o for o in node.outputs if o]) > 1:
        raise node.fail("HWC101", "its indices are used", "use MaxPool without indices")
    window = pool_window(node, x.shape)
    walk.put(node, greatest(walk, node, x, _Pooling(walk, node, window)))


class _Pooling:
    """MaxPool as a move of integer tensors."""

    def __init__(self, walk: Walk, node: Node, window: Window) -> None:
        self.walk, self.node, self.window = walk, node, window

    def shape_of(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*shape[:2], *self.window.output[-(len(shape) - 2) :])

    def __call__(self, x: Held) -> Held:
        walk, node, window = self.walk, self.node, self.window
        image = as_image(walk, node, x)
        op = MaxPool2d(
            name=node.loc.node, inputs=(image.name,), outputs=(node.outputs[0],), loc=node.loc,
            kernel=window.kernel, strides=window.strides, padding=window.padding, dilations=window.dilations,
        )  # fmt: skip
        return from_image(walk, node, walk.emit(node, op), x, window, x.shape[1])


def global_max_pool(walk: Walk, node: Node) -> None:
    x = walk.tensor(node, 0)
    walk.put(node, greatest(walk, node, x, _Pooling(walk, node, whole_window(node, x.shape))))


def _axes(walk: Walk, node: Node, rank: int, since: int) -> tuple[int, ...]:
    given = walk.integers(node, 1) if node.version >= since and walk.has(node, 1) else None
    given = given if node.version >= since else node.integers("axes")
    if not given:
        return () if node.integer("noop_with_empty_axes", 0) else tuple(range(rank))
    return tuple(sorted({axis_in(node, axis, rank) for axis in given}))


def reduce_sum(mean: bool) -> Callable[[Walk, Node], None]:
    """The handler of ReduceSum or ReduceMean."""

    def handler(walk: Walk, node: Node) -> None:
        found = walk.tensor(node, 0)
        if isinstance(found, Constant):
            raise walk.floating(node, node.inputs[0])
        x, scale, zero = activation(walk, node, 0)
        rank, keep = len(x.shape), bool(node.integer("keepdims", 1))
        axes = _axes(walk, node, rank, 18 if mean else 13)
        count = math.prod(x.shape[axis] for axis in axes)
        if axes == (2, 3) and rank == 4:
            y = summed(walk, node, x, zero, whole_window(node, x.shape))
            y = y if keep else layout.reshape(walk, node, y, x.shape[:2])
        else:
            y = _reduced(walk, node, x, axes, keep)
        walk.put(node, averaged(y, scale, zero, count, count if mean else 1))

    return handler


def _reduced(walk: Walk, node: Node, x: Held, axes: Sequence[int], keep: bool) -> Held:
    x = layout.plain(walk, node, x)
    op = ReduceSum(
        name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc, axes=tuple(axes), keepdims=keep
    )
    name = walk.emit(node, op)
    return Held.plain(name, walk.builder.value(name).shape)


def negated(walk: Walk, node: Node, x: Held) -> Held:
    """0 - x, in integers."""
    zero = walk.builder.constant(f"{node.outputs[0]}.zero", np.zeros((), np.int64), S8)
    op = Sub(name=node.loc.node, inputs=(zero, x.name), outputs=(node.outputs[0],), loc=node.loc)
    return Held(walk.emit(node, op), x.shape, x.perm)


class _Reducing:
    """ReduceMax as a move of integer tensors; `least`: ReduceMin, by the greatest of what is negated."""

    def __init__(self, walk: Walk, node: Node, axes: tuple[int, ...], keep: bool, least: bool) -> None:
        self.walk, self.node, self.axes, self.keep, self.least = walk, node, axes, keep, least

    def shape_of(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        probe = np.broadcast_to(np.zeros((), np.int8), shape)
        return tuple(np.max(probe, axis=self.axes, keepdims=self.keep).shape)

    def __call__(self, x: Held) -> Held:
        walk, node = self.walk, self.node
        x = layout.plain(walk, node, negated(walk, node, x) if self.least else x)
        op = ReduceMax(
            name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc, axes=self.axes,
            keepdims=self.keep,
        )  # fmt: skip
        y = Held.plain(walk.emit(node, op), self.shape_of(x.shape))
        return negated(walk, node, y) if self.least else y


def reduce_extreme(least: bool) -> Callable[[Walk, Node], None]:
    """The handler of ReduceMin or ReduceMax."""

    def handler(walk: Walk, node: Node) -> None:
        x = walk.tensor(node, 0)
        axes = _axes(walk, node, len(x.shape), 18)
        move = _Reducing(walk, node, axes, bool(node.integer("keepdims", 1)), least)
        walk.put(node, greatest(walk, node, x, move))

    return handler


def arg_extreme(least: bool) -> Callable[[Walk, Node], None]:
    """The handler of ArgMin or ArgMax."""
    return lambda walk, node: _arg_extreme(walk, node, least)


def _arg_extreme(walk: Walk, node: Node, least: bool) -> None:
    """The index of the greatest or least element; dequantising keeps the order."""
    x = walk.tensor(node, 0)
    if isinstance(x, Elementwise):
        exact = x.term.nondecreasing and x.term.channels == 1 and isinstance(x.term, Dequantised)
        x = x.sources[0] if exact else x
    if not isinstance(x, Held):
        raise walk.floating(node, node.inputs[0])
    axis = axis_in(node, node.integer("axis", 0), len(x.shape))
    keep = bool(node.integer("keepdims", 1))
    x = layout.plain(walk, node, negated(walk, node, x) if least else x)
    op = ArgMax(
        name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc, axis=axis, keepdims=keep,
        select_last=bool(node.integer("select_last_index", 0)),
    )  # fmt: skip
    name = walk.emit(node, op)
    walk.put(node, Held.plain(name, walk.builder.value(name).shape))
