"""Float arithmetic outside of the integers: before an input is quantised, and after the last integers of an output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hwcomp.frontends.onnx.expressions import (
    MANY,
    AnyTensor,
    Elementwise,
    Finished,
    FloatInput,
    Held,
    Normalised,
    varying_axis,
)  # fmt: skip
from hwcomp.frontends.onnx.source import Array, Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.graph import Quantizer
from hwcomp.prove.functions_onnx import Function, Kind
from hwcomp.prove.terms_onnx import Accumulated, Applied, Combined, Constant, Dequantised, Operator, Term
from hwcomp.support.border import BorderOperator, BorderStep

_QUANTISE = "quantise the model's input first"
_OPERATORS: Mapping[tuple[Operator, bool], BorderOperator] = {
    (Operator.ADD, False): BorderOperator.ADD, (Operator.ADD, True): BorderOperator.ADD,
    (Operator.SUB, False): BorderOperator.SUB, (Operator.SUB, True): BorderOperator.RSUB,
    (Operator.MUL, False): BorderOperator.MUL, (Operator.MUL, True): BorderOperator.MUL,
    (Operator.DIV, False): BorderOperator.DIV, (Operator.DIV, True): BorderOperator.RDIV,
    (Operator.MIN, False): BorderOperator.MIN, (Operator.MIN, True): BorderOperator.MIN,
    (Operator.MAX, False): BorderOperator.MAX, (Operator.MAX, True): BorderOperator.MAX,
}  # fmt: skip
"""The border's form of an operator with a constant; True: the constant is on the left."""


def input_with_constant(
    walk: Walk, node: Node, operator: Operator, x: FloatInput, constant: Array, swapped: bool
) -> FloatInput:
    """A float input after one more operator; the constant may differ along one axis.

    Raises: HWC103 it differs along several, or the operator does not stand at a border.
    """
    found = _OPERATORS.get((operator, swapped))
    rank = len(x.shape)
    axis = varying_axis(constant, rank)
    if found is None or axis == MANY or np.broadcast_shapes(x.shape, constant.shape) != x.shape:
        raise node.fail("HWC103", "before the model's input is quantised it takes one number, or one for each channel",
                        _QUANTISE)  # fmt: skip
    values = tuple(float(v) for v in constant.reshape(-1)) if axis is not None else (float(constant.reshape(-1)[0]),)
    return replace(x, steps=(*x.steps, BorderStep(found, values, axis or 0)))


def clipped_input(walk: Walk, node: Node, x: FloatInput, function: Function) -> FloatInput:
    """A float input after Relu, Clip or Neg.

    Raises: HWC103 another function.
    """
    if function.kind is Kind.NEG and walk.is_quantised:
        return replace(x, steps=(*x.steps, BorderStep(BorderOperator.MUL, (-1.0,))))
    if not function.is_clip or not walk.is_quantised:
        raise walk.floating(node, node.inputs[0])
    return replace(x, steps=(*x.steps, *_clip(function)))


def output(x: AnyTensor) -> tuple[Held, Quantizer] | None:
    """The integers under a float output, and the float32 arithmetic that makes the output of them.

    None where the output is not a chain of operators with constants over one integer tensor.
    """
    match x:
        case Normalised():
            kind = BorderOperator.LOG_SOFTMAX if x.log else BorderOperator.SOFTMAX
            return x.source, Quantizer(x.scale, 0, "float32", (BorderStep(kind, (), x.axis),))
        case Finished():
            found = output(x.before)
            return None if found is None else (found[0], replace(found[1], steps=(*found[1].steps, *x.steps)))
        case Elementwise() if len(x.sources) == 1:
            border = _unfolded(x.term, x.axis or 0)
            return None if border is None else (x.sources[0], border)
        case _:
            return None


def _unfolded(term: Term, axis: int) -> Quantizer | None:
    match term:
        case Dequantised():
            return _linear(term.scales, tuple(-z for z in term.zeros), axis)
        case Accumulated() if not any(term.biases) or term.divisor == 1:
            return _accumulated(term, axis)
        case Applied() if term.function.is_clip:
            below = _unfolded(term.argument, axis)
            return None if below is None else replace(below, steps=(*below.steps, *_clip(term.function)))
        case Combined():
            return _combined(term, axis)
        case _:
            return None


def _linear(scales: tuple[float, ...], offsets: tuple[float, ...], axis: int) -> Quantizer:
    """(q + offset) * scale."""
    if len(scales) == len(offsets) == 1 and float(offsets[0]).is_integer():
        return Quantizer(scales[0], -int(offsets[0]), "float32")
    added = (BorderStep(BorderOperator.ADD, tuple(float(o) for o in offsets), axis),) if any(offsets) else ()
    return Quantizer(1.0, 0, "float32", (*added, BorderStep(BorderOperator.MUL, scales, axis)))


def _accumulated(term: Accumulated, axis: int) -> Quantizer:
    border = _linear(term.scales, term.offsets, axis)
    steps = border.steps
    if any(term.biases):
        steps = (*steps, BorderStep(BorderOperator.ADD, term.biases, axis))
    if term.divisor != 1:
        steps = (*steps, BorderStep(BorderOperator.DIV, (float(term.divisor),), axis))
    return replace(border, steps=steps)


def _combined(term: Combined, axis: int) -> Quantizer | None:
    swapped = isinstance(term.left, Constant)
    constant, argument = (term.left, term.right) if swapped else (term.right, term.left)
    found = _OPERATORS.get((term.operator, swapped))
    if not isinstance(constant, Constant) or found is None:
        return None
    below = _unfolded(argument, axis)
    step = BorderStep(found, constant.values, axis)
    return None if below is None else replace(below, steps=(*below.steps, step))


def _clip(function: Function) -> tuple[BorderStep, ...]:
    """A clip's finite bounds."""
    ends = zip((BorderOperator.MAX, BorderOperator.MIN), function.parameters, strict=True)
    return tuple(BorderStep(operator, (bound,)) for operator, bound in ends if np.isfinite(bound))
