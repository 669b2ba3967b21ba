"""Operators that move elements: they commute with dequantising, so the integers are moved."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hwcomp.frontends.onnx import layout
from hwcomp.frontends.onnx.expressions import (
    AnyTensor,
    Constant,
    Deferred,
    Elementwise,
    FloatTensor,
    Held,
    Normalised,
    QuantConstant,
    weight,
)  # fmt: skip
from hwcomp.frontends.onnx.parameters import axis_in
from hwcomp.frontends.onnx.quantise import per_tensor_level
from hwcomp.frontends.onnx.source import Array, Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.layout import DepthOrder, DepthToSpace
from hwcomp.ir.types import IntArray
from hwcomp.prove.terms_onnx import Dequantised

Move = Callable[[Held], Held]
NumpyMove = Callable[[Array], Array]
_REPEAT = "export the model again"


def moved(walk: Walk, node: Node, x: AnyTensor, move: Move, numpy_move: NumpyMove) -> AnyTensor:
    """x with its elements moved: `move` on integers of the graph, `numpy_move` the same on arrays."""
    match x:
        case Held():
            return move(x)
        case Constant():
            return Constant(numpy_move(x.array), x.type_name)
        case QuantConstant():
            return _moved_constant(x, numpy_move)
        case Elementwise():
            return _moved_term(x, move, numpy_move)
        case _:
            return _later(x, move, numpy_move)


def _later(x: FloatTensor, move: Move, numpy_move: NumpyMove) -> Deferred:
    shape = numpy_move(np.broadcast_to(np.zeros((), np.int8), x.shape)).shape
    return Deferred((x,), lambda parts: move(parts[0]), shape, not isinstance(x, Normalised), weight(x) + 1)


def _moved_constant(x: QuantConstant, numpy_move: NumpyMove) -> AnyTensor:
    levels: IntArray = np.asarray(numpy_move(x.levels), np.int64)
    if x.quantization.per_tensor:
        return QuantConstant(levels, x.quantization)
    count = len(x.quantization.scales)
    found = moved_axis(x.along(tuple(range(count)), np.int64), x.shape, numpy_move)
    if found is None:
        return Constant(np.asarray(numpy_move(x.floats), np.float32), "FLOAT")
    axis, picked = found
    scales, zeros = (tuple(v[i] for i in picked) for v in (x.quantization.scales, x.quantization.zeros))
    # mypy does not see that unpacking a generator of two tuples keeps their element types.
    return QuantConstant(levels, replace(x.quantization, scales=scales, zeros=zeros, axis=axis))  # type: ignore[arg-type]


def _moved_term(x: Elementwise, move: Move, numpy_move: NumpyMove) -> FloatTensor:
    if x.term.channels == 1 or x.axis is None:
        return replace(x, sources=tuple(move(s) for s in x.sources))
    numbers = np.arange(x.term.channels).reshape([-1 if i == x.axis else 1 for i in range(len(x.shape))])
    found = moved_axis(numbers, x.shape, numpy_move)
    if found is None:
        return _later(x, move, numpy_move)
    axis, picked = found
    return Elementwise(x.term.take(picked), tuple(move(s) for s in x.sources), axis, x.weight)


def moved_axis(numbers: Array, shape: tuple[int, ...], numpy_move: NumpyMove) -> tuple[int, tuple[int, ...]] | None:
    """Where a channel number goes: the axis of the result along which alone it changes, and the numbers along it."""
    placed = numpy_move(np.broadcast_to(numbers, shape))
    for axis in range(placed.ndim):
        line = np.moveaxis(placed, axis, 0).reshape(placed.shape[axis], -1)
        if line.size and (line == line[:, :1]).all():
            return axis, tuple(int(v) for v in line[:, 0])
    return None


def reshape_to(walk: Walk, node: Node, shape: tuple[int, ...]) -> None:
    """Put the first input under another shape."""
    x = walk.tensor(node, 0)
    if math.prod(shape) != math.prod(x.shape) or any(s < 0 for s in shape):
        raise node.fail("HWC214", f"shape {list(x.shape)} does not fill {list(shape)}", _REPEAT)
    walk.put(node, moved(walk, node, x, lambda h: layout.reshape(walk, node, h, shape), lambda a: a.reshape(shape)))


def reshape(walk: Walk, node: Node) -> None:
    x = walk.tensor(node, 0)
    wanted = list(walk.integers(node, 1))
    if not node.integer("allowzero", 0):
        wanted = [x.shape[i] if s == 0 and i < len(x.shape) else s for i, s in enumerate(wanted)]
    if wanted.count(-1) > 1 or any(s < -1 for s in wanted):
        raise node.fail("HWC208", f"its target shape is {wanted}", _REPEAT)
    if -1 in wanted:
        rest = math.prod(s for s in wanted if s != -1)
        wanted[wanted.index(-1)] = math.prod(x.shape) // rest if rest else 0
    reshape_to(walk, node, tuple(wanted))


def flatten(walk: Walk, node: Node) -> None:
    shape = walk.tensor(node, 0).shape
    axis = node.integer("axis", 1)
    split = len(shape) if axis == len(shape) else axis_in(node, axis, len(shape))
    reshape_to(walk, node, (math.prod(shape[:split]), math.prod(shape[split:])))


def _axes(walk: Walk, node: Node, since: int) -> tuple[int, ...] | None:
    """The `axes` of a node: an input from operator set `since` on, an attribute before."""
    if node.version >= since:
        return walk.integers(node, 1) if walk.has(node, 1) else None
    return node.integers("axes")


def squeeze(walk: Walk, node: Node) -> None:
    shape = walk.tensor(node, 0).shape
    axes = _axes(walk, node, 13)
    gone = {i for i, s in enumerate(shape) if s == 1} if axes is None else {axis_in(node, a, len(shape)) for a in axes}
    if any(shape[i] != 1 for i in gone):
        raise node.fail("HWC214", f"axes {sorted(gone)} of shape {list(shape)} are not all 1", _REPEAT)
    reshape_to(walk, node, tuple(s for i, s in enumerate(shape) if i not in gone))


def unsqueeze(walk: Walk, node: Node) -> None:
    shape = walk.tensor(node, 0).shape
    axes = _axes(walk, node, 13) or ()
    rank = len(shape) + len(axes)
    new = {axis_in(node, a, rank) for a in axes}
    rest = iter(shape)
    if len(new) != len(axes):
        raise node.fail("HWC216", f"axes {axes} repeat", _REPEAT)
    reshape_to(walk, node, tuple(1 if i in new else next(rest) for i in range(rank)))


def transpose(walk: Walk, node: Node) -> None:
    x = walk.tensor(node, 0)
    order = node.integers("perm") or tuple(reversed(range(len(x.shape))))
    if sorted(order) != list(range(len(x.shape))):
        raise node.fail("HWC216", f"perm {list(order)} does not order the axes of {list(x.shape)}", _REPEAT)
    walk.put(node, moved(walk, node, x, lambda h: layout.transpose(h, order), lambda a: np.transpose(a, order)))


def slice_(walk: Walk, node: Node) -> None:
    """Slice, its bounds as inputs or (operator set 9 and before) as attributes."""
    x = walk.tensor(node, 0)
    rank = len(x.shape)
    if node.version >= 10:
        starts, ends = walk.integers(node, 1), walk.integers(node, 2)
        axes = walk.integers(node, 3) if walk.has(node, 3) else tuple(range(len(starts)))
        steps = walk.integers(node, 4) if walk.has(node, 4) else (1,) * len(starts)
    else:
        starts, ends = node.integers("starts") or (), node.integers("ends") or ()
        axes, steps = node.integers("axes") or tuple(range(len(starts))), (1,) * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        raise node.fail("HWC219", "starts, ends, axes and steps do not agree", _REPEAT)
    picks = [slice(None)] * rank
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        stop = None if step < 0 and end < -x.shape[axis_in(node, axis, rank)] else end
        picks[axis_in(node, axis, rank)] = slice(start, stop, step)
    put_slice(walk, node, x, [range(size)[pick] for size, pick in zip(x.shape, picks, strict=True)])


def put_slice(walk: Walk, node: Node, x: AnyTensor, ranges: list[range], output: int = 0) -> None:
    """Make output number `output` the elements in `ranges`."""
    if any(len(r) == 0 for r in ranges) and not isinstance(x, Constant):
        raise node.fail("HWC208", "the slice is empty", _REPEAT)
    starts, steps = [r.start for r in ranges], [r.step for r in ranges]
    sizes = [len(r) for r in ranges]
    steps = [1 if size == 1 else step for size, step in zip(sizes, steps, strict=True)]
    result = moved(
        walk, node, x,
        lambda h: layout.window(walk, node, h, starts, sizes, steps),
        lambda a: a[tuple(slice(r.start, r.stop if r.stop >= 0 else None, r.step) for r in ranges)],
    )  # fmt: skip
    if node.outputs[output]:
        walk.tensors[node.outputs[output]] = result


def split(walk: Walk, node: Node) -> None:
    x = walk.tensor(node, 0)
    axis = axis_in(node, node.integer("axis", 0), len(x.shape))
    sizes = walk.integers(node, 1) if node.version >= 13 and walk.has(node, 1) else node.integers("split")
    if sizes is None:
        count = len(node.outputs)
        each = -(-x.shape[axis] // count)
        sizes = (*(each,) * (count - 1), x.shape[axis] - each * (count - 1))
    if len(sizes) != len(node.outputs) or sum(sizes) != x.shape[axis] or min(sizes) < 1:
        raise node.fail("HWC214", f"parts {list(sizes)} of axis {axis} of {list(x.shape)}", _REPEAT)
    start = 0
    for index, size in enumerate(sizes):
        ranges = [range(n) for n in x.shape]
        ranges[axis] = range(start, start + size)
        put_slice(walk, node, x, ranges, index)
        start += size


def gather(walk: Walk, node: Node) -> None:
    """Gather with constant indices."""
    x = walk.tensor(node, 0)
    axis = axis_in(node, node.integer("axis", 0), len(x.shape))
    found = walk.constant(node, 1)
    indices = np.where(found < 0, found + x.shape[axis], found)
    if found.dtype.kind not in "iu" or not ((indices >= 0) & (indices < x.shape[axis])).all():
        raise node.fail("HWC216", f"its indices leave axis {axis} of {list(x.shape)}", _REPEAT)
    walk.check_bound(node, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))
    if isinstance(x, Constant):
        walk.put(node, Constant(np.take(x.array, indices, axis=axis), x.type_name))
        return
    if indices.size == 0:
        raise node.fail("HWC208", "it gathers nothing", _REPEAT)
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    walk.check_size(node, shape)

    def move(h: Held) -> Held:
        return layout.reshape(walk, node, layout.gather(walk, node, h, axis, indices.reshape(-1).tolist()), shape)

    walk.put(node, moved(walk, node, x, move, lambda a: np.take(a, indices, axis=axis)))


def expand(walk: Walk, node: Node) -> None:
    x = walk.tensor(node, 0)
    wanted = walk.integers(node, 1)
    try:
        shape = walk.check_size(node, np.broadcast_shapes(x.shape, wanted))
    except ValueError:
        raise node.fail("HWC214", f"shape {list(x.shape)} does not expand to {wanted}", _REPEAT) from None
    walk.put(
        node,
        moved(walk, node, x, lambda h: layout.broadcast(walk, node, h, shape), lambda a: np.broadcast_to(a, shape)),
    )


def concat(walk: Walk, node: Node) -> None:
    """Parts of one quantisation are joined as integers, others once they are quantised."""
    parts = [walk.tensor(node, i) for i in range(len(node.inputs)) if walk.has(node, i)]
    if not parts:
        raise node.fail("HWC218", "it has no inputs", _REPEAT)
    rank = len(parts[0].shape)
    axis = axis_in(node, node.integer("axis", 1), rank)
    rest = {tuple(s for i, s in enumerate(p.shape) if i != axis) for p in parts}
    if len(rest) != 1 or any(len(p.shape) != rank for p in parts):
        raise node.fail("HWC214", f"shapes {', '.join(str(p.shape) for p in parts)} do not join", _REPEAT)
    total = sum(p.shape[axis] for p in parts)
    walk.check_bound(node, [total if i == axis else s for i, s in enumerate(parts[0].shape)])
    known = [p for p in parts if isinstance(p, (Constant, QuantConstant))]
    if len(known) == len(parts):
        arrays: list[Array] = [p.floats if isinstance(p, QuantConstant) else p.array for p in known]
        type_name = known[0].type_name if isinstance(known[0], Constant) else ""
        walk.put(node, Constant(np.concatenate(arrays, axis=axis), type_name))
        return
    walk.put(node, joined(walk, node, parts, axis))


def joined(walk: Walk, node: Node, parts: list[AnyTensor], axis: int) -> AnyTensor:
    """The parts along `axis`."""
    if any(isinstance(p, Held) for p in parts):
        held = [p if isinstance(p, Held) else walk.held(node, i) for i, p in enumerate(parts)]
        return layout.concat(walk, node, held, axis)
    floats = [_floating(walk, node, p, i) for i, p in enumerate(parts)]
    first = floats[0]
    if isinstance(first, Elementwise) and isinstance(first.term, Dequantised) and first.term.channels == 1:
        same = all(isinstance(p, Elementwise) and p.term == first.term for p in floats)
        dtypes = {walk.value(p.sources[0]).type.dtype for p in floats if isinstance(p, Elementwise)}
        if same and len(dtypes) == 1:
            sources = [p.sources[0] for p in floats if isinstance(p, Elementwise)]
            return Elementwise(first.term, (layout.concat(walk, node, sources, axis),))
    shape = list(first.shape)
    shape[axis] = sum(p.shape[axis] for p in floats)
    joined_later = tuple(floats)
    return Deferred(
        joined_later, lambda held: layout.concat(walk, node, held, axis), tuple(shape), True, weight(*joined_later)
    )


def _floating(walk: Walk, node: Node, x: AnyTensor, index: int) -> FloatTensor:
    if isinstance(x, QuantConstant) and x.quantization.per_tensor:
        held = walk.hold(x.levels, node.inputs[index], x.quantization.dtype)
        return Elementwise(Dequantised(0, x.quantization.zeros, x.quantization.scales), (held,))
    if isinstance(x, (Held, Constant, QuantConstant)):
        raise walk.floating(node, node.inputs[index])
    return x


def depth_to_space(walk: Walk, node: Node) -> None:
    """DepthToSpace of images [n, c, h, w]."""
    x = walk.tensor(node, 0)
    block = node.integer("blocksize", 0)
    if len(x.shape) != 4 or block < 1 or x.shape[1] % (block * block):
        raise node.fail("HWC214", f"blocks of {block} do not divide {list(x.shape)}", _REPEAT)
    order = DepthOrder.CRD if node.text("mode", "DCR") == "CRD" else DepthOrder.DCR
    n, c, h, w = x.shape
    shape = (n, c // (block * block), h * block, w * block)

    def move(held: Held) -> Held:
        image = layout.arranged(walk, node, held, layout.NHWC)
        op = DepthToSpace(
            name=node.loc.node, inputs=(image.name,), outputs=(node.outputs[0],), loc=node.loc, block=block, order=order
        )
        return Held(walk.emit(node, op), shape, layout.NHWC)

    def numpy_move(a: Array) -> Array:
        op = DepthToSpace(name="", inputs=(), outputs=(), loc=node.loc, block=block, order=order)
        return np.moveaxis(op.evaluate(np.moveaxis(np.asarray(a, np.int64), 1, -1))[0], -1, 1)

    walk.put(node, moved(walk, node, x, move, numpy_move))


def space_to_depth(walk: Walk, node: Node) -> None:
    """SpaceToDepth as Reshape, Transpose, Reshape."""
    x = walk.tensor(node, 0)
    block = node.integer("blocksize", 0)
    if len(x.shape) != 4 or block < 1 or x.shape[2] % block or x.shape[3] % block:
        raise node.fail("HWC214", f"blocks of {block} do not divide {list(x.shape)}", _REPEAT)
    n, c, h, w = x.shape
    inner = (n, c, h // block, block, w // block, block)
    order, shape = (0, 3, 5, 1, 2, 4), (n, c * block * block, h // block, w // block)

    def move(held: Held) -> Held:
        cut = layout.transpose(layout.reshape(walk, node, held, inner), order)
        return layout.reshape(walk, node, cut, shape)

    walk.put(node, moved(walk, node, x, move, lambda a: a.reshape(inner).transpose(order).reshape(shape)))


def pad_level(walk: Walk, node: Node, x: AnyTensor, value: float) -> int:
    """The integer that stands for the pad value.

    Raises: HWC103 x is not quantised, HWC101 no level is the value.
    """
    if isinstance(x, Held):
        return int(value)
    if not isinstance(x, Elementwise) or not isinstance(x.term, Dequantised):
        raise walk.floating(node, node.inputs[0])
    level = per_tensor_level(value, x.term, walk.value(x.sources[0]).type.dtype)
    if level is None:
        raise node.fail("HWC101", f"no level of its input stands for the pad value {value}", "pad with zero")
    return level
