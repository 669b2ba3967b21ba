"""Elementwise operators on float expressions: functions of one tensor, and operators of two."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from hwcomp.frontends.onnx import border, dot, layout, quantise, signs
from hwcomp.frontends.onnx.expressions import (
    MANY,
    AnyTensor,
    Constant,
    Deferred,
    Elementwise,
    FloatInput,
    FloatTensor,
    Held,
    QuantConstant,
    varying_axis,
    weight,
)  # fmt: skip
from hwcomp.frontends.onnx.source import Array, Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.elementwise import Add, Max, Min, Mul, Sub
from hwcomp.ir.types import IntType
from hwcomp.prove import terms_onnx as terms
from hwcomp.prove.functions_onnx import Function, Kind
from hwcomp.prove.steps_qonnx import REFERENCE
from hwcomp.prove.terms_onnx import Accumulated, Applied, Combined, Dequantised, Form, Operator, Term

_PARAMETERS: Mapping[Kind, tuple[tuple[str, float], ...]] = {
    Kind.HARD_SIGMOID: (("alpha", 0.2), ("beta", 0.5)),
    Kind.LEAKY_RELU: (("alpha", 0.01),),
    Kind.ELU: (("alpha", 1.0),),
    Kind.CELU: (("alpha", 1.0),),
    Kind.SELU: (("alpha", 1.6732632423543772), ("gamma", 1.0507009873554805)),
    Kind.THRESHOLDED_RELU: (("alpha", 1.0),),
    Kind.QUICK_GELU: (("alpha", 1.702),),
    Kind.SWISH: (("alpha", 1.0),),
    Kind.SHRINK: (("bias", 0.0), ("lambd", 0.5)),
}
_INF = math.inf


def applied(walk: Walk, node: Node, x: AnyTensor, function: Function) -> AnyTensor:
    """`function` of every element.

    Raises: HWC103 the elements are not quantised.
    """
    if isinstance(x, (Constant, QuantConstant)):
        floats = x.floats if isinstance(x, QuantConstant) else np.asarray(x.array, np.float32)
        return Constant(function(floats), "FLOAT")
    if isinstance(x, Elementwise):
        if function.kind is Kind.NEG and signs.wants_sign(walk, x):
            return signs.signed(walk, node, x, (-1,), None)
        return replace(x, term=Applied(function, x.term), weight=x.weight + 1)
    if isinstance(x, FloatInput):
        return border.clipped_input(walk, node, x, function)
    if isinstance(x, Deferred) and (x.elementwise or function.nondecreasing):
        parts = tuple(_float(walk, node, applied(walk, node, part, function)) for part in x.parts)
        return replace(x, parts=parts, weight=weight(*parts) + 1)
    raise walk.floating(node, node.inputs[0])


def _float(walk: Walk, node: Node, x: AnyTensor) -> FloatTensor:
    if isinstance(x, (Held, Constant, QuantConstant)):
        raise walk.floating(node, node.inputs[0])
    return x


def unary(kind: Kind) -> Callable[[Walk, Node], None]:
    """The handler of a function whose parameters are attributes."""

    def handler(walk: Walk, node: Node) -> None:
        numbers = tuple(node.number(name, default) for name, default in _PARAMETERS.get(kind, ()))
        walk.put(node, applied(walk, node, walk.tensor(node, 0), Function(kind, numbers)))

    return handler


def gelu(walk: Walk, node: Node) -> None:
    kind = Kind.GELU_TANH if node.text("approximate", "none") == "tanh" else Kind.GELU
    walk.put(node, applied(walk, node, walk.tensor(node, 0), Function(kind)))


def relu(walk: Walk, node: Node) -> None:
    walk.put(node, applied(walk, node, walk.tensor(node, 0), Function(Kind.CLIP, (0.0, _INF))))


def clip(walk: Walk, node: Node) -> None:
    """Clip with bounds as attributes (before operator set 11) or as constant inputs."""
    bounds: list[float] = []
    for index, (name, default) in enumerate((("min", -_INF), ("max", _INF)), start=1):
        if node.version < 11:
            bounds.append(node.number(name, default) if name in node.attributes else default)
        elif walk.has(node, index):
            array = walk.constant(node, index)
            if array.size != 1 or np.isnan(array).any():
                raise node.fail("HWC221", f"its bound '{name}' is no number", "export the model again")
            bounds.append(float(array.reshape(-1)[0]))
        else:
            bounds.append(default)
    walk.put(node, applied(walk, node, walk.tensor(node, 0), Function(Kind.CLIP, (bounds[0], bounds[1]))))


def binary(operator: Operator) -> Callable[[Walk, Node], None]:
    """The handler of an operator of two operands (Min and Max: of any number)."""

    def handler(walk: Walk, node: Node) -> None:
        result = walk.tensor(node, 0)
        many = len(node.inputs) if operator in (Operator.MIN, Operator.MAX) or node.op_type == "Sum" else 2
        for index in range(1, many):
            result = combined(walk, node, operator, result, walk.tensor(node, index))
        walk.put(node, result)

    return handler


def combined(walk: Walk, node: Node, operator: Operator, a: AnyTensor, b: AnyTensor) -> AnyTensor:
    """a operator b, broadcast.

    Raises: HWC103 an operand is not quantised, HWC214 the shapes do not broadcast.
    """
    try:
        walk.check_bound(node, np.broadcast_shapes(a.shape, b.shape))
    except ValueError:
        raise node.fail("HWC214", f"shapes {a.shape} and {b.shape} do not broadcast", "export it again") from None
    if isinstance(a, (Constant, QuantConstant)) and isinstance(b, (Constant, QuantConstant)):
        return Constant(_folded(operator, _array(a), _array(b)))
    if isinstance(a, Held) or isinstance(b, Held):
        return _integers(walk, node, operator, a, b)
    if isinstance(a, (Constant, QuantConstant)):
        return _with_constant(walk, node, operator, _float(walk, node, b), a, True)
    if isinstance(b, (Constant, QuantConstant)):
        return _with_constant(walk, node, operator, a, b, False)
    if operator in (Operator.MIN, Operator.MAX):
        return _extreme(walk, node, operator, a, b)
    if not isinstance(a, Elementwise) or not isinstance(b, Elementwise):
        raise walk.floating(node, node.inputs[0])
    return _of_two(walk, node, operator, a, b)


def _array(x: Constant | QuantConstant) -> Array:
    return x.floats if isinstance(x, QuantConstant) else x.array


def _folded(operator: Operator, a: Array, b: Array) -> Array:
    functions: dict[Operator, Callable[[Array, Array], Array]] = {
        Operator.ADD: np.add, Operator.SUB: np.subtract, Operator.MUL: np.multiply, Operator.MIN: np.minimum,
        Operator.MAX: np.maximum,
    }  # fmt: skip
    with np.errstate(all="ignore"):
        if operator is Operator.DIV:
            if a.dtype.kind in "iu":  # ONNX divides integers toward zero
                divisor = np.where(b == 0, 1, b)
                return np.asarray(np.sign(a) * np.sign(divisor) * (np.abs(a) // np.abs(divisor)), a.dtype)
            return np.asarray(np.divide(a, b), a.dtype)
        return np.asarray(functions[operator](a, b))


def _integers(walk: Walk, node: Node, operator: Operator, a: AnyTensor, b: AnyTensor) -> Held:
    """Integer arithmetic of the source: choices, and sums of 32-bit integers such as the bias after MatMulInteger.

    Raises: HWC102 sums of narrow integers, and sums that can leave 32 bits: the source's wrap around.
    """
    kinds = {Operator.ADD: Add, Operator.SUB: Sub, Operator.MIN: Min, Operator.MAX: Max}
    both = [x if isinstance(x, Held) else walk.held(node, i) for i, x in enumerate((a, b))]
    chooses = operator in (Operator.MIN, Operator.MAX)
    if operator not in kinds or (not chooses and any(walk.value(x).type.dtype.bits < 32 for x in both)):
        raise node.fail("HWC102", "arithmetic on narrow integers", "do it between DequantizeLinear and QuantizeLinear")
    shape = np.broadcast_shapes(*(x.shape for x in both))
    ranked = [x if len(x.shape) == len(shape) else layout.unsqueezed(walk, node, x, len(shape)) for x in both]
    perm = ranked[0].perm
    names = tuple(layout.arranged(walk, node, x, perm).name for x in ranked)
    op = kinds[operator](name=node.loc.node, inputs=names, outputs=(node.outputs[0],), loc=node.loc)
    name = walk.emit(node, op)
    bounds, source = walk.builder.value(name).range, walk.value(both[0]).type.dtype
    least = 0 if not source.signed else -(1 << 31)
    if not chooses and (bounds.min < least or bounds.max >= least + (1 << 32)):
        raise node.fail(
            "HWC102", "an integer sum that can wrap around", "do it between DequantizeLinear and QuantizeLinear"
        )
    return Held(name, shape, perm)


def _with_constant(
    walk: Walk, node: Node, operator: Operator, x: FloatTensor, constant: Constant | QuantConstant, swapped: bool
) -> AnyTensor:
    """x operator constant, or the other way round: the constant may differ along one axis."""
    floats: Array = np.asarray(_array(constant), np.float32)
    if not np.isfinite(floats).all():
        raise node.fail("HWC221", "its constant operand holds NaN or infinity", "export the model again")
    if isinstance(x, FloatInput):
        return border.input_with_constant(walk, node, operator, x, floats, swapped)
    if isinstance(x, Deferred) and floats.size == 1 and (x.elementwise or operator in (Operator.ADD, Operator.SUB)):
        parts = [_with_constant(walk, node, operator, part, constant, swapped) for part in x.parts]
        return replace(x, parts=tuple(_float(walk, node, part) for part in parts), weight=weight(*parts) + 1)
    if not isinstance(x, Elementwise):
        raise walk.floating(node, node.inputs[1 if swapped else 0])
    shape = np.broadcast_shapes(x.shape, floats.shape)
    if shape != x.shape:
        x = replace(x, sources=tuple(layout.broadcast(walk, node, s, shape) for s in x.sources), axis=_moved(x, shape))
    axis = varying_axis(floats, len(shape))
    if axis == MANY or (axis is not None and x.axis not in (None, axis)):
        return _with_held(walk, node, operator, x, constant, swapped)
    if isinstance(constant, QuantConstant) and operator is Operator.ADD and walk.reference != REFERENCE:
        fused = _with_bias(x, constant, axis)
        if fused is not None:
            return fused
    if isinstance(constant, QuantConstant) and walk.reference == REFERENCE:
        floats = constant.reals  # as the weights: where sums are real numbers, the biases are
    numbers = tuple(float(v) for v in floats.reshape(-1)) if axis is not None else (_one(floats),)
    x, operator, numbers = signs.ascending(walk, node, operator, x, numbers, axis, swapped)
    values = terms.Constant(numbers)
    left, right = (values, x.term) if swapped else (x.term, values)
    term = Combined(operator, left, right)
    return Elementwise(term, x.sources, x.axis if axis is None else axis, x.weight + 1)


def _moved(x: Elementwise, shape: tuple[int, ...]) -> int | None:
    return None if x.axis is None else x.axis + len(shape) - len(x.shape)


def _one(floats: Array) -> float:
    return float(floats.reshape(-1)[0])


def _with_bias(x: Elementwise, bias: QuantConstant, axis: int | None) -> Elementwise | None:
    """An accumulator and a bias of its own scale: an offset in integers."""
    term = x.term
    if not isinstance(term, Accumulated) or any(term.biases) or any(term.offsets) or term.divisor != 1:
        return None
    levels = dot.integer_bias(bias, term.scales)
    if levels is None:
        return None
    offsets = tuple(int(v) for v in levels.reshape(-1)) if axis is not None else (int(levels.reshape(-1)[0]),)
    return Elementwise(replace(term, offsets=offsets), x.sources, x.axis if axis is None else axis)


def _with_held(
    walk: Walk, node: Node, operator: Operator, x: Elementwise, constant: Constant | QuantConstant, swapped: bool
) -> AnyTensor:
    """A constant that differs along several axes joins as a tensor of the graph, if it is quantised."""
    if not isinstance(constant, QuantConstant) or not constant.quantization.per_tensor:
        raise node.fail("HWC103", "its constant operand is float and differs along several axes", "quantise it")
    to = constant.quantization
    held = walk.hold(constant.levels, node.inputs[0 if swapped else 1], to.dtype)
    other = Elementwise(Dequantised(0, to.zeros, to.scales), (held,))
    a, b = (other, x) if swapped else (x, other)
    return _of_two(walk, node, operator, a, b)


def _of_two(walk: Walk, node: Node, operator: Operator, a: Elementwise, b: Elementwise) -> Elementwise:
    """An operator of two tensors computed at run time; the same tensor twice is one source."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    same = a.sources == b.sources
    plain = isinstance(a.term, Dequantised) and isinstance(b.term, Dequantised)
    # ONNX Runtime's QLinearMul of a tensor with itself multiplies integers as it does of two.
    if operator is Operator.MUL and (not same or (plain and walk.reference == "onnxruntime")):
        return _product(walk, node, a, b)
    linear = max(a.term.form, b.term.form) is Form.LINEAR
    if not same and (operator not in (Operator.ADD, Operator.SUB) or not linear):
        raise node.fail("HWC103", "its operands are not quantised both", "quantise both operands")
    wide = [
        replace(x, sources=tuple(layout.broadcast(walk, node, s, shape) for s in x.sources), axis=_moved(x, shape))
        for x in (a, b)
    ]
    if wide[0].axis is not None and wide[1].axis is not None and wide[0].axis != wide[1].axis:
        raise node.fail("HWC101", "its operands have scales along different axes", "quantise per tensor")
    sources: list[Held] = []
    renumbered: list[Term] = []
    for x in wide:
        places: dict[int, int] = {}
        for number, source in enumerate(x.sources):
            if source not in sources:
                sources.append(source)
            places[number] = sources.index(source)
        renumbered.append(x.term.renumber(places))
    axis = wide[0].axis if wide[0].axis is not None else wide[1].axis
    return Elementwise(Combined(operator, renumbered[0], renumbered[1]), tuple(sources), axis, weight(a, b) + 1)


