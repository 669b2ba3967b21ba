"""QOperator models: the operators of integers that hold their scales themselves, of ONNX and of com.microsoft."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwcomp.frontends.onnx import averages, dot, elementwise, layout, movement, quantise, softmax
from hwcomp.frontends.onnx.expressions import (
    AnyTensor,
    Constant,
    Elementwise,
    Held,
    Normalised,
    QuantConstant,
    Quantization,
)  # fmt: skip
from hwcomp.frontends.onnx.parameters import axis_in, scales, zero_points
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.walk import Walk, integer_type
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.step import Step
from hwcomp.ir.types import IntArray
from hwcomp.prove.functions_onnx import Function, Kind
from hwcomp.prove.steps_onnx import OnnxReferenceQLinear, OrtQLinear, qlinear_scale
from hwcomp.prove.terms_onnx import Dequantised, Operator

_REPEAT = "quantise the model again"


def single(walk: Walk, node: Node, scale_at: int, zero_at: int, x: Held | None) -> Quantization:
    """One scale and one zero point, from inputs `scale_at` and `zero_at`; x: their tensor, None for the output."""
    found = scales(walk, node, scale_at)
    zeros, dtype = zero_points(walk, node, zero_at, found.size, walk.value(x).type.dtype if x else None)
    if found.size != 1:
        raise node.fail("HWC101", f"'{node.inputs[scale_at]}' has a scale for each channel", "quantise it per tensor")
    return Quantization((float(found.reshape(-1)[0]),), zeros, None, dtype)


def dequantised(walk: Walk, node: Node, at: int, scale_at: int, zero_at: int) -> Elementwise:
    """Input `at` with its scale and zero point, as a float expression."""
    x = walk.held(node, at)
    found = single(walk, node, scale_at, zero_at, x)
    return Elementwise(Dequantised(0, found.zeros, found.scales), (x,))


def _weights(walk: Walk, node: Node, at: int, scale_at: int, zero_at: int, axis: int) -> dot.Weights:
    """Constant weights with scales and zero points along `axis`, which is brought to the front."""
    found = walk.tensor(node, at)
    if not isinstance(found, Constant) or found.array.dtype.kind not in "iu":
        raise node.fail("HWC108", f"its weights '{node.inputs[at]}' are computed at run time", _REPEAT)
    if found.array.ndim <= axis:
        raise node.fail("HWC214", f"its weights have rank {found.array.ndim}", _REPEAT)
    values = scales(walk, node, scale_at).reshape(-1) if scale_at >= 0 else np.ones(1, np.float32)
    dtype = integer_type(found)
    count = found.shape[axis]
    size = walk.constant(node, zero_at).size if walk.has(node, zero_at) else 1
    zeros, _ = zero_points(walk, node, zero_at, max(values.size, size), dtype)
    if values.size not in (1, count) or len(zeros) not in (1, count):
        raise node.fail("HWC215", f"{values.size} scales for {count} output channels", _REPEAT)
    levels = np.moveaxis(found.array.astype(np.int64), axis, 0)
    shape = (-1, *(1,) * (levels.ndim - 1))
    return dot.Weights(levels - np.array(zeros, np.int64).reshape(shape), tuple(map(float, values)), dtype.bits)


def _bias(walk: Walk, node: Node, at: int, channels: int) -> IntArray:
    if not walk.has(node, at):
        return np.zeros(channels, np.int64)
    values = np.array(walk.integers(node, at), np.int64)
    if values.size != channels:
        raise node.fail("HWC214", f"{values.size} biases for {channels} output channels", _REPEAT)
    return values


def rescaled(walk: Walk, node: Node, x: Held, ratios: tuple[float, ...], to: Quantization, axis: int) -> Held:
    """A rescale as the reference's QLinear operators do it; ratios along the source's `axis`."""
    zero, lo, hi = to.zeros[0], to.dtype.min, to.dtype.max
    kind: Callable[..., Step] = OrtQLinear if walk.reference == "onnxruntime" else OnnxReferenceQLinear
    op = Rescale(
        name=node.loc.node, inputs=(x.name,), outputs=(node.outputs[0],), loc=node.loc,
        step=kind(ratios, zero, lo, hi), dtype=to.dtype, axis=x.perm.index(axis) if len(ratios) > 1 else -1,
    )  # fmt: skip
    return Held(walk.emit(node, op), x.shape, x.perm)


def qlinear_conv(walk: Walk, node: Node) -> None:
    x = walk.held(node, 0)
    source, to = single(walk, node, 1, 2, x), single(walk, node, 6, 7, None)
    w = _weights(walk, node, 3, 4, 5, 0)
    y = dot.convolution(walk, node, x, source.zeros[0], w, _bias(walk, node, 8, w.centred.shape[0]))
    ratios = tuple(qlinear_scale(source.scales[0], s, to.scales[0]) for s in w.scales)
    walk.put(node, rescaled(walk, node, y, ratios, to, 1))


def qlinear_matmul(walk: Walk, node: Node) -> None:
    a = walk.held(node, 0)
    left, to = single(walk, node, 1, 2, a), single(walk, node, 6, 7, None)
    if isinstance(walk.tensor(node, 3), Constant) and len(walk.tensor(node, 3).shape) == 2:
        w = _weights(walk, node, 3, 4, 5, 1)
        y = dot.dense(walk, node, a, left.zeros[0], w, np.zeros(len(w.centred), np.int64))
        right = w.scales
    else:
        b = walk.held(node, 3)
        found = single(walk, node, 4, 5, b)
        y, right = dot.product(walk, node, a, left.zeros[0], b, found.zeros[0]), found.scales
    ratios = tuple(qlinear_scale(left.scales[0], s, to.scales[0]) for s in right)
    walk.put(node, rescaled(walk, node, y, ratios, to, len(y.shape) - 1))


def conv_integer(walk: Walk, node: Node) -> None:
    x = walk.held(node, 0)
    w = _weights(walk, node, 1, -1, 3, 0)
    zero = _zero(walk, node, 2, x)
    walk.put(node, dot.convolution(walk, node, x, zero, w, np.zeros(len(w.centred), np.int64)))


def matmul_integer(walk: Walk, node: Node) -> None:
    a = walk.held(node, 0)
    zero = _zero(walk, node, 2, a)
    if isinstance(walk.tensor(node, 1), Constant) and len(walk.tensor(node, 1).shape) == 2:
        w = _weights(walk, node, 1, -1, 3, 1)
        walk.put(node, dot.dense(walk, node, a, zero, w, np.zeros(len(w.centred), np.int64)))
        return
    b = walk.held(node, 1)
    walk.put(node, dot.product(walk, node, a, zero, b, _zero(walk, node, 3, b)))


def _zero(walk: Walk, node: Node, at: int, x: Held) -> int:
    """The zero point of x, 0 where it is absent."""
    return zero_points(walk, node, at, 1, walk.value(x).type.dtype)[0][0]


def qgemm(walk: Walk, node: Node) -> None:
    """com.microsoft QGemm: alpha * A B + C, C in units of the product of the scales."""
    a = walk.held(node, 0)
    left = single(walk, node, 1, 2, a)
    if node.number("alpha", 1.0) != 1.0:
        raise node.fail("HWC101", "alpha is not 1", "fold it into the weights")
    if node.integer("transA", 0):
        a = layout.transpose(a, (1, 0))
    w = _weights(walk, node, 3, 4, 5, 0 if node.integer("transB", 0) else 1)
    y = dot.dense(walk, node, a, left.zeros[0], w, _bias(walk, node, 6, w.centred.shape[0]))
    term = dot.accumulated(left.scales[0], w, (0.0,))
    if not walk.has(node, 7):
        walk.put(node, Elementwise(term, (y,), 1 if term.channels > 1 else None))
        return
    to = single(walk, node, 7, 8, None)
    ratios = tuple(qlinear_scale(left.scales[0], s, to.scales[0]) for s in w.scales)
    walk.put(node, rescaled(walk, node, y, ratios, to, 1))


def _closed(walk: Walk, node: Node, x: AnyTensor, scale_at: int, zero_at: int) -> None:
    """Quantise the expression of the output with the node's own parameters."""
    if isinstance(x, (Held, Constant, QuantConstant)):
        raise walk.floating(node, node.inputs[0])
    walk.put(node, quantise.quantised(walk, node, x, single(walk, node, scale_at, zero_at, None)))


