"""Small integer graphs for the mcu target, one for each family of operators. Made by hand; no Requant is certified."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwcomp.ir.builder import Builder
from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.graph import Graph, Level, Quantizer, State
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.ir.ops.elementwise import Add, Max, Min, Mul, Sub
from hwcomp.ir.ops.layout import Concat, DepthOrder, DepthToSpace, Gather, Pad, Reshape, Resize, Slice, Transpose
from hwcomp.ir.ops.log_softmax import LogSoftmax
from hwcomp.ir.ops.lstm import Lstm
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.reduce import ArgMax, MaxPool2d, ReduceMax, ReduceSum, SumPool2d
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.ir.ops.wide_log_softmax import WideLogSoftmax
from hwcomp.ir.types import S8, S16, S32, U8, IntArray, IntType, Location, TensorType


class Maker:
    """A Builder with short words for tests."""

    def __init__(self, name: str) -> None:
        self.b = Builder(name, "onnx")
        self.rng = np.random.default_rng(len(name))
        self.count = 0

    def input(self, name: str, shape: tuple[int, ...], dtype: IntType = S8) -> str:
        return self.b.input(name, TensorType(shape, dtype))

    def const(self, data: IntArray, dtype: IntType) -> str:
        return self.b.constant("const", data, dtype)

    def make(self, kind: Callable[..., Op], *inputs: str, **fields: object) -> Op:
        self.count += 1
        node = f"/{kind.__name__.lower()}_{self.count}"
        return kind(name=node, inputs=inputs, outputs=(node,), loc=Location("net.onnx", node, kind.__name__), **fields)

    def op(self, kind: Callable[..., Op], *inputs: str, **fields: object) -> str:
        return self.b.add1(self.make(kind, *inputs, **fields))

    def op_dense(self, x: str, features: int) -> str:
        return self.op(Dense, x, *self.weights((features, self.b.value(x).shape[-1])))

    def op_lut(self, x: str) -> str:
        """A table over all that a value of a small range can be."""
        low, high = self.b.value(x).range.min, self.b.value(x).range.max
        return self.op(Lut, x, self.const(np.zeros(high - low + 1, np.int64), S8), input_min=low)

    def weights(self, shape: tuple[int, ...], lo: int = -128, hi: int = 127, dtype: IntType = S8) -> tuple[str, str]:
        w = self.const(self.rng.integers(lo, hi + 1, shape), dtype)
        return w, self.const(self.rng.integers(-5000, 5000, shape[:1]), S32)

    def make_requant(self, *inputs: str, divide: int, channels: int = 1, dtype: IntType = S8, **fields: object) -> Op:
        """A rescale by about 1 / divide, rounding half up at shift 20 unless told."""
        shift = int(fields.pop("shift", 20))  # type: ignore[call-overload]
        base = (1 << shift) // divide
        row = tuple(base + 37 * i for i in range(channels))
        defaults: dict[str, object] = {
            "mult": tuple(row for _ in inputs),
            "offset": (1 << (shift - 1),) * channels,
            "shift": shift,
            "zero": 0,
            "lo": dtype.min,
            "hi": dtype.max,
            "dtype": dtype,
        }
        return self.make(Requant, *inputs, **(defaults | fields))

    def requant(self, *inputs: str, divide: int, channels: int = 1, dtype: IntType = S8, **fields: object) -> str:
        return self.b.add1(self.make_requant(*inputs, divide=divide, channels=channels, dtype=dtype, **fields))

    def finish(self, **outputs: str) -> Graph:
        for name, value in outputs.items():
            self.b.output(name, value, Quantizer(0.125, 3, "float32"))
        return self.b.finish(Level.INTEGER)


def convolutions() -> Graph:
    m = Maker("convolutions")
    x = m.input("image", (1, 9, 7, 4))
    x = m.op(Conv2d, x, *m.weights((8, 3, 3, 4)), strides=(2, 1), padding=(1, 0, 1, 2), pad_value=-7)
    x = m.requant(x, divide=300, channels=8, shift=32, dtype=U8, lo=3, hi=250)
    x = m.op(Conv2d, x, *m.weights((8, 3, 3, 1)), groups=8, padding=(1, 1, 1, 1), pad_value=3)
    x = m.requant(x, divide=200, channels=8, offset=tuple(range(1 << 18, (1 << 18) + 8)), zero=-4)
    x = m.op(Conv2d, x, *m.weights((16, 1, 1, 8), -200, 55, IntType(9, True)))
    x = m.requant(x, divide=900)
    x = m.op(Conv2d, x, *m.weights((8, 2, 3, 4)), groups=4, dilations=(1, 2))
    raw = m.op(Conv2d, m.requant(x, divide=128, dtype=S16), *m.weights((3, 1, 1, 8)))
    return m.finish(raw=raw, fused=m.requant(raw, divide=777))


def batches() -> Graph:
    m = Maker("batches")
    x = m.input("image", (2, 6, 5, 3), U8)
    y = m.op(Conv2d, x, *m.weights((3, 2, 2, 3)))
    y = m.requant(y, divide=400, channels=3)
    high = m.op(MaxPool2d, y, kernel=(2, 3), strides=(2, 1), padding=(1, 1, 0, 1))
    mean = m.requant(m.op(SumPool2d, y, kernel=(5, 4)), divide=20, channels=3)
    sums = m.op(SumPool2d, y, kernel=(2, 2), padding=(1, 0, 0, 1), pad_value=-9)
    total = m.requant(m.op(ReduceSum, y, axes=(1, 2)), divide=20, channels=3)
    apart = m.op(ReduceSum, y, axes=(1, 3))
    top = m.op(ReduceMax, y, axes=(3,), keepdims=True)
    best = m.op(ArgMax, y, axis=2, select_last=True)
    first = m.op(ArgMax, total, axis=1)
    return m.finish(high=high, mean=mean, sums=sums, total=total, apart=apart, top=top, best=best, first=first)


def elementwise() -> Graph:
    m = Maker("elementwise")
    a, b = m.input("a", (1, 4, 3, 6)), m.input("b", (1, 4, 3, 6), U8)
    s = m.requant(a, b, divide=2, mult=((99991,), (70001,)), shift=17, zero=-3)
    s = m.requant(s, divide=1, shift=8, mult=((200,),), offset=(100,), lo=-50, hi=50)
    s = m.op(Lut, s, m.const(m.rng.integers(-128, 128, 256), S8), input_min=-128)
    s = m.op(Lut, s, m.const(m.rng.integers(-900, 900, (6, 256)), S16), input_min=-128)
    even = m.requant(s, divide=8, shift=3, tie=Tie.EVEN, mult=((1,),))
    away = m.requant(s, divide=8, shift=3, tie=Tie.AWAY, mult=((1,),), channels=1)
    twice = m.requant(
        s,
        divide=5,
        channels=3,
        axis=2,
        negative=NegativeCorrection(12, (1 << 15, 1 << 16, 1 << 17)),
        mult=((900, 1000, 1100),),
        shift=17,
        offset=(40000, 50000, 60000),
    )
    row = m.const(np.arange(-3, 3), S8)
    added = m.op(Add, even, row)
    product = m.op(Mul, away, m.op(Sub, twice, even), a_zero=-5, b_zero=7)
    column = m.op(Reshape, m.op(Slice, b, starts=(0, 0, 0, 0), sizes=(1, 4, 1, 1), steps=(1, 1, 1, 1)), shape=(4, 1, 1))
    least = m.op(Min, m.op(Max, even, row), column)
    return m.finish(added=added, product=m.requant(product, divide=300, dtype=U8), least=least, square=m.op(Mul, a, a))


def layouts() -> Graph:
    m = Maker("layouts")
    x, y = m.input("x", (2, 3, 4, 8)), m.input("y", (2, 3, 4, 8), S16)
    turned = m.op(Transpose, x, permutation=(3, 0, 2, 1))
    padded = m.op(Pad, y, before=(0, 1, 2, 0), after=(0, 0, 1, 3), value=-300)
    back = m.op(Slice, y, starts=(1, 2, 0, 7), sizes=(2, 2, 4, 3), steps=(-1, -2, 1, -3))
    joined = m.op(Concat, x, m.op(Slice, x, starts=(0, 0, 0, 2), sizes=(2, 3, 4, 3), steps=(1, 1, 1, 1)), x, axis=3)
    rows = m.op(Concat, y, y, axis=0)
    picked = m.op(Gather, y, axis=1, indices=(2, 0, 0, 1))
    deep = m.op(DepthToSpace, x, block=2)
    crd = m.op(DepthToSpace, y, block=2, order=DepthOrder.CRD)
    grown = m.op(Resize, x, rows=(0, 0, 1, 2, 2), columns=(3, 1, 0))
    six = m.op(Transpose, m.op(Reshape, x, shape=(2, 3, 2, 2, 2, 4)), permutation=(5, 3, 1, 4, 2, 0))
    return m.finish(
        turned=turned,
        padded=padded,
        back=back,
        joined=joined,
        rows=rows,
        picked=picked,
        deep=deep,
        crd=crd,
        grown=grown,
        six=six,
    )


def products() -> Graph:
    m = Maker("products")
    x = m.input("x", (2, 3, 13))
    y = m.requant(m.op(Dense, x, *m.weights((10, 13))), divide=150, channels=10, shift=32)
    flat = m.op(Reshape, y, shape=(1, 60))
    z = m.requant(m.op(Dense, flat, *m.weights((5, 60), 0, 255, U8)), divide=999, dtype=U8, zero=100)
    a = m.op(Reshape, y, shape=(2, 1, 3, 10))
    b = m.op(Reshape, m.op(Transpose, y, permutation=(0, 2, 1)), shape=(1, 2, 10, 3))
    pairs = m.op(MatMul, a, b, a_zero=-3, b_zero=5)
    self_product = m.requant(m.op(MatMul, y, m.op(Transpose, y, permutation=(0, 2, 1))), divide=200, channels=3)
    table = np.round(2.0**30 * np.exp(-np.arange(256) / 20)).astype(np.int64)
    exp_table, sum_table = m.const(table * 2 - 1, S32), m.const((table * 2 - 1) >> 12, S32)
    soft = m.op(Softmax, y, exp_table, sum_table, integer_bits=12, out_bits=8, zero=-128, lo=-128, hi=127, dtype=S8)
    return m.finish(z=z, pairs=pairs, self_product=self_product, soft=soft)


def states() -> Graph:
    """Two states that swap, one that is an output, a running sum with its own start, and a hostile name."""
    m = Maker("states")
    x = m.input("x", (1, 4))
    kinds = {"left": (S8, (5,)), "right": (S8, (-6,)), "sum */ \n": (S16, (1, -2, 3, -400)), "last": (S8, (0,))}
    read = {}
    for name, (dtype, initial) in kinds.items():
        type_ = TensorType((1, 4), dtype)
        m.b.state(State(name, type_, initial))
        read[name] = m.op(StateRead, state=name, type=type_)
    mixed = m.requant(read["left"], x, divide=2)
    total = m.requant(m.op(Add, read["sum */ \n"], x), divide=1, shift=1, mult=((2,),), offset=(0,), dtype=S16)
    for name, value in (("left", read["right"]), ("right", mixed), ("sum */ \n", total), ("last", x)):
        node = f"write_{name}"
        m.b.add(StateWrite(name=node, inputs=(value,), outputs=(), loc=Location("net", node, "Write"), state=name))
    late = m.op(Add, read["last"], read["last"])
    return m.finish(mixed=mixed, last=read["last"], late=late)


def recurrent() -> Graph:
    """One LSTM with tables to be interpolated, one with a value for each argument, other layout, scales and clip."""
    m = Maker("recurrent")
    x = m.input("x", (2, 3, 5))
    x_scales, h_scales = ((1 << 30, -1), (1 << 30, -2), (1500000000, 1), (0, -2)), ((1 << 30, -3),) * 4
    common = {"x_scales": x_scales, "h_scales": h_scales, "forget_scale": (1 << 30, -14), "hidden_zero": -5}
    curve = np.round(65536 / (1 + np.exp(-np.arange(256) / 24))).astype(np.int64).clip(0, 65535)
    table = m.const(curve, IntType(16, False))
    wide = np.arange(-32768, 32768)
    direct = [m.const(np.clip(wide * k // 3, lo, 32767), S16) for k, lo in ((2, 0), (5, -32768), (-4, -32768))]
    kinds = ((2, 4, False, (table,) * 3, (1 << 30, -15), 30000, 5, 1), (3, 5, True, direct, (0, -15), 0, 3, 0))
    outputs = {}
    for batch, size, time_major, tables, input_scale, clip, multiplier, shift in kinds:
        hidden = m.input(f"hidden{size}", (batch, size))
        cell = m.input(f"cell{size}", (batch, size), S16)
        weights = (*m.weights((4 * size, 5)), *m.weights((4 * size, size)))
        node = m.make(Lstm, x, hidden, cell, *weights, *tables, **common, input_scale=input_scale, cell_clip=clip,
                      hidden_scale=(1 << 30, -20), tanh_multiplier=multiplier, tanh_shift=shift, time_major=time_major,
                      saturate_recurrent=time_major)  # fmt: skip
        names = m.b.add(node, [f"{part}{size}" for part in ("y", "h", "c")])
        outputs |= {f"out_{name}": name for name in names}
    return m.finish(**outputs)


def passing() -> Graph:
    """Outputs that no kernel makes: an input, a constant, one value twice, a view of an input."""
    m = Maker("passing")
    x = m.input("x", (2, 3), U8)
    unused = m.input("unused", (1,))
    del unused
    y = m.requant(x, divide=2)
    view = m.op(Reshape, x, shape=(6,))
    return m.finish(same=x, constant=m.const(np.arange(5), S16), y=y, again=y, view=view)


def functions() -> Graph:
    """Thresholds along both axes and shared, and both forms of LogSoftmax."""
    m = Maker("functions")
    x = m.input("x", (2, 3, 9))
    wide = m.op(Dense, x, *m.weights((6, 9)))
    rows = np.sort(m.rng.integers(-40000, 40000, (6, 100)), axis=1)
    y = m.op(Thresholds, wide, m.const(rows, S32), lo=-50, dtype=S8)
    across = m.op(Thresholds, wide, m.const(rows[:3, ::9], S32), lo=3, dtype=S8, axis=1)
    shared = m.op(Thresholds, wide, m.const(np.append(rows[0], [2**31 - 1, 2**31 - 1]), S32), lo=-900, dtype=S16)
    distance = np.arange(256)
    diff = m.const(-distance * (1 << 22), S32)
    sums = m.const(np.rint(np.exp(-distance / 16) * 2.0**19).astype(np.int64), S32)
    tflite = m.op(LogSoftmax, x, diff, sums, radius=100, reverse=(1 << 30, -21), lo=-128, hi=127, dtype=S8)
    exps = m.const(np.minimum(np.rint(np.exp(-distance / 16) * 2.0**31), 2**31 - 1).astype(np.int64), S32)
    logs = m.op(WideLogSoftmax, y, diff, exps, fraction_bits=26)
    coarse = m.op(WideLogSoftmax, y, m.const(-distance * (1 << 19), S32), exps, fraction_bits=23)
    return m.finish(y=y, across=across, shared=shared, tflite=tflite, logs=logs, coarse=coarse)


GRAPHS = {
    make.__name__: make
    for make in (convolutions, batches, elementwise, layouts, products, states, recurrent, passing, functions)
}
