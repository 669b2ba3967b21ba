"""Accumulators times -1, so that what stands over them does not decrease: a rescale only ever goes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwcomp.frontends.onnx.expressions import Elementwise, Held
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.elementwise import Mul
from hwcomp.ir.ops.lut import MAX_ENTRIES
from hwcomp.ir.types import S8, S32, S64, IntArray, IntType
from hwcomp.prove.steps_qonnx import REFERENCE
from hwcomp.prove.terms_onnx import Accumulated, Applied, Combined, Constant, Operator, Term


def wants_sign(walk: Walk, x: Elementwise) -> bool:
    """Whether x is an accumulator of too many values for a table. Of QONNX the quantiser itself turns it."""
    if not isinstance(x.term, Accumulated) or walk.reference == REFERENCE:
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


def turned(walk: Walk, node: Node, x: Elementwise, ways: IntArray) -> Elementwise | None:
    """x with the accumulators negated of the channels whose `ways` is -1, so that none decreases in them.

    The weights of a dot product are negated, which costs nothing; other accumulators are multiplied. None where x
    stands over dequantised integers, of which a table is made. The term reads acc = way * acc', exact in float32 too.
    """
    root = _root(x.term)
    if not isinstance(root, Accumulated):
        return None
    (source,) = x.sources
    numbers = tuple(int(way) for way in ways)
    if len(set(numbers)) == 1:
        numbers = numbers[:1]
    at = None if x.axis is None else source.perm.index(x.axis)
    maker = next((op for op in reversed(walk.builder.ops) if source.name in op.outputs), None)
    fits = len(numbers) == 1 or at == len(source.shape) - 1
    if isinstance(maker, (Conv2d, Dense)) and fits:
        name = _negated_dot(walk, node, maker, np.array(numbers, np.int64))
    else:
        shape = [1] * len(source.shape)
        if at is not None and len(numbers) > 1:
            shape[at] = len(numbers)
        constant = walk.builder.constant(f"{source.name}.signs", np.array(numbers, np.int64).reshape(shape), S8)
        op = Mul(name=node.loc.node, inputs=(source.name, constant), outputs=(f"{source.name}.turned",), loc=node.loc)
        name = walk.emit(node, op)
    return replace(x, sources=(replace(source, name=name),), term=_over(x.term, numbers))


def _negated_dot(walk: Walk, node: Node, maker: Conv2d | Dense, signs: IntArray) -> str:
    """The dot product again, the weights and biases of some output channels negated."""
    values = walk.builder.values
    weights, bias = (values[name] for name in maker.inputs[1:])
    assert weights.data is not None
    assert bias.data is not None
    rows = signs.reshape(-1, *(1,) * (weights.data.ndim - 1))
    negated = weights.data * rows
    bits = max(weights.type.dtype.bits, int(negated.max()).bit_length() + 1)
    constants = (
        walk.builder.constant(weights.name, negated, IntType(bits, True)),
        walk.builder.constant(bias.name, bias.data * signs, S32 if bias.type.dtype.bits <= 32 else S64),
    )
    return walk.emit(node, replace(maker, inputs=(maker.inputs[0], *constants), outputs=maker.outputs))


def _root(term: Term) -> Term:
    """The leaf of a term of one source."""
    match term:
        case Applied():
            return _root(term.argument)
        case Combined():
            left = _root(term.left)
            return _root(term.right) if isinstance(left, Constant) else left
        case _:
            return term


def _over(term: Term, ways: tuple[int, ...]) -> Term:
    """The term with way * accumulator in the place of every accumulator."""
    match term:
        case Applied():
            return replace(term, argument=_over(term.argument, ways))
        case Combined():
            return replace(term, left=_over(term.left, ways), right=_over(term.right, ways))
        case Accumulated():
            count = max(len(ways), term.channels)
            column = np.broadcast_to(np.array(ways, np.int64), (count,))
            offsets, biases = (
                tuple((np.broadcast_to(np.array(v), (count,)) * column).tolist()) if any(v) else v
                for v in (term.offsets, term.biases)
            )
            flipped = replace(term, offsets=offsets, biases=biases)
            return Combined(Operator.MUL, flipped, Constant(tuple(float(way) for way in ways)))
        case _:
            return term
