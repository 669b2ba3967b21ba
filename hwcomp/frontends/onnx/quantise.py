"""QuantizeLinear and DequantizeLinear: where float expressions become integers and integers float expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwcomp.frontends.onnx import layout, softmax
from hwcomp.frontends.onnx.expressions import (
    Constant,
    Deferred,
    Elementwise,
    Finished,
    FloatInput,
    FloatTensor,
    Held,
    Normalised,
    QuantConstant,
    Quantization,
)  # fmt: skip
from hwcomp.frontends.onnx.parameters import quantization
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk, integer_type
from hwcomp.ir.graph import Quantizer
from hwcomp.ir.ops.elementwise import Max, Min
from hwcomp.ir.ops.lut import MAX_ENTRIES, Lut
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.step import Step
from hwcomp.ir.types import IntType, TensorType
from hwcomp.prove.functions_onnx import Kind
from hwcomp.prove.steps_onnx import OrtQLinear, OrtQLinearMul, qlinear_scale
from hwcomp.prove.steps_onnx_float import QdqPair, QdqTerm, quantize
from hwcomp.prove.steps_pair import OrtQLinearAdd
from hwcomp.prove.terms_onnx import Accumulated, Applied, Combined, Dequantised, Form, Operator, Term
from hwcomp.prove.terms_onnx import Constant as Constants

MAX_TABLE = 1 << 22
_QUANTISE_BETWEEN = "put QuantizeLinear and DequantizeLinear between the operators"


def dequantize_linear(walk: Walk, node: Node) -> None:
    """Integers become `Dequantised`; integer constants stay constants."""
    x = walk.tensor(node, 0)
    if isinstance(x, Constant) and x.array.dtype.kind in "iu":
        found = quantization(walk, node, 1, 2, x.shape, integer_type(x))
        walk.put(node, QuantConstant(x.array.astype(np.int64), found))
        return
    if not isinstance(x, Held):
        raise node.fail("HWC104", f"its input '{node.inputs[0]}' holds no integers", "export the model again")
    found = quantization(walk, node, 1, 2, x.shape, walk.value(x).type.dtype)
    walk.put(node, Elementwise(Dequantised(0, found.zeros, found.scales), (x,), found.axis))


def quantize_linear(walk: Walk, node: Node) -> None:
    """A float expression becomes integers."""
    x = walk.tensor(node, 0)
    if isinstance(x, Held):
        raise node.fail("HWC104", f"its input '{node.inputs[0]}' holds integers already", "export the model again")
    found = quantization(walk, node, 1, 2, x.shape, None)
    if isinstance(x, (Constant, QuantConstant)):
        walk.put(node, Constant(_quantised_constant(x, found), ""))
        return
    walk.put(node, quantised(walk, node, x, found))


def _quantised_constant(
    x: Constant | QuantConstant, to: Quantization
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    floats = np.asarray(x.floats if isinstance(x, QuantConstant) else x.array, np.float32)
    axis = to.axis or 0
    rows = np.moveaxis(floats, axis, 0) if floats.ndim else floats.reshape(1)
    flat = rows.reshape(rows.shape[0] if not to.per_tensor else 1, -1)
    levels = quantize(flat, to.scales, to.zeros, to.dtype.min, to.dtype.max).reshape(rows.shape)
    placed = np.moveaxis(levels, 0, axis) if floats.ndim else levels.reshape(())
    width = 8 if to.dtype.bits <= 8 else 16
    return placed.astype(f"{'int' if to.dtype.signed else 'uint'}{width}")


def quantised(walk: Walk, node: Node, x: FloatTensor, to: Quantization) -> Held:
    """The integers of QuantizeLinear(x).

    Raises: HWC103 where no single rescale or table stands for what lies between the integers.
    """
    match x:
        case FloatInput():
            return _quantised_input(walk, node, x, to)
        case Deferred():
            return x.join(tuple(quantised(walk, node, part, to) for part in x.parts))
        case Normalised():
            return softmax.quantised(walk, node, x, to)
        case Elementwise():
            return _quantised_term(walk, node, x, to)
        case Finished():
            raise node.fail("HWC103", "the input of the Softmax before it is not quantised per tensor",
                            "quantise right before the Softmax, per tensor")  # fmt: skip


def _quantised_input(walk: Walk, node: Node, x: FloatInput, to: Quantization) -> Held:
    if not to.per_tensor:
        raise node.fail("HWC101", "the model's input has a scale for each channel", "quantise inputs per tensor")
    known = walk.quantised_inputs.get(x.port)
    if known is None:
        border = Quantizer(to.scales[0], to.zeros[0], "float32", x.steps)
        name = walk.builder.input(x.port, TensorType(x.shape, to.dtype), border)
        known = ((to, x.steps), Held.plain(name, x.shape))
        walk.quantised_inputs[x.port] = known
    if known[0] != (to, x.steps):
        raise node.fail(
            "HWC103", f"the input '{x.port}' is quantised in two ways", "quantise it once and requantise the integers"
        )
    return known[1]


def _quantised_term(walk: Walk, node: Node, x: Elementwise, to: Quantization) -> Held:
    if _is_identity(walk, x, to):
        return x.sources[0]
    if x.axis is not None and to.axis is not None and x.axis != to.axis:
        raise node.fail("HWC101", f"scales along axis {to.axis}, parameters along axis {x.axis}", "quantise per tensor")
    axis = to.axis if x.axis is None else x.axis
    if x.term.form is not Form.OTHER and x.term.nondecreasing:
        return _rescaled(walk, node, replace(x, axis=axis), to)
    if len(x.sources) == 2 and x.term.form is not Form.OTHER:
        return _rescaled(walk, node, replace(x, axis=axis), to)
    value = walk.value(x.sources[0])
    if len(x.sources) == 1 and value.range.max - value.range.min < MAX_ENTRIES:
        return _tabulated(walk, node, replace(x, axis=axis), to)
    if len(x.sources) == 1 and x.term.nondecreasing:
        bent = _bent(walk, node, replace(x, axis=axis), to)
        return bent or _rescaled(walk, node, replace(x, axis=axis), to)
    raise node.fail("HWC103", "what lies before it is neither a rescale nor a function of one small integer",
                    _QUANTISE_BETWEEN)  # fmt: skip


def _bent(walk: Walk, node: Node, x: Elementwise, to: Quantization) -> Held | None:
    """LeakyRelu or PRelu of an accumulator: the greater (slopes from 1 on: the lesser) of two lines, quantised each.

    Quantising does not decrease, so it commutes with the choice. None for other terms and for slopes on both
    sides of 1.
    """
    match x.term:
        case Applied(function=function, argument=line) if function.kind is Kind.LEAKY_RELU:
            slopes = function.parameters
        case Combined(operator=Operator.PRELU, left=line, right=Constants(values=slopes)):
            pass
        case _:
            return None
    if line.form is Form.OTHER or min(slopes) < 1 < max(slopes):
        return None
    # Both as products, even with 1: neither is a kernel that ONNX Runtime fuses.
    lines = [Combined(Operator.MUL, line, Constants(values)) for values in ((1.0,), slopes)]
    parts = [_quantised_term(walk, node, replace(x, term=term), to) for term in lines]
    kind = Max if max(slopes) <= 1 else Min
    names = tuple(part.name for part in parts)
    op = kind(name=node.loc.node, inputs=names, outputs=(node.outputs[0],), loc=node.loc)
    return replace(parts[0], name=walk.emit(node, op))


def _is_identity(walk: Walk, x: Elementwise, to: Quantization) -> bool:
    term = x.term
    same = isinstance(term, Dequantised) and (term.scales, term.zeros) == (to.scales, to.zeros)
    return same and walk.value(x.sources[0]).type.dtype == to.dtype and (x.axis == to.axis or to.per_tensor)


def _rescaled(walk: Walk, node: Node, x: Elementwise, to: Quantization) -> Held:
    sources = aligned(walk, node, x.sources)
    first = sources[0]
    step = _step(node, walk.reference, x, to)
    if isinstance(step, OrtQLinearAdd) and len(sources) == 1:
        sources = (first, first)  # a tensor added to itself: the kernel has two operands all the same
    op = Rescale(
        name=node.loc.node, inputs=tuple(s.name for s in sources), outputs=(node.outputs[0],), loc=node.loc,
        step=step, dtype=to.dtype, axis=-1 if x.axis is None else first.perm.index(x.axis),
    )  # fmt: skip
    return Held(walk.emit(node, op), first.shape, first.perm)


def aligned(walk: Walk, node: Node, sources: Sequence[Held]) -> tuple[Held, ...]:
    """The sources, broadcast to one shape and held in one order of the axes: that of the first of the full shape."""
    shape = np.broadcast_shapes(*(s.shape for s in sources))
    model = next((s for s in sources if s.shape == shape), None)
    wide = [layout.broadcast(walk, node, s, shape) for s in sources]
    perm = (model or wide[0]).perm
    return tuple(layout.arranged(walk, node, s, perm) for s in wide)


def _step(node: Node, reference: str, x: Elementwise, to: Quantization) -> Step:
    lo, hi = _limits(x.term, to)
    if reference == "onnxruntime" and to.per_tensor:
        fused = _fused(x.term, to, lo, hi)
        if fused is not None:
            return fused
    if len(x.sources) == 1:
        return QdqTerm(x.term, to.scales, to.zeros, lo, hi, reference)
    if x.term.channels > 1 or not to.per_tensor:
        raise node.fail("HWC101", "a sum with parameters for each channel", "quantise the operands per tensor")
    if len(x.sources) > 2:
        raise node.fail("HWC101", "a sum of more than two tensors", _QUANTISE_BETWEEN)
    return QdqPair(x.term, to.scales[0], to.zeros[0], lo, hi, reference)


def _limits(term: Term, to: Quantization) -> tuple[int, int]:
    """The output's clamp: that of its type, narrowed by a Clip right before it."""
    lo, hi = to.dtype.min, to.dtype.max
    if isinstance(term, Applied) and term.function.is_clip and to.per_tensor:
        bounds = np.array([term.function.parameters], np.float32)
        narrow = quantize(bounds, to.scales, to.zeros, lo, hi)[0]
        lo, hi = int(narrow[0]), max(int(narrow[1]), int(narrow[0]))
    return lo, hi


