"""Requant on its own, exact arithmetic, tables, thresholds."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.elementwise import Add, Max, Min, Mul, Sub
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, constant, narrowest, place
from hwcomp.targets.tvm.expression import Term, select
from hwcomp.targets.tvm.kernel import Argument, Block, Constant, Kernel
from hwcomp.targets.tvm.requant import requanting

VECTOR = 16
"""Elements of the innermost axis that are worth vector instructions."""


def axes_of(shape: tuple[int, ...]) -> tuple[tuple[tuple[str, int, str], ...], tuple[str, ...]]:
    """(axes, indices) over every element of a shape; a scalar has one element."""
    names = [f"i{i}" for i in range(len(shape))]
    axes = tuple((name, size, "S") for name, size in zip(names, shape, strict=True))
    return (axes or (("i", 1, "S"),)), tuple(f"v{name}" for name in names)


def vectorised(shape: tuple[int, ...], block: str = "out") -> tuple[str, ...]:
    """The schedule of a block without reductions: the widest of some vectors that divides the innermost axis."""
    width = next((w for w in (4 * VECTOR, 2 * VECTOR, VECTOR) if shape and shape[-1] % w == 0), 0)
    if not width:
        return ()
    return (
        f'loops = sch.get_loops(sch.get_sblock("{block}"))',
        f"sch.vectorize(sch.split(loops[-1], [None, {width}])[1])",
    )


def flat(argument: Argument) -> Argument:
    """The same elements in one row."""
    return replace(argument, shape=(prod(argument.shape),))


def elementwise(
    context: Context,
    unit: Unit,
    sources: tuple[Argument, ...],
    body: tuple[str, ...],
    constants: tuple[Constant, ...] = (),
    *,
    is_vector: bool = True,
    is_flat: bool = False,
) -> Kernel:
    """The kernel of one block over every element of the output; is_flat: the body has one index, over all elements."""
    result = context.argument("Y", unit.output)
    if is_flat:
        sources, result = tuple(flat(source) for source in sources), flat(result)
    axes, _ = axes_of(result.shape)
    return Kernel(
        unit.op,
        unit.op.inputs[: len(sources)],
        unit.output,
        context.label(unit.op),
        sources,
        constants,
        (result,),
        statements=tuple(Block("out", axes, body).lines()),
        schedule=vectorised(result.shape) if is_vector else (),
        note=place(unit.op),
    )


def lower_requant(context: Context, unit: Unit) -> Kernel:
    """One block over every element, in one row where all channels are rescaled alike."""
    op = unit.op
    assert isinstance(op, Requant)
    sources = tuple(context.argument(f"X{i}", name) for i, name in enumerate(op.inputs))
    shape = context.value(op.outputs[0]).shape
    is_flat = op.channels == 1
    _, index = axes_of((1,) if is_flat else shape)
    made = requanting(op, context.graph.operands(op))
    channel = index[op.axis % len(shape)] if op.channels > 1 else "0"
    lines, y = made.apply([a.load(index) for a in sources], channel)
    result = context.argument("Y", unit.output)
    body = (*lines, result.store(index, y))
    return elementwise(context, unit, sources, body, tuple(made.constants), is_flat=is_flat)


def lower_binary(context: Context, unit: Unit) -> Kernel:
    """Both operands by indices of the output, 0 where they are broadcast."""
    op = unit.op
    sources = tuple(context.argument(letter, name) for letter, name in zip("AB", op.inputs, strict=True))
    shape = context.value(unit.output).shape
    _, index = axes_of(shape)
    result = context.argument("Y", unit.output)
    wide = result.is_wide or any(s.is_wide for s in sources)
    terms: list[Term] = []
    for source in sources:
        own = index[len(index) - len(source.shape) :]
        place_ = tuple("0" if size == 1 else i for size, i in zip(source.shape, own, strict=True))
        term = source.load(place_)
        terms.append(term.widened() if wide else term)
    return elementwise(context, unit, sources, (result.store(index, _combine(op, *terms)),))


def _combine(op: Op, a: Term, b: Term) -> Term:
    match op:
        case Add():
            return a + b
        case Sub():
            return a - b
        case Mul():
            return (a - op.a_zero) * (b - op.b_zero)
        case Min():
            return a.at_most(b)
        case Max():
            return a.at_least(b)
        case _:
            raise AssertionError(type(op))


def lower_lut(context: Context, unit: Unit) -> Kernel:
    """A read of the table at x - input_min; an addition where that is all that the table does."""
    op = unit.op
    assert isinstance(op, Lut)
    x, table = context.argument("X", op.inputs[0]), context.value(op.inputs[1])
    assert table.data is not None
    is_per_channel = len(table.shape) == 2 and not bool((table.data == table.data[:1]).all())
    data = table.data if is_per_channel else np.atleast_2d(table.data)[0]
    first = int(data.reshape(-1)[0])
    if not is_per_channel and np.array_equal(data, np.arange(first, first + data.shape[-1], dtype=np.int64)):
        moved = x.load(("vi0",)) + (first - op.input_min)
        return elementwise(
            context, unit, (x,), (context.argument("Y", unit.output).store(("vi0",), moved),), is_flat=True
        )
    entries = constant("L", data, context.storage(op.inputs[1]))
    _, index = axes_of(x.shape)
    position = (x.load(index) - op.input_min).narrowed().text
    row = (index[-1], position) if is_per_channel else (position,)
    result = context.argument("Y", unit.output)
    body = (result.store(index, entries.argument.load(row)),)
    return elementwise(context, unit, (x,), body, (entries,), is_vector=False)


def lower_thresholds(context: Context, unit: Unit) -> Kernel:
    """lo plus the number of thresholds at or below x: a sum over the levels."""
    op = unit.op
    assert isinstance(op, Thresholds)
    x, table = context.argument("X", op.inputs[0]), context.value(op.inputs[1])
    assert table.data is not None
    levels = constant("L", table.data, narrowest(table.data))
    axes, index = axes_of(x.shape)
    channel = (index[op.axis % len(x.shape)],) if len(table.shape) == 2 and table.shape[0] > 1 else ()
    if len(table.shape) == 2 and not channel:
        channel = ("0",)
    result = context.argument("Y", unit.output)
    acc = Argument("acc", x.shape, "int32")
    value, level = x.load(index), levels.argument.load((*channel, "vl"))
    step = select(level.compared("<=", value), 1, 0)
    block = Block("acc", (*axes, ("l", table.shape[-1], "R")), (acc.store(index, acc.load(index) + step),),
                  acc.store(index, Term(f"T.int32({op.lo})")))  # fmt: skip
    out = Block("out", axes, (result.store(index, acc.load(index)),))
    return Kernel(
        op,
        op.inputs[:1],
        unit.output,
        context.label(op),
        (x,),
        (levels,),
        (result,),
        local=(acc,),
        statements=(*block.lines(), *out.lines()),
        schedule=(
            'loops = sch.get_loops(sch.get_sblock("acc"))',
            'sch.reverse_compute_at(sch.get_sblock("out"), loops[-2])',
        ),
        note=place(op),
    )
