"""Graphs whose weights have 4, 2 or 1 bits, in layers that the packed kernels cover and in others."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.reduce import MaxPool2d
from hwcomp.ir.ops.thresholds import Thresholds
from hwcomp.ir.types import S8, S16, S32, U8, IntArray, IntType
from tests.targets.mcu_graphs import Maker

VALUES = {"int4": range(-8, 8), "uint4": range(16), "int2": range(-2, 2), "ternary": (-1, 0, 1), "binary": (-1, 1)}
BITS = {"int4": 4, "uint4": 4, "int2": 2, "ternary": 2, "binary": 1}


def _dot(m: Maker, kind: type[Conv2d] | type[Dense], x: str, shape: tuple[int, ...], values: IntArray,
         **fields: object) -> str:  # fmt: skip
    """A layer with weights from `values`, all of which appear where there is room."""
    weights = m.rng.choice(values, shape)
    weights.flat[: len(values)] = values[: weights.size]
    w, bias = m.weights(shape)
    del w
    return m.op(kind, x, m.const(weights, S8), bias, **fields)


def low_bit(name: str) -> Graph:
    """Convolutions blocked, split, grouped, dilated, of odd channels and of 16-bit inputs; dense layers of one row and
    of several."""
    m, values = Maker(name), np.array(VALUES[name], np.int64)
    x = m.input("image", (1, 7, 5, 3), U8)
    x = m.requant(_dot(m, Conv2d, x, (16, 3, 3, 3), values, padding=(1, 1, 1, 1), pad_value=9), divide=60, channels=16,
                  shift=32)  # fmt: skip
    y = m.requant(_dot(m, Conv2d, x, (32, 1, 1, 16), values), divide=40, channels=32, dtype=U8, shift=32)
    y = m.requant(_dot(m, Conv2d, y, (8, 3, 2, 32), values, padding=(1, 0, 1, 1), strides=(2, 1)), divide=300, zero=-4)
    grouped = m.op(Conv2d, x, *m.weights((16, 3, 3, 1), -2, 1), groups=16)
    grouped = m.requant(grouped, divide=9, dtype=IntType(4, True))
    grouped = _dot(m, Conv2d, grouped, (6, 2, 1, 8), values, groups=2, dilations=(1, 2))
    wide = m.requant(x, divide=1, dtype=S16, shift=8, mult=((900,),))
    wide = m.requant(_dot(m, Conv2d, wide, (5, 1, 2, 16), values, dilations=(1, 3)), divide=1000)
    rows = m.requant(_dot(m, Dense, x, (9, 16), values), divide=50, channels=9)
    flat = m.op(Reshape, y, shape=(1, int(np.prod(m.b.value(y).shape))))
    z = m.requant(_dot(m, Dense, flat, (37, m.b.value(flat).shape[1]), values), divide=99, dtype=U8, shift=32)
    return m.finish(grouped=grouped, wide=wide, rows=rows, scores=_dot(m, Dense, z, (10, 37), values))


def pointwise(values: IntArray, channels: int = 96, layers: int = 4) -> Graph:
    """1x1 convolutions: nearly all flash is weights."""
    m = Maker("pointwise")
    x = m.input("image", (1, 4, 5, channels), U8)
    for _ in range(layers):
        x = m.requant(_dot(m, Conv2d, x, (channels, 1, 1, channels), values), divide=200, dtype=U8, shift=32)
    return m.finish(features=x)


def binary_net() -> Graph:
    """Weights -1 and +1; activations {0, 1} of one threshold, and {-1, +1} of a threshold twice, a table, a rescale."""
    m, pair = Maker("binary"), np.array((-1, 1))
    x = m.requant(m.input("image", (2, 6, 6, 3), U8), divide=2, dtype=U8)
    x = _dot(m, Conv2d, x, (40, 3, 3, 3), pair, padding=(1, 1, 1, 1), pad_value=3)
    bits = m.op(Thresholds, x, m.const(m.rng.integers(-900, 900, (40, 1)), S32), lo=0, dtype=IntType(1, False))
    y = _dot(m, Conv2d, bits, (33, 3, 2, 40), pair, padding=(1, 0, 1, 1), strides=(2, 1))
    step = np.repeat(m.rng.integers(-200, 200, (33, 1)), 2, axis=1)
    signs = m.op(Thresholds, y, m.const(step, S32), lo=-1, dtype=IntType(2, True))
    signs = m.op(MaxPool2d, signs, kernel=(1, 2), strides=(1, 2))
    z = m.requant(_dot(m, Conv2d, signs, (64, 1, 1, 33), pair, padding=(0, 1, 0, 0), pad_value=1), divide=1, shift=8,
                  mult=((900,),), lo=-90)  # fmt: skip
    zero_padded = _dot(m, Conv2d, signs, (5, 2, 2, 33), pair, padding=(1, 1, 0, 0))
    table = np.where(np.arange(256) < 128, 1, -1)
    again = m.op(Lut, z, m.const(table, IntType(2, True)), input_min=-128)
    flat = m.op(Reshape, again, shape=(2, int(np.prod(m.b.value(again).shape)) // 2))
    rescaled = m.requant(bits, divide=1, shift=1, mult=((4,),), offset=(-2,), dtype=IntType(2, True))
    last = _dot(m, Conv2d, rescaled, (3, 1, 1, 40), pair)
    return m.finish(zero_padded=zero_padded, scores=_dot(m, Dense, flat, (10, m.b.value(flat).shape[1]), pair),
                    last=last)  # fmt: skip
