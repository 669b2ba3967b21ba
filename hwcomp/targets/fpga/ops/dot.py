"""Dot operators: a convolution is pad, window, width, matrix-vector unit; a dense layer the last two."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.types import IntArray, IntType, Value
from hwcomp.targets.fpga.builder import NetworkBuilder, element_of, signed_type
from hwcomp.targets.fpga.choice import Choice, MultStyle, WeightStyle, divisors
from hwcomp.targets.fpga.network import Memory, Stream
from hwcomp.targets.fpga.ops.spatial import Spatial, add_pad, add_window
from hwcomp.targets.fpga.weights import depthwise_rows, dot_rows, pack_words, window_order

_MULT_STYLES = (MultStyle.DSP, MultStyle.LUT)
_DISTRIBUTED_BITS = 4096
"""Weights of fewer bits may be in LUTs."""


def lower_dense(b: NetworkBuilder, op: Op) -> None:
    """x [..., k] -> accumulators [..., oc], pixels one after the other."""
    assert isinstance(op, Dense)
    x, w, bias = (b.value(name) for name in op.inputs)
    assert w.data is not None and bias.data is not None
    choice = b.choice()
    _matrix(b, op, b.take(x.name, choice.simd), x, w.data, bias.data, choice)


def lower_conv(b: NetworkBuilder, op: Op) -> None:
    """Depthwise layers have a unit of their own; any other grouping is a full convolution with zero weights."""
    assert isinstance(op, Conv2d)
    x, w, bias = (b.value(name) for name in op.inputs)
    assert w.data is not None and bias.data is not None
    choice, spatial = b.choice(), spatial_of(op, x, w)
    stream = add_pad(b, op, b.take(x.name, choice.lanes), spatial, op.pad_value)
    stream = add_window(b, op, stream, spatial)
    if is_depthwise(op, x, w):
        _depthwise(b, op, stream, x, w.data, bias.data, choice)
        return
    ordered = window_order(full_weights(w.data, op.groups), choice.lanes)
    _matrix(b, op, b.adapt(stream, choice.simd), x, ordered, bias.data, choice)


def _matrix(
    b: NetworkBuilder, op: Op, stream: Stream, x: Value, weights: IntArray, bias: IntArray, choice: Choice
) -> None:
    oc, k = weights.shape
    out = b.result(op, choice.pe)
    weight = weight_type(weights)
    width, pe, simd = weight.bits, choice.pe, choice.simd
    depth = (oc // pe) * (k // simd)
    acc = element_of(b.value(op.outputs[0])).bits
    name = b.memory_name(f"{op.name}_weights")
    rom = Memory("WeightFile", name, pe * simd * width, depth, lambda: pack_words(dot_rows(weights, pe, simd), width))
    biases = Memory("BiasFile", f"{name}_bias", pe * acc, oc // pe, lambda: pack_words(bias.reshape(oc // pe, pe), acc))
    b.add(
        "hwc_mvu",
        f"{op.name}_mvu",
        {
            "InWidth": stream.element.bits,
            "InSigned": int(stream.element.signed),
            "WeightWidth": width,
            "AccWidth": acc,
            "Simd": simd,
            "Pe": pe,
            "InChannels": k,
            "OutChannels": oc,
            "WeightStyle": choice.weights.value,
            "MultStyle": choice.mults.value,
        },
        [stream],
        [out],
        [rom, biases],
    )
    b.give(op.outputs[0], out)


def _depthwise(
    b: NetworkBuilder, op: Conv2d, stream: Stream, x: Value, weights: IntArray, bias: IntArray, choice: Choice
) -> None:
    channels, taps = weights.shape[0], weights.shape[1] * weights.shape[2]
    lanes, parallel = choice.lanes, choice.simd
    stream = b.adapt(stream, parallel * lanes)
    out = b.result(op, lanes)
    flat = weights.reshape(channels, taps)
    width = weight_type(flat).bits
    acc = element_of(b.value(op.outputs[0])).bits
    name = b.memory_name(f"{op.name}_weights")
    groups = channels // lanes
    rom = Memory(
        "WeightFile",
        name,
        parallel * lanes * width,
        groups * (taps // parallel),
        lambda: pack_words(depthwise_rows(flat, lanes, parallel), width),
    )
    biases = Memory(
        "BiasFile", f"{name}_bias", lanes * acc, groups, lambda: pack_words(bias.reshape(groups, lanes), acc)
    )
    b.add(
        "hwc_dwu",
        f"{op.name}_dwu",
        {
            "InWidth": stream.element.bits,
            "InSigned": int(stream.element.signed),
            "WeightWidth": width,
            "AccWidth": acc,
            "Lanes": lanes,
            "Channels": channels,
            "KernelTaps": taps,
            "Taps": parallel,
            "WeightStyle": choice.weights.value,
            "MultStyle": choice.mults.value,
        },
        [stream],
        [out],
        [rom, biases],
    )
    b.give(op.outputs[0], out)


def weight_type(weights: IntArray) -> IntType:
    """The narrowest signed type of at least 2 bits that holds the weights."""
    found = signed_type(int(weights.min(initial=0)), int(weights.max(initial=0)))
    return found if found.bits > 1 else signed_type(-2, 1)


def is_depthwise(op: Conv2d, x: Value, w: Value) -> bool:
    """Whether every output channel is made of the input channel of its own number."""
    return op.groups == x.shape[3] == w.shape[0] and op.groups > 1


def full_weights(weights: IntArray, groups: int) -> IntArray:
    """Grouped weights [oc, kh, kw, c / groups] as [oc, kh, kw, c] with zeros between groups."""
    if groups == 1:
        return weights
    oc, kh, kw, part = weights.shape
    full = np.zeros((oc, kh, kw, part * groups), np.int64)
    for channel in range(oc):
        group = channel // (oc // groups)
        full[channel, :, :, group * part : (group + 1) * part] = weights[channel]
    return full


def spatial_of(op: Conv2d, x: Value, w: Value) -> Spatial:
    """The convolution's window over x [n, h, w, c]."""
    return Spatial(x.shape, (w.shape[1], w.shape[2]), op.strides, op.padding, op.dilations)


