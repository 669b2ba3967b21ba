"""`Lstm`: time step by time step, two products of matrices and the cell (see `ir/ops/lstm.py`)."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.ops.lstm import DIRECT_ENTRIES, INTERPOLATED_ENTRIES, Lstm, Scale
from hwcomp.ir.types import S8, S16
from hwcomp.targets.fuse import Unit
from hwcomp.targets.tvm.context import Context, constant, narrowest, place
from hwcomp.targets.tvm.expression import Let, Term, select
from hwcomp.targets.tvm.kernel import Argument, Block, Constant, Kernel
from hwcomp.targets.tvm.ops.softmax import Temporaries, clamp, rounding_shift, wide

_TABLES = ("logistic", "tanh_gate", "tanh_cell")
_SATURATED = INTERPOLATED_ENTRIES - 1


def lower_lstm(context: Context, unit: Unit) -> Kernel:
    """The states run in the buffers of their results."""
    op = unit.op
    assert isinstance(op, Lstm)
    x, h, c = (context.argument(letter, name) for letter, name in zip("XHC", op.inputs[:3], strict=True))
    y, hidden, cell = (
        context.argument(letter, name) for letter, name in zip(("Y", "YH", "YC"), op.outputs, strict=True)
    )
    constants = _constants(context, op)
    w, b, wh, bh = constants[:4]
    batch, size = h.shape
    steps, width = x.shape[0 if op.time_major else 1], x.shape[2]
    of_x, of_h = Argument("of_x", (batch, 4 * size), "int64"), Argument("of_h", (batch, 4 * size), "int64")
    at = ("vt", "vn") if op.time_major else ("vn", "vt")
    lines = _copied("first_h", h, hidden) + _copied("first_c", c, cell)
    inner = _product("of_x", of_x, x.load((*at, "vi")), (w, b), width)
    inner += _product("of_h", of_h, hidden.load(("vn", "vi")), (wh, bh), size)
    body: list[str] = []
    values = Temporaries("work", body)
    new_h, new_c = _cell(op, values, (of_x, of_h, cell), constants[4:], size)
    body += [cell.store(("vn", "vs"), new_c), hidden.store(("vn", "vs"), new_h), y.store((*at, "vs"), new_h)]
    inner += Block("cell", (("n", batch, "S"), ("s", size, "S")), tuple(body), around=("t",)).lines()
    lines += [f"for t in T.serial({steps}):", *(f"    {line}" for line in inner)]
    return Kernel(
        op,
        op.inputs[:3],
        op.outputs[0],
        context.label(op),
        (x, h, c),
        constants,
        (y, hidden, cell),
        work=(of_x, of_h),
        local=(values.buffer,),
        statements=tuple(lines),
        more_outputs=op.outputs[1:],
        note=place(op),
        macs=steps * batch * 4 * size * (width + size),
    )


def _constants(context: Context, op: Lstm) -> tuple[Constant, ...]:
    made: list[Constant] = []
    for name, value in zip(("W", "B", "WH", "BH", *_TABLES), op.inputs[3:], strict=True):
        data = context.value(value).data
        assert data is not None
        storage = context.storage(value) if name in ("W", "WH") else narrowest(data)
        made.append(constant(name, np.asarray(data), storage))
    return tuple(made)


def _copied(name: str, source: Argument, target: Argument) -> list[str]:
    axes = tuple((f"i{i}", size, "S") for i, size in enumerate(source.shape))
    index = [f"v{axis}" for axis, _, _ in axes]
    return Block(name, axes, (target.store(index, source.load(index)),)).lines()


def _product(name: str, acc: Argument, x: Term, weights: tuple[Constant, ...], width: int) -> list[str]:
    """acc[n, k] = bias[k] + sum over i of x[n, i] * w[k, i]."""
    w, b = weights
    axes = (("n", acc.shape[0], "S"), ("k", acc.shape[1], "S"), ("i", width, "R"))
    total = acc.load(("vn", "vk")) + x * w.argument.load(("vk", "vi"))
    start = acc.store(("vn", "vk"), b.argument.load(("vk",)).widened())
    return Block(name, axes, (acc.store(("vn", "vk"), total),), start, ("t",)).lines()


def _cell(
    op: Lstm, let: Let, values: tuple[Argument, Argument, Argument], tables: tuple[Constant, ...], size: int
) -> tuple[Term, Term]:
    """(h, c) of one element after a time step."""
    of_x, of_h, cell = values
    gates: list[Term] = []
    for g, (x_scale, h_scale) in enumerate(zip(op.x_scales, op.h_scales, strict=True)):
        index = ("vn", f"vs + {g * size}")
        recurrent = rescaled(let, of_h.load(index), h_scale)
        if op.saturate_recurrent:
            recurrent = clip16(recurrent)
        gates.append(let("gate", clip16(clip16(rescaled(let, of_x.load(index), x_scale)) + recurrent)))
    logistic, tanh_gate, tanh_cell = tables
    i, f, o = (let("gate", _function(let, gates[g], logistic, False, 3, 0)) for g in (0, 1, 3))
    candidate = _function(let, gates[2], tanh_gate, True, 3, 0)
    kept = clip16(rescaled(let, f * cell.load(("vn", "vs")), op.forget_scale))
    c = let("c", clip16(kept + clip16(rescaled(let, i * candidate, op.input_scale))))
    if op.cell_clip:
        c = let("c", clamp(c, -op.cell_clip, op.cell_clip))
    squashed = _function(let, c, tanh_cell, True, op.tanh_multiplier, op.tanh_shift)
    h = clamp(rescaled(let, squashed * o, op.hidden_scale) + op.hidden_zero, S8.min, S8.max)
    return let("h", h), c


def clip16(x: Term) -> Term:
    """Saturated to 16 bits."""
    return clamp(x, S16.min, S16.max)


def rescaled(let: Let, x: Term, scale: Scale) -> Term:
    """`ir.ops.lstm.rescaled`."""
    multiplier, shift = scale
    own = let("x", x)
    if multiplier == 0:
        return rounding_shift(let, own, -shift)
    high = let("x", ((own << max(shift, 0)) * multiplier + (1 << 30)) >> 31)
    return rounding_shift(let, high, max(-shift, 0))


def _function(let: Let, x: Term, table: Constant, tanh: bool, multiplier: int, shift: int) -> Term:
    if len(table.data) == DIRECT_ENTRIES:
        return let("f", _entry(table, x - S16.min))
    half = (1 << shift) >> 1
    return _interpolated(let, let("x", (x * multiplier + half) >> shift), table, tanh)


def _entry(table: Constant, position: Term) -> Term:
    return table.argument.load((position.narrowed().text,)).widened()


def _interpolated(let: Let, x: Term, table: Constant, tanh: bool) -> Term:
    """`ir.ops.lstm.interpolated`."""
    bits = 8 if tanh else 9
    is_negative = x.compared("<", 0)
    magnitude = let("m", select(is_negative, wide(0) - x, x, True))
    spot = let("p", (magnitude >> bits).at_most(INTERPOLATED_ENTRIES - 2))
    low, high = let("l", _entry(table, spot)), let("u", _entry(table, spot + 1))
    between = let("b", (low << bits) + (magnitude & ((1 << bits) - 1)) * (high - low))
    beyond = (magnitude >> bits).compared(">=", _SATURATED)
    if tanh:
        between = let("b", select(beyond, wide(0xFFFF << 8), between, True) - (1 << 23))
        return let("f", select(is_negative, wide((1 << 7) - 1) - between, between + (1 << 7), True) >> 8)
    between = let("b", select(beyond, wide(0x7FFF << 10), between, True))
    return let("f", select(is_negative, wide((1 << 25) + (1 << 9) - 1) - between, between + (1 << 9), True) >> 10)
