"""Float expressions under a QONNX quantiser: rescales, tables, and the border of the model's inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwcomp.frontends.onnx import layout, signs
from hwcomp.frontends.onnx.expressions import (
    AnyTensor,
    Deferred,
    Elementwise,
    FloatInput,
    Held,
    Normalised,
)  # fmt: skip
from hwcomp.frontends.onnx.quantise import MAX_TABLE, aligned
from hwcomp.frontends.onnx.source import Array, Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.graph import Quantizer
from hwcomp.ir.ops.lut import MAX_ENTRIES, Lut
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.types import IntArray, IntType, TensorType
from hwcomp.prove.rounding_qonnx import QonnxQuant
from hwcomp.prove.steps_qonnx import QonnxPair, QonnxTerm, directions
from hwcomp.prove.terms_onnx import Dequantised
from hwcomp.support.border import BorderOperator, BorderStep, Rounding

_QUANTISE_BETWEEN = "put a Quant between the operators"


@dataclass(frozen=True, slots=True)
class Levels:
    """What a quantiser gives: its arithmetic, the axis (of the source) of its channels, and the integers' type.

    dtype: None for the least one that holds what can be reached (Trunc, version 1, has no clamp).
    """

    quant: QonnxQuant
    axis: int | None
    dtype: IntType | None


def whole_numbers(values: Sequence[float]) -> tuple[float, ...]:
    """Integers as such, the others as they are."""
    return tuple(int(v) if float(v).is_integer() else v for v in values)


def constant_levels(floats: Array, quant: QonnxQuant, axis: int | None) -> IntArray:
    """The levels of a constant."""
    if quant.channels == 1 or axis is None:
        return quant(floats.reshape(1, -1)).reshape(floats.shape)
    rows = np.moveaxis(floats, axis, 0)
    levels = quant(rows.reshape(rows.shape[0], -1)).reshape(rows.shape)
    return np.moveaxis(levels, 0, axis)


def quantised(walk: Walk, node: Node, x: AnyTensor, to: Levels) -> Held:
    """The integers of quant(x).

    Raises: HWC103 where no rescale or table stands for what lies between the integers.
    """
    match x:
        case FloatInput():
            return _input(walk, node, x, to)
        case Deferred():
            if to.quant.channels > 1:
                raise node.fail("HWC101", "its input is moved, and its scales are per channel", _QUANTISE_BETWEEN)
            return x.join(tuple(quantised(walk, node, part, to) for part in x.parts))
        case Elementwise():
            return _term(walk, node, x, to)
        case Normalised():
            raise node.fail("HWC103", "a Softmax under a QONNX quantiser", "end the model before the Softmax")
        case _:
            raise walk.floating(node, node.inputs[0])


def truncated(walk: Walk, node: Node, to: Levels, scales: tuple[float, ...], zeros: tuple[float, ...]) -> None:
    """Put the result of a Trunc."""
    y = quantised(walk, node, walk.tensor(node, 0), to)
    term = Dequantised(0, whole_numbers(zeros), scales)
    walk.put(node, Elementwise(term, (y,), to.axis if term.channels > 1 else None))


def _input(walk: Walk, node: Node, x: FloatInput, to: Levels) -> Held:
    """A float input of the model, quantised at the border."""
    if to.quant.channels > 1:
        raise node.fail("HWC101", "the model's input has a scale for each channel", "quantise inputs per tensor")
    if to.dtype is None or to.quant.wide_scale:
        raise node.fail("HWC101", "its parameters are no border of the model", "quantise the input by Quant, float32")
    border = border_of(x, to.quant)
    known = walk.quantised_inputs.get(x.port)
    if known is None:
        name = walk.builder.input(x.port, TensorType(x.shape, to.dtype), border)
        known = ((border, to.dtype), Held.plain(name, x.shape))
        walk.quantised_inputs[x.port] = known
    if known[0] != (border, to.dtype):
        raise node.fail(
            "HWC103", f"the input '{x.port}' is quantised in two ways", "quantise it once and requantise the integers"
        )
    return known[1]


def border_of(x: FloatInput, quant: QonnxQuant) -> Quantizer:
    """The border that computes `quant` of x's steps. Where it adds a zero point in float32, that is a step as well."""
    scale, zero = quant.scales[0], quant.zeros[0]
    plain = zero == 0 or (quant.wide_zero and zero.is_integer())
    if plain and quant.rounding is not Rounding.SIGN:
        return Quantizer(scale, int(zero), "float32", x.steps, quant.rounding, quant.lo, quant.hi)
    added = (BorderStep(BorderOperator.DIV, (scale,)), BorderStep(BorderOperator.ADD, (zero,)))
    steps = (*x.steps, *(step for step in added if step.values[0] != (step.operator is BorderOperator.DIV)))
    return Quantizer(1.0, 0, "float32", steps, quant.rounding, quant.lo, quant.hi)


