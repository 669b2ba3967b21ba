"""Reductions, pooling and the index of the greatest."""

from __future__ import annotations

from hwcomp.ir.ops.reduce import ArgMax, Pool2d, Reduce, ReduceSum, SumPool2d
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, place
from hwcomp.targets.tvm.expression import Term, both, either, literal
from hwcomp.targets.tvm.kernel import Argument, Block, Kernel
from hwcomp.targets.tvm.ops.dot import LANES, Axes, accumulator, finish


def lower_reduce(context: Context, unit: Unit) -> Kernel:
    """Sum or maximum over some axes."""
    op = unit.op
    assert isinstance(op, Reduce)
    x = context.argument("X", op.inputs[0])
    names = [f"r{i}" if i in op.axes else f"i{i}" for i in range(len(x.shape))]
    kept = [i for i in range(len(x.shape)) if i not in op.axes]
    outer: Axes = tuple((names[i], x.shape[i], "S") for i in kept) or (("i", 1, "S"),)
    inner: Axes = tuple((names[i], x.shape[i], "R") for i in op.axes)
    shape = context.value(op.outputs[0]).shape
    position = ["0"] * len(shape)
    for spot, axis in enumerate(kept):
        position[axis if op.keepdims else spot] = f"v{names[axis]}"
    read = x.load([f"v{name}" for name in names])
    return _reduction(context, unit, x, (outer, inner), position, read, is_sum=isinstance(op, ReduceSum))


def lower_pool(context: Context, unit: Unit) -> Kernel:
    """Sum or maximum over a window; padding is a condition on the read."""
    op = unit.op
    assert isinstance(op, Pool2d)
    x = context.argument("X", op.inputs[0])
    n, oh, ow, channels = context.value(op.outputs[0]).shape
    is_sum = isinstance(op, SumPool2d)
    fill = op.pad_value if isinstance(op, SumPool2d) else context.value(op.inputs[0]).range.min
    (sh, sw), (dh, dw) = op.strides, op.dilations
    top, left, bottom, right = op.padding
    row, column = f"vy * {sh} + vr * {dh} - {top}", f"vx * {sw} + vs * {dw} - {left}"
    inside = both(
        f"({row} >= 0)" if top else "",
        f"({row} < {x.shape[1]})" if bottom else "",
        f"({column} >= 0)" if left else "",
        f"({column} < {x.shape[2]})" if right else "",
    )
    read = x.load(("vn", row, column, "vc"))
    outer: Axes = (("n", n, "S"), ("y", oh, "S"), ("x", ow, "S"), ("c", channels, "S"))
    inner: Axes = (("r", op.kernel[0], "R"), ("s", op.kernel[1], "R"))
    term = either(inside, read, fill) if inside else read
    return _reduction(context, unit, x, (outer, inner), ["vn", "vy", "vx", "vc"], term, is_sum=is_sum)


def _reduction(
    context: Context, unit: Unit, x: Argument, axes: tuple[Axes, Axes], position: list[str], term: Term, *, is_sum: bool
) -> Kernel:
    outer, inner = axes
    op = unit.op
    acc = accumulator(context, unit)
    if (unit.requant is None and not is_sum) or acc.storage not in ("int32", "int64"):
        acc = Argument("acc", acc.shape, "int64" if acc.is_wide or term.wide else "int32")
    value = term.widened() if acc.is_wide else term.narrowed()
    old = acc.load(position)
    start = 0 if is_sum else context.value(op.inputs[0]).range.min
    body = acc.store(position, old + value if is_sum else old.at_least(value))
    block = Block("acc", (*outer, *inner), (body,), acc.store(position, literal(start, acc.is_wide)))
    result = context.argument("Y", unit.output)
    statements = block.lines()
    local, out, constants = finish(context, unit, acc, outer, position or ("0",)) if unit.requant else ((), (), ())
    if unit.requant is None and acc.name == "acc":
        local = (acc,)
        out = tuple(Block("out", outer, (result.store(position, old),)).lines())
    statements += out
    lanes = len(outer) and outer[-1][1] % LANES == 0 and x.shape[-1] == outer[-1][1]
    return Kernel(
        op,
        op.inputs,
        unit.output,
        context.label(op),
        (x,),
        constants,
        (result,),
        local=local,
        statements=tuple(statements),
        schedule=_schedule(len(outer), len(inner), bool(local), bool(lanes)),
        note=place(op),
        macs=0,
    )


def _schedule(outer: int, inner: int, has_out: bool, lanes: bool) -> tuple[str, ...]:
    if not inner:
        return ()
    lines = ['acc = sch.get_sblock("acc")', "loops = sch.get_loops(acc)", f"last = loops[{outer - 1}]"]
    if lanes:
        lines += [
            f"last, lane = sch.split(last, [None, {LANES}])",
            f"sch.reorder(*loops[:{outer - 1}], last, *loops[{outer}:], lane)",
        ]
    if has_out:
        lines += ['out = sch.get_sblock("out")', "sch.reverse_compute_at(out, last)"]
    if lanes:
        lines += ["sch.vectorize(lane)"]
        lines += ["sch.vectorize(sch.get_loops(out)[-1])"] if has_out else []
        lines += [f"start = sch.decompose_reduction(acc, loops[{outer}])", "sch.vectorize(sch.get_loops(start)[-1])"]
    return tuple(lines)


def lower_argmax(context: Context, unit: Unit) -> Kernel:
    """The key value * size + (size - 1 - index) has its maximum where the answer is: one pass, no pair of results."""
    op = unit.op
    assert isinstance(op, ArgMax)
    x = context.argument("X", op.inputs[0])
    size = x.shape[op.axis]
    shape = tuple(s for i, s in enumerate(x.shape) if i != op.axis)
    names = [f"i{i}" for i in range(len(x.shape)) if i != op.axis]
    outer: Axes = tuple((n, s, "S") for n, s in zip(names, shape, strict=True)) or (("i", 1, "S"),)
    index = [f"v{n}" for n in names]
    full = [*index[: op.axis], "vr", *index[op.axis :]]
    tail = "vr" if op.select_last else f"({size - 1} - vr)"
    key = x.load(full).widened() * size + Term(f'T.Cast("int64", {tail})', True)
    acc = Argument("acc", shape, "int64")
    least = literal(context.value(op.inputs[0]).range.min * size, True)
    block = Block("acc", (*outer, ("r", size, "R")), (acc.store(index, acc.load(index).at_least(key)),),
                  acc.store(index, least))  # fmt: skip
    rest = Term(f"T.floormod({acc.load(index).text}, T.int64({size}))", True)
    found = rest if op.select_last else Term(f"(T.int64({size - 1}) - {rest.text})", True)
    result = context.argument("Y", unit.output)
    target = [*index[: op.axis], "0", *index[op.axis :]] if op.keepdims else index
    out = Block("out", outer, (result.store(target, found),))
    return Kernel(
        op,
        op.inputs,
        unit.output,
        context.label(op),
        (x,),
        (),
        (result,),
        local=(acc,),
        statements=(*block.lines(), *out.lines()),
        schedule=(
            'loops = sch.get_loops(sch.get_sblock("acc"))',
            'sch.reverse_compute_at(sch.get_sblock("out"), loops[-2])',
        ),
        note=place(op),
    )
