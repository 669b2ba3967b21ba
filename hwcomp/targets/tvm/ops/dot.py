"""Convolutions, dense layers and products of activations, with the requant behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, constant, narrowest, place
from hwcomp.targets.tvm.expression import Term, both, either
from hwcomp.targets.tvm.kernel import Argument, Block, Constant, Kernel
from hwcomp.targets.tvm.ops import nibbles
from hwcomp.targets.tvm.ops.depthwise import lower_depthwise
from hwcomp.targets.tvm.ops.mma import lower_mma
from hwcomp.targets.tvm.ops.packed_conv import lower_packed
from hwcomp.targets.tvm.requant import requanting

LANES = 16
Axes = tuple[tuple[str, int, str], ...]


def accumulator(context: Context, unit: Unit) -> Argument:
    """The buffer of the sums: a local one where a requant follows, else the output."""
    value = context.value(unit.op.outputs[0])
    if unit.requant is None:
        return context.argument("Y", unit.output)
    return Argument("acc", value.shape, "int64" if value.type.dtype.bits > 32 else "int32")


def finish(
    context: Context, unit: Unit, acc: Argument, axes: Axes, index: Sequence[str]
) -> tuple[tuple[Argument, ...], tuple[str, ...], tuple[Constant, ...]]:
    """(local buffers, statements, constants) of the requant of `acc` over `axes`; nothing where there is none.

    index: of the element; its last is the channel's.
    """
    if unit.requant is None:
        return (), (), ()
    value = context.value(unit.op.outputs[0])
    made = requanting(unit.requant, (value,))
    lines, y = made.apply((acc.load(index),), index[-1])
    result = context.argument("Y", unit.output)
    block = Block("out", axes, (*lines, result.store(index, y)))
    return (acc,), tuple(block.lines()), tuple(made.constants)


def summed(acc: Argument, index: Sequence[str], term: Term, axes: Axes, bias: Constant) -> Block:
    """The block that adds up `term`, from the bias of the last axis of `index`."""
    total = acc.load(index) + term
    start = acc.store(index, bias.argument.load((index[-1],)))
    return Block("acc", axes, (acc.store(index, total),), start)


def lower_conv2d(context: Context, unit: Unit) -> Kernel:
    """By tensor cores or dot products where the machine has them, else plain loops."""
    assert isinstance(unit.op, Conv2d)
    if context.machine.is_cuda:
        return (lower_mma(context, unit) if unit.op.groups == 1 else None) or _portable_conv(context, unit)
    packed = lower_packed(context, unit) if unit.op.groups == 1 else lower_depthwise(context, unit)
    return packed or _portable_conv(context, unit)


def _portable_conv(context: Context, unit: Unit) -> Kernel:
    """Plain loops: [n, y, x, k] sums over [r, s, c]; padding is a condition on the read."""
    op = unit.op
    assert isinstance(op, Conv2d)
    x, w = context.argument("X", op.inputs[0]), context.value(op.inputs[1])
    b = context.value(op.inputs[2])
    assert w.data is not None and b.data is not None
    acc = accumulator(context, unit)
    n, oh, ow, oc = context.value(op.outputs[0]).shape
    _, kh, kw, icg = w.shape
    weights, weight = nibbles.stored(context, op, ("vk", "vr", "vs", "vc"))
    bias = constant("B", b.data, narrowest(b.data))
    outer: Axes = (("n", n, "S"), ("y", oh, "S"), ("x", ow, "S"), ("k", oc, "S"))
    inner: Axes = (("r", kh, "R"), ("s", kw, "R"), ("c", icg, "R"))
    group = "vk" if icg == 1 and op.groups == oc else f"(vk // {oc // op.groups}) * {icg} + vc"
    term = padded_read(op, x, "vc" if op.groups == 1 else group) * weight
    block = summed(acc, ("vn", "vy", "vx", "vk"), term.widened() if acc.is_wide else term, (*outer, *inner), bias)
    local, out, constants = finish(context, unit, acc, outer, ("vn", "vy", "vx", "vk"))
    depthwise = icg == 1 and oc % LANES == 0
    return Kernel(
        op,
        op.inputs[:1],
        unit.output,
        context.label(op),
        (x,),
        (weights, bias, *constants),
        (context.argument("Y", unit.output),),
        local=local,
        statements=(*block.lines(), *out),
        schedule=_conv_schedule(bool(local), depthwise),
        note=place(op),
        macs=n * oh * ow * oc * kh * kw * icg,
    )


def padded_read(op: Conv2d, x: Argument, channel: str) -> Term:
    """The input under tap (r, s) of output (n, y, x); `pad_value` outside of it."""
    height, width = x.shape[1:3]
    (sh, sw), (dh, dw) = op.strides, op.dilations
    top, left, bottom, right = op.padding
    row = _affine("vy", sh, "vr", dh, top)
    column = _affine("vx", sw, "vs", dw, left)
    read = x.load(("vn", row, column, channel))
    inside = both(
        f"({row} >= 0)" if top else "",
        f"({row} < {height})" if bottom else "",
        f"({column} >= 0)" if left else "",
        f"({column} < {width})" if right else "",
    )
    return either(inside, read, op.pad_value) if inside else read


def _affine(a: str, stride: int, b: str, dilation: int, offset: int) -> str:
    first = a if stride == 1 else f"{a} * {stride}"
    second = b if dilation == 1 else f"{b} * {dilation}"
    return f"{first} + {second}" + (f" - {offset}" if offset else "")


def _conv_schedule(has_requant: bool, depthwise: bool) -> tuple[str, ...]:
    lines = ['acc = sch.get_sblock("acc")', "n, y, x, k, r, s, c = sch.get_loops(acc)"]
    if depthwise:
        lines += [f"k, lane = sch.split(k, [None, {LANES}])", "sch.reorder(n, y, x, k, r, s, c, lane)"]
    if has_requant:
        lines += ['out = sch.get_sblock("out")', "sch.reverse_compute_at(out, k)"]
    if depthwise:
        lines += ["sch.vectorize(lane)"]
        lines += ["sch.vectorize(sch.get_loops(out)[-1])"] if has_requant else []
        lines += ["start = sch.decompose_reduction(acc, r)", "sch.vectorize(sch.get_loops(start)[-1])"]
    return tuple(lines)


def lower_dense(context: Context, unit: Unit) -> Kernel:
    """By tensor cores or dot products where the machine has them, else plain loops."""
    made = lower_mma(context, unit) if context.machine.is_cuda else lower_packed(context, unit)
    return made or _portable_dense(context, unit)


def _portable_dense(context: Context, unit: Unit) -> Kernel:
    """[rows, k] sums over c."""
    op = unit.op
    assert isinstance(op, Dense)
    x, w, b = context.argument("X", op.inputs[0]), context.value(op.inputs[1]), context.value(op.inputs[2])
    assert w.data is not None and b.data is not None
    acc = accumulator(context, unit)
    shape = context.value(op.outputs[0]).shape
    lead = tuple(f"i{i}" for i in range(len(shape) - 1))
    weights, weight = nibbles.stored(context, op, ("vk", "vc"))
    bias = constant("B", b.data, narrowest(b.data))
    outer: Axes = (*((name, size, "S") for name, size in zip(lead, shape[:-1], strict=True)), ("k", shape[-1], "S"))
    rows = tuple(f"v{name}" for name in lead)
    term = x.load((*rows, "vc")) * weight
    axes: Axes = (*outer, ("c", w.shape[1], "R"))
    block = summed(acc, (*rows, "vk"), term.widened() if acc.is_wide else term, axes, bias)
    local, out, constants = finish(context, unit, acc, outer, (*rows, "vk"))
    schedule = (
        'loops = sch.get_loops(sch.get_sblock("acc"))',
        'sch.reverse_compute_at(sch.get_sblock("out"), loops[-2])',
    )
    return Kernel(
        op,
        op.inputs[:1],
        unit.output,
        context.label(op),
        (x,),
        (weights, bias, *constants),
        (context.argument("Y", unit.output),),
        local=local,
        statements=(*block.lines(), *out),
        schedule=schedule if local else (),
        note=place(op),
        macs=int(np.prod(shape, dtype=np.int64)) * w.shape[1],
    )


def lower_matmul(context: Context, unit: Unit) -> Kernel:
    """[batch, m, k] sums over c of two activations; leading axes of size 1 are broadcast."""
    op = unit.op
    assert isinstance(op, MatMul)
    a, b = context.argument("A", op.inputs[0]), context.argument("X", op.inputs[1])
    acc = accumulator(context, unit)
    shape = context.value(op.outputs[0]).shape
    lead = tuple(f"i{i}" for i in range(len(shape) - 2))
    outer: Axes = (
        *((name, size, "S") for name, size in zip(lead, shape[:-2], strict=True)),
        ("m", shape[-2], "S"),
        ("k", shape[-1], "S"),
    )
    left = a.load((*_broadcast(lead, a.shape[:-2]), "vm", "vc")) - op.a_zero
    right = b.load((*_broadcast(lead, b.shape[:-2]), "vc", "vk")) - op.b_zero
    product = left.widened() * right if acc.is_wide else left * right
    index = tuple(f"v{name}" for name, _, _ in outer)
    axes: Axes = (*outer, ("c", a.shape[-1], "R"))
    zero = acc.store(index, Term("T.int64(0)", True) if acc.is_wide else Term("0"))
    block = Block("acc", axes, (acc.store(index, acc.load(index) + product),), zero)
    local, out, constants = finish(context, unit, acc, outer, index)
    schedule = (
        'loops = sch.get_loops(sch.get_sblock("acc"))',
        'sch.reverse_compute_at(sch.get_sblock("out"), loops[-2])',
    )
    return Kernel(
        op,
        op.inputs,
        unit.output,
        context.label(op),
        (a, b),
        constants,
        (context.argument("Y", unit.output),),
        local=local,
        statements=(*block.lines(), *out),
        schedule=schedule if local else (),
        note=place(op),
        macs=int(np.prod(shape, dtype=np.int64)) * a.shape[-1],
    )


def _broadcast(lead: Sequence[str], shape: Sequence[int]) -> tuple[str, ...]:
    """Indices of the leading axes of an operand: the last of the result's, 0 where it has one element."""
    own = lead[len(lead) - len(shape) :]
    return tuple("0" if size == 1 else f"v{name}" for name, size in zip(own, shape, strict=True))
