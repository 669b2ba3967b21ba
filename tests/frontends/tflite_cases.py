"""Random one-operator models, by families: what `test_tflite_ops.py` compares."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.frontends.tflite_build import G, O, T

Rng = np.random.Generator
Make = Callable[[Rng, str], G]


@dataclass(frozen=True)
class Case:
    """A family of models. uint8: LiteRT runs them so too (TFLite-Micro does not). micro: TFLite-Micro runs them."""

    make: Make
    uint8: bool = False
    micro: bool = True
    litert: bool = True


def activation(rng: Rng, name: str, shape: tuple[int, ...], dtype: str, scale: float | None = None) -> T:
    low = 0 if dtype == "uint8" else -128
    inner = int(rng.integers(low + 64, low + 192))
    zero = int(rng.choice([low, low + 255, inner], p=[0.15, 0.15, 0.7]))
    return T(name, shape, dtype, scale or f32(10 ** rng.uniform(-2.5, -0.5)), zero)


def like(tensor: T, name: str, shape: tuple[int, ...]) -> T:
    return T(name, shape, tensor.dtype, tensor.scale, tensor.zero)


def f32(value: float) -> float:
    return float(np.float32(value))


def ints(name: str, values: Any, dtype: str = "int32") -> T:
    data = np.array(values)
    return T(name, data.shape, dtype, data=data)


def one(op: O, *tensors: T, inputs: tuple[str, ...] = ("x",)) -> G:
    return G(tensors, (op,), inputs, op.outputs)


def constant(rng: Rng, name: str, shape: tuple[int, ...], dtype: str, scale: float) -> T:
    low = 0 if dtype == "uint8" else -128
    data = rng.integers(low, low + 256, shape)
    return T(name, shape, dtype, scale, int(rng.integers(low, low + 256)), data=data)


def conv(
    depthwise: bool = False, dilation: int = 1, multiplier: int = 1, weights: str = "int8", tensor: bool = False
) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        h, w, ic = (int(v) for v in rng.integers(5, 10, 3))
        kh, kw = (int(v) for v in rng.integers(1, 4, 2))
        oc = ic * multiplier if depthwise else int(rng.integers(1, 7))
        stride = 1 if dilation > 1 else int(rng.integers(1, 4))
        x = activation(rng, "x", (int(rng.integers(1, 3)), h, w, ic), dtype)
        shape = (1, kh, kw, oc) if depthwise else (oc, kh, kw, ic)
        per_tensor = tensor or dtype == "uint8"
        wtype = "uint8" if dtype == "uint8" else weights
        scales = [f32(10 ** rng.uniform(-3, -1)) for _ in range(1 if per_tensor else oc)]
        low, high = {"uint8": (0, 256), "int4": (-8, 8)}.get(wtype, (-127, 128))
        wz = int(rng.integers(0, 256)) if wtype == "uint8" else 0
        wt = T("w", shape, wtype, scales, wz, 3 if depthwise else 0, rng.integers(low, high, shape))
        fan = kh * kw * (1 if depthwise else ic)
        y_scale = f32(x.scale * max(scales) * (high - low) * math.sqrt(fan) * 10 ** rng.uniform(-0.5, 0.5))
        bias_scale = [f32(x.scale * s) for s in scales]
        bias = T("b", (oc,), "int32", bias_scale, 0, 0, rng.integers(-5000, 5000, oc))
        same = bool(rng.integers(0, 2))
        reach = ((kh - 1) * dilation + 1, (kw - 1) * dilation + 1)
        oh, ow = (-(-s // stride) if same else -(-(s - r + 1) // stride) for s, r in zip((h, w), reach, strict=True))
        y = activation(rng, "y", (x.shape[0], oh, ow, oc), dtype, y_scale)
        options: dict[str, Any] = {
            "padding": 0 if same else 1,
            "strideH": stride,
            "strideW": stride,
            "dilationHFactor": dilation,
            "dilationWFactor": dilation,
            "fusedActivationFunction": int(rng.choice([0, 1, 3])),
        }
        if depthwise:
            op = O("DEPTHWISE_CONV_2D", ("x", "w", "b"), ("y",), "DepthwiseConv2DOptions", options)
            op.fields["depthMultiplier"] = multiplier
        else:
            op = O("CONV_2D", ("x", "w", "b"), ("y",), "Conv2DOptions", options)
        return one(op, x, wt, bias, y)

    return make


def dense(per_channel: bool = False, weights: str = "int8", keep: bool = False) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        n, k, oc = (int(v) for v in rng.integers(1, 30, 3))
        shape = (2, n, k) if keep else (n, k)
        x = activation(rng, "x", shape, dtype)
        wtype = "uint8" if dtype == "uint8" else weights
        scales = [f32(10 ** rng.uniform(-3, -1)) for _ in range(oc if per_channel else 1)]
        low, high = {"uint8": (0, 256), "int4": (-8, 8)}.get(wtype, (-127, 128))
        wz = int(rng.integers(0, 256)) if wtype == "uint8" else 0
        wt = T("w", (oc, k), wtype, scales, wz, 0, rng.integers(low, high, (oc, k)))
        y_scale = f32(x.scale * max(scales) * (high - low) * math.sqrt(k) * 10 ** rng.uniform(-0.5, 0.5))
        bias = T("b", (oc,), "int32", [f32(x.scale * s) for s in scales], 0, 0, rng.integers(-5000, 5000, oc))
        y = activation(rng, "y", (2, n, oc) if keep else (n, oc), dtype, y_scale)
        options = {"fusedActivationFunction": int(rng.choice([0, 1])), "keepNumDims": keep}
        return one(O("FULLY_CONNECTED", ("x", "w", "b"), ("y",), "FullyConnectedOptions", options), x, wt, bias, y)

    return make


def binary(kind: str, table: str, right: str = "same", swap: bool = False) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        shape = tuple(int(v) for v in rng.integers(1, 6, 4))
        a = activation(rng, "a", shape, dtype)
        b = activation(rng, "b", shape, dtype)
        y_scale = f32(max(a.scale, b.scale) * 10 ** rng.uniform(-0.2, 0.7))
        if kind == "MUL":
            y_scale = f32(a.scale * b.scale * 128)
        y = activation(rng, "y", shape, dtype, y_scale)
        inputs: tuple[str, ...] = ("a", "b")
        if right == "channel":
            b, inputs = constant(rng, "b", (shape[3],), dtype, b.scale), ("a",)
        elif right == "scalar":
            b, inputs = constant(rng, "b", (), dtype, b.scale), ("a",)
        elif right == "full":
            b, inputs = constant(rng, "b", shape, dtype, b.scale), ("a",)
        elif right == "broadcast":
            b = activation(rng, "b", (shape[0], 1, 1, shape[3]), dtype)
        if kind in ("MAXIMUM", "MINIMUM"):
            a, y = like(b, "a", shape), like(b, "y", shape)
        fused = {"fusedActivationFunction": int(rng.choice([0, 1, 3]))}
        fields = fused if table.startswith(("Add", "Sub", "Mul")) else {}
        names = ("b", "a") if swap else ("a", "b")
        return one(O(kind, names, ("y",), table, fields), a, b, y, inputs=inputs)

    return make


def unary(kind: str, table: str = "", out: tuple[float, int] | None = None, same: bool = False, **fields: Any) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        shape = (*(int(v) for v in rng.integers(1, 12, 3)), 16)
        x = activation(rng, "x", shape, dtype)
        y = activation(rng, "y", shape, dtype, f32(x.scale * 10 ** rng.uniform(-0.3, 0.5)))
        if out is not None:
            y = T("y", shape, dtype, out[0], out[1] + (128 if dtype == "uint8" else 0))
        if same:
            y = like(x, "y", shape)
        chosen = {key: value(rng) if callable(value) else value for key, value in fields.items()}
        return one(O(kind, ("x",), ("y",), table, chosen), x, y)

    return make


def prelu(rng: Rng, dtype: str) -> G:
    shape = (1, 4, 5, 6)
    x = activation(rng, "x", shape, dtype)
    alpha = constant(rng, "alpha", (1, 1, 6), dtype, f32(0.01))
    y = activation(rng, "y", shape, dtype, f32(x.scale * 1.1))
    return one(O("PRELU", ("x", "alpha"), ("y",), "", {}), x, alpha, y)


def pool(kind: str) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        h, w, c = (int(v) for v in rng.integers(4, 9, 3))
        k, stride, same = int(rng.integers(1, 4)), int(rng.integers(1, 3)), bool(rng.integers(0, 2))
        x = activation(rng, "x", (2, h, w, c), dtype)
        oh, ow = (-(-s // stride) if same else (s - k) // stride + 1 for s in (h, w))
        options = {
            "padding": 0 if same else 1,
            "strideH": stride,
            "strideW": stride,
            "filterHeight": k,
            "filterWidth": k,
            "fusedActivationFunction": int(rng.choice([0, 1, 3])),
        }
        return one(O(kind, ("x",), ("y",), "Pool2DOptions", options), x, like(x, "y", (2, oh, ow, c)))

    return make


def reduction(kind: str, axes: list[int], keep: bool) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        shape = tuple(int(v) for v in rng.integers(2, 7, 4))
        x = activation(rng, "x", shape, dtype)
        picked = {a % 4 for a in axes}
        out = tuple(1 if i in picked else s for i, s in enumerate(shape) if keep or i not in picked)
        y = activation(rng, "y", out, dtype, f32(x.scale * 10 ** rng.uniform(-0.3, 0.3)))
        if kind == "REDUCE_MAX":
            y = like(x, "y", out)
        if kind == "SUM":
            y = activation(rng, "y", out, dtype, f32(x.scale * 3))
        return one(O(kind, ("x", "axes"), ("y",), "ReducerOptions", {"keepDims": keep}), x, ints("axes", axes), y)

    return make


def arg_max(rng: Rng, dtype: str) -> G:
    x = activation(rng, "x", (3, 4, 5), dtype)
    op = O("ARG_MAX", ("x", "axis"), ("y",), "ArgMaxOptions", {"outputType": 2})
    return one(op, x, ints("axis", [-1]), T("y", (3, 4), "int32"))


def moved(op: O, x_shape: tuple[int, ...], y_shape: tuple[int, ...], *constants: T) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        x = activation(rng, "x", x_shape, dtype)
        return one(op, x, *constants, like(x, "y", y_shape))

    return make


def pad_v2(rng: Rng, dtype: str) -> G:
    x = activation(rng, "x", (1, 3, 4, 2), dtype)
    value = T("v", (1,), dtype, x.scale, x.zero, data=np.array([17]))
    widths = ints("p", [[0, 0], [1, 2], [0, 3], [1, 0]])
    return one(O("PADV2", ("x", "p", "v"), ("y",)), x, widths, value, like(x, "y", (1, 6, 7, 3)))


def splits(kind: str) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        x = activation(rng, "x", (2, 6, 3), dtype)
        if kind == "SPLIT":
            op = O("SPLIT", ("axis", "x"), ("y0", "y1"), "SplitOptions", {"numSplits": 2})
            outs = (like(x, "y0", (2, 3, 3)), like(x, "y1", (2, 3, 3)))
            return one(op, x, ints("axis", 1), *outs)
        op = O("SPLIT_V", ("x", "sizes", "axis"), ("y0", "y1"), "SplitVOptions", {"numSplits": 2})
        outs = (like(x, "y0", (2, 4, 3)), like(x, "y1", (2, 2, 3)))
        return one(op, x, ints("sizes", [4, -1]), ints("axis", 1), *outs)

    return make


def concat(rng: Rng, dtype: str) -> G:
    x = activation(rng, "x", (1, 2, 3, 4), dtype)
    other = activation(rng, "z", (1, 5, 3, 4), dtype) if dtype == "uint8" else like(x, "z", (1, 5, 3, 4))
    op = O("CONCATENATION", ("x", "z"), ("y",), "ConcatenationOptions", {"axis": 1})
    return one(op, x, other, like(x, "y", (1, 7, 3, 4)), inputs=("x", "z"))


def resize(align: bool, half: bool, size: tuple[int, int]) -> Make:
    op = O(
        "RESIZE_NEAREST_NEIGHBOR",
        ("x", "size"),
        ("y",),
        "ResizeNearestNeighborOptions",
        {"alignCorners": align, "halfPixelCenters": half},
    )
    return moved(op, (1, 5, 7, 3), (1, *size, 3), ints("size", list(size)))


def quantize(out: str) -> Make:
    def make(rng: Rng, dtype: str) -> G:
        x = activation(rng, "x", (3, 40), dtype)
        y_scale = f32(x.scale * 10 ** rng.uniform(-0.5, 0.5))
        y = activation(rng, "y", (3, 40), "int8" if out == "int16" else out, y_scale)
        if out == "int16":
            y = T("y", (3, 40), "int16", f32(x.scale / 100), 0)
        return one(O("QUANTIZE", ("x",), ("y",)), x, y)

    return make


def softmax(rng: Rng, dtype: str) -> G:
    shape = (int(rng.integers(1, 4)), int(rng.integers(2, 40)))
    x = activation(rng, "x", shape, dtype, f32(10 ** rng.uniform(-3, 0)))
    y = T("y", shape, dtype, 2.0**-8, 0 if dtype == "uint8" else -128)
    return one(O("SOFTMAX", ("x",), ("y",), "SoftmaxOptions", {"beta": 1.0}), x, y)


def log_softmax(rng: Rng, dtype: str) -> G:
    shape = (int(rng.integers(1, 4)), int(rng.integers(2, 40)))
    x = activation(rng, "x", shape, dtype, f32(10 ** rng.uniform(-3, 0)))
    y = T("y", shape, dtype, 16.0 / 256, 255 if dtype == "uint8" else 127)
    return one(O("LOG_SOFTMAX", ("x",), ("y",), "LogSoftmaxOptions"), x, y)


def strided(begin: list[int], end: list[int], steps: list[int], y_shape: tuple[int, ...], **masks: int) -> Make:
    op = O("STRIDED_SLICE", ("x", "b", "e", "s"), ("y",), "StridedSliceOptions", masks)
    return moved(op, (2, 5, 6, 3), y_shape, ints("b", begin), ints("e", end), ints("s", steps))


CASES: dict[str, Case] = {
    "conv": Case(conv(), uint8=True),
    "conv_dilated": Case(conv(dilation=2), uint8=True),
    "conv_int4": Case(conv(weights="int4"), litert=False),
    "conv_per_tensor": Case(conv(tensor=True)),
    "depthwise": Case(conv(depthwise=True), uint8=True),
    "depthwise_multiplier": Case(conv(depthwise=True, multiplier=2), uint8=True),
    "depthwise_dilated": Case(conv(depthwise=True, dilation=2)),
    "dense": Case(dense(), uint8=True),
    "dense_per_channel": Case(dense(per_channel=True)),
    "dense_int4": Case(dense(weights="int4")),
    "dense_keep_dims": Case(dense(keep=True)),
    "add": Case(binary("ADD", "AddOptions"), uint8=True),
    "add_channel": Case(binary("ADD", "AddOptions", "channel"), uint8=True),
    "add_constant_first": Case(binary("ADD", "AddOptions", "channel", swap=True)),
    "add_scalar": Case(binary("ADD", "AddOptions", "scalar")),
    "add_full_constant": Case(binary("ADD", "AddOptions", "full")),
    "add_broadcast": Case(binary("ADD", "AddOptions", "broadcast")),
    "sub": Case(binary("SUB", "SubOptions"), uint8=True),
    "sub_constant_first": Case(binary("SUB", "SubOptions", "channel", swap=True)),
    "sub_broadcast": Case(binary("SUB", "SubOptions", "broadcast")),
    "mul": Case(binary("MUL", "MulOptions"), uint8=True),
    "mul_channel": Case(binary("MUL", "MulOptions", "channel"), uint8=True),
    "mul_broadcast": Case(binary("MUL", "MulOptions", "broadcast")),
    "maximum": Case(binary("MAXIMUM", "MaximumMinimumOptions"), uint8=True),
    "minimum_scalar": Case(binary("MINIMUM", "MaximumMinimumOptions", "scalar")),
    "relu": Case(unary("RELU"), uint8=True),
    "relu6": Case(unary("RELU6", same=True), uint8=True),
    "relu1": Case(unary("RELU_N1_TO_1"), micro=False),
    "leaky_relu": Case(unary("LEAKY_RELU", "LeakyReluOptions", alpha=lambda r: f32(r.uniform(-0.1, 0.9))), uint8=True),
    "prelu": Case(prelu, uint8=True),
    "hard_swish": Case(unary("HARD_SWISH"), uint8=True),
    "logistic": Case(unary("LOGISTIC", out=(2.0**-8, -128)), uint8=True),
    "tanh": Case(unary("TANH", out=(2.0**-7, 0)), uint8=True),
    "softmax": Case(softmax, uint8=True),
    "log_softmax": Case(log_softmax, uint8=True),
    "max_pool": Case(pool("MAX_POOL_2D"), uint8=True),
    "average_pool": Case(pool("AVERAGE_POOL_2D"), uint8=True),
    "mean_spatial": Case(reduction("MEAN", [1, 2], True), uint8=True),
    "mean_flat": Case(reduction("MEAN", [1, 2], False), uint8=True),
    "mean_channels": Case(reduction("MEAN", [-1], True)),
    "mean_general": Case(reduction("MEAN", [2, 0], False)),
    "sum": Case(reduction("SUM", [1, 2], False), litert=False),
    "reduce_max": Case(reduction("REDUCE_MAX", [1], True), uint8=True),
    "arg_max": Case(arg_max, uint8=True),
    "pad": Case(
        moved(O("PAD", ("x", "p"), ("y",)), (1, 3, 4, 2), (1, 6, 7, 3), ints("p", [[0, 0], [1, 2], [0, 3], [1, 0]])),
        uint8=True,
    ),
    "padv2": Case(pad_v2, uint8=True),
    "concat": Case(concat, uint8=True),
    "slice": Case(
        moved(O("SLICE", ("x", "b", "s"), ("y",)), (2, 5, 6), (1, 3, 4), ints("b", [1, 2, 0]), ints("s", [1, -1, 4]))
    ),
    "strided_slice": Case(strided([0, 1, 0, 0], [2, 5, 6, 3], [1, 2, 3, 1], (2, 2, 2, 3))),
    "strided_slice_negative": Case(strided([0, -1, 5, 0], [2, -6, 0, 3], [1, -2, -1, 1], (2, 3, 5, 3))),
    "strided_slice_masks": Case(
        strided([0, 1, 9, 0], [1, 9, 0, 9], [1, 1, -1, 1], (2, 4, 6, 3), beginMask=0b0101, endMask=0b0111)
    ),
    "strided_slice_shrink": Case(strided([0, -2, 0, 0], [2, 0, 6, 3], [1, 1, 1, 1], (2, 6, 3), shrinkAxisMask=0b0010)),
    "split": Case(splits("SPLIT")),
    "split_v": Case(splits("SPLIT_V")),
    "reshape": Case(moved(O("RESHAPE", ("x", "s"), ("y",)), (2, 6, 4), (3, 16), ints("s", [-1, 16]))),
    "squeeze": Case(moved(O("SQUEEZE", ("x",), ("y",), "SqueezeOptions", {"squeezeDims": [1]}), (3, 1, 4), (3, 4))),
    "expand_dims": Case(moved(O("EXPAND_DIMS", ("x", "a"), ("y",)), (3, 4), (3, 1, 4), ints("a", [1]))),
    "transpose": Case(moved(O("TRANSPOSE", ("x", "p"), ("y",)), (2, 3, 4), (4, 2, 3), ints("p", [2, 0, 1]))),
    "resize": Case(resize(False, False, (8, 5))),
    "resize_corners": Case(resize(True, False, (9, 10))),
    "resize_half": Case(resize(False, True, (8, 11))),
    "depth_to_space": Case(
        moved(O("DEPTH_TO_SPACE", ("x",), ("y",), "DepthToSpaceOptions", {"blockSize": 2}), (1, 2, 3, 8), (1, 4, 6, 2))
    ),
    "space_to_depth": Case(
        moved(O("SPACE_TO_DEPTH", ("x",), ("y",), "SpaceToDepthOptions", {"blockSize": 2}), (1, 4, 6, 3), (1, 2, 3, 12))
    ),
    "gather": Case(
        moved(
            O("GATHER", ("x", "i"), ("y",), "GatherOptions", {"axis": 1}), (2, 5, 3), (2, 4, 3), ints("i", [4, 0, 0, 2])
        )
    ),
    "quantize_int8": Case(quantize("int8"), uint8=True),
    "quantize_uint8": Case(quantize("uint8"), uint8=True),
    "quantize_int16": Case(quantize("int16")),
}
