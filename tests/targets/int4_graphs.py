"""Random dense layers and convolutions with weights of 4 bits, over odd shapes, for the tvm target."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.types import S8, S32, U8, IntType
from tests.targets.mcu_graphs import Maker

U4, S4 = IntType(4, False), IntType(4, True)
LAYERS = 4


def layer(m: Maker, rng: np.random.Generator, x: str, least: int, most: int) -> str:
    """A dense layer or a convolution of one group, with a requant behind it or none."""
    shape, x_range = m.b.value(x).shape, m.b.value(x).range
    oc = int(rng.choice([1, 7, 16, 33, 40]))
    if rng.random() < 0.4:
        y = m.op(Dense, x, *m.weights((oc, shape[-1]), least, most))
    else:
        kernel, dilations = rng.choice([1, 2, 3], 2), rng.choice([1, 1, 2], 2)
        reach = (kernel - 1) * dilations + 1
        padding = rng.integers(0, 2, 4)
        for axis in (0, 1):
            padding[axis] += max(0, reach[axis] - shape[1 + axis])
        y = m.op(Conv2d, x, *m.weights((oc, *map(int, kernel), shape[-1]), least, most),
                 strides=tuple(map(int, rng.choice([1, 2], 2))), dilations=tuple(map(int, dilations)),
                 padding=tuple(map(int, padding)), groups=1,
                 pad_value=int(rng.integers(x_range.min, x_range.max + 1)))  # fmt: skip
    if rng.random() < 0.3:
        return y
    kind = (S8, U8, U4, S4)[int(rng.integers(0, 4))]
    divide = int(rng.integers(20, 400))
    return m.requant(y, divide=divide, channels=oc, shift=int(rng.choice([20, 31])), dtype=kind)


def int4_graph(seed: int, least: int = -8, most: int = 7) -> Graph:
    """Pairs of layers; values of 4 or 8 bits of either sign, channels that fill the groups of an instruction or not."""
    rng = np.random.default_rng(seed)
    m = Maker("int4")
    m.rng = rng
    outputs: dict[str, str] = {}
    for number in range(LAYERS):
        channels, size = int(rng.choice([1, 3, 8, 20, 33, 64])), rng.choice([1, 3, 5, 9], 2)
        kind = (S8, U8, U4, S4)[(seed + number) % 4]
        y = layer(m, rng, m.input(f"x{number}", (1, *map(int, size), channels), kind), least, most)
        if m.b.value(y).type.dtype != S32:
            y = layer(m, rng, y, least, most)
        outputs[f"y{number}"] = y
    return m.finish(**outputs)
