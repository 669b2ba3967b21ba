"""CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED: zero points go into bias and padding, the rest is a rescale."""

from __future__ import annotations

import numpy as np

from hwcomp.frontends.tflite.context import Context
from hwcomp.frontends.tflite.options import Activation, ConvOptions, DenseOptions, Padding
from hwcomp.frontends.tflite.records import DType, Reference, SourceOp, SourceTensor, short
from hwcomp.frontends.tflite.scales import channel_scales, tensor_scale
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.step import Step
from hwcomp.ir.types import S32, IntArray, IntType
from hwcomp.prove.steps import TfliteDouble, quantize_multiplier
from hwcomp.prove.steps_tflite_real import LitertDense

MAX_STRIDE = 1 << 16


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Before and after, for SAME: ceil(size / stride) outputs, the odd element after."""
    outputs = -(-size // stride)
    total = max(0, (outputs - 1) * stride + (kernel - 1) * dilation + 1 - size)
    return total // 2, total - total // 2


def window_padding(
    padding: Padding,
    shape: tuple[int, ...],
    kernel: tuple[int, int],
    strides: tuple[int, int],
    dilations: tuple[int, int],
) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) for a window over [n, h, w, c]."""
    if padding is Padding.VALID:
        return 0, 0, 0, 0
    top, bottom = same_padding(shape[1], kernel[0], strides[0], dilations[0])
    left, right = same_padding(shape[2], kernel[1], strides[1], dilations[1])
    return top, left, bottom, right


def convert_conv(ctx: Context, op: SourceOp) -> None:
    """CONV_2D: weights [oc, kh, kw, ic / groups]."""
    _conv(ctx, op, depthwise=False)


def convert_depthwise(ctx: Context, op: SourceOp) -> None:
    """DEPTHWISE_CONV_2D: weights [1, kh, kw, ic * m]; output channels c * m to c * m + m - 1 read input channel c."""
    _conv(ctx, op, depthwise=True)


