"""Conv2d, Dense and MatMul, each fused with the requant behind it: firmware/include/hwc_dot.h."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.types import IntArray, Range
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu import packed, packing
from hwcomp.targets.mcu.context import Context, place, unsupported
from hwcomp.targets.mcu.elements import Element
from hwcomp.targets.mcu.layers import Call, Field, Layer, Struct, designate
from hwcomp.targets.mcu.ops.xnor import lower_xnor
from hwcomp.targets.mcu.options import SCRATCH_BYTES, Arch
from hwcomp.targets.mcu.packed import Coding
from hwcomp.targets.mcu.requant import requant_fields, widened

_INT8_SPAN = 255
_MAX_U16 = 65535


def lower_conv2d(context: Context, unit: Unit) -> Layer:
    """`hwc_conv2d`, or `hwc_depthwise` where each group has one input channel; one call for each image of the batch."""
    op = unit.op
    assert isinstance(op, Conv2d)
    if op.outputs[0] in context.xnor:
        _check_accumulator(unit, op.partial_range(context.graph.operands(op)))
        return lower_xnor(context, unit, context.xnor[op.outputs[0]])
    x, w = context.value(op.inputs[0]), context.value(op.inputs[1])
    assert w.data is not None
    label = context.label(op)
    _check_accumulator(unit, op.partial_range(context.graph.operands(op)))
    element = _narrow_input(context, unit)
    batch, in_height, in_width, in_channels = x.shape
    out_channels, kernel_height, kernel_width, group_in = w.shape
    out_height, out_width = op.output_size(x.shape, w.shape)
    sizes = (
        in_height,
        in_width,
        in_channels,
        out_height,
        out_width,
        out_channels,
        *op.strides,
        *op.dilations,
        *op.padding,
    )
    if max(*sizes, *w.shape) > _MAX_U16:
        raise unsupported(unit, "a size of the convolution exceeds 65535", "split the tensor")
    is_depthwise = op.groups == in_channels and op.groups > 1
    coding = context.codings.get(op.outputs[0])
    rows, scratch = _conv_scratch(context, op, x.shape, w.shape, coding)
    out = context.element(unit.output, op)
    name = label.removeprefix("layer_")
    fields = _conv_weights(context, name, unit, w.data, coding) + designate(
        bias=_bias(context, label, unit),
        pad_value=op.pad_value,
        in_height=in_height,
        in_width=in_width,
        in_channels=in_channels,
        out_height=out_height,
        out_width=out_width,
        out_channels=out_channels,
        group_in_channels=group_in,
        group_out_channels=out_channels // op.groups,
        kernel_height=kernel_height,
        kernel_width=kernel_width,
        stride_height=op.strides[0],
        stride_width=op.strides[1],
        dilation_height=op.dilations[0],
        dilation_width=op.dilations[1],
        pad_top=op.padding[0],
        pad_left=op.padding[1],
        rows_per_pass=rows,
        in_type=element.constant,
        out_type=out.constant,
    )
    in_bytes, out_bytes = math.prod(x.shape[1:]) * element.bytes, out_height * out_width * out_channels * out.bytes
    return Layer(
        op,
        op.inputs[:1],
        unit.output,
        f"hwc_conv2d_w{coding.bits}" if coding else "hwc_depthwise" if is_depthwise else "hwc_conv2d",
        f"&{label}",
        Struct("hwc_conv2d_t", label, fields + requant_fields(context, label, widened(unit.requant))),
        tuple(Call((n * in_bytes,), n * out_bytes) for n in range(batch)),
        scratch_bytes=scratch,
        macs=batch * out_height * out_width * int(w.data.size),
    )


def lower_dense(context: Context, unit: Unit) -> Layer:
    """`hwc_dense`."""
    op = unit.op
    assert isinstance(op, Dense)
    if op.outputs[0] in context.xnor:
        _check_accumulator(unit, op.partial_range(context.graph.operands(op)))
        return lower_xnor(context, unit, context.xnor[op.outputs[0]])
    x, w = context.value(op.inputs[0]), context.value(op.inputs[1])
    assert w.data is not None
    label = context.label(op)
    _check_accumulator(unit, op.partial_range(context.graph.operands(op)))
    element = _narrow_input(context, unit)
    rows = math.prod(x.shape[:-1])
    name = label.removeprefix("layer_")
    coding = context.codings.get(op.outputs[0])
    fields = _dense_weights(context, name, unit, w.data, coding) + designate(
        bias=_bias(context, label, unit),
        rows=rows,
        in_features=w.shape[1],
        out_features=w.shape[0],
        in_type=element.constant,
        out_type=context.element(unit.output, op).constant,
    )
    return Layer(
        op,
        op.inputs[:1],
        unit.output,
        f"hwc_dense_w{coding.bits}" if coding else "hwc_dense",
        f"&{label}",
        Struct("hwc_dense_t", label, fields + requant_fields(context, label, widened(unit.requant))),
        (Call((0,)),),
        scratch_bytes=_dense_scratch(context, w.shape[1], coding),
        macs=rows * int(w.data.size),
    )


def lower_matmul(context: Context, unit: Unit) -> Layer:
    """`hwc_matmul`; one call where the batches are equal or one of them is 1, else one a batch."""
    op = unit.op
    assert isinstance(op, MatMul)
    a, b = context.value(op.inputs[0]), context.value(op.inputs[1])
    label = context.label(op)
    (rows, depth), columns = a.shape[-2:], b.shape[-1]
    batch_shape = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    batch = math.prod(batch_shape)
    a_batch, b_batch = math.prod(a.shape[:-2]), math.prod(b.shape[:-2])
    is_one_call = a_batch in (1, batch) and b_batch in (1, batch)
    elements = [context.element(name, op) for name in (*op.inputs, unit.output)]
    fields = designate(
        a_zero=op.a_zero,
        b_zero=op.b_zero,
        batch=batch if is_one_call else 1,
        rows=rows,
        depth=depth,
        columns=columns,
        a_batch_stride=rows * depth if a_batch == batch else 0,
        b_batch_stride=depth * columns if b_batch == batch else 0,
        a_type=elements[0].constant,
        b_type=elements[1].constant,
        out_type=elements[2].constant,
    )
    calls: tuple[Call, ...] = (Call((0, 0)),)
    if not is_one_call:
        a_index = np.broadcast_to(np.arange(a_batch).reshape(a.shape[:-2]), batch_shape).ravel()
        b_index = np.broadcast_to(np.arange(b_batch).reshape(b.shape[:-2]), batch_shape).ravel()
        steps = (
            rows * depth * elements[0].bytes,
            depth * columns * elements[1].bytes,
            rows * columns * elements[2].bytes,
        )
        calls = tuple(
            Call((int(a_index[n]) * steps[0], int(b_index[n]) * steps[1]), n * steps[2]) for n in range(batch)
        )
    return Layer(
        op,
        op.inputs,
        unit.output,
        "hwc_matmul",
        f"&{label}",
        Struct("hwc_matmul_t", label, fields + requant_fields(context, label, widened(unit.requant))),
        calls,
        macs=batch * rows * depth * columns,
    )


def _conv_weights(context: Context, name: str, unit: Unit, w: IntArray, coding: Coding | None) -> tuple[Field, ...]:
    note = f"weights {list(w.shape)} of {place(unit.op)}"
    if coding is None:
        weights, offset = _int8_weights(unit, w)
        rows = packing.pack_conv2d_weights(weights)
        table = context.pool.add(name, "weights", "int8_t", rows, note)
        return designate(weights=table, weight_stride=rows.shape[1], weight_offset=offset)
    words = packed.pack_conv2d(w, coding)
    table = context.pool.add(name, "weights", "uint32_t", words, f"{coding.bits}-bit {note}")
    return designate(
        packed=table, weight_stride=words.shape[1] * 4, weight_offset=coding.offset, weight_bits=coding.bits
    )


def _dense_weights(context: Context, name: str, unit: Unit, w: IntArray, coding: Coding | None) -> tuple[Field, ...]:
    note = f"weights {list(w.shape)}, interleaved, of {place(unit.op)}"
    if coding is None:
        weights, offset = _int8_weights(unit, w)
        table = context.pool.add(name, "weights", "int8_t", packing.pack_dense_weights(weights), note)
        return designate(weights=table, weight_offset=offset)
    table = context.pool.add(name, "weights", "uint32_t", packed.pack_dense(w, coding), f"{coding.bits}-bit {note}")
    return designate(packed=table, weight_offset=coding.offset, weight_bits=coding.bits)


def _conv_scratch(
    context: Context, op: Conv2d, x: tuple[int, ...], w: tuple[int, ...], coding: Coding | None
) -> tuple[int, int]:
    """rows_per_pass and the scratch that the fastest kernel of the architecture takes."""
    kernel = (w[1], w[2])
    row = 0 if coding is None else packed.row_scratch_bytes(math.prod(w[1:]))
    if context.options.arch is Arch.GENERIC:
        return kernel[0], row
    if op.groups == x[3] and op.groups > 1:
        size = op.output_size(x, w)
        pads = (op.padding[0], op.padding[1])
        return kernel[0], packing.depthwise_scratch_bytes(kernel, (x[1], x[2]), pads, size, op.strides[1])
    if op.groups > 1:
        return kernel[0], row
    budget = SCRATCH_BYTES[context.options.optimise]
    if coding is not None:
        rows = packed.rows_per_pass(kernel, x[3], w[0], budget, coding)
        return rows, packed.conv2d_scratch_bytes(kernel, x[3], w[0], rows, coding)
    rows = packing.rows_per_pass(kernel, x[3], w[0], budget)
    return rows, packing.conv2d_scratch_bytes(kernel, x[3], w[0], rows)


def _dense_scratch(context: Context, in_features: int, coding: Coding | None) -> int:
    if context.options.arch is Arch.GENERIC:
        return 0 if coding is None else packed.row_scratch_bytes(in_features)
    return (
        packing.dense_scratch_bytes(in_features) if coding is None else packed.dense_scratch_bytes(in_features, coding)
    )


def _bias(context: Context, label: str, unit: Unit) -> str:
    data = context.value(unit.op.inputs[2]).data
    assert data is not None
    if int(np.abs(data).max(initial=0)) >= 1 << 31:
        raise unsupported(unit, "a bias needs more than 32 bits", "quantise its input more coarsely", "HWC402")
    return context.pool.add(label.removeprefix("layer_"), "bias", "int32_t", data, f"bias of {place(unit.op)}")


def _check_accumulator(unit: Unit, partial: Range) -> None:
    if partial.min < -(1 << 31) or partial.max >= 1 << 31:
        raise unsupported(
            unit,
            f"partial sums lie in [{partial.min}, {partial.max}], the kernels' accumulators have 32 bits",
            "quantise its input or weights to fewer bits, or split it along the input channels",
            "HWC402",
        )


def _narrow_input(context: Context, unit: Unit) -> Element:
    """The element type of the first input, of 8 or 16 bits."""
    element = context.element(unit.op.inputs[0], unit.op)
    if element.bytes > 2:
        raise unsupported(
            unit, "its input has more than 16 bits", "quantise the input to 8 or 16 bits before it", "HWC403"
        )
    return element


def _int8_weights(unit: Unit, weights: IntArray) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int8]], int]:
    """Weights as int8 and the offset to be added to each."""
    low, high = int(weights.min()), int(weights.max())
    if high - low > _INT8_SPAN or max(-low, high) > 2 * _INT8_SPAN:
        raise unsupported(
            unit, f"weights lie in [{low}, {high}], more than 8 bits", "quantise the weights to 8 bits", "HWC403"
        )
    offset = 0 if low >= -128 and high <= 127 else low + 128
    return (weights - offset).astype(np.int8), offset
