"""A QONNX model executed in numpy: the package's three quantisers, written from its source, and the ONNX operators.

`real = float32` is what the package does, up to the order in which it sums; `real = float64` has exact products and
sums of the same float32 numbers, which is what hwcomp compares with where float32 cannot hold a sum. Checked against
the package itself (qonnx 1.0.0): `python -m bench.qonnx --package PYTHON`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

Arrays = list[Any]
QUANTISERS = ("Quant", "IntQuant", "BipolarQuant", "Trunc")


def rescaled(model: onnx.ModelProto, factor: float) -> onnx.ModelProto:
    """The model with every quantiser's scale times `factor`, rounded to float32; each constant once."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    names = {node.input[1] for node in made.graph.node if node.op_type in QUANTISERS}
    for item in made.graph.initializer:
        if item.name in names:
            value = (numpy_helper.to_array(item).astype(np.float64) * factor).astype(np.float32)
            item.CopyFrom(numpy_helper.from_array(value, item.name))
    return made


class Oracle:
    """Runs a model; `values` holds every tensor of the last run."""

    def __init__(self, model: onnx.ModelProto | Path, real: type[np.floating] = np.float32) -> None:
        self.model = onnx.load(model) if isinstance(model, Path) else model
        self.real = real
        self.constants = {item.name: numpy_helper.to_array(item) for item in self.model.graph.initializer}
        self.values: dict[str, Any] = {}

    def run(self, feeds: Mapping[str, Any]) -> Arrays:
        known, border = set(self.constants), set(feeds)
        self.values = dict(self.constants)
        self.values |= {name: array.astype(np.float32) for name, array in feeds.items()}
        for node in self.model.graph.node:
            folded = all(name in known for name in node.input if name)
            quantised = node.op_type in QUANTISERS
            inputs = [self.values.get(name) for name in node.input]
            outside = not folded and all(name in known | border for name in node.input if name)
            if outside and node.op_type not in ("MatMul", "Gemm", "Conv"):  # the border is float32 in every case
                border |= set() if quantised else set(node.output)
            elif not folded:
                inputs = [x if i and quantised else self._cast(x) for i, x in enumerate(inputs)]
            attributes = {item.name: helper.get_attribute_value(item) for item in node.attribute}
            y = np.asarray(_OPERATORS[node.op_type](inputs, attributes))
            if quantised and not folded:
                y = y.astype(self.real)
            elif quantised:
                y = y.astype(np.float64)  # exact in either precision: the sum of products alone is rounded
            if folded and not quantised:
                known.add(node.output[0])
            self.values[node.output[0]] = y.astype(np.float32) if self.real is np.float32 and y.dtype.kind == "f" else y
        return [self.values[port.name] for port in self.model.graph.output]

    def _cast(self, x: Any) -> Any:
        return x.astype(self.real) if x is not None and x.dtype.kind == "f" else x


def rounded(x: Any, mode: str) -> Any:
    """One of the package's rounding modes."""
    sign, size = np.sign(x), np.abs(x)
    return {
        "ROUND": lambda: np.round(x), "HALF_EVEN": lambda: np.round(x), "CEIL": lambda: np.ceil(x),
        "FLOOR": lambda: np.floor(x), "UP": lambda: sign * np.ceil(size), "DOWN": lambda: np.fix(x),
        "ROUND_TO_ZERO": lambda: np.fix(x), "HALF_UP": lambda: sign * np.floor(size + 0.5),
        "HALF_DOWN": lambda: sign * np.ceil(size - 0.5),
    }[mode]()  # fmt: skip


def limits(bits: int, signed: bool, narrow: bool) -> tuple[int, int]:
    low = -(2 ** (bits - 1)) + narrow if signed else 0
    return low, 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow


def _quant(x: Arrays, a: dict[str, Any]) -> Any:
    value, scale, zero, bits = x
    y = value / scale + zero
    if int(bits) == 1 and a.get("signed", 1):
        y = np.where(y >= 0, 1.0, -1.0)
    else:
        low, high = limits(int(bits), bool(a.get("signed", 1)), bool(a.get("narrow", 0)))
        y = rounded(np.clip(y, np.asarray(low, y.dtype), np.asarray(high, y.dtype)), _mode(a, "ROUND"))
    return (y - zero).astype(np.float64) * scale.astype(np.float64)


def _mode(a: dict[str, Any], default: str) -> str:
    return a["rounding_mode"].decode().upper() if "rounding_mode" in a else default


def _bipolar(x: Arrays, a: dict[str, Any]) -> Any:
    return np.where(x[0] >= 0, 1.0, -1.0) * x[1].astype(np.float64)


