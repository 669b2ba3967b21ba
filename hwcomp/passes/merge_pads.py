"""A Pad of rows and columns becomes the padding of the window operator behind it."""

from __future__ import annotations

from dataclasses import replace

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d
from hwcomp.ir.ops.layout import Pad
from hwcomp.ir.ops.reduce import MaxPool2d, SumPool2d
from hwcomp.passes.base import Pass
from hwcomp.passes.eliminate_dead import eliminate_dead
from hwcomp.passes.rewriter import Rewriter


def merge_pads(graph: Graph) -> Graph:
    """Exact: Conv2d and SumPool2d read `pad_value` where the Pad wrote `value`, and these are equal.

    A MaxPool2d passes its padding over; a Pad of at most the least that its input can be never wins either, as long as
    every window sees an element.
    """
    rewriter = Rewriter(graph)
    for op in graph.ops:
        before = rewriter.producer(op.inputs[0]) if op.inputs else None
        if isinstance(before, Pad):
            _merge(rewriter, op, before)
        else:
            rewriter.copy(op)
    return eliminate_dead(rewriter.finish())


def _merge(rewriter: Rewriter, op: Op, pad: Pad) -> None:
    if isinstance(op, Pad) and op.value == pad.value:
        before = tuple(a + b for a, b in zip(pad.before, op.before, strict=True))
        after = tuple(a + b for a, b in zip(pad.after, op.after, strict=True))
        rewriter.put(replace(op, inputs=pad.inputs, before=before, after=after))
        return
    spatial = not any(pad.before[axis] or pad.after[axis] for axis in range(len(pad.before)) if axis not in (1, 2))
    if not spatial or not isinstance(op, Conv2d | SumPool2d | MaxPool2d):
        rewriter.copy(op)
        return
    added = (pad.before[1], pad.before[2], pad.after[1], pad.after[2])
    top, left, bottom, right = (a + b for a, b in zip(op.padding, added, strict=True))
    padded = replace(op, inputs=(pad.inputs[0], *op.inputs[1:]), padding=(top, left, bottom, right))
    if isinstance(padded, MaxPool2d):
        least = rewriter.operands(pad)[0].range.min
        rewriter.put(padded if pad.value <= least and not padded.verify(rewriter.operands(padded)) else op)
    elif any(op.padding) and padded.pad_value != pad.value:
        rewriter.copy(op)
    else:
        rewriter.put(replace(padded, pad_value=pad.value))


PASS = Pass("merge-pads", "fold a Pad into the padding of the convolution or pool behind it", merge_pads)
