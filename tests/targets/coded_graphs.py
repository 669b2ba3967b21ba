"""Graphs whose streams of over 8 bits are coded by range: operands of different widths meet, results are narrower."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwcomp.ir.graph import Graph, State
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.ops.elementwise import Add, Max, Mul, Sub
from hwcomp.ir.ops.layout import Concat, DepthToSpace, Gather, Pad, Reshape, Resize, Slice, Transpose
from hwcomp.ir.ops.lstm import Lstm
from hwcomp.ir.ops.reduce import ArgMax, MaxPool2d, ReduceMax, ReduceSum, SumPool2d
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.ir.types import S8, S16, S32, IntType, Location, TensorType
from tests.targets.mcu_graphs import Maker

SIZE = (1, 3, 2, 4)
UNITS = 2


def sums(m: Maker, x: str, channels: int, reach: int) -> str:
    """Accumulators of x [1, h, w, c]; the greater `reach`, the more bits."""
    weights = m.const(m.rng.integers(-reach, reach + 1, (channels, 1, 1, m.b.value(x).shape[-1])), S8)
    return m.op(Conv2d, x, weights, m.const(m.rng.integers(-50 * reach, 50 * reach + 1, channels), S32))


def uneven(m: Maker, x: str) -> str:
    """Four channels of accumulators: two of 17 bits, two of 12 at most."""
    weights = m.rng.integers(-127, 128, (4, 1, 1, m.b.value(x).shape[-1]))
    weights[2:] //= 40
    return m.op(Conv2d, x, m.const(weights, S8), m.const(np.array([3000, -900, 5, -7]), S32))


def joined() -> Graph:
    """Concatenations on channels and on rows, the widest first, last and in the middle."""
    m = Maker("joined")
    x = m.input("x", SIZE)
    y = m.op(Concat, sums(m, x, 2, 127), sums(m, x, 4, 3), axis=3)
    rows = m.op(Concat, sums(m, x, 2, 3), sums(m, x, 2, 127), sums(m, x, 2, 30), axis=1)
    return m.finish(y=y, rows=rows, again=m.op(Concat, rows, sums(m, x, 2, 1), axis=1))


def cut() -> Graph:
    """The narrow channels of a wide stream: cut, picked and moved, then read by all that read accumulators."""
    m = Maker("cut")
    x = m.input("x", SIZE)
    whole = uneven(m, x)
    last = m.op(Slice, whole, starts=(0, 0, 0, 2), sizes=(1, 3, 2, 2), steps=(1, 1, 1, 1))
    both = m.op(Slice, whole, starts=(0, 1, 0, 2), sizes=(1, 2, 2, 2), steps=(1, 1, 1, 1))
    picked = m.op(Gather, whole, axis=3, indices=(3, 2, 3))
    flat = m.op(Reshape, last, shape=(1, 12))
    found = {
        "both": both,
        "dense": m.op(Dense, flat, *m.weights((3, 12))),
        "conv": m.op(Conv2d, last, *m.weights((2, 2, 2, 2)), padding=(1, 0, 0, 1), pad_value=-2000),
        "depthwise": m.op(Conv2d, last, *m.weights((2, 2, 2, 1)), groups=2),
        "matmul": m.op(MatMul, m.op(Reshape, both, shape=(2, 4)), m.op(Reshape, last, shape=(4, 3))),
        "high": m.op(MaxPool2d, last, kernel=(2, 2), padding=(1, 0, 0, 1)),
        "sum": m.op(SumPool2d, last, kernel=(1, 1), padding=(1, 0, 0, 0)),
        "total": m.op(ReduceSum, last, axes=(1, 2)),
        "top": m.op(ReduceMax, picked, axes=(3,)),
        "best": m.op(ArgMax, last, axis=3),
        "scaled": m.requant(last, divide=10, channels=2),
        "added": m.op(Add, last, sums(m, x, 2, 5)),
        "less": m.op(Sub, last, m.const(np.array([3, -4]), S8)),
        "most": m.op(Max, last, m.const(np.array(-40), S8)),
        "times": m.op(Mul, last, last),
        "steps": m.op(Thresholds, last, m.const(np.array([-700, 0, 5]), S32), lo=-1, dtype=IntType(3, True)),
        "joined": m.op(Concat, last, sums(m, x, 2, 9), axis=3),
    }
    return m.finish(**found)


def bordered() -> Graph:
    """Borders of values that the elements never have."""
    m = Maker("bordered")
    x = m.input("x", SIZE)
    narrow, wide = sums(m, x, 2, 3), uneven(m, x)
    found = {
        "rows": m.op(Pad, narrow, before=(0, 1, 0, 0), after=(0, 0, 1, 0), value=-70000),
        "channels": m.op(Pad, narrow, before=(0, 1, 0, 1), after=(0, 0, 1, 1), value=70000),
        "pool": m.op(SumPool2d, wide, kernel=(2, 2), padding=(1, 1, 0, 0), pad_value=-90000),
        "high": m.op(MaxPool2d, wide, kernel=(2, 2), padding=(1, 0, 0, 1)),
        "conv": m.op(Conv2d, narrow, *m.weights((2, 3, 3, 2), -8, 7), padding=(1, 1, 1, 1), pad_value=30000),
    }
    return m.finish(**found)


def kept() -> Graph:
    """States of 16 and 32 bits that are written with fewer, and as they are read."""
    m = Maker("kept")
    x = m.input("x", SIZE)
    found = {}
    for name, dtype, channels in (("state", S32, 2), ("same", S32, 4), ("small", S16, 2)):
        kind = TensorType((1, 3, 2, channels), dtype)
        m.b.state(State(name, kind, (-5,)))
        found[name] = m.op(StateRead, state=name, type=kind)
    written = {"state": sums(m, x, 2, 3), "same": found["same"], "small": m.requant(x, divide=1, dtype=S16, lo=-200)}
    written["small"] = m.op(Slice, written["small"], starts=(0, 0, 0, 0), sizes=(1, 3, 2, 2), steps=(1, 1, 1, 1))
    for name, value in written.items():
        at = Location("net.onnx", f"write_{name}", "Write")
        m.b.add(StateWrite(name=f"write_{name}", inputs=(value,), outputs=(), loc=at, state=name))
    return m.finish(**found)


def moved() -> Graph:
    """Accumulators of unlike channels through every buffer."""
    m = Maker("moved")
    a = uneven(m, m.input("x", SIZE))
    return m.finish(
        turned=m.op(Transpose, a, permutation=(0, 3, 1, 2)),
        deep=m.op(DepthToSpace, a, block=2),
        grown=m.op(Resize, a, rows=(0, 0, 1, 2, 2), columns=(1, 0)),
        flat=m.op(Reshape, a, shape=(3, 8)),
    )


def product(m: Maker, x: str) -> str:
    """Squares [1, 3, 2, 2] of 34 bits."""
    a = m.op(Conv2d, x, m.const(np.full((2, 1, 1, 4), 127), S8), m.const(np.zeros(2, np.int64), S32))
    return m.op(Mul, a, a)


def long() -> Graph:
    """Products of over 32 bits with constants, and joined with themselves."""
    m = Maker("long")
    y = product(m, m.input("x", SIZE))
    most, more = m.op(Max, y, m.const(np.array(7), S8)), m.op(Add, y, m.const(np.array([7, -3]), S8))
    return m.finish(most=most, more=more, both=m.op(Concat, y, y, axis=3))


def longer() -> Graph:
    """Products of two widths over 32 bits that are joined: no module makes one width of them."""
    m = Maker("longer")
    x = m.input("x", SIZE)
    y = product(m, x)
    return m.finish(y=m.op(Concat, y, m.op(Mul, y, sums(m, x, 2, 3)), axis=3))


def memory(cell: int) -> Graph:
    """An LSTM over x [1, 2, 3]; `cell` in its constant cell state, or one that another operator cuts where it is 0."""
    m = Maker("memory")
    x = m.input("x", (1, 2, 3))
    c = m.const(np.array([[cell, 5]]), S16)
    if not cell:
        wide = m.requant(m.input("u", (1, 4)), divide=1, channels=4, dtype=S16, mult=((70 << 20, 1, 1, 1),))
        c = m.op(Slice, wide, starts=(0, 1), sizes=(1, 2), steps=(1, 1))
    h = m.const(np.array([[-3, 2]]), S8)
    curve = np.round(65536 / (1 + np.exp(-np.arange(256) / 24))).astype(np.int64).clip(0, 65535)
    table = m.const(curve, IntType(16, False))
    node = m.make(Lstm, x, h, c, *m.weights((4 * UNITS, 3)), *m.weights((4 * UNITS, UNITS)), table, table, table,
                  x_scales=((1 << 30, -1), (1 << 30, -2), (1500000000, 1), (1 << 30, -2)),
                  h_scales=((1 << 30, -3),) * 4, forget_scale=(1 << 30, -14), input_scale=(1 << 30, -15),
                  hidden_scale=(1 << 30, -20), hidden_zero=-5)  # fmt: skip
    y, _, after = m.b.add(node, ["y", "h1", "c1"])
    return m.finish(y=y, after=after)


CODED_GRAPHS: dict[str, Callable[[], Graph]] = {
    "joined": joined,
    "cut": cut,
    "bordered": bordered,
    "kept": kept,
    "moved": moved,
    "long": long,
    "constant_cell": lambda: memory(-900),
    "small_cell": lambda: memory(-3),
    "cut_cell": lambda: memory(0),
}
