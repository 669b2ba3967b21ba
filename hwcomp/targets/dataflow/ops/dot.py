"""Dot operators: a convolution is pad, window, width, matrix-vector unit; a dense layer the last two."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.types import IntArray, IntType, Value
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of, signed_type
from hwcomp.targets.dataflow.choice import GRAPHS, MULTIPLIERS, Choice, MultStyle, WeightStyle, divisors
from hwcomp.targets.dataflow.network import Memory, Stream
from hwcomp.targets.dataflow.ops.adders import Ranges, add_adders, adder_choices
from hwcomp.targets.dataflow.ops.spatial import Spatial, add_pad, add_window
from hwcomp.targets.dataflow.weights import depthwise_rows, dot_rows, pack_words, window_order

_DISTRIBUTED_BITS = 4096
"""Weights of fewer bits may be in LUTs."""


def lower_dense(b: NetworkBuilder, op: Op) -> None:
    """x [..., k] -> accumulators [..., oc], pixels one after the other."""
    assert isinstance(op, Dense)
    x, w, bias = (b.value(name) for name in op.inputs)
    assert w.data is not None and bias.data is not None
    choice = b.choice()
    stream = b.take(x.name, choice.simd)
    if choice.mults in GRAPHS:
        add_adders(b, op, stream, w.data, bias.data, _ranges(x, w.data.shape[1]))
    else:
        _matrix(b, op, stream, w.data[None], bias.data, choice)


def lower_conv(b: NetworkBuilder, op: Op) -> None:
    """Results of one input channel each have a unit of their own; all else is a matrix, or one for each group."""
    assert isinstance(op, Conv2d)
    x, w, bias = (b.value(name) for name in op.inputs)
    assert w.data is not None and bias.data is not None
    choice, spatial = b.choice(), spatial_of(op, x, w)
    stream = add_pad(b, op, b.take(x.name, choice.lanes), spatial, op.pad_value)
    stream = add_window(b, op, stream, spatial)
    if choice.mults in GRAPHS:
        matrix, pad = conv_matrix(op, w.data), op.pad_value if any(op.padding) else None
        add_adders(b, op, b.adapt(stream, choice.simd), matrix, bias.data, _ranges(x, matrix.shape[1], pad))
        return
    if is_depthwise(op, w) and choice.sets == 1:
        _depthwise(b, op, stream, w.data, bias.data, choice)
        return
    matrices = np.split(w.data, choice.sets)
    ordered = [window_order(full_weights(own, op.groups // choice.sets), choice.lanes) for own in matrices]
    _matrix(b, op, b.adapt(stream, choice.simd), np.stack(ordered), bias.data, choice)


def _matrix(b: NetworkBuilder, op: Op, stream: Stream, weights: IntArray, bias: IntArray, choice: Choice) -> None:
    """weights [sets, oc, k]: vectors of k meet them in turn; bias [sets * oc]."""
    sets, oc, k = weights.shape
    out = b.result(op, choice.pe)
    weight = weight_type(weights)
    width, pe, simd = weight.bits, choice.pe, choice.simd
    pack, mults = 1, choice.mults
    if mults is MultStyle.PACKED:
        pack = b.fabric.pack(stream.element.bits, stream.element.signed, width, pe)
        mults = mults if pack > 1 else MultStyle.DSP
    groups = sets * oc // pe
    depth = groups * (k // simd)
    acc = element_of(b.value(op.outputs[0])).bits
    name = b.memory_name(f"{op.name}_weights")

    def words() -> list[int]:
        return pack_words(np.concatenate([dot_rows(own, pe, simd) for own in weights]), width)

    rom = Memory("WeightFile", name, pe * simd * width, depth, words)
    biases = Memory("BiasFile", f"{name}_bias", pe * acc, groups, lambda: pack_words(bias.reshape(groups, pe), acc))
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
            "Sets": sets,
            "WeightStyle": choice.weights.value,
            "MultStyle": mults.value,
            **({"Pack": pack} if pack > 1 else {}),
        },
        [stream],
        [out],
        [rom, biases],
    )
    b.give(op.outputs[0], out)


def _depthwise(
    b: NetworkBuilder, op: Conv2d, stream: Stream, weights: IntArray, bias: IntArray, choice: Choice
) -> None:
    """All results of a channel at once: so many lanes out for each lane in."""
    channels, taps = weights.shape[0], weights.shape[1] * weights.shape[2]
    multiplier = channels // op.groups
    lanes, parallel = choice.lanes * multiplier, choice.simd
    stream = b.adapt(stream, parallel * choice.lanes)
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
            "Multiplier": multiplier,
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


def conv_matrix(op: Conv2d, weights: IntArray) -> IntArray:
    """Weights [oc, kh, kw, c / groups] as [oc, kh * kw * c], as a window of all channels meets them."""
    return window_order(full_weights(weights, op.groups), weights.shape[3] * op.groups)


def _ranges(x: Value, elements: int, pad: int | None = None) -> Ranges:
    """Of a vector of x's last axis, or of windows of it; with what a border holds."""
    one = list(zip(x.range.lo, x.range.hi, strict=True))
    if pad is not None:
        one = [(min(lo, pad), max(hi, pad)) for lo, hi in one]
    return tuple(one * (elements // len(one)))


def weight_type(weights: IntArray) -> IntType:
    """The narrowest signed type of at least 2 bits that holds the weights."""
    found = signed_type(int(weights.min(initial=0)), int(weights.max(initial=0)))
    return found if found.bits > 1 else signed_type(-2, 1)


def is_depthwise(op: Conv2d, w: Value) -> bool:
    """Whether every output channel is made of one input channel, of several."""
    return w.shape[3] == 1 and op.groups > 1


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
        for mults in _matrix_mults(b, op, pe)
    ] + _unfolded(b, op, 1)


def conv_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Simd divides a window's beat; the window has as few lanes as its own interval allows.

    In groups, a vector is a group's window, or that of several groups where it takes more at once than one has.
    """
    assert isinstance(op, Conv2d)
    x, w, _ = (b.value(name) for name in op.inputs)
    taps, group, results = w.shape[1] * w.shape[2], w.shape[3], w.shape[0] // op.groups
    choices: list[Choice] = []
    if is_depthwise(op, w):
        choices = [
            choice for lanes in divisors(x.shape[3]) for simd in divisors(taps) for choice in _styled(w, lanes, 1, simd)
        ]
    for sets in divisors(op.groups):
        joined = op.groups // sets
        if is_depthwise(op, w) and joined > 1:
            continue
        for simd in divisors(taps * group * joined):
            for pe in divisors(results * joined):
                if (joined == 1 or simd > taps * group or pe > results) and not (is_depthwise(op, w) and pe == results):
                    choices += _matrix_choices(b, op, pe, simd, sets)
    return choices + _unfolded(b, op, x.shape[3])


def _unfolded(b: NetworkBuilder, op: Conv2d | Dense, lanes: int) -> list[Choice]:
    """As adder graphs."""
    data = b.value(op.inputs[1]).data
    if data is None or not b.fabric.adder_levels:
        return []
    return adder_choices(b, op, conv_matrix(op, data) if isinstance(op, Conv2d) else data, lanes)


def _matrix_choices(b: NetworkBuilder, op: Conv2d, pe: int, simd: int, sets: int) -> list[Choice]:
    """In each style; none where simd fits no window."""
    x, w, _ = (b.value(name) for name in op.inputs)
    pixels, taps = math.prod(b.value(op.outputs[0]).shape[:3]), w.shape[1] * w.shape[2]
    interval = pixels * (taps * x.shape[3] // simd) * (w.shape[0] // sets // pe)
    padded = spatial_of(op, x, w).padded_pixels * sets
    lanes = least_lanes(taps, x.shape[3] // sets, simd, padded, interval)
    return _styled(w, lanes, pe, simd, sets, _matrix_mults(b, op, pe)) if lanes else []


def _matrix_mults(b: NetworkBuilder, op: Conv2d | Dense, pe: int) -> tuple[MultStyle, ...]:
    """What may multiply in a matrix-vector unit; packed where a block has room for several of its weights."""
    x, w, _ = (b.value(name) for name in op.inputs)
    element = element_of(x)
    weight = w.type.dtype if w.data is None else weight_type(w.data)
    packs = b.fabric.pack(element.bits, element.signed, weight.bits, pe) > 1
    return (*MULTIPLIERS, MultStyle.PACKED) if packs else MULTIPLIERS


def least_lanes(taps: int, channels: int, simd: int, pixels: int, interval: int) -> int:
    """The fewest lanes whose window feeds `simd` and is no slower than `interval`; 0 where simd fits no window."""
    fitting = [lanes for lanes in divisors(channels) if taps * lanes % simd == 0]
    fast = [lanes for lanes in fitting if pixels * (channels // lanes) <= interval]
    return fast[0] if fast else fitting[-1] if fitting else 0


def _styled(
    w: Value, lanes: int, pe: int, simd: int, sets: int = 1, styles: tuple[MultStyle, ...] = MULTIPLIERS
) -> list[Choice]:
    return [Choice(lanes, pe, simd, weights, mults, sets) for weights in _weight_styles(w) for mults in styles]


def _weight_styles(w: Value) -> tuple[WeightStyle, ...]:
    small = w.type.size * w.type.dtype.bits <= _DISTRIBUTED_BITS
    return (WeightStyle.BLOCK, WeightStyle.DISTRIBUTED) if small else (WeightStyle.BLOCK,)
