"""Conv, Gemm and MatMul between dequantised tensors: exact integer accumulators and their scales."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwcomp.frontends.onnx import layout
from hwcomp.frontends.onnx.expressions import Constant, Elementwise, Held, QuantConstant
from hwcomp.frontends.onnx.source import Node
from hwcomp.frontends.onnx.spatial import Window, window_of
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.ops.lut import MAX_ENTRIES
from hwcomp.ir.types import IntArray, IntType
from hwcomp.prove.steps_qonnx import REFERENCE
from hwcomp.prove.terms_onnx import Accumulated, Combined, Dequantised, Form, Operator, Term
from hwcomp.prove.terms_onnx import Constant as TermConstant

S32, S64 = IntType(32, True), IntType(64, True)
_REPEAT = "export the model again"
# A bias quantised with float32(sx * sw) has a scale this close to the exact product: a float32 rounding or two.
SAME_SCALE = 2.0**-22


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights less their zero points, first axis the output channel, and their scales (one, or one a channel)."""

    centred: IntArray
    scales: tuple[float, ...]
    bits: int

    @property
    def dtype(self) -> IntType:
        lo, hi = int(self.centred.min()), int(self.centred.max())
        bits = max(self.bits, lo.bit_length() if lo >= 0 else (-lo - 1).bit_length() + 1, hi.bit_length() + 1)
        return IntType(bits, True)


def activation(walk: Walk, node: Node, index: int) -> tuple[Held, float, int]:
    """Input `index` as integers with one scale and one zero point, an integer too.

    Raises: as `operand`.
    """
    return layout.whole(walk, node, *operand(walk, node, index))


def operand(walk: Walk, node: Node, index: int) -> tuple[Held, float, float]:
    """Input `index` as integers with one scale and one zero point, which may have a fraction (`Dequantised`).

    Raises: HWC103 something stands between the integers and this operator, HWC101 it has scales per channel.
    """
    x = walk.elementwise(node, index)
    term = x.term if isinstance(x.term, Dequantised) else affine_levels(walk, x)
    if term is None:
        raise node.fail(
            "HWC103", f"its input '{node.inputs[index]}' is not quantised", "quantise it right before this operator"
        )
    if term.channels > 1:
        raise node.fail("HWC101", "its input has a scale for each channel", "quantise activations per tensor")
    return x.sources[0], term.scales[0], term.zeros[0]


def affine_levels(walk: Walk, x: Elementwise) -> Dequantised | None:
    """The scale and the zero point with which the levels under x are what constants make of them, in float32.

    None where there are none, or x is no rising line of one tensor of few levels.
    """
    bounds = walk.value(x.sources[0]).range
    if len(x.sources) > 1 or x.term.channels > 1 or x.term.form is not Form.LINEAR or not x.term.nondecreasing:
        return None
    if not 1 <= bounds.max - bounds.min < MAX_ENTRIES:
        return None
    levels = np.arange(bounds.min, bounds.max + 1, dtype=np.int64)[None, :]
    floats = x.term((levels,))
    scale = (float(floats[0, -1]) - float(floats[0, 0])) / (bounds.max - bounds.min)
    if not scale > 0 or float(np.float32(scale)) != scale:
        return None
    zero = bounds.min - float(floats[0, 0]) / scale
    found = Dequantised(0, (int(zero) if zero.is_integer() else zero,), (scale,))
    return found if bool((found((levels,)) == floats).all()) else None


def weights(walk: Walk, node: Node, index: int, axis: int) -> Weights:
    """Constant input `index`, its output channels along `axis` brought to the front.

    Raises: HWC103 plain floats, HWC108 computed at run time, HWC101 scales along another axis.
    """
    found = walk.tensor(node, index)
    if isinstance(found, Constant):
        raise node.fail("HWC103", f"its weights '{node.inputs[index]}' are floats", "quantise the weights too")
    if not isinstance(found, QuantConstant):
        raise node.fail(
            "HWC108", f"its weights '{node.inputs[index]}' are computed at run time", "export them as constants"
        )
    parameters = found.quantization
    if found.levels.size == 0:
        raise node.fail("HWC208", "its weights are empty", _REPEAT)
    if not parameters.per_tensor and parameters.axis != axis:
        raise node.fail(
            "HWC101", f"its weights have scales along axis {parameters.axis}, its outputs lie along {axis}",
            "quantise the weights along the output channels",
        )  # fmt: skip
    return Weights(np.moveaxis(found.centred, axis, 0), parameters.scales, parameters.dtype.bits)


