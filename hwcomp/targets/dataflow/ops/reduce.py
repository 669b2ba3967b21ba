"""Pools and reductions: a window and a tree, or one accumulator a channel; indices of maxima; softmax."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.reduce import ArgMax, MaxPool2d, Pool2d, Reduce, ReduceMax, SumPool2d
from hwcomp.ir.types import Value
from hwcomp.support.errors import HwcompError
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.choice import Choice, divisors
from hwcomp.targets.dataflow.network import Stream
from hwcomp.targets.dataflow.ops.permute import add_permute
from hwcomp.targets.dataflow.ops.spatial import Spatial, add_pad, add_window


def lower_pool(b: NetworkBuilder, op: Op) -> None:
    """One window of the whole map is a reduction; any other a sliding window and a tree over its taps."""
    assert isinstance(op, Pool2d)
    x, lanes = b.value(op.inputs[0]), b.choice().lanes
    stream = b.take(x.name, lanes)
    spatial = Spatial(x.shape, op.kernel, op.strides, op.padding, op.dilations)
    is_max = isinstance(op, MaxPool2d)
    border = op.pad_value if isinstance(op, SumPool2d) else stream.element.min
    if is_whole(op, x):
        _reduce(b, op, stream, b.result(op, lanes), x.shape[3], x.shape[1] * x.shape[2], is_max)
        return
    stream = add_window(b, op, add_pad(b, op, stream, spatial, border), spatial)
    out = b.result(op, lanes)
    b.add(
        "hwc_pool",
        f"{op.name}_pool",
        {
            "Width": stream.element.bits,
            "Signed": int(stream.element.signed),
            "Lanes": lanes,
            "Taps": op.kernel[0] * op.kernel[1],
            "IsMax": int(is_max),
            "OutWidth": out.element.bits,
        },
        [stream],
        [out],
    )
    b.give(op.outputs[0], out)


def is_whole(op: Pool2d, x: Value) -> bool:
    """Whether the only window is the map without a border."""
    return op.kernel == x.shape[1:3] and not any(op.padding) and op.dilations == (1, 1)


def pool_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Lanes divide the channels."""
    return [Choice(lanes) for lanes in divisors(b.value(op.inputs[0]).shape[3])]


def lower_reduce(b: NetworkBuilder, op: Op) -> None:
    """Adjacent axes: what follows them are the channels, they are the pixels, what leads are frames of their own."""
    assert isinstance(op, Reduce)
    shape, lanes = b.value(op.inputs[0]).shape, b.choice().lanes
    pixels = math.prod(shape[axis] for axis in op.axes)
    stream, out = b.take(op.inputs[0], lanes), b.result(op, lanes)
    _reduce(b, op, stream, out, channels_behind(shape, op), pixels, isinstance(op, ReduceMax))


def channels_behind(shape: tuple[int, ...], op: Reduce) -> int:
    """Elements of the axes behind the reduced ones.

    Raises:
        HwcompError: HWC106 the reduced axes are not adjacent.
    """
    if not op.axes or op.axes[-1] - op.axes[0] + 1 != len(op.axes):
        raise HwcompError(
            "HWC106",
            f"no module of a streaming design reduces axes {list(op.axes)}, which are not adjacent",
            str(op.loc),
            "reduce one axis after the other",
        )
    return math.prod(shape[op.axes[-1] + 1 :])


def reduce_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Lanes divide the last axis, or are one where that is reduced."""
    assert isinstance(op, Reduce)
    shape = b.value(op.inputs[0]).shape
    channels = channels_behind(shape, op)
    return [Choice(lanes) for lanes in divisors(shape[-1] if channels > 1 else 1)]


def _reduce(b: NetworkBuilder, op: Op, stream: Stream, out: Stream, channels: int, pixels: int, is_max: bool) -> None:
    b.add(
        "hwc_reduce",
        f"{op.name}_reduce",
        {
            "Width": stream.element.bits,
            "Signed": int(stream.element.signed),
            "Lanes": stream.lanes,
            "Channels": channels,
            "Pixels": pixels,
            "IsMax": int(is_max),
            "OutWidth": out.element.bits,
        },
        [stream],
        [out],
    )
    b.give(op.outputs[0], out)


def lower_argmax(b: NetworkBuilder, op: Op) -> None:
    """The axis is brought to the end, then its elements are compared one after the other."""
    assert isinstance(op, ArgMax)
    x = b.value(op.inputs[0])
    order = np.moveaxis(np.arange(x.type.size, dtype=np.int64).reshape(x.shape), op.axis, -1).reshape(-1)
    moved = (order != np.arange(order.size)).any()
    stream = add_permute(b, op, b.take_as_is(x.name), order, 1, f"{op.name}_moved") if moved else b.take(x.name, 1)
    out = b.result(op, 1)
    b.add(
        "hwc_argmax",
        f"{op.name}_argmax",
        {
            "Width": stream.element.bits,
            "Signed": int(stream.element.signed),
            "Channels": x.shape[op.axis],
            "SelectLast": int(op.select_last),
            "OutWidth": out.element.bits,
        },
        [stream],
        [out],
    )
    b.give(op.outputs[0], out)


def single_choice(b: NetworkBuilder, op: Op) -> list[Choice]:
    """One element at a time."""
    return [Choice()]
