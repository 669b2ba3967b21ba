"""Small random graphs, seeded: every operator of the table, odd sizes, one-channel tensors, dead channels, states.

`random_graph(seed)` is of Level.QUANT with real steps of `prove/`; `random_graph(seed, Level.INTEGER)` has random
Requants without certificates. The same seed gives the same graph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hwcomp.ir.builder import Builder
from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.graph import Graph, Level, Quantizer, State
from hwcomp.ir.ops import (
    Add,
    ArgMax,
    Concat,
    Conv2d,
    Dense,
    DepthToSpace,
    Gather,
    Lut,
    MatMul,
    Max,
    MaxPool2d,
    Min,
    Mul,
    Pad,
    ReduceMax,
    ReduceSum,
    Requant,
    Rescale,
    Reshape,
    Resize,
    Slice,
    StateRead,
    StateWrite,
    Sub,
    SumPool2d,
    Transpose,
)
from hwcomp.ir.types import S8, U8, IntArray, IntType, Location, TensorType
from hwcomp.prove.steps import OrtQLinear, QdqAdd, TfliteDouble, quantize_multiplier

MAX_ELEMENTS = 600


class _Maker:
    """Adds random operators to a builder; `images` are names of 8-bit values [1, h, w, c]."""

    def __init__(self, seed: int, level: Level) -> None:
        self.rng = np.random.default_rng(seed)
        self.level = level
        self.b = Builder(f"random{seed}", "onnxruntime")
        self.count = 0
        self.images: list[str] = []

    def int(self, lo: int, hi: int) -> int:
        return int(self.rng.integers(lo, hi + 1))

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def pick(self, names: list[str]) -> str:
        return names[self.int(max(0, len(names) - 3), len(names) - 1)]

    def common(self, kind: str, *inputs: str) -> tuple[str, tuple[str, ...], tuple[str, ...], Location]:
        self.count += 1
        name = f"/{kind}_{self.count}"
        return name, inputs, (f"v{self.count}",), Location("random.onnx", name, kind)

    def weights(self, shape: tuple[int, ...], dead: float = 0.15) -> IntArray:
        """Random s8, some output channels zero."""
        w = self.rng.integers(-127, 128, shape).astype(np.int64)
        w[self.rng.random(shape[0]) < dead] = 0
        return w

    def rescale(self, acc: str, axis: int = -1, dtype: IntType | None = None) -> str:
        """Bring any value to 8 bits, saturating often enough on both sides."""
        value = self.b.value(acc)
        dtype = dtype or (S8 if self.chance(0.7) else U8)
        channels = value.shape[axis] if value.shape and self.chance(0.6) else 1
        lo = dtype.min if self.chance(0.6) else self.int(dtype.min, 0 if dtype.signed else 40)
        hi = dtype.max if self.chance(0.6) else self.int(lo, dtype.max)
        zero = self.int(lo, hi)
        reach = max(abs(value.range.min), abs(value.range.max), 1)
        scales = 127.0 / reach * np.exp(self.rng.uniform(-0.5, 3.0, channels))
        name, inputs, outputs, loc = self.common("QuantizeLinear", acc)
        if self.level is Level.QUANT:
            step: OrtQLinear | TfliteDouble
            if self.chance(0.5):
                step = OrtQLinear(tuple(float(np.float32(s)) for s in scales), zero, lo, hi)
            else:
                parts = [quantize_multiplier(float(min(s, 0.99))) for s in scales]
                step = TfliteDouble(tuple(m for m, _ in parts), tuple(s for _, s in parts), zero, lo, hi)
            op = Rescale(name=name, inputs=inputs, outputs=outputs, loc=loc, step=step, dtype=dtype, axis=axis)
            return self.b.add1(op)
        return self.b.add1(self.requant(acc, scales, zero, lo, hi, dtype, axis))

    def requant(self, acc: str, scales: np.ndarray, zero: int, lo: int, hi: int, dtype: IntType, axis: int) -> Requant:
        name, inputs, outputs, loc = self.common("Requant", acc)
        shift = self.int(0, 30)
        mult = tuple(int(s * 2.0**shift) for s in scales)
        tie = Tie(self.rng.choice([t.value for t in Tie])) if shift else Tie.FLOOR
        half = 1 << (shift - 1) if shift else 0
        offset = tuple(half if tie is not Tie.FLOOR else self.int(-3 * half, 3 * half) for _ in scales)
        negative = NegativeCorrection(0, (self.int(0, half),)) if tie is Tie.FLOOR and self.chance(0.3) else None
        return Requant(
            name=name,
            inputs=inputs,
            outputs=outputs,
            loc=loc,
            mult=(mult,),
            offset=offset,
            shift=shift,
            zero=zero,
            lo=lo,
            hi=hi,
            dtype=dtype,
            tie=tie,
            negative=negative,
            axis=axis,
        )

    def conv(self) -> None:
        x = self.pick(self.images)
        _, h, w, c = self.b.value(x).shape
        depthwise = self.chance(0.35)
        oc = c if depthwise else self.int(1, 6)
        kh, kw = self.int(1, min(3, h)), self.int(1, min(3, w))
        zero = self.int(self.b.value(x).range.min, self.b.value(x).range.max)
        padding = tuple(self.int(0, kh - 1 if i % 2 == 0 else kw - 1) for i in range(4))
        weights = self.b.constant("w", self.weights((oc, kh, kw, 1 if depthwise else c)), S8)
        bias = self.b.constant("bias", self.rng.integers(-3000, 3000, oc), IntType(32, True))
        name, inputs, outputs, loc = self.common("Conv", x, weights, bias)
        y = self.b.add1(
            Conv2d(
                name=name,
                inputs=inputs,
                outputs=outputs,
                loc=loc,
                strides=(self.int(1, 2), self.int(1, 2)),
                padding=padding,
                groups=c if depthwise else 1,
                pad_value=zero,
            )
        )
        self.images.append(self.rescale(y))

    def pool(self) -> None:
        x = self.pick(self.images)
        _, h, w, _ = self.b.value(x).shape
        kernel = (self.int(1, min(3, h)), self.int(1, min(3, w)))
        padding = (self.int(0, kernel[0] - 1), self.int(0, kernel[1] - 1), 0, 0)
        name, inputs, outputs, loc = self.common("Pool", x)
        if self.chance(0.5):
            op = MaxPool2d(name=name, inputs=inputs, outputs=outputs, loc=loc, kernel=kernel, padding=padding)
            self.images.append(self.b.add1(op))
            return
        zero = self.int(-5, 5) if self.b.value(x).type.dtype.signed else self.int(0, 9)
        sums = SumPool2d(
            name=name, inputs=inputs, outputs=outputs, loc=loc, kernel=kernel, padding=padding, pad_value=zero
        )
        self.images.append(self.rescale(self.b.add1(sums)))

    def pair(self) -> None:
        """A residual add of two values of one shape."""
        x = self.pick(self.images)
        others = [name for name in self.images if self.b.value(name).shape == self.b.value(x).shape]
        y = self.pick(others)
        name, inputs, outputs, loc = self.common("Add", x, y)
        lo, hi = -128, self.int(20, 127)
        if self.level is Level.QUANT:
            step = QdqAdd(0.02, self.int(-9, 9), 0.017, self.int(-9, 9), 0.031, self.int(-20, 20), lo, hi)
            self.images.append(
                self.b.add1(Rescale(name=name, inputs=inputs, outputs=outputs, loc=loc, step=step, dtype=S8))
            )
            return
        mult = ((self.int(0, 900),), (self.int(-900, 900),))
        self.images.append(
            self.b.add1(
                Requant(
                    name=name,
                    inputs=inputs,
                    outputs=outputs,
                    loc=loc,
                    mult=mult,
                    offset=(self.int(-999, 999),),
                    shift=self.int(6, 11),
                    zero=self.int(-9, 9),
                    lo=lo,
                    hi=hi,
                    dtype=S8,
                )
            )
        )

    def binary(self) -> None:
        x = self.pick(self.images)
        cls = (Add, Sub, Mul, Min, Max)[self.int(0, 4)]
        shape = (1, 1, 1, self.b.value(x).shape[3]) if self.chance(0.5) else (1,)
        other = self.b.constant("k", self.rng.integers(-100, 100, shape), S8)
        name, inputs, outputs, loc = self.common("Binary", x, other)
        self.images.append(self.rescale(self.b.add1(cls(name=name, inputs=inputs, outputs=outputs, loc=loc))))

    def lut(self) -> None:
        x = self.pick(self.images)
        value = self.b.value(x)
        shape = (value.shape[3], 256) if self.chance(0.3) else (256,)
        table = self.b.constant("table", self.rng.integers(-128, 128, shape), S8)
        name, inputs, outputs, loc = self.common("Lut", x, table)
        low = value.type.dtype.min
        self.images.append(self.b.add1(Lut(name=name, inputs=inputs, outputs=outputs, loc=loc, input_min=low)))

    def move(self) -> None:
        """One operator that only moves elements, back to four axes."""
        x = self.pick(self.images)
        n, h, w, c = self.b.value(x).shape
        name, inputs, outputs, loc = self.common("Move", x)
        common = {"name": name, "inputs": inputs, "outputs": outputs, "loc": loc}
        pad = self.int(0, 1)
        movements = [
            lambda: Transpose(**common, permutation=tuple(int(i) for i in (0, *self.rng.permutation([1, 2, 3])))),
            lambda: Reshape(**common, shape=(n, w, h, c) if self.chance(0.5) else (n, 1, h, w * c)),
            lambda: Pad(**common, before=(0, pad, 1, 0), after=(0, 1, 0, pad * self.int(0, 1)), value=self.int(0, 7)),
            lambda: Slice(**common, starts=(0, h - 1, 0, 0), sizes=(1, h, w, c), steps=(1, -1, 1, 1)),
            lambda: Gather(**common, axis=self.int(1, 2), indices=(0, 0)),
            lambda: Resize(**common, rows=(*range(h), h - 1), columns=tuple(range(w))),
            lambda: DepthToSpace(**common, block=2 if c % 4 == 0 else 1),
        ]
        self.images.append(self.b.add1(movements[self.int(0, len(movements) - 1)]()))

    def concat(self) -> None:
        x = self.pick(self.images)
        value = self.b.value(x)
        others = [
            name
            for name in self.images
            if self.b.value(name).shape[:3] == value.shape[:3] and self.b.value(name).type.dtype == value.type.dtype
        ]
        name, inputs, outputs, loc = self.common("Concat", x, self.pick(others))
        self.images.append(self.b.add1(Concat(name=name, inputs=inputs, outputs=outputs, loc=loc, axis=3)))

    def remember(self) -> None:
        """A state: this inference's value is read in the next."""
        x = self.pick(self.images)
        value = self.b.value(x)
        state = State(f"state{self.count}", value.type, (self.int(0, 9),))
        self.b.state(state)
        name, _, outputs, loc = self.common("State")
        read = self.b.add1(StateRead(name=name, inputs=(), outputs=outputs, loc=loc, state=state.name, type=value.type))
        name, inputs, _, loc = self.common("State", x)
        self.b.add(StateWrite(name=name, inputs=inputs, outputs=(), loc=loc, state=state.name))
        self.images.append(read)

    def head(self) -> None:
        """From an image to the outputs, by one of several ways."""
        x = self.images[-1]
        shape = self.b.value(x).shape
        way = self.int(0, 3)
        if way == 0:
            name, inputs, outputs, loc = self.common("ReduceMean", x)
            x = self.rescale(self.b.add1(ReduceSum(name=name, inputs=inputs, outputs=outputs, loc=loc, axes=(1, 2))))
        elif way == 1:
            name, inputs, outputs, loc = self.common("ReduceMax", x)
            x = self.b.add1(ReduceMax(name=name, inputs=inputs, outputs=outputs, loc=loc, axes=(1, 2)))
        elif way == 2:
            name, inputs, outputs, loc = self.common("Flatten", x)
            size = shape[1] * shape[2] * shape[3]
            x = self.b.add1(Reshape(name=name, inputs=inputs, outputs=outputs, loc=loc, shape=(1, size)))
        else:
            name, inputs, outputs, loc = self.common("MatMul", x, x)
            flip = (0, 1, 3, 2)
            t = self.b.add1(Transpose(name=name, inputs=(x,), outputs=(f"{x}.t",), loc=loc, permutation=flip))
            product = MatMul(name=name, inputs=(x, t), outputs=outputs, loc=loc, a_zero=3, b_zero=-2)
            self.b.output("product", self.rescale(self.b.add1(product)))
            name, inputs, outputs, loc = self.common("Flatten", x)
            size = shape[1] * shape[2] * shape[3]
            x = self.b.add1(Reshape(name=name, inputs=inputs, outputs=outputs, loc=loc, shape=(1, size)))
        self.dense(x)

    def dense(self, x: str) -> None:
        k = self.b.value(x).shape[-1]
        for out in (self.int(1, 7), self.int(1, 5)):
            w = self.b.constant("w", self.weights((out, k)), S8)
            bias = self.b.constant("bias", self.rng.integers(-3000, 3000, out), IntType(32, True))
            name, inputs, outputs, loc = self.common("Gemm", x, w, bias)
            x = self.rescale(self.b.add1(Dense(name=name, inputs=inputs, outputs=outputs, loc=loc)))
            k = out
        self.b.output("logits", x, Quantizer(0.0625, 0, "float32"))
        name, inputs, outputs, loc = self.common("ArgMax", x)
        self.b.output("class", self.b.add1(ArgMax(name=name, inputs=inputs, outputs=outputs, loc=loc, axis=1)))


