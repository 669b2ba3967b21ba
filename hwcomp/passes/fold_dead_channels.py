"""Remove channels that hold one value: they become part of the biases behind them."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from hwcomp.ir.certificate import Certificate, ListedException, exceptions_of_row, row_of
from hwcomp.ir.dyadic import NegativeCorrection
from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.elementwise import Binary
from hwcomp.ir.ops.layout import Reshape, Slice
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import IntArray, IntType, Value
from hwcomp.passes.base import Pass
from hwcomp.passes.channel_classes import ChannelClasses, Kept, is_depthwise
from hwcomp.passes.rewriter import Rewriter

logger = logging.getLogger(__name__)


def fold_dead_channels(graph: Graph) -> Graph:
    """Exact on every value that stays: a removed channel's terms are constant and move into the bias of each reader.

    Which channels: see `channel_classes`. Under padding a channel goes only where its constant is the pad value.
    """
    kept = ChannelClasses(graph).removable()
    if not kept.channels:
        return graph
    rewriter = Rewriter(graph)
    for op in graph.ops:
        smaller = _shrink(rewriter, graph, op, kept)
        if isinstance(smaller, Requant) and len(smaller.inputs) == 2:
            smaller = _shrink_pair(rewriter, graph, smaller)
        rewriter.copy(smaller)
    _report(graph, kept)
    return rewriter.finish()


def _report(graph: Graph, kept: Kept) -> None:
    for op in graph.ops:
        left = kept.of(op.outputs[0]) if isinstance(op, Conv2d | Dense) else None
        if left is not None:
            total = graph.values[op.outputs[0]].shape[-1]
            logger.info("%s: %d of %d channels are constant and folded", op.loc, total - left.size, total)


def _shrink(rewriter: Rewriter, graph: Graph, op: Op, kept: Kept) -> Op:
    """`op` on the channels that stay."""
    x = graph.values[op.inputs[0]] if op.inputs else None
    left_in = kept.of(op.inputs[0]) if op.inputs else None
    left_out = kept.of(op.outputs[0]) if op.outputs else None
    if x is None or (left_in is None and left_out is None):
        return op
    if isinstance(op, Conv2d | Dense):
        return _shrink_dot(rewriter, graph, op, left_in, left_out)
    if left_out is None:
        return op
    if isinstance(op, Binary):
        return replace(op, inputs=tuple(_taken(rewriter, graph.values[name], left_out, op) for name in op.inputs))
    if isinstance(op, Lut):
        table = graph.values[op.inputs[1]]
        rows = _rows(rewriter, table, left_out) if len(table.shape) == 2 else table.name
        return replace(op, inputs=(op.inputs[0], rows))
    if isinstance(op, Requant):
        return _shrink_requant(op, x, left_out)
    if isinstance(op, Reshape):
        return replace(op, shape=(*op.shape[:-1], left_out.size))
    if isinstance(op, Slice):
        return replace(op, sizes=(*op.sizes[:-1], left_out.size))
    return op


def _rows(rewriter: Rewriter, value: Value, keep: IntArray) -> str:
    assert value.data is not None
    return rewriter.constant(f"{value.name}.live", value.data[keep], value.type.dtype)


def _taken(rewriter: Rewriter, value: Value, keep: IntArray, op: Binary) -> str:
    """A Binary's operand: constants lose the same channels, unless they are broadcast along them."""
    if value.data is None or not value.shape or value.shape[-1] == 1:
        return value.name
    return rewriter.constant(f"{value.name}.live", value.data[..., keep], value.type.dtype)


