"""Move Transposes towards the outputs, merge those that meet, drop those that move nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.elementwise import Binary
from hwcomp.ir.ops.layout import Reshape, Transpose
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Requant, Rescale
from hwcomp.passes.base import Pass
from hwcomp.passes.eliminate_dead import eliminate_dead
from hwcomp.passes.rewriter import Rewriter


def cancel_transposes(graph: Graph) -> Graph:
    """Repeats the rules of `_rewrite` until none applies; each moves a Transpose down or removes one, so it ends."""
    changed = True
    while changed:
        rewriter = Rewriter(graph)
        for op in graph.ops:
            _rewrite(rewriter, op)
        graph, changed = eliminate_dead(rewriter.finish()), rewriter.changed
    return graph


def _rewrite(rewriter: Rewriter, op: Op) -> None:
    if isinstance(op, Transpose):
        _transpose(rewriter, op)
    elif isinstance(op, Reshape):
        _reshape(rewriter, op)
    elif isinstance(op, Requant | Rescale | Binary) or (isinstance(op, Lut) and _is_shared(rewriter, op)):
        _sink(rewriter, op)
    else:
        rewriter.copy(op)


def _transpose(rewriter: Rewriter, op: Transpose) -> None:
    shape = rewriter.operands(op)[0].shape
    before = rewriter.producer(op.inputs[0])
    moved = [axis for axis in op.permutation if shape[axis] != 1]
    if op.permutation == tuple(range(len(shape))) and rewriter.may_alias(op.outputs[0], op.inputs[0]):
        rewriter.alias(op.outputs[0], op.inputs[0])
    elif isinstance(before, Transpose):
        merged = tuple(before.permutation[axis] for axis in op.permutation)
        rewriter.put(replace(op, inputs=before.inputs, permutation=merged))
    elif moved == sorted(moved):  # axes of size 1 alone change places: no element moves
        new_shape = tuple(shape[axis] for axis in op.permutation)
        rewriter.put(Reshape(name=op.name, inputs=op.inputs, outputs=op.outputs, loc=op.loc, shape=new_shape))
    else:
        rewriter.copy(op)


def _reshape(rewriter: Rewriter, op: Reshape) -> None:
    """Reshape(Transpose(x)) -> Transpose(Reshape(x)) where the Reshape only adds or drops axes of size 1."""
    before = rewriter.producer(op.inputs[0])
    if not isinstance(before, Transpose) or not rewriter.used_once(op.inputs[0]):
        rewriter.copy(op)
        return
    source = rewriter.operands(before)[0].shape
    moved = [axis for axis in before.permutation if source[axis] != 1]
    if [source[axis] for axis in moved] != [size for size in op.shape if size != 1]:
        rewriter.copy(op)
        return
    # The new axes of size 1 keep their places; the others return to the order they have in x.
    places = [axis for axis, size in enumerate(op.shape) if size != 1]
    order = sorted(range(len(moved)), key=moved.__getitem__)
    shape, permutation = list(op.shape), list(range(len(op.shape)))
    for place, which in zip(places, order, strict=True):
        shape[place] = source[moved[which]]
        permutation[places[which]] = place
    inner = rewriter.fresh(f"{op.outputs[0]}.nhwc")
    rewriter.put(replace(op, inputs=before.inputs, outputs=(inner,), shape=tuple(shape)))
    rewriter.put(replace(before, inputs=(inner,), outputs=op.outputs, permutation=tuple(permutation)))


def _sink(rewriter: Rewriter, op: Op) -> None:
    """op(Transpose(x), ...) -> Transpose(op(x, ...)); parameters along axis i come to lie along permutation[i]."""
    activations = [name for name, value in zip(op.inputs, rewriter.operands(op), strict=True) if not value.is_constant]
    before = [rewriter.producer(name) for name in activations]
    transposes = [item for item in before if isinstance(item, Transpose)]
    permutations = {item.permutation for item in transposes}
    alone = all(rewriter.used_once(name) for name in activations)
    if len(transposes) != len(before) or len(permutations) != 1 or not alone or not _is_aligned(rewriter, op):
        rewriter.copy(op)
        return
    permutation = permutations.pop()
    sources = {name: item.inputs[0] for name, item in zip(activations, transposes, strict=True)}
    inner = rewriter.fresh(f"{op.outputs[0]}.moved")
    sunk = replace(op, inputs=tuple(sources.get(name, name) for name in op.inputs), outputs=(inner,))
    if isinstance(sunk, Requant | Rescale):
        sunk = replace(sunk, axis=_moved_axis(sunk.axis, permutation))
    rewriter.put(sunk)
    rewriter.put(replace(transposes[0], inputs=(inner,), outputs=op.outputs))


def _moved_axis(axis: int, permutation: Sequence[int]) -> int:
    """The axis of x that axis `axis` of its transpose is; -1 for the last."""
    source = permutation[axis % len(permutation)]
    return -1 if source == len(permutation) - 1 else source


def _is_aligned(rewriter: Rewriter, op: Op) -> bool:
    """Whether no operand is broadcast along an axis that would move: all have one shape, or a single element."""
    shapes = {value.shape for value in rewriter.operands(op) if not (value.is_constant and value.type.size == 1)}
    return isinstance(op, Lut) or len(shapes) == 1


def _is_shared(rewriter: Rewriter, op: Lut) -> bool:
    """Whether one table serves all channels."""
    return len(rewriter.operands(op)[1].shape) == 1


PASS = Pass("cancel-transposes", "sink, merge and drop Transposes", cancel_transposes)
