"""Operators that move elements: firmware/include/hwc_layout.h."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwcomp.ir.op import Op
from hwcomp.ir.ops.layout import Concat, DepthOrder, DepthToSpace, Gather, Pad, Resize, Slice, Transpose
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu.context import Context, place, unsupported
from hwcomp.targets.mcu.layers import Call, Field, Layer, Struct, designate
from hwcomp.targets.mcu.strides import MAX_DIMS, Ints, merge_dims, row_major

_MAX_U16 = 65535


@dataclass(frozen=True, slots=True)
class _Copy:
    """A strided copy before its axes are merged; in elements."""

    dims: Ints
    src_strides: Ints
    dst_strides: Ints
    src_offset: int = 0
    dst_offset: int = 0


def lower_movement(context: Context, unit: Unit) -> Layer:
    """`hwc_strided_copy`: Transpose, Slice, DepthToSpace."""
    op = unit.op
    label = context.label(op)
    copy = _movement(op, context.value(op.inputs[0]).shape)
    fields = _strided_fields(context, unit, copy)
    return Layer(
        op,
        op.inputs,
        unit.output,
        "hwc_strided_copy",
        f"&{label}",
        Struct("hwc_strided_t", label, fields),
        (Call((0,)),),
    )


def lower_pad(context: Context, unit: Unit) -> Layer:
    """`hwc_pad`."""
    op = unit.op
    assert isinstance(op, Pad)
    x, y = context.value(op.inputs[0]), context.value(op.outputs[0])
    label = context.label(op)
    steps = row_major(y.shape)
    start = sum(before * step for before, step in zip(op.before, steps, strict=True))
    copy = _Copy(x.shape, row_major(x.shape), steps, 0, start)
    inside = tuple(Field(f"inside.{f.name}", f.text) for f in _strided_fields(context, unit, copy))
    own = designate(elements=y.type.size, value=op.value, type=context.element(unit.output, op).constant)
    struct = Struct("hwc_pad_t", label, inside + own)
    return Layer(op, op.inputs, unit.output, "hwc_pad", f"&{label}", struct, (Call((0,)),))


def lower_concat(context: Context, unit: Unit) -> Layer:
    """`hwc_concat`: rows are what stands before the axis."""
    op = unit.op
    assert isinstance(op, Concat)
    label = context.label(op)
    size = context.element(unit.output, op).bytes
    shapes = [context.value(name).shape for name in op.inputs]
    row_bytes = [math.prod(shape[op.axis :]) * size for shape in shapes]
    fields = designate(
        row_bytes=context.pool.add(
            label.removeprefix("layer_"), "row_bytes", "uint32_t", row_bytes, f"bytes of each input's row, {place(op)}"
        ),
        inputs=len(op.inputs),
        rows=math.prod(shapes[0][: op.axis]),
    )
    return Layer(
        op,
        op.inputs,
        unit.output,
        "hwc_concat",
        f"&{label}",
        Struct("hwc_concat_t", label, fields),
        (Call((0,) * len(op.inputs)),),
        gathers_inputs=True,
    )


def lower_gather(context: Context, unit: Unit) -> Layer:
    """`hwc_gather`."""
    op = unit.op
    assert isinstance(op, Gather)
    x = context.value(op.inputs[0])
    label = context.label(op)
    axis = op.axis % len(x.shape)
    fields = designate(
        indices=context.pool.add(
            label.removeprefix("layer_"), "indices", "uint32_t", op.indices, f"indices of {place(op)}"
        ),
        outer=math.prod(x.shape[:axis]),
        size=x.shape[axis],
        count=len(op.indices),
        inner_bytes=math.prod(x.shape[axis + 1 :]) * context.element(unit.output, op).bytes,
    )
    struct = Struct("hwc_gather_t", label, fields)
    return Layer(op, op.inputs, unit.output, "hwc_gather", f"&{label}", struct, (Call((0,)),))


def lower_resize(context: Context, unit: Unit) -> Layer:
    """`hwc_resize_nearest`, once for each image of the batch."""
    op = unit.op
    assert isinstance(op, Resize)
    batch, height, width, channels = context.value(op.inputs[0]).shape
    if max(height, width, len(op.rows), len(op.columns)) > _MAX_U16:
        raise unsupported(unit, "a size of the image exceeds 65535", "split the tensor")
    label, size = context.label(op), context.element(unit.output, op).bytes
    name = label.removeprefix("layer_")
    fields = designate(
        rows=context.pool.add(name, "rows", "uint16_t", op.rows, f"input rows of {place(op)}"),
        columns=context.pool.add(name, "columns", "uint16_t", op.columns, f"input columns of {place(op)}"),
        in_width=width,
        out_height=len(op.rows),
        out_width=len(op.columns),
        pixel_bytes=channels * size,
    )
    in_bytes, out_bytes = height * width * channels * size, len(op.rows) * len(op.columns) * channels * size
    calls = tuple(Call((n * in_bytes,), n * out_bytes) for n in range(batch))
    struct = Struct("hwc_resize_t", label, fields)
    return Layer(op, op.inputs, unit.output, "hwc_resize_nearest", f"&{label}", struct, calls)


def _strided_fields(context: Context, unit: Unit, copy: _Copy) -> tuple[Field, ...]:
    dims, (src, dst) = merge_dims(copy.dims, (copy.src_strides, copy.dst_strides))
    if len(dims) > MAX_DIMS:
        raise unsupported(
            unit, f"it moves elements along {len(dims)} axes, the kernel has {MAX_DIMS}", "split it in two"
        )
    return designate(
        dims=dims,
        src_strides=src,
        dst_strides=dst,
        src_offset=copy.src_offset,
        dst_offset=copy.dst_offset,
        rank=len(dims),
        element_size=context.element(unit.output, unit.op).bytes,
    )


def _movement(op: Op, shape: Ints) -> _Copy:
    """Where each element of the output comes from; the output is dense."""
    strides = row_major(shape)
    if isinstance(op, Transpose):
        dims = tuple(shape[axis] for axis in op.permutation)
        return _Copy(dims, tuple(strides[axis] for axis in op.permutation), row_major(dims))
    if isinstance(op, Slice):
        start = sum(at * step for at, step in zip(op.starts, strides, strict=True))
        return _Copy(op.sizes, tuple(a * b for a, b in zip(op.steps, strides, strict=True)), row_major(op.sizes), start)
    assert isinstance(op, DepthToSpace)
    n, h, w, c = shape
    k, depth = op.block, c // (op.block * op.block)
    order = (depth * k, depth, 1) if op.order is DepthOrder.DCR else (k, 1, k * k)  # of block_y, block_x, c
    dims = (n, h, k, w, k, depth)
    return _Copy(dims, (strides[0], strides[1], order[0], strides[2], order[1], order[2]), row_major(dims))
