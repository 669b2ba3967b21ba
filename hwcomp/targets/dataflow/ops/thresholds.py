"""Thresholds: comparisons with sorted constants, all at once."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.network import Memory, Stream
from hwcomp.targets.dataflow.weights import pack_words


def lower_thresholds(b: NetworkBuilder, op: Op) -> None:
    """A row for all, or one for each channel along `axis`, repeated for what follows the axis."""
    assert isinstance(op, Thresholds)
    x, table = (b.value(name) for name in op.inputs)
    assert table.data is not None
    lanes = b.choice().lanes
    stream, out = b.take(x.name, lanes), b.result(op, lanes)
    inner = math.prod(x.shape[op.axis % len(x.shape) + 1 :]) if x.shape else 1
    add_thresholds(b, op, stream, out, table.data.reshape(-1, table.shape[-1]), op.lo, inner)
    b.give(op.outputs[0], out)


def add_thresholds(
    b: NetworkBuilder, op: Op, stream: Stream, out: Stream, table: IntArray, base: int, inner: int
) -> None:
    """Add the instance. table: int64 [1 or channels, levels]; inner: elements that follow a channel's first."""
    element, levels, lanes = stream.element, table.shape[-1], out.lanes
    rows = np.clip(table, element.min, element.max + 1)
    if len(rows) > 1:
        rows = np.repeat(rows, inner, axis=0)
    words: IntArray = rows if len(rows) == 1 else rows.reshape(len(rows) // lanes, lanes * levels)
    bits = element.bits + 1
    name = b.memory_name(f"{op.name}_thresholds")
    b.add(
        "hwc_threshold",
        op.name,
        {
            "InWidth": element.bits,
            "InSigned": int(element.signed),
            "Lanes": lanes,
            "Channels": len(rows),
            "Levels": levels,
            "Base": base,
            "OutWidth": out.element.bits,
        },
        [stream],
        [out],
        [Memory("ThresholdFile", name, words.shape[1] * bits, len(words), lambda: pack_words(words, bits))],
    )
