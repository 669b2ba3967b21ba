"""Integer graphs for the fpga target with every operator it has, in awkward shapes and types."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.graph import Graph, State
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.ops.elementwise import Add, Max, Min, Mul, Sub
from hwcomp.ir.ops.layout import Concat, DepthOrder, DepthToSpace, Gather, Pad, Reshape, Resize, Slice, Transpose
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.reduce import ArgMax, MaxPool2d, ReduceMax, ReduceSum, SumPool2d
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.ir.types import S8, S16, S32, U8, IntType, Location, TensorType
from tests.targets.mcu_graphs import Maker

U1, U4 = IntType(1, False), IntType(4, False)
S2, S4, S5 = IntType(2, True), IntType(4, True), IntType(5, True)


def pixels() -> Graph:
    """One pixel, one channel, one element: every counter of every module has a range of one."""
    m = Maker("pixels")
    x = m.input("x", (1, 1, 1, 1))
    y = m.requant(m.op(Conv2d, x, *m.weights((1, 3, 3, 1)), padding=(1, 1, 1, 1), pad_value=-5), divide=99)
    y = m.requant(m.op(Conv2d, y, *m.weights((5, 1, 1, 1))), divide=100, channels=5)
    high = m.op(MaxPool2d, y, kernel=(2, 2), padding=(0, 1, 1, 0), strides=(2, 2))
    mean = m.requant(m.op(SumPool2d, high, kernel=(1, 1)), divide=1, shift=4, mult=((16,),), offset=(8,))
    grown = m.op(Resize, mean, rows=(0, 0, 0), columns=(0, 0))
    back = m.op(ReduceSum, grown, axes=(1, 2))
    one = m.op_dense(m.requant(back, divide=7), 1)
    scalar = m.requant(one, divide=400, dtype=U8, zero=99)
    table = m.op(Lut, scalar, m.const(m.rng.integers(-128, 128, 256), S8), input_min=0)
    best = m.op(ArgMax, table, axis=1)
    stepped = m.op(Thresholds, one, m.const(np.array([-3500]), S32), lo=-1, dtype=S2)
    single = m.op(DepthToSpace, m.op(Reshape, table, shape=(1, 1, 1, 1)), block=1)
    return m.finish(y=y, grown=grown, table=table, best=best, stepped=stepped, single=single)


def primes() -> Graph:
    """Channels and sizes with few divisors; borders on one side only; dilation, strides beyond the kernel."""
    m = Maker("primes")
    x = m.input("x", (1, 11, 7, 5))
    y = m.op(Conv2d, x, *m.weights((7, 3, 2, 5)), dilations=(3, 2), padding=(4, 0, 0, 3), pad_value=11)
    y = m.requant(y, divide=300, channels=7)
    y = m.op(Conv2d, y, *m.weights((7, 5, 1, 1)), groups=7, strides=(2, 1), padding=(0, 0, 3, 0), pad_value=-128)
    y = m.requant(y, divide=222, zero=5)
    far = m.op(Conv2d, y, *m.weights((3, 2, 1, 7)), strides=(3, 4))
    high = m.op(MaxPool2d, y, kernel=(3, 2), strides=(1, 2), dilations=(1, 3), padding=(0, 2, 0, 0))
    sums = m.op(SumPool2d, y, kernel=(2, 3), strides=(2, 2), dilations=(2, 1), padding=(1, 0, 0, 1), pad_value=3)
    return m.finish(far=m.requant(far, divide=555), high=high, sums=sums)


def groups() -> Graph:
    """Depthwise with several results a channel, and convolutions in groups, on wide and on narrow inputs."""
    m = Maker("groups")
    x = m.input("x", (1, 6, 5, 6), U8)
    double = m.op(Conv2d, x, *m.weights((12, 3, 3, 1)), groups=6, padding=(1, 1, 1, 1))
    double = m.requant(double, divide=300, channels=12)
    triple = m.op(Conv2d, m.op(Slice, x, starts=(0, 0, 0, 0), sizes=(1, 6, 5, 2), steps=(1, 1, 1, 1)),
                  *m.weights((6, 2, 1, 1)), groups=2)  # fmt: skip
    pairs = m.requant(m.op(Conv2d, double, *m.weights((9, 2, 3, 4)), groups=3, strides=(2, 1)), divide=900, channels=9)
    apart = m.op(Conv2d, double, *m.weights((6, 1, 1, 2)), groups=6)
    halves = m.op(Conv2d, double, *m.weights((2, 3, 1, 6)), groups=2, padding=(1, 0, 1, 0), pad_value=-9)
    return m.finish(triple=triple, pairs=pairs, apart=m.requant(apart, divide=70, dtype=U4), halves=halves)


def widths() -> Graph:
    """Weights of 1 to 8 bits and of 16, activations of 1 to 16 bits, in both signs."""
    m = Maker("widths")
    x = m.input("x", (1, 4, 4, 6), S16)
    y = m.op(Conv2d, x, *m.weights((4, 2, 2, 6), -32768, 32767, S16))
    y = m.requant(y, divide=1_000_000, shift=40, dtype=S16)
    found = {}
    flat = m.op(Reshape, y, shape=(9, 4))
    for bits in (1, 2, 3, 4, 5, 6, 7, 8, 16):
        low, high = (0, 1) if bits == 1 else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        found[f"w{bits}"] = m.op(Dense, flat, *m.weights((3, 4), low, high, IntType(bits, bits > 1)))
    for dtype in (U1, S2, U4, S5):
        narrow = m.requant(y, divide=40, dtype=dtype)
        found[f"x{dtype}"] = m.op(Conv2d, narrow, *m.weights((4, 3, 3, 1), -8, 7, S4), groups=4)
    bipolar = m.const(m.rng.choice([-1, 1], (5, 4)), S2)
    found["bipolar"] = m.op(Dense, flat, bipolar, m.const(np.zeros(5, np.int64), S32))
    found["zeros"] = m.op(Dense, flat, m.const(np.zeros((2, 4), np.int64), S8), m.const(np.array([3, -4]), S32))
    return m.finish(**found)


def steps() -> Graph:
    """Thresholds behind a convolution: shared, for each channel, along a row; of 1 to 4 bits; read by dot operators."""
    m = Maker("steps")
    x = m.input("x", (1, 5, 4, 3))
    acc = m.op(Conv2d, x, *m.weights((6, 3, 3, 3), -4, 3, S4), padding=(1, 1, 1, 1))
    rows = np.sort(m.rng.integers(-3000, 3000, (6, 15)), axis=1)
    rows[2, :4] = rows[2, 4]  # four levels at once
    rows[3] = [-(2**31)] * 3 + [2**31 - 1] * 12  # always reached, never reached
    deep = m.op(Thresholds, acc, m.const(rows, S32), lo=-8, dtype=S4)
    deep = m.op(Conv2d, deep, *m.weights((4, 3, 3, 6), -1, 1, S2), padding=(1, 1, 1, 1), pad_value=-8)
    shared = m.op(Thresholds, deep, m.const(np.array([0]), S32), lo=0, dtype=U1)
    columns = m.op(Thresholds, deep, m.const(np.sort(m.rng.integers(-60, 60, (4, 3)), axis=1), S32), lo=0,
                   dtype=IntType(2, False), axis=2)  # fmt: skip
    binary = m.op(Dense, m.op(Reshape, shared, shape=(1, 80)), *m.weights((3, 80), -1, 1, S2))
    unsigned = m.op(Thresholds, m.input("u", (1, 5), U8), m.const(np.array([0, 1, 200, 255]), S32), lo=-2, dtype=S4)
    return m.finish(binary=binary, columns=columns, unsigned=unsigned)


def enlarging() -> Graph:
    """A decoder: upsampling and depth to space between convolutions, a skip connection joined on channels."""
    m = Maker("enlarging")
    x = m.input("x", (1, 4, 6, 4))
    down = m.requant(m.op(Conv2d, x, *m.weights((18, 3, 3, 4)), strides=(2, 2), padding=(1, 1, 0, 0)), divide=400)
    deep = m.op(DepthToSpace, down, block=3)
    crd = m.op(DepthToSpace, down, block=3, order=DepthOrder.CRD)
    seen = m.requant(m.op(Conv2d, m.op(Concat, deep, crd, axis=3), *m.weights((3, 2, 2, 4))), divide=400)
    up = m.op(Resize, down, rows=(0, 0, 1, 1), columns=(0, 0, 1, 1, 2, 2))
    joined = m.op(Concat, up, x, axis=3)
    y = m.requant(m.op(Conv2d, joined, *m.weights((2, 3, 3, 22)), padding=(1, 1, 1, 1)), divide=1500)
    odd = m.op(Resize, x, rows=(3, 1, 1, 0, 2), columns=(5, 0, 3))
    framed = m.op(Pad, odd, before=(0, 2, 0, 1), after=(0, 0, 3, 2), value=-77)
    turned = m.op(Transpose, framed, permutation=(0, 3, 2, 1))
    picked = m.op(Gather, turned, axis=3, indices=(6, 6, 0, 3))
    back = m.op(Slice, picked, starts=(0, 6, 0, 3), sizes=(1, 3, 6, 2), steps=(1, -2, 1, -3))
    rows = m.op(Concat, back, back, back, axis=1)
    return m.finish(seen=seen, y=y, rows=rows)


def rescales() -> Graph:
    """Every tie, correction and clamp; one, two and three inputs; a residual add; constants on either side."""
    m = Maker("rescales")
    a, b = m.input("a", (1, 3, 2, 6)), m.input("b", (1, 3, 2, 6), S16)
    wide = m.op(Add, m.op(Mul, a, a, a_zero=-128, b_zero=127), b)
    found = {}
    for tie in Tie:
        for shift, channels in ((1, 1), (7, 6), (31, 6)):
            row = (1 + (shift > 7) * 90_000_000,) * channels
            found[f"{tie.value}{shift}"] = m.requant(wide, divide=1, channels=channels, zero=-3, dtype=S16, tie=tie,
                                                     shift=shift, mult=(row,))  # fmt: skip
    found["corrected"] = m.requant(wide, divide=90, channels=3, axis=1, zero=100, dtype=U8,
                                   negative=NegativeCorrection(-700, (1 << 19, 1 << 18, 5)))  # fmt: skip
    three = m.requant(a, b, wide, divide=1, dtype=S16, shift=9, mult=((-800,), (3,), (1,)), lo=-999, hi=20000)
    residual = m.requant(three, b, divide=1, shift=3, mult=((3,), (-2,)), tie=Tie.EVEN, dtype=S16)
    bounded = m.op(Max, m.op(Min, residual, b), m.const(np.array(-40), S8))
    last = m.op(Sub, m.const(np.array([5, -5, 0, 1, 2, 3]), S8), bounded)
    table = m.op(Lut, a, m.const(m.rng.integers(-30000, 30000, (6, 256)), S16), input_min=-128)
    return m.finish(residual=residual, last=last, table=m.op(Sub, table, last), **found)


def heads() -> Graph:
    """Softmax, maxima and products of two activations; leading axes of two; a state and a constant among them."""
    m = Maker("heads")
    x = m.input("x", (2, 3, 5))
    table = np.round(2.0**30 * np.exp(-np.arange(256) / 20)).astype(np.int64) * 2 - 1
    tables = m.const(table, S32), m.const(table >> 12, S32)
    soft = {"integer_bits": 12, "out_bits": 8, "zero": -128, "lo": -128, "hi": 127, "dtype": S8}
    attention = m.requant(m.op(MatMul, x, m.op(Transpose, x, permutation=(0, 2, 1)), a_zero=-7), divide=80)
    weights = m.op(Softmax, attention, *tables, **soft)
    mixed = m.requant(m.op(MatMul, weights, x, a_zero=-128, b_zero=4), divide=256)
    constant = m.op(MatMul, mixed, m.const(m.rng.integers(-128, 128, (5, 7)), S8))
    one = m.op(Softmax, m.op(Reshape, m.op(ReduceMax, x, axes=(0, 1, 2)), shape=(1, 1)), *tables, **soft)
    m.b.state(State("before", TensorType((2, 3, 5), S8), tuple(range(-15, 15))))
    before = m.op(StateRead, state="before", type=TensorType((2, 3, 5), S8))
    m.b.add(StateWrite(name="/write", inputs=(mixed,), outputs=(), loc=Location("net", "/write", "W"), state="before"))
    moved = m.op(Add, before, mixed)
    return m.finish(constant=constant, one=one, moved=moved, best=m.op(ArgMax, weights, axis=1, keepdims=True),
                    sums=m.op(ReduceSum, moved, axes=(2,)), top=m.op(ReduceMax, moved, axes=(1,)))  # fmt: skip


FPGA_GRAPHS = {make.__name__: make for make in (pixels, primes, groups, widths, steps, enlarging, rescales, heads)}
