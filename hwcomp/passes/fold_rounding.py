"""Move the rounding constant of a Requant into the bias before it: the rescale is a product and a shift alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwcomp.ir.certificate import Certificate, Verdict, check
from hwcomp.ir.dyadic import Tie
from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import S32, IntArray
from hwcomp.passes.rewriter import Rewriter


def fold_rounding(graph: Graph) -> Graph:
    """Exact: acc * b + c = (acc + c / b) * b, where c / b is whole for every channel; the proof moves with it.

    Of the offsets c that are right for (b, shift), a multiple of b is taken if there is one: see `_whole`. The result
    of the dot product is changed, so it must have no other reader.
    """
    rewriter = Rewriter(graph)
    readers = graph.consumers()
    moved: dict[str, IntArray] = {}
    for op in graph.ops:
        if isinstance(op, Conv2d | Dense) and rewriter.used_once(op.outputs[0]):
            bias = graph.values[op.inputs[2]].data
            added = _added(graph, readers[op.outputs[0]][0])
            if bias is not None and added is not None and _fits(graph, op, bias + added):
                moved[op.outputs[0]] = added
                name = rewriter.constant(f"{op.outputs[0]}.rounded", bias + added, S32)
                rewriter.put(replace(op, inputs=(*op.inputs[:2], name)))
                continue
        if isinstance(op, Requant) and op.inputs[0] in moved:
            rewriter.put(_without_offset(op, moved[op.inputs[0]]))
            continue
        rewriter.copy(op)
    return rewriter.finish() if rewriter.changed else graph


def _added(graph: Graph, op: Op) -> IntArray | None:
    """What the bias takes over, [channels of the result]; None where the offset cannot or need not go."""
    if not isinstance(op, Requant) or len(op.inputs) != 1 or op.tie is Tie.AWAY or op.negative is not None:
        return None
    shape, cert = graph.values[op.inputs[0]].shape, op.certificate
    if not any(op.offset) or op.axis not in (-1, len(shape) - 1) or cert is None or cert.verdict is not Verdict.PROVED:
        return None
    rows = [_whole(op, cert, row) for row in range(max(op.channels, len(cert.thresholds)))]
    if any(row is None for row in rows):
        return None
    wanted = np.array(rows, np.int64)
    return wanted if wanted.size == shape[-1] else np.repeat(wanted, shape[-1]) if wanted.size == 1 else None


def _whole(op: Requant, cert: Certificate, row: int) -> int | None:
    """c / b for the least multiple of b among the offsets that are right for this row.

    For the threshold T of level j, T * b + c reaches j * 2**shift and (T - 1) * b + c does not.
    """
    mult = op.mult[0][row % len(op.mult[0])]
    own = row % len(cert.thresholds)
    offset = op.offset[row % len(op.offset)]
    if mult == 0:
        return None
    if offset % mult == 0:
        return offset // mult
    thresholds = cert.thresholds[own]
    if not thresholds.size or op.tie is not Tie.FLOOR:
        return None
    levels = int(cert.first_level[own]) + 1 + np.arange(thresholds.size, dtype=np.int64) - op.zero
    reached = [(int(level) << op.shift) - mult * int(t) for level, t in zip(levels, thresholds, strict=True)]
    least, most = max(reached), min(value + mult for value in reached) - 1
    candidate = -(-least // mult)
    return candidate if candidate * mult <= most else None


def _fits(graph: Graph, op: Op, bias: IntArray) -> bool:
    """Whether bias and results stay in 32 bits."""
    bounds, old = graph.values[op.outputs[0]].range, graph.values[op.inputs[2]].data
    assert old is not None
    change = bias - old
    low, high = bounds.min + int(change.min(initial=0)), bounds.max + int(change.max(initial=0))
    values = (int(bias.min(initial=0)), int(bias.max(initial=0)), low, high)
    return S32.min <= min(values) and max(values) <= S32.max


def _without_offset(op: Requant, added: IntArray) -> Requant:
    """The Requant of the greater accumulators, with its certificate, checked again."""
    cert = op.certificate
    assert cert is not None
    rows = len(cert.thresholds)
    by_row = added[:rows] if rows > 1 else added[:1]
    shared = bool((added == added[0]).all())
    assert rows > 1 or shared, "one row of thresholds has one offset"
    after = replace(
        cert,
        acc_lo=cert.acc_lo + by_row,
        acc_hi=cert.acc_hi + by_row,
        thresholds=tuple(t + int(d) for t, d in zip(cert.thresholds, by_row, strict=True)),
    )
    moved = replace(op, offset=(0,) * len(op.offset), certificate=after)
    wrong = check(after, op.mult[0], moved.offset, op.shift, op.zero, op.lo, op.hi, op.tie, None)
    assert not wrong, f"{op.loc}: {wrong[0]}"
    return moved