def qlinear_binary(operator: Operator) -> Callable[[Walk, Node], None]:
    """The handler of com.microsoft QLinearAdd or QLinearMul."""

    def handler(walk: Walk, node: Node) -> None:
        a, b = dequantised(walk, node, 0, 1, 2), dequantised(walk, node, 3, 4, 5)
        _closed(walk, node, elementwise.combined(walk, node, operator, a, b), 6, 7)

    return handler


def qlinear_unary(kind: Kind) -> Callable[[Walk, Node], None]:
    """The handler of com.microsoft QLinearSigmoid or QLinearLeakyRelu: a table."""

    def handler(walk: Walk, node: Node) -> None:
        x = dequantised(walk, node, 0, 1, 2)
        numbers = (node.number("alpha", 0.01),) if kind is Kind.LEAKY_RELU else ()
        _closed(walk, node, elementwise.applied(walk, node, x, Function(kind, numbers)), 3, 4)

    return handler


def qlinear_average_pool(walk: Walk, node: Node) -> None:
    x = _channels_first(node, walk.held(node, 0))
    found = single(walk, node, 1, 2, x)
    _closed(walk, node, averages.average(walk, node, x, found.scales[0], found.zeros[0]), 3, 4)


def qlinear_global_average_pool(walk: Walk, node: Node) -> None:
    """Under `onnxruntime` one float32 ratio x_scale / (y_scale * count), as its kernel has."""
    x = _channels_first(node, walk.held(node, 0))
    found, to = single(walk, node, 1, 2, x), single(walk, node, 3, 4, None)
    mean = averages.global_average(walk, node, x, found.scales[0], found.zeros[0])
    walk.put(node, quantise.quantised(walk, node, mean, to))


