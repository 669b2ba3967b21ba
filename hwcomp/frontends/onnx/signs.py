"""Accumulators times -1, so that what stands over them does not decrease: a rescale only ever goes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwcomp.frontends.onnx.expressions import Elementwise, Held
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.elementwise import Mul
from hwcomp.ir.ops.lut import MAX_ENTRIES
from hwcomp.ir.types import S8
from hwcomp.prove.terms_onnx import Accumulated, Operator


def wants_sign(walk: Walk, x: Elementwise) -> bool:
    """Whether x is an accumulator of too many values for a table."""
    if not isinstance(x.term, Accumulated):
        return False
    bounds = walk.value(x.sources[0]).range
    return bounds.max - bounds.min >= MAX_ENTRIES


def ascending(
    walk: Walk, node: Node, operator: Operator, x: Elementwise, numbers: tuple[float, ...], axis: int | None,
    swapped: bool,
) -> tuple[Elementwise, Operator, tuple[float, ...]]:  # fmt: skip
    """x, operator and constants of the same value as `x operator numbers` (or swapped) that do not decrease in x."""
    if wants_sign(walk, x):
        if operator is Operator.SUB and swapped:  # c - x is -x + c
            return signed(walk, node, x, (-1,), None), Operator.ADD, numbers
        if operator is Operator.MUL or (operator is Operator.DIV and not swapped):
            flipped = signed(walk, node, x, [-1 if v < 0 else 1 for v in numbers], axis)
            return flipped, operator, tuple(abs(v) for v in numbers)
    return x, operator, numbers


def signed(walk: Walk, node: Node, x: Elementwise, signs: Sequence[int], axis: int | None) -> Elementwise:
    """x times `signs`, each 1 or -1: one, or one for each element along `axis`. x is an accumulator.

    Negating is exact in floating point too: the new accumulator's term is the old one's, negated.
    """
    term = x.term
    assert isinstance(term, Accumulated)
    if all(sign == 1 for sign in signs):
        return x
    (source,) = x.sources
    shape = [1] * len(source.shape)
    if len(signs) > 1 and axis is not None:
        shape[source.perm.index(axis)] = len(signs)
    constant = walk.builder.constant(f"{node.outputs[0]}.signs", np.array(signs, np.int64).reshape(shape), S8)
    op = Mul(name=node.loc.node, inputs=(source.name, constant), outputs=(node.outputs[0],), loc=node.loc)
    held = Held(walk.emit(node, op), source.shape, source.perm)
    count = max(len(signs), term.channels)
    column = np.broadcast_to(np.array(signs, np.int64), (count,))
    offsets = np.broadcast_to(np.array(term.offsets, np.int64), (count,)) * column
    biases = np.broadcast_to(np.array(term.biases, np.float64), (count,)) * column
    flipped = replace(
        term,
        offsets=tuple(offsets.tolist()) if any(term.offsets) else (0,),
        biases=tuple(biases.tolist()) if any(term.biases) else (0.0,),
    )
    return Elementwise(flipped, (held,), x.axis if flipped.channels > 1 and x.axis is not None else axis, x.weight)
