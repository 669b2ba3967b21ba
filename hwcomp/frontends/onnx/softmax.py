"""Softmax and LogSoftmax between integers: the IR's macros with tables in full precision."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hwcomp.frontends.onnx import layout
from hwcomp.frontends.onnx.expressions import Finished, Held, Normalised, Quantization
from hwcomp.frontends.onnx.parameters import axis_in
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.log_softmax import LOG_FRACTION_BITS
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.ops.softmax import ONE_Q31, Softmax
from hwcomp.ir.ops.wide_log_softmax import WideLogSoftmax
from hwcomp.ir.types import S32, IntArray
from hwcomp.prove.steps_onnx_float import QdqTerm
from hwcomp.prove.terms_onnx import Dequantised
from hwcomp.support.border import BorderOperator, BorderStep

WIDE_BITS = 24  # of the result where the output's scale is no power of two
MIN_LOG_BITS = 16  # of a logarithm: distances up to 2^15
Doubles = NDArray[np.float64]


def softmax(log: bool) -> Callable[[Walk, Node], None]:
    """The handler of Softmax or LogSoftmax."""

    def handler(walk: Walk, node: Node) -> None:
        walk.put(node, normalised(walk, node, log))

    return handler


def normalised(walk: Walk, node: Node, log: bool) -> Normalised | Finished:
    """(Log)Softmax over one axis, or (before operator set 13) over the axes from `axis` on.

    Of what nothing has quantised it stays float: an output of the model, computed at the border.
    """
    x = walk.elementwise(node, 0)
    term, rank = x.term, len(x.shape)
    axis = axis_in(node, node.integer("axis", -1 if node.version >= 13 else 1), rank)
    if node.version < 13 and math.prod(x.shape[axis:]) != x.shape[axis]:
        if math.prod(x.shape[axis:]) != x.shape[-1]:
            raise node.fail("HWC101", "it normalises over several axes", "convert the model to operator set 13")
        axis = rank - 1
    if isinstance(term, Dequantised) and term.channels == 1:
        return Normalised(x.sources[0], term.scales[0], axis, log)
    kind = BorderOperator.LOG_SOFTMAX if log else BorderOperator.SOFTMAX
    return Finished(x, (BorderStep(kind, (), axis),))


def quantised(walk: Walk, node: Node, x: Normalised, to: Quantization) -> Held:
    """Integers of a softmax or its logarithm.

    Raises: HWC101 scales for each channel, HWC103 an input of more than 16 bits.
    """
    if not to.per_tensor:
        raise node.fail("HWC101", "softmax with scales for each channel", "quantise its output per tensor")
    source = layout.last(walk, node, x.source, x.axis)
    value = walk.value(source)
    entries = value.range.max - value.range.min + 1
    if entries > 1 << 16:
        raise node.fail("HWC103", "softmax of accumulators", "quantise its input to 8 or 16 bits")
    exact = np.exp(-np.arange(entries, dtype=np.float64) * x.scale)
    exp_table = np.minimum(np.rint(exact * ONE_Q31), ONE_Q31 - 1).astype(np.int64)
    if x.log:
        name = _logarithms(walk, node, source, x.scale, exp_table, to)
    else:
        name = _quotients(walk, node, source, exact, exp_table, to)
    return Held(name, source.shape, source.perm)


def _quotients(walk: Walk, node: Node, source: Held, exact: Doubles, exp_table: IntArray, to: Quantization) -> str:
    """With t(d) = exp(-d * scale) for d = max - x, each result is t / sum(t) in 2^-out_bits, rounded half up."""
    integer_bits = max(1, (source.held_shape[-1] - 1).bit_length())
    sum_table = np.rint(exact * (1 << (31 - integer_bits))).astype(np.int64)
    tables = _tables(walk, node, exp=exp_table, sum=sum_table)
    mantissa, exponent = math.frexp(to.scales[0])
    direct = mantissa == 0.5 and 1 <= 1 - exponent <= WIDE_BITS
    op = Softmax(
        name=node.loc.node, inputs=(source.name, *tables), outputs=(node.outputs[0],), loc=node.loc,
        integer_bits=integer_bits, out_bits=1 - exponent if direct else WIDE_BITS,
        zero=to.zeros[0] if direct else 0, lo=to.dtype.min if direct else 0,
        hi=to.dtype.max if direct else 1 << WIDE_BITS, dtype=to.dtype if direct else S32,
    )  # fmt: skip
    name = walk.emit(node, op)
    return name if direct else _rescaled(walk, node, name, WIDE_BITS, to)


def _logarithms(walk: Walk, node: Node, source: Held, scale: float, exp_table: IntArray, to: Quantization) -> str:
    """With d = max - x, each result is -d * scale - log(sum(exp(-d * scale))), as fine as 32 bits hold it."""
    distances = np.arange(exp_table.size, dtype=np.float64) * -scale
    widest = math.ceil(-distances[-1] + math.log(source.held_shape[-1])) + 1
    bits = min(LOG_FRACTION_BITS, 31 - widest.bit_length())
    if bits < MIN_LOG_BITS:
        raise node.fail("HWC103", f"its input reaches over {widest}", "quantise its input with a smaller scale")
    diff_table = np.rint(distances * (1 << bits)).astype(np.int64)
    op = WideLogSoftmax(
        name=node.loc.node, inputs=(source.name, *_tables(walk, node, diff=diff_table, exp=exp_table)),
        outputs=(node.outputs[0],), loc=node.loc, fraction_bits=bits,
    )  # fmt: skip
    return _rescaled(walk, node, walk.emit(node, op), bits, to)


def _tables(walk: Walk, node: Node, **tables: IntArray) -> list[str]:
    return [walk.builder.constant(f"{node.outputs[0]}.{role}", table, S32) for role, table in tables.items()]


def _rescaled(walk: Walk, node: Node, name: str, fraction_bits: int, to: Quantization) -> str:
    """QuantizeLinear of integers in units of 2^-fraction_bits."""
    term = Dequantised(0, (0,), (2.0**-fraction_bits,))
    step = QdqTerm(term, to.scales, to.zeros, to.dtype.min, to.dtype.max, walk.reference)
    op = Rescale(
        name=node.loc.node, inputs=(name,), outputs=(node.outputs[0],), loc=node.loc, step=step, dtype=to.dtype
    )
    return walk.emit(node, op)