def biased(
    walk: Walk, node: Node, index: int, scales: Sequence[float], channels: int, beta: float = 1.0
) -> tuple[IntArray, tuple[float, ...]]:
    """Constant input `index` times `beta`: (integers in units of `scales`, float32 numbers), one of them all zero."""
    none = np.zeros(channels, np.int64)
    if not walk.has(node, index):
        return none, (0.0,)
    found = walk.tensor(node, index)
    if isinstance(found, QuantConstant) and beta == 1.0:
        whole = integer_bias(found, scales) if found.levels.size in (1, channels) else None
        if whole is not None:
            return np.broadcast_to(whole.reshape(-1), (channels,)).astype(np.int64), (0.0,)
    return split_bias(_float_bias(walk, node, index, channels, beta), scales)


def _float_bias(walk: Walk, node: Node, index: int, channels: int, beta: float) -> tuple[float, ...]:
    """Constant input `index` times `beta` in float32, one number for each of `channels`.

    Raises: HWC214 another count, HWC221 NaN or infinity.
    """
    floats = np.asarray(walk.constant(node, index), np.float32)
    if floats.size not in (1, channels):
        raise node.fail("HWC214", f"{floats.size} biases for {channels} output channels", _REPEAT)
    with np.errstate(over="ignore"):
        numbers = np.broadcast_to((floats * np.float32(beta)).reshape(-1), (channels,))
    if not np.isfinite(numbers).all():
        raise node.fail("HWC221", "its bias holds NaN or infinity", "train or export the model again")
    return tuple(float(v) for v in numbers)


def integer_bias(bias: QuantConstant, scales: Sequence[float]) -> IntArray | None:
    """The levels of a bias quantised with the product of the scales (as float32 holds it); None where it is not."""
    ratio = np.array(bias.quantization.scales, np.float64) / np.array(scales, np.float64)
    return bias.centred if bool((np.abs(ratio - 1) <= SAME_SCALE).all()) else None


def split_bias(floats: tuple[float, ...], scales: Sequence[float]) -> tuple[IntArray, tuple[float, ...]]:
    """Float biases as integers where every one is the float32 of a multiple of its scale, else as they are."""
    numbers, unit = np.array(floats, np.float32), np.array(scales, np.float64)
    multiples = np.rint(numbers.astype(np.float64) / unit)
    if (np.abs(multiples) < 1 << 23).all() and ((multiples * unit).astype(np.float32) == numbers).all():
        return multiples.astype(np.int64), (0.0,)
    return np.zeros(numbers.size, np.int64), floats


def accumulated(
    scale: float, w: Weights, biases: tuple[float, ...], fraction: float = 0.0, reach: float = math.inf
) -> Accumulated:
    """The term of an accumulator.

    fraction: what is left of the input's zero point, to be taken from the sum. reach: the largest |x - zero|, where it
    matters whether float32 holds all partial sums.
    """
    factors = tuple((scale, s) for s in w.scales)
    sums = w.centred.reshape(len(w.centred), -1).sum(axis=1).tolist()
    offsets = tuple(-fraction * total for total in sums) if fraction else (0,)
    exact = math.isfinite(reach) and not any(biases) and _is_exact(scale, w, reach)
    return Accumulated(0, offsets, tuple(a * b for a, b in factors), biases, 1, factors, is_exact=exact)


def reach_of(walk: Walk, x: Held, zero: float) -> float:
    """The largest |x - zero| for QONNX, whose operands are float32; elsewhere nobody asks."""
    bounds = walk.value(x).range
    return max(abs(bounds.min - zero), abs(bounds.max - zero)) if walk.reference == REFERENCE else math.inf


def _is_exact(scale: float, w: Weights, reach: float) -> bool:
    """Whether every sum of products, a multiple of the scales' last bits, has 24 bits at most; the operands too."""
    sums = np.abs(w.centred).reshape(len(w.centred), -1).sum(axis=1) * reach
    scales = np.broadcast_to(np.array(w.scales), sums.shape)
    return all(
        2 * total * _odd_part(scale) * _odd_part(s) < 1 << 24 for total, s in zip(sums.tolist(), scales, strict=True)
    )


