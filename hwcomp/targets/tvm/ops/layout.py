"""Operators that move elements: each is one read or write by indices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcomp.ir.ops.layout import Concat, DepthOrder, DepthToSpace, Gather, Pad, Resize, Slice, Transpose
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, constant, place
from hwcomp.targets.tvm.expression import both, either
from hwcomp.targets.tvm.kernel import Argument, Block, Constant, Kernel
from hwcomp.targets.tvm.ops.elementwise import axes_of, vectorised


def lower_transpose(context: Context, unit: Unit) -> Kernel:
    """Y[i...] = X[i permuted]."""
    op = unit.op
    assert isinstance(op, Transpose)
    _, index = axes_of(context.value(unit.output).shape)
    source = [""] * len(index)
    for axis, origin in enumerate(op.permutation):
        source[origin] = index[axis]
    return _gathered(context, unit, source)


def lower_slice(context: Context, unit: Unit) -> Kernel:
    """Y[i...] = X[start + step * i...]."""
    op = unit.op
    assert isinstance(op, Slice)
    _, index = axes_of(context.value(unit.output).shape)
    source = [
        f"{start} + {step} * {i}" if (start, step) != (0, 1) else i
        for start, step, i in zip(op.starts, op.steps, index, strict=True)
    ]
    return _gathered(context, unit, source)


def lower_gather(context: Context, unit: Unit) -> Kernel:
    """Indices from a table."""
    op = unit.op
    assert isinstance(op, Gather)
    _, index = axes_of(context.value(unit.output).shape)
    table = constant("I", np.array(op.indices, np.int64), "int32")
    axis = op.axis % len(index)
    source = [table.argument.load((i,)).text if n == axis else i for n, i in enumerate(index)]
    return _gathered(context, unit, source, (table,))


def lower_resize(context: Context, unit: Unit) -> Kernel:
    """Rows and columns from tables."""
    op = unit.op
    assert isinstance(op, Resize)
    rows = constant("I", np.array(op.rows, np.int64), "int32")
    columns = constant("J", np.array(op.columns, np.int64), "int32")
    _, (n, y, x, c) = axes_of(context.value(unit.output).shape)
    source = [n, rows.argument.load((y,)).text, columns.argument.load((x,)).text, c]
    return _gathered(context, unit, source, (rows, columns))


def lower_pad(context: Context, unit: Unit) -> Kernel:
    """The value outside of x."""
    op = unit.op
    assert isinstance(op, Pad)
    x, y = context.argument("X", op.inputs[0]), context.argument("Y", unit.output)
    _, index = axes_of(y.shape)
    shifted = [f"{i} - {before}" if before else i for i, before in zip(index, op.before, strict=True)]
    conditions: list[str] = []
    for i, size, before, after in zip(index, x.shape, op.before, op.after, strict=True):
        conditions += [f"({i} >= {before})"] if before else []
        conditions += [f"({i} < {before + size})"] if after else []
    inside = both(*conditions)
    read = x.load(shifted)
    body = y.store(index, either(inside, read, op.value) if inside else read)
    return _one_block(context, unit, x, (body,), ())


def lower_depth_to_space(context: Context, unit: Unit) -> Kernel:
    """A loop over the blocks of the depth: every index is affine."""
    op = unit.op
    assert isinstance(op, DepthToSpace)
    x, y = context.argument("X", op.inputs[0]), context.argument("Y", unit.output)
    n, height, width, channels = x.shape
    k = op.block
    depth = channels // (k * k)
    axes = (("n", n, "S"), ("y", height, "S"), ("a", k, "S"), ("x", width, "S"), ("b", k, "S"), ("c", depth, "S"))
    channel = f"(va * {k} + vb) * {depth} + vc" if op.order is DepthOrder.DCR else f"vc * {k * k} + va * {k} + vb"
    read = x.load(("vn", "vy", "vx", channel))
    body = y.store(("vn", f"vy * {k} + va", f"vx * {k} + vb", "vc"), read)
    lines = tuple(Block("out", axes, (body,)).lines())
    return Kernel(op, op.inputs, unit.output, context.label(op), (x,), (), (y,), statements=lines, note=place(op))


def lower_concat(context: Context, unit: Unit) -> Kernel:
    """A block for each input."""
    op = unit.op
    assert isinstance(op, Concat)
    sources = tuple(context.argument(f"X{i}", name) for i, name in enumerate(op.inputs))
    y = context.argument("Y", unit.output)
    lines: list[str] = []
    start = 0
    for number, x in enumerate(sources):
        axes, index = axes_of(x.shape)
        target = [f"{i} + {start}" if n == op.axis and start else i for n, i in enumerate(index)]
        lines += Block(f"out{number}", axes, (y.store(target, x.load(index)),)).lines()
        start += x.shape[op.axis]
    return Kernel(
        op, op.inputs, unit.output, context.label(op), sources, (), (y,), statements=tuple(lines), note=place(op)
    )


def _gathered(context: Context, unit: Unit, source: Sequence[str], constants: tuple[Constant, ...] = ()) -> Kernel:
    x, y = context.argument("X", unit.op.inputs[0]), context.argument("Y", unit.output)
    _, index = axes_of(y.shape)
    return _one_block(context, unit, x, (y.store(index, x.load(source)),), constants)


def _one_block(
    context: Context, unit: Unit, x: Argument, body: tuple[str, ...], constants: tuple[Constant, ...]
) -> Kernel:
    y = context.argument("Y", unit.output)
    axes, _ = axes_of(y.shape)
    return Kernel(
        unit.op,
        unit.op.inputs[:1],
        unit.output,
        context.label(unit.op),
        (x,),
        constants,
        (y,),
        statements=tuple(Block("out", axes, body).lines()),
        schedule=vectorised(y.shape) if not constants else (),
        note=place(unit.op),
    )