def _product(walk: Walk, node: Node, a: Elementwise, b: Elementwise) -> Elementwise:
    """The exact product of two dequantised tensors."""
    if not isinstance(a.term, Dequantised) or not isinstance(b.term, Dequantised):
        raise node.fail("HWC103", "its operands are not quantised both", "quantise both operands")
    if a.term.channels > 1 or b.term.channels > 1:
        raise node.fail("HWC101", "its operands have scales for each channel", "quantise activations per tensor")
    rank = max(len(a.shape), len(b.shape))
    (left, a_scale, a_zero), (right, b_scale, b_zero) = (
        layout.whole(walk, node, source, term.scales[0], term.zeros[0])
        for source, term in ((a.sources[0], a.term), (b.sources[0], b.term))
    )
    held = [x if len(x.shape) == rank else layout.unsqueezed(walk, node, x, rank) for x in (left, right)]
    shape = np.broadcast_shapes(a.shape, b.shape)
    walk.check_size(node, shape)
    perm = next((h.perm for h in held if h.shape == shape), held[0].perm)
    names = tuple(layout.arranged(walk, node, h, perm).name for h in held)
    op = Mul(name=node.loc.node, inputs=names, outputs=(node.outputs[0],), loc=node.loc, a_zero=a_zero, b_zero=b_zero)
    term = Accumulated(0, (0,), (a_scale * b_scale,), (0.0,), 1, ((a_scale, b_scale),), is_product=True)
    return Elementwise(term, (Held(walk.emit(node, op), shape, perm),))