def _term(walk: Walk, node: Node, x: Elementwise, to: Levels) -> Held:
    if x.axis is not None and to.axis is not None and x.axis != to.axis:
        raise node.fail("HWC101", f"scales along axis {to.axis}, parameters along axis {x.axis}", "quantise per tensor")
    axis = to.axis if x.axis is None else x.axis
    x = replace(x, axis=axis)
    if len(x.sources) != 1:
        return _pair(walk, node, x, to)
    (source,) = x.sources
    if _is_identity(walk, x, to):
        return source
    ways = directions(x.term)
    if ways is not None and (ways < 0).any():
        turned = signs.turned(walk, node, x, ways)
        ways, x = (None, x) if turned is None else (np.ones(1, np.int64), turned)
    if ways is None:
        bounds = walk.value(source).range
        if bounds.max - bounds.min >= MAX_ENTRIES:
            raise node.fail("HWC103", "what lies before it is neither a rescale nor a function of one small integer",
                            _QUANTISE_BETWEEN)  # fmt: skip
        return _tabulated(walk, node, x, to)
    return _rescale(walk, node, x, to, QonnxTerm(x.term, _reached(walk, x, to.quant)), x.sources)


def _rescale(
    walk: Walk, node: Node, x: Elementwise, to: Levels, step: QonnxTerm | QonnxPair, sources: Sequence[Held]
) -> Held:
    first = sources[0]
    dtype = to.dtype or IntType.covering(step.lo, step.hi)
    axis = -1 if x.axis is None or step.channels == 1 else first.perm.index(x.axis)
    op = Rescale(
        name=node.loc.node, inputs=tuple(s.name for s in sources), outputs=(node.outputs[0],), loc=node.loc,
        step=step, dtype=dtype, axis=axis,
    )  # fmt: skip
    return Held(walk.emit(node, op), first.shape, first.perm)


def _reached(walk: Walk, x: Elementwise, quant: QonnxQuant) -> QonnxQuant:
    """`quant` with a clamp at what x can reach, where it has none of its own: a Trunc of version 1."""
    if quant.divisor is None or quant.hi < 1 << 30:
        return quant
    bounds = walk.value(x.sources[0]).range
    ends = quant(x.term((np.array([[bounds.min, bounds.max]]),)))
    return replace(quant, lo=int(ends.min()), hi=int(ends.max()))


def _is_identity(walk: Walk, x: Elementwise, to: Levels) -> bool:
    """Whether x holds the levels that the quantiser gives already: a tensor quantised twice."""
    bounds = walk.value(x.sources[0]).range
    if not isinstance(x.term, Dequantised) or bounds.max - bounds.min >= MAX_ENTRIES:
        return False
    levels = np.arange(bounds.min, bounds.max + 1, dtype=np.int64)[None, :]
    return bool((to.quant(x.term((levels,))) == levels).all())


def _pair(walk: Walk, node: Node, x: Elementwise, to: Levels) -> Held:
    """A sum or difference of two tensors."""
    if len(x.sources) > 2:
        raise node.fail("HWC101", "a sum of more than two tensors", _QUANTISE_BETWEEN)
    if x.term.channels > 1 or to.quant.channels > 1:
        raise node.fail("HWC101", "a sum with parameters for each channel", "quantise the operands per tensor")
    if to.dtype is None:
        raise node.fail("HWC101", "a Trunc of a sum of two tensors", "put a Quant before it")
    step = QonnxPair(x.term, to.quant)
    return _rescale(walk, node, x, to, step, aligned(walk, node, x.sources))


def _tabulated(walk: Walk, node: Node, x: Elementwise, to: Levels) -> Held:
    """A table over every level the source can take; one for each channel where parameters differ."""
    source = x.sources[0]
    bounds = walk.value(source).range
    levels = np.arange(bounds.min, bounds.max + 1, dtype=np.int64)[None, :]
    channels = max(x.term.channels, to.quant.channels)
    if channels * levels.size > MAX_TABLE:
        raise node.fail("HWC209", f"a table for each of {channels} channels, {levels.size} entries each",
                        "quantise its input to 8 bits")  # fmt: skip
    with np.errstate(all="ignore"):
        table = to.quant(x.term((levels,)))
    if channels > 1 and x.axis is not None:
        source = layout.last(walk, node, source, x.axis)
    dtype = to.dtype or IntType.covering(int(table.min()), int(table.max()))
    constant = walk.builder.constant(f"{node.outputs[0]}.table", table[0] if channels == 1 else table, dtype)
    op = Lut(
        name=node.loc.node, inputs=(source.name, constant), outputs=(node.outputs[0],), loc=node.loc,
        input_min=bounds.min,
    )  # fmt: skip
    return Held(walk.emit(node, op), source.shape, source.perm)
