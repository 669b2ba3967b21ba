"""Moves of integer tensors: the axes of each stay as they lie, they are transposed only where it must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwcomp.frontends.onnx.expressions import Held
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.layout import Concat, Gather, Pad, Reshape, Slice, Transpose
from hwcomp.ir.ops.lut import MAX_ENTRIES, Lut
from hwcomp.ir.types import IntType

NHWC = (0, 2, 3, 1)
MAX_INDICES = 1 << 18


def arranged(walk: Walk, node: Node, x: Held, perm: Sequence[int]) -> Held:
    """x with its axes held in the order `perm`; a Reshape where only axes of one element change their places."""
    wanted = tuple(perm)
    if x.perm == wanted:
        return x
    result = replace(x, perm=wanted)
    known = walk.arranged.get((x.name, (*x.perm, -1, *wanted)))
    if known is not None:
        return replace(result, name=known)
    if _same_order(x, result):
        name = reshaped(walk, node, x.name, result.held_shape)
    else:
        order = tuple(x.perm.index(axis) for axis in wanted)
        op = Transpose(name=node.loc.node, inputs=(x.name,), outputs=(f"{x.name}.t",), loc=node.loc, permutation=order)
        name = walk.emit(node, op)
    walk.arranged[(x.name, (*x.perm, -1, *wanted))] = name
    return replace(result, name=name)


def _same_order(a: Held, b: Held) -> bool:
    """Whether both hold the elements in one order in memory."""
    return [i for i in a.perm if a.shape[i] > 1] == [i for i in b.perm if b.shape[i] > 1]


def plain(walk: Walk, node: Node, x: Held) -> Held:
    """x with its axes in the source's order."""
    return arranged(walk, node, x, range(len(x.shape)))


def last(walk: Walk, node: Node, x: Held, axis: int) -> Held:
    """x with the source's `axis` held last, the others in the order they have."""
    return arranged(walk, node, x, (*(a for a in x.perm if a != axis), axis))


def whole(walk: Walk, node: Node, x: Held, scale: float, zero: float) -> tuple[Held, float, int]:
    """x, its scale and its zero point, which becomes an integer.

    Raises: as `centred`.
    """
    return (x, scale, int(zero)) if float(zero).is_integer() else centred(walk, node, x, scale, zero)


def is_level(walk: Walk, x: Held, zero: float) -> bool:
    """Whether x could hold its zero point."""
    dtype = walk.value(x).type.dtype
    return float(zero).is_integer() and dtype.min <= zero <= dtype.max


def centred(walk: Walk, node: Node, x: Held, scale: float, zero: float) -> tuple[Held, float, int]:
    """x, its scale and the zero point 0: q becomes q * 2^m - zero * 2^m, of scale / 2^m.

    Raises: HWC101 too many levels for a table.
    """
    numerator, denominator = float(zero).as_integer_ratio()
    bounds = walk.value(x).range
    if bounds.max - bounds.min >= MAX_ENTRIES:
        raise node.fail("HWC101", f"its input has the zero point {zero}", "export with an integer zero point")
    levels = np.arange(bounds.min, bounds.max + 1, dtype=np.int64) * denominator - numerator
    bits = max(int(levels[-1]).bit_length(), (-int(levels[0]) - 1).bit_length()) + 1
    table = walk.builder.constant(f"{x.name}.levels", levels, IntType(bits, True))
    op = Lut(
        name=node.loc.node, inputs=(x.name, table), outputs=(f"{x.name}.whole",), loc=node.loc, input_min=bounds.min
    )
    return replace(x, name=walk.emit(node, op)), scale / denominator, 0


def reshape(walk: Walk, node: Node, x: Held, shape: Sequence[int]) -> Held:
    """The elements in the source's row-major order under another shape."""
    target = tuple(shape)
    if x.shape == target:
        return x
    if not _same_order(x, replace(x, perm=tuple(range(len(x.shape))))):
        x = plain(walk, node, x)
    op = Reshape(name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc, shape=target)
    return Held.plain(walk.emit(node, op), target)