def _extreme(walk: Walk, node: Node, operator: Operator, a: FloatTensor, b: FloatTensor) -> Deferred:
    """The greater or lesser of two tensors: quantising does not decrease, so it may come first."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    kind = Max if operator is Operator.MAX else Min

    def join(parts: tuple[Held, ...]) -> Held:
        both = quantise.aligned(walk, node, parts)
        names = tuple(h.name for h in both)
        op = kind(name=node.loc.node, inputs=names, outputs=(node.outputs[0],), loc=node.loc)
        return Held(walk.emit(node, op), shape, both[0].perm)

    return Deferred((a, b), join, shape, False, weight(a, b) + 1)


def prelu(walk: Walk, node: Node) -> None:
    """PRelu with a constant slope, one or one a channel."""
    x = walk.elementwise(node, 0)
    slope = np.asarray(walk.constant(node, 1), np.float32)
    fits = slope.ndim <= len(x.shape) and all(
        a in (1, b) for a, b in zip(slope.shape[::-1], x.shape[::-1], strict=False)
    )
    if not fits:
        raise node.fail("HWC214", f"slopes {slope.shape} do not broadcast to {x.shape}", "export the model again")
    walk.put(node, _with_constant(walk, node, Operator.PRELU, x, Constant(slope), False))


def power(walk: Walk, node: Node) -> None:
    exponent = walk.constant(node, 1)
    if exponent.size != 1 or not np.isfinite(exponent).all():
        raise node.fail("HWC101", "its exponent is not one number", "export with a scalar exponent")
    function = Function(Kind.POW, (float(exponent.reshape(-1)[0]),))
    walk.put(node, applied(walk, node, walk.tensor(node, 0), function))


def identity(walk: Walk, node: Node) -> None:
    walk.put(node, walk.tensor(node, 0))


def cast(walk: Walk, node: Node) -> None:
    """Casts of constants, and of integers of the graph to float32."""
    import onnx

    numbers = onnx.TensorProto.DataType
    to = node.integer("to", 0)
    name = numbers.Name(to) if to in numbers.values() else str(to)
    x = walk.tensor(node, 0)
    if isinstance(x, Constant) and name in ("FLOAT", "INT64", "INT32", "INT8", "UINT8", "BOOL"):
        dtype = {"FLOAT": np.float32, "BOOL": np.bool_}.get(name) or np.dtype(name.lower()).type
        with np.errstate(all="ignore"):
            walk.put(node, Constant(x.array.astype(dtype), name))
        return
    if isinstance(x, Held) and name == "FLOAT":
        walk.put(node, Elementwise(Dequantised(0, (0,), (1.0,)), (x,)))
        return
    if not isinstance(x, Held) and name == "FLOAT":
        walk.put(node, x)
        return
    if isinstance(x, Held) and name in ("INT64", "INT32") and walk.value(x).range.fits(IntType(32, True)):
        walk.put(node, x)
        return
    raise node.fail("HWC104", f"a cast to {name} at run time", "remove the cast")