def dense_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Every pair of divisors of k and oc, in each style."""
    assert isinstance(op, Dense)
    oc, k = b.value(op.inputs[1]).shape
    return [
        Choice(1, pe, simd, weights, mults)
        for pe in divisors(oc)
        for simd in divisors(k)
        for weights in _weight_styles(b.value(op.inputs[1]))
        for mults in _MULT_STYLES
    ]


def conv_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Simd divides a window's beat; the window has as few lanes as its own interval allows."""
    assert isinstance(op, Conv2d)
    x, w, _ = (b.value(name) for name in op.inputs)
    spatial = spatial_of(op, x, w)
    pixels = math.prod(b.value(op.outputs[0]).shape[:3])
    taps, c = w.shape[1] * w.shape[2], x.shape[3]
    choices: list[Choice] = []
    if is_depthwise(op, x, w):
        for lanes in divisors(c):
            for simd in divisors(taps):
                choices += _styled(b.value(op.inputs[1]), lanes, 1, simd)
        return choices
    for simd in divisors(taps * c):
        for pe in divisors(w.shape[0]):
            interval = pixels * (taps * c // simd) * (w.shape[0] // pe)
            lanes = least_lanes(taps, c, simd, spatial.padded_pixels, interval)
            if lanes:
                choices += _styled(b.value(op.inputs[1]), lanes, pe, simd)
    return choices


def least_lanes(taps: int, channels: int, simd: int, pixels: int, interval: int) -> int:
    """The fewest lanes whose window feeds `simd` and is no slower than `interval`; 0 where simd fits no window."""
    fitting = [lanes for lanes in divisors(channels) if taps * lanes % simd == 0]
    fast = [lanes for lanes in fitting if pixels * (channels // lanes) <= interval]
    return fast[0] if fast else fitting[-1] if fitting else 0


def _styled(w: Value, lanes: int, pe: int, simd: int) -> list[Choice]:
    return [Choice(lanes, pe, simd, weights, mults) for weights in _weight_styles(w) for mults in _MULT_STYLES]


def _weight_styles(w: Value) -> tuple[WeightStyle, ...]:
    small = w.type.size * w.type.dtype.bits <= _DISTRIBUTED_BITS
    return (WeightStyle.BLOCK, WeightStyle.DISTRIBUTED) if small else (WeightStyle.BLOCK,)
