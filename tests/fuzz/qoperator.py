"""Random QOperator graphs: the integer operators of ONNX and of com.microsoft that hold their scales themselves.

Even seeds draw operators of ONNX alone, which onnx.reference has too; odd seeds draw those of com.microsoft as well.
All tensors of a graph have one element type, as ONNX Runtime's kernels want it. Every tensor is a graph output.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tests.fuzz.generator import ELEMENT, OPSET, Drawer, Drawn, Tensor
from tests.fuzz.operators import MAX_ELEMENTS, is_image

MICROSOFT = "com.microsoft"
CORE = ("QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger")

Floats = NDArray[np.float32]


@dataclass
class IntegerDrawer(Drawer):
    """Draws one graph of one element type; `sums` are the int32 outputs of ConvInteger and MatMulInteger."""

    dtype: np.dtype[np.generic] = field(default_factory=lambda: np.dtype(np.uint8))
    sums: list[str] = field(default_factory=list)

    def parameters(self, t: Tensor) -> list[str]:
        """Constants with a tensor's scale and zero point."""
        return [self.constant(np.array(t.scale), "s"), self.constant(np.array(t.zero, t.dtype), "zp")]

    def calibrated(self, real: Floats, zero: int | None = None) -> Tensor:
        """A tensor without a name yet that holds `real`, with a scale and a zero point that suit it."""
        scale = self.scale_for(real, 127.0 if self.chance(0.8) else 255.0)
        info = np.iinfo(self.dtype)
        for _ in range(4):
            ends = [info.min, info.max, (info.min + info.max + 1) // 2, self.integer(info.min, info.max)]
            found = int(self.rng.choice(ends)) if zero is None else zero
            sample = np.clip(np.rint(real / scale) + found, info.min, info.max).astype(self.dtype)
            if sample.size == 1 or sample.min() < sample.max():
                break
        return Tensor("", scale, found, self.dtype, sample)

    def emit(self, op: str, inputs: list[str], result: Tensor, parents: list[Tensor], **attributes: object) -> None:
        """Add a node that makes `result` and put it into the pool."""
        domain = "" if op in CORE else MICROSOFT
        result.name = self.name(op.lower())
        self.nodes.append(
            helper.make_node(op, inputs, [result.name], name=self.name(f"node_{op}"), domain=domain, **attributes)
        )
        self.pool.append(result)
        self.made_by[result.name] = op
        self.parents[result.name] = tuple(p.name for p in parents)

    def raw_weights(self, shape: tuple[int, ...], axis: int, per_channel: bool) -> tuple[list[str], Floats, Floats]:
        """Constants w, scale, zero point; the real weights; the scales [channels or 1]."""
        channels = shape[axis]
        fan = max(int(np.prod(shape)) // max(channels, 1), 1)
        raw = self.rng.uniform(0.5, 1.5, channels if per_channel else 1) / (127.0 * np.sqrt(fan))
        scale = np.asarray(2.0 ** np.round(np.log2(raw)) if self.exact_float else raw, np.float32)
        unsigned = self.dtype == np.uint8 and not per_channel and self.chance(0.4)
        dtype = np.dtype(np.uint8) if unsigned else np.dtype(np.int8)
        zero = self.integer(0, 255) if unsigned else 0
        info = np.iinfo(dtype)
        w = self.rng.integers(info.min, info.max + 1, shape).astype(dtype)
        lay = [1] * len(shape)
        lay[axis] = -1
        real = (w.astype(np.int32) - zero).astype(np.float32) * scale.reshape(lay if per_channel else ())
        held = scale if per_channel else scale.reshape(())
        zeros = np.full(held.shape, zero, dtype)
        return [self.constant(w, "w"), self.constant(held, "s"), self.constant(zeros, "zp")], real, scale


def window(d: Drawer, shape: tuple[int, ...]) -> tuple[list[int], dict[str, object]]:
    """A kernel and the attributes of a convolution over an image of this shape."""
    height, width = shape[2:]
    kernel = [d.integer(1, min(3, height)), d.integer(1, min(3, width))]
    dilations = [d.integer(1, 2) if (k - 1) * 2 < s else 1 for k, s in zip(kernel, (height, width), strict=True)]
    pads = [d.integer(0, k - 1) for k in kernel] + [d.integer(0, k - 1) for k in kernel]
    strides = [d.integer(1, 2), d.integer(1, 2)]
    return kernel, {"kernel_shape": kernel, "dilations": dilations, "pads": pads, "strides": strides}


def qlinear_conv(d: IntegerDrawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    c = x.shape[1]
    groups = int(d.rng.choice([1, c, 2 if c % 2 == 0 else 1]))
    oc = groups * d.integer(1, 3)
    kernel, attributes = window(d, x.shape)
    names, real_w, scale = d.raw_weights((oc, c // groups, *kernel), 0, d.chance(0.6))
    bias = d.rng.integers(-3000, 3000, oc).astype(np.int32)
    has_bias = d.chance(0.7)
    real_b = bias.astype(np.float32) * x.scale * scale if has_bias else np.zeros(oc, np.float32)
    attributes["group"] = groups
    feeds: list[tuple[str, NDArray[np.generic]]] = [("x", x.real()), ("w", real_w), ("b", real_b.astype(np.float32))]
    y = d.calibrated(d.evaluate("Conv", feeds, 1, **attributes)[0])
    inputs = [x.name, *d.parameters(x), *names, *d.parameters(y)] + ([d.constant(bias, "b")] if has_bias else [])
    d.emit("QLinearConv", inputs, y, [x], **attributes)
    return True


def qlinear_matmul(d: IntegerDrawer) -> bool:
    x = d.pick(lambda t: len(t.shape) == 2)
    if x is None:
        return False
    names, real_w, _ = d.raw_weights((x.shape[1], d.integer(1, 9)), 1, d.chance(0.4))
    y = d.calibrated(x.real() @ real_w)
    d.emit("QLinearMatMul", [x.name, *d.parameters(x), *names, *d.parameters(y)], y, [x])
    return True


def live_matmul(d: IntegerDrawer) -> bool:
    """Two activations: an image times another of the transposed sizes, where there are such."""
    a = d.pick(is_image)
    if a is None:
        return False
    b = d.pick(lambda t: is_image(t) and t.shape[:2] == a.shape[:2] and t.shape[2] == a.shape[3])
    if b is None:
        return False
    y = d.calibrated((a.real() @ b.real()).astype(np.float32))
    d.emit("QLinearMatMul", [a.name, *d.parameters(a), b.name, *d.parameters(b), *d.parameters(y)], y, [a, b])
    return True


def conv_integer(d: IntegerDrawer) -> bool:
    x = d.pick(is_image)
    if x is None or d.dtype != np.uint8:  # ONNX Runtime has this kernel for uint8 alone
        return False
    kernel, attributes = window(d, x.shape)
    names, _, _ = d.raw_weights((d.integer(1, 4), x.shape[1], *kernel), 0, False)
    zeros = [d.constant(np.array(x.zero, x.dtype), "zp"), names[2]]
    integer_sum(d, "ConvInteger", [x.name, names[0], *zeros], x, attributes)
    return True


def matmul_integer(d: IntegerDrawer) -> bool:
    x = d.pick(lambda t: len(t.shape) == 2)
    if x is None:
        return False
    names, _, _ = d.raw_weights((x.shape[1], d.integer(1, 9)), 1, False)
    zeros = [d.constant(np.array(x.zero, x.dtype), "zp"), names[2]]
    integer_sum(d, "MatMulInteger", [x.name, names[0], *zeros], x, {})
    return True


def integer_sum(d: IntegerDrawer, op: str, inputs: list[str], x: Tensor, attributes: dict[str, object]) -> None:
    """An operator whose int32 result is an output of the graph and feeds nothing."""
    out = d.node(op, inputs, **attributes)[0]
    d.sums.append(out)
    d.made_by[out] = op
    d.parents[out] = (x.name,)


def binary(d: IntegerDrawer) -> bool:
    a = d.pick()
    assert a is not None
    b = d.pick(lambda t: t.shape == a.shape) or a
    op = str(d.rng.choice(["QLinearAdd", "QLinearMul"]))
    real = a.real() + b.real() if op == "QLinearAdd" else a.real() * b.real()
    y = d.calibrated(real)
    d.emit(op, [a.name, *d.parameters(a), b.name, *d.parameters(b), *d.parameters(y)], y, [a, b])
    return True


def unary(d: IntegerDrawer) -> bool:
    x = d.pick()
    assert x is not None
    if d.chance(0.5):
        alpha = float(np.float32(d.rng.uniform(0.01, 0.4)))
        y = d.calibrated(np.where(x.real() < 0, x.real() * np.float32(alpha), x.real()))
        d.emit("QLinearLeakyRelu", [x.name, *d.parameters(x), *d.parameters(y)], y, [x], alpha=alpha)
    else:
        y = d.calibrated((1 / (1 + np.exp(-np.clip(x.real(), -80, 80)))).astype(np.float32))
        d.emit("QLinearSigmoid", [x.name, *d.parameters(x), *d.parameters(y)], y, [x])
    return True


def concat(d: IntegerDrawer) -> bool:
    a = d.pick(lambda t: len(t.shape) > 1)
    if a is None:
        return False
    b = d.pick(lambda t: t.shape == a.shape) or a
    y = d.calibrated(np.concatenate([a.real(), b.real()], axis=1))
    inputs = [*d.parameters(y), a.name, *d.parameters(a), b.name, *d.parameters(b)]
    d.emit("QLinearConcat", inputs, y, [a, b], axis=1)
    return True


def global_average(d: IntegerDrawer) -> bool:
    x = d.pick(is_image)
    if x is None:
        return False
    y = d.calibrated(x.real().mean(axis=(2, 3), keepdims=True))
    y.scale = np.float32(max(y.scale, x.scale / 64))  # its kernel refuses ratios over 256
    info = np.iinfo(d.dtype)
    mean = np.rint(x.real().mean(axis=(2, 3), keepdims=True) / y.scale) + y.zero
    y.sample = np.clip(mean, info.min, info.max).astype(d.dtype)
    inputs = [x.name, *d.parameters(x), *d.parameters(y)]
    d.emit("QLinearGlobalAveragePool", inputs, y, [x], channels_last=0)
    return True


def flatten(d: IntegerDrawer) -> bool:
    """Integers reshaped to rank 2: what the products take."""
    x = d.pick(is_image)
    if x is None:
        return False
    out = d.node("Flatten", [x.name], axis=1)[0]
    d.pool.append(Tensor(out, x.scale, x.zero, x.dtype, x.sample.reshape(x.shape[0], -1)))
    d.made_by[out], d.parents[out] = "Flatten", (x.name,)
    return True


Family = Callable[[IntegerDrawer], bool]
CORE_FAMILIES: tuple[Family, ...] = (
    qlinear_conv, qlinear_conv, qlinear_conv, qlinear_matmul, qlinear_matmul, live_matmul, conv_integer, matmul_integer,
    flatten, flatten,
)  # fmt: skip
FAMILIES: tuple[Family, ...] = (
    *CORE_FAMILIES, binary, binary, binary, unary, unary, concat, concat, global_average, global_average,
)  # fmt: skip


def is_core(seed: int) -> bool:
    """Whether the graph of a seed has operators of ONNX alone."""
    return seed % 2 == 0


def draw(seed: int) -> Drawn:
    """The graph of a seed; every fourth one has powers of two for scales, which makes ties."""
    rng = np.random.default_rng([7, seed])
    exact = seed % 4 == 1
    d = IntegerDrawer(rng, exact_float=exact, dtype=np.dtype(np.uint8) if rng.random() < 0.5 else np.dtype(np.int8))
    shape = (1, d.integer(1, 6), d.integer(1, 9), d.integer(1, 9))
    info = np.iinfo(d.dtype)
    sample = rng.integers(info.min, info.max + 1, shape).astype(d.dtype)
    scale = np.float32(2.0 ** d.integer(-6, -2)) if exact else np.float32(rng.uniform(0.01, 0.2))
    d.pool.append(Tensor("input", scale, d.integer(info.min, info.max), d.dtype, sample))
    families = CORE_FAMILIES if is_core(seed) else FAMILIES
    wanted, tries = d.integer(1, 6), 0
    while wanted and tries < 60 and d.pool[-1].sample.size <= MAX_ELEMENTS:
        tries += 1
        wanted -= int(families[d.integer(0, len(families) - 1)](d))
    return Drawn(model_of(d, shape, seed), {"input": sample}, d.made_by, d.parents, True)


def model_of(d: IntegerDrawer, shape: tuple[int, ...], seed: int) -> onnx.ModelProto:
    """The finished model, all its tensors as outputs."""
    kinds = {t.name: ELEMENT[t.dtype] for t in d.pool if t.name != "input"} | dict.fromkeys(d.sums, TensorProto.INT32)
    graph = helper.make_graph(
        d.nodes,
        f"qoperator_{seed}",
        [helper.make_tensor_value_info("input", ELEMENT[d.dtype], shape)],
        [helper.make_tensor_value_info(name, kinds[name], None) for name in d.made_by],
        d.initializers,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)
