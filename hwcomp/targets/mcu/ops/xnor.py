"""Conv2d and Dense of weights -1 and +1 and inputs of two values: firmware/include/hwc_xnor.h."""

from __future__ import annotations

import math

from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu import packed
from hwcomp.targets.mcu.context import Context, place
from hwcomp.targets.mcu.layers import Call, Layer, Struct, designate
from hwcomp.targets.mcu.packed import TwoValues
from hwcomp.targets.mcu.requant import requant_fields, widened


def lower_xnor(context: Context, unit: Unit, values: TwoValues) -> Layer:
    """`hwc_xnor`; a dense layer is a 1x1 convolution of one row. One call for each image of the batch."""
    op = unit.op
    assert isinstance(op, Conv2d | Dense)
    x, w, bias = (context.value(name) for name in op.inputs)
    assert w.data is not None and bias.data is not None
    label = context.label(op)
    name = label.removeprefix("layer_")
    words = packed.pack_xnor(w.data)
    note = f"{list(w.shape)} of {place(op)}"
    batch = x.shape[0] if isinstance(op, Conv2d) else 1
    out = context.element(unit.output, op)
    out_shape = context.value(unit.output).shape
    fields = designate(
        weights=context.pool.add(name, "weights", "uint32_t", words, f"1-bit weights {note}"),
        start=context.pool.add(
            name, "start", "int32_t", values.start(bias.data, w.data), f"start where all bits agree, {note}"
        ),
        words=words.shape[1],
        step=values.step,
        bit=values.bit,
        **_geometry(op, x.shape, w.shape, values),
        out_type=out.constant,
    )
    in_bytes, out_bytes = math.prod(x.shape) // batch, math.prod(out_shape) // batch * out.bytes
    return Layer(
        op,
        op.inputs[:1],
        unit.output,
        "hwc_xnor",
        f"&{label}",
        Struct("hwc_xnor_t", label, fields + requant_fields(context, label, widened(unit.requant))),
        tuple(Call((n * in_bytes,), n * out_bytes) for n in range(batch)),
        scratch_bytes=words.shape[1] * 4,
        macs=math.prod(out_shape[:-1]) * int(w.data.size),
    )


def _geometry(op: Conv2d | Dense, x: tuple[int, ...], w: tuple[int, ...], values: TwoValues) -> dict[str, int]:
    if isinstance(op, Dense):
        rows = math.prod(x[:-1])
        image, out, kernel, pads, pad_value = (1, rows), (1, rows), (1, 1), (0, 0), values.zero
        strides = dilations = (1, 1)
    else:
        image, out, kernel = (x[1], x[2]), op.output_size(x, w), (w[1], w[2])
        strides, dilations, pads, pad_value = op.strides, op.dilations, (op.padding[0], op.padding[1]), op.pad_value
    pairs = {
        "in": image,
        "out": out,
        "kernel": kernel,
        "stride": strides,
        "dilation": dilations,
    }
    fields = {f"{key}_{axis}": pair[i] for key, pair in pairs.items() for i, axis in enumerate(("height", "width"))}
    return fields | {
        "in_channels": x[-1],
        "out_channels": w[0],
        "pad_top": pads[0],
        "pad_left": pads[1],
        "pad_bit": pad_value >> values.bit & 1,
    }