def _conv(ctx: Context, op: SourceOp, depthwise: bool) -> None:
    assert isinstance(op.options, ConvOptions)
    options, x, w, y = op.options, ctx.tensor(op, 0), ctx.tensor(op, 1), ctx.output(op)
    value = ctx.activation(op, 0)
    if len(x.shape) != 4 or len(w.shape) != 4:
        ctx.fail(op, "HWC214", f"input {list(x.shape)} and weights {list(w.shape)} are not 4-D", "export it again")
    if not all(1 <= v <= MAX_STRIDE for v in (*options.strides, *options.dilations)):
        what = f"strides {list(options.strides)}, dilations {list(options.dilations)} are not from 1 to {MAX_STRIDE}"
        ctx.fail(op, "HWC219", what, "export the model again")
    weights = _weights(ctx, op, 1, 3 if depthwise else 0)
    if depthwise:
        if w.shape[0] != 1 or w.shape[3] % x.shape[3]:
            what = f"weights {list(w.shape)} do not agree with {x.shape[3]} input channels"
            ctx.fail(op, "HWC214", what, "export it again")
        weights = weights.transpose(3, 1, 2, 0)
    elif x.shape[3] % w.shape[3] or w.shape[0] % (x.shape[3] // w.shape[3]):
        what = f"weights {list(w.shape)} do not divide {x.shape[3]} input channels into groups"
        ctx.fail(op, "HWC214", what, "export it again")
    bias = _bias(ctx, op, weights.shape[0]) - x.zero_point * weights.sum(axis=(1, 2, 3))
    kernel = (weights.shape[1], weights.shape[2])
    padding = window_padding(options.padding, x.shape, kernel, options.strides, options.dilations)
    accumulators = ctx.add(
        Conv2d(
            **ctx.at(op, f"{y.name}/acc", value, _add_weights(ctx, w, weights), _add_bias(ctx, y, bias)),
            strides=options.strides,
            padding=padding,
            dilations=options.dilations,
            groups=x.shape[3] // weights.shape[3],
            pad_value=x.zero_point,
        )
    )
    _rescale(ctx, op, accumulators, _conv_step(ctx, op, x, w, y), y)


def _conv_step(ctx: Context, op: SourceOp, x: SourceTensor, w: SourceTensor, y: SourceTensor) -> Step:
    """Double rounding in both references; uint8 has one multiplier from float32 scales."""
    assert isinstance(op.options, ConvOptions)
    reals = (tensor_scale(x, w, y),) if x.dtype is DType.UINT8 else channel_scales(x, w, y)
    return double_step(ctx, op, reals, y, op.options.activation)


def double_step(
    ctx: Context, op: SourceOp, reals: tuple[float, ...], y: SourceTensor, activation: Activation
) -> TfliteDouble:
    """MultiplyByQuantizedMultiplier by `reals`, one or one a channel, and the clamp of `activation`."""
    pairs = [quantize_multiplier(real) for real in reals]
    if max(shift for _, shift in pairs) > 30:
        what = f"the output's scale {y.scale:g} is so small that accumulators are multiplied by {max(reals):g}"
        ctx.fail(op, "HWC302", what, "calibrate again: an output this fine saturates at once")
    pairs = pairs[:1] if len(set(pairs)) == 1 else pairs
    lo, hi = ctx.clamp(op, activation, y)
    multipliers, shifts = tuple(m for m, _ in pairs), tuple(s for _, s in pairs)
    return TfliteDouble(multipliers, shifts, y.zero_point, lo, hi, ctx.reference.value)


def convert_dense(ctx: Context, op: SourceOp) -> None:
    """FULLY_CONNECTED: x flattened to rows of the weights' second dimension."""
    assert isinstance(op.options, DenseOptions)
    options, x, w, y = op.options, ctx.tensor(op, 0), ctx.tensor(op, 1), ctx.output(op)
    value = ctx.activation(op, 0)
    if options.shuffled:
        ctx.fail(op, "HWC101", "shuffled weights are not read", "convert with the default weights format")
    if len(w.shape) != 2 or x.size % w.shape[1]:
        what = f"weights {list(w.shape)} do not agree with input {list(x.shape)}"
        ctx.fail(op, "HWC214", what, "export it again")
    weights = _weights(ctx, op, 1, 0)
    bias = _bias(ctx, op, w.shape[0]) - x.zero_point * weights.sum(axis=1)
    rows = (
        (*x.shape[:-1], w.shape[1])
        if options.keep_dims and x.shape[-1] == w.shape[1]
        else (x.size // w.shape[1], w.shape[1])
    )
    if rows != x.shape:
        value = ctx.add(Reshape(**ctx.at(op, f"{y.name}/rows", value), shape=rows))
    names = _add_weights(ctx, w, weights), _add_bias(ctx, y, bias)
    accumulators = ctx.add(Dense(**ctx.at(op, f"{y.name}/acc", value, *names)))
    step = _dense_step(ctx, op, x, w, y)
    if (*rows[:-1], w.shape[0]) == y.shape:
        _rescale(ctx, op, accumulators, step, y)
        return
    flat = ctx.add(Rescale(**ctx.at(op, f"{y.name}/flat", accumulators), step=step, dtype=ctx.dtype(y)))
    ctx.bind(op, y, ctx.add(Reshape(**ctx.at(op, y.name, flat), shape=y.shape)))


def _dense_step(ctx: Context, op: SourceOp, x: SourceTensor, w: SourceTensor, y: SourceTensor) -> Step:
    """TFLite-Micro: double rounding, one multiplier from float32 scales; LiteRT: one rounding of a double product."""
    assert isinstance(op.options, DenseOptions)
    if ctx.reference is Reference.LITERT:
        lo, hi = ctx.clamp(op, op.options.activation, y)
        scales = channel_scales(x, w, y)
        return LitertDense(scales[:1] if len(set(scales)) == 1 else scales, y.zero_point, lo, hi)
    reals = channel_scales(x, w, y) if len(w.scales) > 1 else (tensor_scale(x, w, y),)
    return double_step(ctx, op, reals, y, op.options.activation)


def _rescale(ctx: Context, op: SourceOp, accumulators: str, step: Step, y: SourceTensor) -> None:
    ctx.require_quantized(op, y)
    ctx.bind(op, y, ctx.add(Rescale(**ctx.at(op, y.name, accumulators), step=step, dtype=ctx.dtype(y))))


def _weights(ctx: Context, op: SourceOp, position: int, axis: int) -> IntArray:
    """Weights with their zero points taken off; per-channel scales must stand along `axis`."""
    tensor = ctx.tensor(op, position)
    data = ctx.constant(op, position, (DType.INT8, DType.UINT8, DType.INT4))
    if not tensor.scales:
        ctx.fail(op, "HWC103", f"the weights '{short(tensor.name)}' have no scale", "quantise the whole model to int8")
    if len(tensor.scales) > 1 and tensor.axis != axis:
        what = f"the weights '{short(tensor.name)}' are quantised along axis {tensor.axis}, not {axis}"
        ctx.fail(op, "HWC101", what, "quantise weights along their output channels")
    if (tensor.dtype is DType.UINT8) != (ctx.tensor(op, 0).dtype is DType.UINT8):
        what = f"{tensor.dtype_name} weights meet {ctx.tensor(op, 0).dtype_name} activations"
        ctx.fail(op, "HWC104", what, "quantise both to int8")
    if tensor.dtype is not DType.UINT8 and any(tensor.zero_points):
        what = f"the {tensor.dtype_name} weights '{short(tensor.name)}' have a zero point other than 0"
        ctx.fail(op, "HWC101", what, "quantise weights symmetrically")
    return data - tensor.zero_point


def _bias(ctx: Context, op: SourceOp, channels: int) -> IntArray:
    tensor = ctx.optional(op, 2)
    if tensor is None:
        return np.zeros(channels, np.int64)
    data = ctx.constant(op, 2, (DType.INT32,))
    if data.size != channels:
        ctx.fail(op, "HWC214", f"{data.size} biases for {channels} output channels", "export it again")
    return data.reshape(-1)


def _add_weights(ctx: Context, w: SourceTensor, weights: IntArray) -> str:
    """int4 and int8 keep their type; uint8 without its zero point needs 9 bits where 8 do not hold it."""
    dtype = ctx.dtype(w)
    if w.dtype is DType.UINT8:
        fits = int(weights.min(initial=0)) >= -128 and int(weights.max(initial=0)) <= 127
        dtype = IntType(8 if fits else 9, True)
    return ctx.builder.constant(w.name, weights, dtype)


def _add_bias(ctx: Context, y: SourceTensor, bias: IntArray) -> str:
    fits = S32.min <= int(bias.min(initial=0)) and int(bias.max(initial=0)) <= S32.max
    return ctx.builder.constant(f"{y.name}/bias", bias, S32 if fits else IntType(64, True))