def _fused(term: Term, to: Quantization, lo: int, hi: int) -> Step | None:
    """The kernel of ONNX Runtime's QDQ fusion for this: QLinearConv, QLinearMatMul, QLinearMul or QLinearAdd."""
    scale, zero = to.scales[0], to.zeros[0]
    root = term.argument if isinstance(term, Applied) and term.function.is_clip else term
    if isinstance(root, Accumulated) and root.factors and root.divisor == 1 and not any((*root.biases, *root.offsets)):
        if root.is_product:
            return OrtQLinearMul(qlinear_scale(*root.factors[0], scale), zero, lo, hi) if root is term else None
        return OrtQLinear(tuple(qlinear_scale(a, b, scale) for a, b in root.factors), zero, lo, hi)
    if isinstance(root, Combined) and root.operator is Operator.ADD and root is term:
        a, b = root.left, root.right
        if isinstance(a, Dequantised) and isinstance(b, Dequantised) and a.channels == b.channels == 1:
            a_zero, b_zero = int(a.zeros[0]), int(b.zeros[0])
            return OrtQLinearAdd(a.scales[0], a_zero, b.scales[0], b_zero, scale, zero, lo, hi)
    return None


def _tabulated(walk: Walk, node: Node, x: Elementwise, to: Quantization) -> Held:
    """A table over every level the source can take; one for each channel where parameters differ."""
    source = x.sources[0]
    bounds = walk.value(source).range
    levels = np.arange(bounds.min, bounds.max + 1, dtype=np.int64)[None, :]
    channels = max(x.term.channels, len(to.scales), len(to.zeros))
    if channels * levels.size > MAX_TABLE:
        raise node.fail("HWC209", f"a table for each of {channels} channels, {levels.size} entries each",
                        "quantise its input to 8 bits")  # fmt: skip
    table = quantize(x.term((levels,)), to.scales, to.zeros, to.dtype.min, to.dtype.max)
    if channels > 1 and x.axis is not None:
        source = layout.last(walk, node, source, x.axis)
    data = table[0] if channels == 1 else table
    constant = walk.builder.constant(f"{node.outputs[0]}.table", data, to.dtype)
    op = Lut(
        name=node.loc.node, inputs=(source.name, constant), outputs=(node.outputs[0],), loc=node.loc,
        input_min=bounds.min,
    )  # fmt: skip
    return Held(walk.emit(node, op), source.shape, source.perm)


def per_tensor_level(value: float, x: Dequantised, dtype: IntType) -> int | None:
    """The integer that dequantises to `value`; None where there is none, or one for each channel."""
    if x.channels > 1 or not float(x.zeros[0]).is_integer():
        return None
    level = round(value / x.scales[0]) + int(x.zeros[0])
    inside = dtype.min <= level <= dtype.max
    exact = np.float32(level - x.zeros[0]) * np.float32(x.scales[0]) == np.float32(value)
    return level if inside and bool(exact) else None