def random_graph(seed: int, level: Level = Level.QUANT, ops: int = 6) -> Graph:
    """A graph of `ops` random blocks behind one input "x" of s8 or u8 [1, h, w, c], then a head of two Dense."""
    maker = _Maker(seed, level)
    shape = (1, maker.int(1, 7), maker.int(1, 7), maker.int(1, 5))
    dtype = S8 if maker.chance(0.6) else U8
    maker.images.append(maker.b.input("x", TensorType(shape, dtype), Quantizer(0.0078125, 0, "float32")))
    blocks: list[Callable[[], None]] = [
        maker.conv,
        maker.conv,
        maker.conv,
        maker.pool,
        maker.pair,
        maker.binary,
        maker.lut,
        maker.move,
        maker.move,
        maker.concat,
        maker.remember,
    ]
    for _ in range(ops):
        blocks[maker.int(0, len(blocks) - 1)]()
        maker.images = [name for name in maker.images if maker.b.value(name).type.size <= MAX_ELEMENTS]
    maker.head()
    return maker.b.finish(level)


def random_inputs(graph: Graph, seed: int, runs: int = 2) -> list[dict[str, IntArray]]:
    """Inputs for several inferences: uniform over the range, one of them extremes alone."""
    rng = np.random.default_rng(seed)
    sets: list[dict[str, IntArray]] = []
    for run in range(runs):
        arrays: dict[str, IntArray] = {}
        for port in graph.inputs:
            value = graph.values[port.value]
            low, high = value.range.min, value.range.max
            drawn = rng.integers(low, high + 1, value.shape)
            arrays[port.name] = np.where(drawn > (low + high) // 2, high, low) if run == runs - 1 else drawn
        sets.append(arrays)
    return sets


def without_names(graph: Graph) -> Graph:
    """The graph with its name cleared, for comparisons of structure."""
    return replace(graph, name="")