def _trunc(x: Arrays, a: dict[str, Any]) -> Any:
    value, scale, zero = x[:3]
    y = np.round(value / scale + zero)
    if len(x) == 5:
        y = rounded(y / 2.0 ** float(x[3] - x[4]), _mode(a, "FLOOR"))
        return (y - zero).astype(np.float64) * scale.astype(np.float64)
    out = x[4].astype(np.float64)
    divisor = 2.0 ** np.round(np.log2(out / scale))
    low, high = limits(int(x[5]), bool(a.get("signed", 1)), bool(a.get("narrow", 0)))
    y = rounded(np.clip(y / divisor, low, high), _mode(a, "FLOOR"))
    return (y - zero / divisor) * out


def _batch_norm(x: Arrays, a: dict[str, Any]) -> Any:
    gain, bias, mean, variance = (np.asarray(v, np.float32) for v in x[1:])
    slope = gain * (np.float32(1) / np.sqrt(variance + np.float32(a.get("epsilon", 1e-5))))
    shape = (-1, *(1,) * (x[0].ndim - 2))
    return x[0] * slope.reshape(shape).astype(x[0].dtype) + (bias - mean * slope).reshape(shape).astype(x[0].dtype)


def _conv(x: Arrays, a: dict[str, Any]) -> Any:
    image, weights = x[:2]
    top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
    (sh, sw), groups = a.get("strides", [1, 1]), a.get("group", 1)
    padded = np.pad(image, ((0, 0), (0, 0), (top, bottom), (left, right)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[2:], axis=(2, 3))[:, :, ::sh, ::sw]
    parts = zip(np.split(windows, groups, 1), np.split(weights, groups, 0), strict=True)
    y = np.concatenate([np.einsum("nchwij,ocij->nohw", w, k, optimize=True) for w, k in parts], axis=1)
    return y if len(x) < 3 else y + x[2].reshape(1, -1, 1, 1)


def _gemm(x: Arrays, a: dict[str, Any]) -> Any:
    left, right = (v.T if a.get(f"trans{n}", 0) else v for n, v in zip("AB", x, strict=False))
    y = left @ right
    return y if len(x) < 3 else y + x[2]


def _pool(choose: Callable[..., Any]) -> Callable[[Arrays, dict[str, Any]], Any]:
    def run(x: Arrays, a: dict[str, Any]) -> Any:
        windows = np.lib.stride_tricks.sliding_window_view(x[0], a["kernel_shape"], axis=(2, 3))
        sh, sw = a.get("strides", [1, 1])
        return choose(windows[:, :, ::sh, ::sw], axis=(-2, -1))

    return run


def _depth_to_space(x: Arrays, a: dict[str, Any]) -> Any:
    n, c, h, w = x[0].shape
    b = a["blocksize"]
    if a.get("mode", b"DCR") == b"CRD":
        return x[0].reshape(n, c // b**2, b, b, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // b**2, h * b, w * b)
    return x[0].reshape(n, b, b, c // b**2, h, w).transpose(0, 3, 4, 1, 5, 2).reshape(n, c // b**2, h * b, w * b)


def _softmax(x: Arrays, a: dict[str, Any]) -> Any:
    apart = np.exp(x[0].astype(np.float64) - x[0].max(axis=a.get("axis", 1), keepdims=True))
    return apart / apart.sum(axis=a.get("axis", 1), keepdims=True)


_OPERATORS: dict[str, Callable[[Arrays, dict[str, Any]], Any]] = {
    "Quant": _quant, "IntQuant": _quant, "BipolarQuant": _bipolar, "Trunc": _trunc, "BatchNormalization": _batch_norm,
    "Conv": _conv, "Gemm": _gemm, "MatMul": lambda x, a: x[0] @ x[1], "Add": lambda x, a: x[0] + x[1],
    "Sub": lambda x, a: x[0] - x[1], "Mul": lambda x, a: x[0] * x[1], "Div": lambda x, a: x[0] / x[1],
    "Pow": lambda x, a: np.power(x[0], x[1]), "Relu": lambda x, a: np.maximum(x[0], 0), "Neg": lambda x, a: -x[0],
    "Clip": lambda x, a: np.minimum(np.maximum(x[0], x[1]), x[2]),
    "Abs": lambda x, a: np.abs(x[0]), "MaxPool": _pool(np.max), "AveragePool": _pool(np.mean),
    "DepthToSpace": _depth_to_space, "Softmax": _softmax,
    "Transpose": lambda x, a: np.transpose(x[0], a.get("perm")), "Shape": lambda x, a: np.array(x[0].shape, np.int64),
    "Gather": lambda x, a: np.take(x[0], x[1], axis=a.get("axis", 0)),
    "Unsqueeze": lambda x, a: np.expand_dims(x[0], tuple(a["axes"])),
    "Concat": lambda x, a: np.concatenate(x, axis=a["axis"]),
    "Reshape": lambda x, a: x[0].reshape([int(n) for n in x[1]]),
    "Flatten": lambda x, a: x[0].reshape(math.prod(x[0].shape[: a.get("axis", 1)]), -1),
}  # fmt: skip