def reshaped(walk: Walk, node: Node, name: str, shape: Sequence[int]) -> str:
    """A value under another shape, as it is held."""
    op = Reshape(name=node.loc.node, inputs=(name,), outputs=(node.outputs[0],), loc=node.loc, shape=tuple(shape))
    return walk.emit(node, op)


def transpose(x: Held, order: Sequence[int]) -> Held:
    """Axis i of the result is axis order[i] of x: nothing moves, only the names of the axes do."""
    inverse = {axis: i for i, axis in enumerate(order)}
    return Held(x.name, tuple(x.shape[i] for i in order), tuple(inverse[axis] for axis in x.perm))


def window(walk: Walk, node: Node, x: Held, starts: Sequence[int], sizes: Sequence[int], steps: Sequence[int]) -> Held:
    """The elements start, start + step ... (`sizes` of them) along each axis of the source."""
    if tuple(sizes) == x.shape and all(s == 0 for s in starts) and all(s == 1 for s in steps):
        return x
    picked = [tuple(seq[axis] for axis in x.perm) for seq in (starts, sizes, steps)]
    op = Slice(
        name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc,
        starts=picked[0], sizes=picked[1], steps=picked[2],
    )  # fmt: skip
    return Held(walk.emit(node, op), tuple(sizes), x.perm)


def pad(walk: Walk, node: Node, x: Held, before: Sequence[int], after: Sequence[int], value: int) -> Held:
    """Elements of `value` added along the axes of the source; nothing is negative."""
    if not any((*before, *after)):
        return x
    shape = tuple(b + size + a for b, size, a in zip(before, x.shape, after, strict=True))
    walk.check_size(node, shape)
    op = Pad(
        name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc, value=value,
        before=tuple(before[axis] for axis in x.perm), after=tuple(after[axis] for axis in x.perm),
    )  # fmt: skip
    return Held(walk.emit(node, op), shape, x.perm)


def gather(walk: Walk, node: Node, x: Held, axis: int, indices: Sequence[int]) -> Held:
    """Elements `indices` along the source's `axis`."""
    if len(indices) > MAX_INDICES:
        raise node.fail("HWC209", f"it picks {len(indices)} elements along axis {axis}", "export with a smaller shape")
    if list(indices) == list(range(x.shape[axis])):
        return x
    shape = tuple(len(indices) if i == axis else size for i, size in enumerate(x.shape))
    walk.check_size(node, shape)
    op = Gather(
        name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc,
        axis=x.perm.index(axis), indices=tuple(int(i) for i in indices),
    )  # fmt: skip
    return Held(walk.emit(node, op), shape, x.perm)


def broadcast(walk: Walk, node: Node, x: Held, shape: Sequence[int]) -> Held:
    """x repeated as numpy broadcasts it to `shape`."""
    try:
        target = np.broadcast_shapes(x.shape, tuple(shape))
    except ValueError:
        raise node.fail("HWC214", f"shapes {x.shape} and {tuple(shape)} do not broadcast", "export it again") from None
    walk.check_size(node, target)
    if len(x.shape) < len(target):
        x = unsqueezed(walk, node, x, len(target))
    for axis, size in enumerate(target):
        if x.shape[axis] != size:
            x = gather(walk, node, x, axis, (0,) * size)
    return x


def unsqueezed(walk: Walk, node: Node, x: Held, rank: int) -> Held:
    """x with axes of one element in front, `rank` axes in all."""
    extra = rank - len(x.shape)
    shape = (1,) * extra + x.shape
    held = (1,) * extra + x.held_shape
    op = Reshape(name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc, shape=held)
    perm = (*range(extra), *(axis + extra for axis in x.perm))
    return Held(walk.emit(node, op), shape, perm)


def concat(walk: Walk, node: Node, parts: Sequence[Held], axis: int) -> Held:
    """The parts one after the other along the source's `axis`, held as the first one is."""
    perm = parts[0].perm
    placed = [arranged(walk, node, part, perm) for part in parts]
    shape = list(parts[0].shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    walk.check_size(node, shape)
    op = Concat(
        name=node.loc.node, inputs=tuple(p.name for p in placed), outputs=(node.outputs[0],), loc=node.loc,
        axis=perm.index(axis),
    )  # fmt: skip
    return Held(walk.emit(node, op), tuple(shape), perm)
