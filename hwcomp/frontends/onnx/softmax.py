"""Softmax between integers: the IR's macro with tables in full precision."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.frontends.onnx import layout
from hwcomp.frontends.onnx.expressions import Held, Normalised, Quantization
from hwcomp.frontends.onnx.parameters import axis_in
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.ops.softmax import ONE_Q31, Softmax
from hwcomp.ir.types import IntType
from hwcomp.prove.steps_onnx_float import QdqTerm
from hwcomp.prove.terms_onnx import Dequantised

WIDE_BITS = 24  # of the result where the output's scale is no power of two
WIDE = IntType(32, True)


def softmax(walk: Walk, node: Node) -> None:
    """Softmax over one axis, or (before operator set 13) over the axes from `axis` on."""
    x = walk.elementwise(node, 0)
    term = x.term
    if not isinstance(term, Dequantised) or term.channels > 1:
        raise node.fail("HWC103", "its input is not quantised per tensor", "quantise right before it, per tensor")
    source, rank = x.sources[0], len(x.shape)
    axis = axis_in(node, node.integer("axis", -1 if node.version >= 13 else 1), rank)
    if node.version < 13 and math.prod(x.shape[axis:]) != x.shape[axis]:
        if math.prod(x.shape[axis:]) != x.shape[-1]:
            raise node.fail("HWC101", "it normalises over several axes", "convert the model to operator set 13")
        axis = rank - 1
    walk.put(node, Normalised(source, term.scales[0], axis))


def quantised(walk: Walk, node: Node, x: Normalised, to: Quantization) -> Held:
    """Integers of a softmax.

    With t(d) = exp(-d * scale) for d = max - x, each result is t / sum(t) in 2^-out_bits, rounded half up.
    """
    if not to.per_tensor:
        raise node.fail("HWC101", "softmax with scales for each channel", "quantise its output per tensor")
    source = layout.last(walk, node, x.source, x.axis)
    value = walk.value(source)
    entries = value.range.max - value.range.min + 1
    if entries > 1 << 16:
        raise node.fail("HWC103", "softmax of accumulators", "quantise its input to 8 or 16 bits")
    integer_bits = max(1, (source.held_shape[-1] - 1).bit_length())
    exact = np.exp(-np.arange(entries, dtype=np.float64) * x.scale)
    exp_table = np.minimum(np.rint(exact * ONE_Q31), ONE_Q31 - 1).astype(np.int64)
    sum_table = np.rint(exact * (1 << (31 - integer_bits))).astype(np.int64)
    tables = [
        walk.builder.constant(f"{node.outputs[0]}.{suffix}", table, IntType(32, True))
        for suffix, table in (("exp", exp_table), ("sum", sum_table))
    ]
    mantissa, exponent = math.frexp(to.scales[0])
    direct = mantissa == 0.5 and 1 <= 1 - exponent <= WIDE_BITS
    op = Softmax(
        name=node.loc.node, inputs=(source.name, *tables), outputs=(node.outputs[0],), loc=node.loc,
        integer_bits=integer_bits, out_bits=1 - exponent if direct else WIDE_BITS,
        zero=to.zeros[0] if direct else 0, lo=to.dtype.min if direct else 0,
        hi=to.dtype.max if direct else 1 << WIDE_BITS, dtype=to.dtype if direct else WIDE,
    )  # fmt: skip
    name = walk.emit(node, op)
    if not direct:
        term = Dequantised(0, (0,), (2.0**-WIDE_BITS,))
        step = QdqTerm(term, to.scales, to.zeros, to.dtype.min, to.dtype.max, walk.reference)
        rescale = Rescale(
            name=node.loc.node, inputs=(name,), outputs=(node.outputs[0],), loc=node.loc, step=step, dtype=to.dtype
        )
        name = walk.emit(node, rescale)
    return Held(name, source.shape, source.perm)