def _shrink_dot(
    rewriter: Rewriter, graph: Graph, op: Conv2d | Dense, left_in: IntArray | None, left_out: IntArray | None
) -> Op:
    """Weights and bias of the channels that stay; what the others gave is added to the bias."""
    x, w, b = (graph.values[name] for name in op.inputs)
    assert w.data is not None and b.data is not None
    weights, bias = w.data, b.data
    depthwise = is_depthwise(op, (x, w, b))
    if left_in is not None and not depthwise:
        gone = np.setdiff1d(np.arange(x.shape[-1]), left_in)
        lo, _ = x.range.channels(x.shape[-1])
        sums = weights[..., gone].reshape(weights.shape[0], -1, gone.size).sum(axis=1)
        bias = bias + sums @ lo[gone]
        weights = weights[..., left_in]
    if left_out is not None:
        weights, bias = weights[left_out], bias[left_out]
    dtype = b.type.dtype if _fits(bias, b.type.dtype) else IntType.covering(int(bias.min()), int(bias.max()), 32)
    inputs = (
        op.inputs[0],
        rewriter.constant(f"{w.name}.live", weights, w.type.dtype),
        rewriter.constant(f"{b.name}.live", bias, dtype),
    )
    if isinstance(op, Conv2d) and depthwise and left_out is not None:
        return replace(op, inputs=inputs, groups=left_out.size)
    return replace(op, inputs=inputs)


def _fits(data: IntArray, dtype: IntType) -> bool:
    return bool(dtype.min <= data.min() and data.max() <= dtype.max)


def _shrink_requant(op: Requant, x: Value, keep: IntArray) -> Op:
    """The parameters and the proof of the channels that stay, where they lie along the last axis."""
    if op.channels == 1 or op.axis % len(x.shape) != len(x.shape) - 1:
        return op
    rows = [int(channel) for channel in keep]
    negative = op.negative
    if negative is not None and len(negative.amount) > 1:
        negative = NegativeCorrection(negative.bias, tuple(negative.amount[row] for row in rows))
    per_channel = op.certificate is not None and len(op.certificate.thresholds) == op.channels
    return replace(
        op,
        mult=tuple(tuple(mult[row] for row in rows) for mult in op.mult),
        offset=tuple(op.offset[row] for row in rows),
        negative=negative,
        certificate=_rows_of(op, op.certificate, rows, 0) if op.certificate and per_channel else op.certificate,
    )


def _shrink_pair(rewriter: Rewriter, graph: Graph, op: Requant) -> Requant:
    """A two-input Requant's proof has a row for each value of the second input: those that it can still be."""
    cert, old = op.certificate, graph.values[op.inputs[1]].range
    new = rewriter.operands(op)[1].range
    if cert is None or len(cert.thresholds) != old.max - old.min + 1 or (old.min, old.max) == (new.min, new.max):
        return op
    rows = list(range(new.min - old.min, new.max - old.min + 1))
    return replace(op, certificate=_rows_of(op, cert, rows, old.min))


def _rows_of(op: Requant, cert: Certificate, rows: list[int], second_lo: int) -> Certificate:
    """Some rows of a proof; exceptions are renumbered, and counted again without those of the other rows."""
    places = {row: place for place, row in enumerate(rows)}
    removed = sorted(set(range(len(cert.thresholds))) - places.keys()) if cert.exception_count else []
    lost = sum(_exceptions_of(op, cert, row, second_lo) for row in removed)
    listed = [
        ListedException(places[entry.channel], entry.acc_lo, entry.acc_hi, entry.expected, entry.got)
        for entry in cert.exceptions
        if entry.channel in places
    ]
    return replace(
        cert,
        acc_lo=cert.acc_lo[rows],
        acc_hi=cert.acc_hi[rows],
        first_level=cert.first_level[rows],
        thresholds=tuple(cert.thresholds[row] for row in rows),
        exceptions=tuple(listed),
        exception_count=cert.exception_count - lost,
    )


def _exceptions_of(op: Requant, cert: Certificate, row: int, second_lo: int) -> int:
    """How many accumulators of a row are rescaled otherwise than the source does."""
    mult, offset, amount = row_of(op.mult[0], op.offset, op.negative, row)
    if len(op.mult) == 2:
        offset += op.mult[1][0] * (second_lo + row)
    runs = exceptions_of_row(cert, row, mult, offset, amount, op.shift, op.zero, op.lo, op.hi, op.tie)
    return sum(run.acc_hi - run.acc_lo + 1 for run in runs)


PASS = Pass("fold-dead-channels", "fold channels that hold one value into the biases behind them", fold_dead_channels)