def _odd_part(scale: float) -> int:
    """The odd integer m with scale = m * 2^e."""
    numerator, _ = float(scale).as_integer_ratio()
    return numerator // (numerator & -numerator)


def bias_constant(walk: Walk, node: Node, bias: IntArray) -> str:
    dtype = S32 if S32.min <= int(bias.min()) and int(bias.max()) <= S32.max else S64
    return walk.builder.constant(f"{node.outputs[0]}.bias", bias, dtype)


def conv(walk: Walk, node: Node) -> None:
    """Conv of 1 or 2 spatial dimensions."""
    x, scale, zero = operand(walk, node, 0)
    w = weights(walk, node, 1, 0)
    if is_padded(node) and not layout.is_level(walk, x, zero):  # none stands for the padding's 0
        x, scale, zero = layout.centred(walk, node, x, scale, zero)
    scales = [scale * s for s in w.scales]
    whole, floats = biased(walk, node, 2, scales, w.centred.shape[0])
    y = convolution(walk, node, x, math.floor(zero), w, whole)
    term = accumulated(scale, w, floats, zero - math.floor(zero), reach_of(walk, x, zero))
    walk.put(node, Elementwise(term, (y,), 1 if term.channels > 1 else None))


def convolution(walk: Walk, node: Node, x: Held, zero: int, w: Weights, bias: IntArray) -> Held:
    """The accumulators of a convolution of x [n, c, (h,) w]; the zero point goes into the bias and the padding."""
    rank = len(x.shape)
    if rank not in (3, 4) or w.centred.ndim != rank:
        raise node.fail("HWC101", f"a convolution of {max(rank - 2, 0)} dimensions", "use Conv of 1 or 2 dimensions")
    kernel = w.centred.shape[2:]
    declared = node.integers("kernel_shape")
    if declared is not None and declared != kernel:
        raise node.fail("HWC214", f"kernel_shape {declared}, weights {w.centred.shape}", _REPEAT)
    window = window_of(node, kernel, x.shape[2:])
    groups = node.integer("group", 1)
    if groups < 1:
        raise node.fail("HWC219", f"group is {groups}", _REPEAT)
    image = as_image(walk, node, x)
    taps = np.moveaxis(w.centred if rank == 4 else w.centred[:, :, None, :], 1, -1)
    folded = bias - zero * taps.reshape(taps.shape[0], -1).sum(axis=1)
    constants = (walk.builder.constant(node.inputs[1], taps, w.dtype), bias_constant(walk, node, folded))
    walk.check_size(node, (*window.output, w.centred.shape[0]))
    op = Conv2d(
        name=node.loc.node, inputs=(image.name, *constants), outputs=(node.outputs[0],), loc=node.loc,
        strides=window.strides, padding=window.padding, dilations=window.dilations, groups=groups, pad_value=zero,
    )  # fmt: skip
    return from_image(walk, node, walk.emit(node, op), x, window, taps.shape[0])


def as_image(walk: Walk, node: Node, x: Held) -> Held:
    """x [n, c, h, w] held as NHWC; x [n, c, w] as an image of one row."""
    if len(x.shape) == 4:
        return layout.arranged(walk, node, x, layout.NHWC)
    line = layout.arranged(walk, node, x, (0, 2, 1))
    n, c, w = x.shape
    name = layout.reshaped(walk, node, line.name, (n, 1, w, c))
    return Held(name, (n, c, 1, w), layout.NHWC)


def from_image(walk: Walk, node: Node, name: str, x: Held, window: Window, channels: int) -> Held:
    """The inverse of `as_image` for the result."""
    height, width = window.output
    if len(x.shape) == 4:
        return Held(name, (x.shape[0], channels, height, width), layout.NHWC)
    line = layout.reshaped(walk, node, name, (x.shape[0], width, channels))
    return Held(line, (x.shape[0], channels, width), (0, 2, 1))


def dense(walk: Walk, node: Node, x: Held, zero: int, w: Weights, bias: IntArray) -> Held:
    """The accumulators of x [..., k] times w [oc, k]."""
    if w.centred.ndim != 2:
        raise node.fail("HWC101", f"weights of rank {w.centred.ndim}", "use weights of rank 2")
    x = layout.plain(walk, node, x)
    folded = bias - zero * w.centred.sum(axis=1)
    constants = (walk.builder.constant(node.inputs[1], w.centred, w.dtype), bias_constant(walk, node, folded))
    op = Dense(name=node.loc.node, inputs=(x.name, *constants), outputs=(node.outputs[0],), loc=node.loc)
    return Held.plain(walk.emit(node, op), (*x.shape[:-1], w.centred.shape[0]))