def _channels_first(node: Node, x: Held) -> Held:
    if node.integer("channels_last", 0):
        raise node.fail("HWC101", "channels_last is not lowered", "export with channels first")
    return x


def qlinear_concat(walk: Walk, node: Node) -> None:
    """com.microsoft QLinearConcat: inputs are y_scale, y_zero_point, then tensor, scale, zero point of each part."""
    if len(node.inputs) < 5 or (len(node.inputs) - 2) % 3:
        raise node.fail("HWC218", f"it has {len(node.inputs)} inputs", _REPEAT)
    parts: list[AnyTensor] = [dequantised(walk, node, i, i + 1, i + 2) for i in range(2, len(node.inputs), 3)]
    axis = axis_in(node, node.integer("axis", 0), len(parts[0].shape))
    _closed(walk, node, movement.joined(walk, node, parts, axis), 0, 1)


def qlinear_softmax(walk: Walk, node: Node) -> None:
    x = dequantised(walk, node, 0, 1, 2)
    axis = axis_in(node, node.integer("axis", -1), len(x.shape))
    if node.integer("opset", 13) < 13 and axis != len(x.shape) - 1:
        raise node.fail("HWC101", "it normalises over several axes", "convert the model to operator set 13")
    term = x.term
    assert isinstance(term, Dequantised)
    result = Normalised(x.sources[0], term.scales[0], axis)
    walk.put(node, softmax.quantised(walk, node, result, single(walk, node, 3, 4, None)))