def is_padded(node: Node) -> bool:
    """Whether a convolution may read past its input."""
    return any(node.integers("pads") or ()) or node.text("auto_pad", "NOTSET").startswith("SAME")


def gemm(walk: Walk, node: Node) -> None:
    """Gemm: alpha * A B + beta * C."""
    x, scale, zero = operand(walk, node, 0)
    if len(x.shape) != 2:
        raise node.fail("HWC214", f"its input has rank {len(x.shape)}", _REPEAT)
    if node.integer("transA", 0):
        x = layout.transpose(x, (1, 0))
    w = weights(walk, node, 1, 0 if node.integer("transB", 0) else 1)
    alpha, beta = np.float32(node.number("alpha", 1.0)), node.number("beta", 1.0)
    if alpha == 0:
        raise node.fail("HWC101", "alpha is 0", "remove the layer")
    if alpha < 0:
        w, alpha = replace(w, centred=-w.centred), -alpha
    rest: Term | None = None
    if math.frexp(alpha)[0] == 0.5:
        scale = float(scale * alpha)
    else:
        rest = TermConstant((float(alpha),))
    channels = len(w.centred)
    whole: IntArray = np.zeros(channels, np.int64)
    floats: tuple[float, ...] = (0.0,)
    if rest is None:
        whole, floats = biased(walk, node, 2, [scale * s for s in w.scales], channels, beta)
    y = dense(walk, node, x, math.floor(zero), w, whole)
    term: Term = accumulated(scale, w, floats, zero - math.floor(zero), reach_of(walk, x, zero))
    if rest is not None:
        term = Combined(Operator.MUL, term, rest)
        if walk.has(node, 2):
            term = Combined(Operator.ADD, term, TermConstant(_float_bias(walk, node, 2, channels, beta)))
    walk.put(node, Elementwise(term, (y,), 1 if term.channels > 1 else None))


def matmul(walk: Walk, node: Node) -> None:
    """MatMul with constant weights on the right, or of two activations."""
    right = walk.tensor(node, 1)
    if isinstance(right, (Constant, QuantConstant)) and len(right.shape) == 2:
        x, scale, zero = operand(walk, node, 0)
        w = weights(walk, node, 1, 1)
        y = dense(walk, node, x, math.floor(zero), w, np.zeros(len(w.centred), np.int64))
        term = accumulated(scale, w, (0.0,), zero - math.floor(zero), reach_of(walk, x, zero))
        walk.put(node, Elementwise(term, (y,), len(y.shape) - 1 if term.channels > 1 else None))
        return
    a, a_scale, a_zero = _operand(walk, node, 0)
    b, b_scale, b_zero = _operand(walk, node, 1)
    y = product(walk, node, a, a_zero, b, b_zero)
    factors = ((a_scale, b_scale),)
    walk.put(node, Elementwise(Accumulated(0, (0,), (a_scale * b_scale,), (0.0,), 1, factors), (y,)))


def _operand(walk: Walk, node: Node, index: int) -> tuple[Held, float, int]:
    """A quantised operand; a constant one becomes a constant of the graph."""
    found = walk.tensor(node, index)
    if isinstance(found, QuantConstant) and found.quantization.per_tensor:
        to = found.quantization
        return walk.hold(found.levels, node.inputs[index], to.dtype), to.scales[0], to.zeros[0]
    return activation(walk, node, index)


def product(walk: Walk, node: Node, a: Held, a_zero: int, b: Held, b_zero: int) -> Held:
    """The accumulators of a matrix product of two tensors of the graph."""
    a, b = layout.plain(walk, node, a), layout.plain(walk, node, b)
    op = MatMul(
        name=node.loc.node, inputs=(a.name, b.name), outputs=(node.outputs[0],), loc=node.loc,
        a_zero=a_zero, b_zero=b_zero,
    )  # fmt: skip
    name = walk.emit(node, op)
    return Held.plain(name, walk.builder.value(name).shape)
