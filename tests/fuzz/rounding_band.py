"""How far float32 sums may stray: the interval that holds a float tensor of an ONNX graph for every order of its sums.

A dot product or a sum of k terms, computed in float32 in any order, with or without fused multiply-add, lies within
gamma(k) * sum |terms| of the real number, gamma(k) = k u / (1 - k u), u = 2^-24. Source: Higham, Accuracy and Stability
of Numerical Algorithms, 2002, lemma 3.1. Everything else here is one correctly rounded operation, or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

Array = NDArray[np.generic]
Doubles = NDArray[np.float64]

UNIT = 2.0**-24
UNIT_DOUBLE = 2.0**-53

MONOTONE = (
    "Relu", "Clip", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Identity", "Slice", "Gather", "Pad",
    "Concat",
)  # fmt: skip
"""Operators that are non-decreasing in each element and do not round: applied to both ends."""

SUMS = ("Conv", "Gemm", "MatMul", "AveragePool", "GlobalAveragePool", "ReduceMean", "Add")
"""The operators whose float32 result can depend on the order of its sums."""


@dataclass(frozen=True, slots=True)
class Band:
    """The ends of an interval for each element; equal where the float32 value is known."""

    lo: Doubles
    hi: Doubles

    @property
    def centre(self) -> Doubles:
        return (self.lo + self.hi) / 2

    @property
    def radius(self) -> Doubles:
        return (self.hi - self.lo) / 2


def gamma(terms: int) -> float:
    """The relative bound for `terms` float32 terms, and for the float64 arithmetic that evaluates it here."""
    return terms * UNIT / (1 - terms * UNIT) + 4 * terms * UNIT_DOUBLE


def around(centre: Doubles, magnitude: Doubles, radius: Doubles, terms: int) -> Band:
    """centre +- (radius + gamma * magnitude)."""
    wide = radius * (1 + gamma(terms)) + gamma(terms) * magnitude
    return Band(centre - wide, centre + wide)


class Bands:
    """The intervals of the float tensors of a model whose quantised tensors are known."""

    def __init__(self, model: onnx.ModelProto, known: Mapping[str, Array]) -> None:
        """`known`: the values of the inputs and of all quantised tensors."""
        self.maker = {name: node for node in model.graph.node for name in node.output}
        self.values: dict[str, Array] = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.values.update(known)
        self.opset = next(entry.version for entry in model.opset_import if not entry.domain)
        self.found: dict[str, Band] = {}

    def levels(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """The least and the greatest level that QuantizeLinear can give for each element of tensor `name`.

        None where the graph before it has operators that this file does not know.
        """
        node = self.maker[name]
        if node.op_type != "QuantizeLinear":
            return None
        try:
            band = self.band(node.input[0])
        except NotImplementedError:
            return None
        scale = self.spread(node, self.values[node.input[1]], band.lo.ndim)
        zero = self.values[node.input[2]] if len(node.input) > 2 and node.input[2] else np.array(0, np.uint8)
        info = np.iinfo(zero.dtype)
        wide = self.spread(node, zero, band.lo.ndim).astype(np.int64)
        ends = []
        for end, away in ((band.lo, np.inf), (band.hi, -np.inf)):
            x = end.astype(np.float32)
            # The float32 value lies inside: the first one from this end.
            outside = x < end if away > 0 else x > end
            x = np.where(outside, np.nextafter(x, np.float32(away)), x)
            # The division may be rounded to float32, or not: hwcomp quantises the real quotient of a dot product.
            for quotient in (x / scale.astype(np.float32), end / scale.astype(np.float64)):
                level = np.rint(quotient).astype(np.float64) + wide
                ends.append(np.clip(level, info.min, info.max).astype(np.int64))
        return np.min(ends, axis=0), np.max(ends, axis=0)

    def band(self, name: str) -> Band:
        """The interval of float tensor `name`."""
        if name not in self.found:
            self.found[name] = self.made(name)
        return self.found[name]

    def made(self, name: str) -> Band:
        if name in self.values:
            exact = self.values[name].astype(np.float64)
            return Band(exact, exact)
        node = self.maker[name]
        if node.op_type == "DequantizeLinear":
            return self.dequantized(node)
        if node.op_type in MONOTONE:
            return self.monotone(node)
        if node.op_type in SUMS:
            return self.sum(node)
        raise NotImplementedError(node.op_type)

    def dequantized(self, node: onnx.NodeProto) -> Band:
        """(q - zero) * scale in float32: one rounding, the same everywhere."""
        q = self.integers(node.input[0])
        scale = self.spread(node, self.values[node.input[1]], q.ndim)
        zero = self.values[node.input[2]] if len(node.input) > 2 and node.input[2] else np.array(0)
        centred = q.astype(np.int64) - self.spread(node, zero, q.ndim).astype(np.int64)
        exact = (centred.astype(np.float32) * scale.astype(np.float32)).astype(np.float64)
        return Band(exact, exact)

    def integers(self, name: str) -> Array:
        """The values of an integer tensor: known, or moved before it is dequantised."""
        if name not in self.values:
            if name not in self.maker or self.maker[name].op_type not in MONOTONE:
                raise NotImplementedError(f"the values of {name} are not known")
            node = self.maker[name]
            self.values[name] = run_node(node, {key: self.integers(key) for key in node.input if key}, self.opset)
        return self.values[name]

    def spread(self, node: onnx.NodeProto, parameters: Array, rank: int) -> Array:
        """Parameters along the node's axis."""
        if parameters.size == 1:
            return parameters.reshape(())
        axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
        shape = [1] * rank
        shape[axis] = -1
        return parameters.reshape(shape)

    def monotone(self, node: onnx.NodeProto) -> Band:
        """The operator applied to both ends, in float64."""
        ends = []
        for end in ("lo", "hi"):
            feeds = {}
            for name in node.input:
                if not name:
                    continue
                is_float = name not in self.values or self.values[name].dtype.kind == "f"
                band = self.band(name) if is_float else None
                feeds[name] = self.values[name] if band is None else (band.lo if end == "lo" else band.hi)
            ends.append(run_node(node, feeds, self.opset).astype(np.float64))
        return Band(ends[0], ends[1])

    def sum(self, node: onnx.NodeProto) -> Band:
        parts = [self.band(name) for name in node.input if name and not self.is_integer(name)]
        x = parts[0]
        if node.op_type == "Add":
            total = Band(x.lo + parts[1].lo, x.hi + parts[1].hi)
            size = np.maximum(np.abs(total.lo), np.abs(total.hi))
            return Band(total.lo - size * gamma(1), total.hi + size * gamma(1))
        if node.op_type == "Conv":
            w = parts[1].centre
            bias = parts[2].centre.reshape(1, -1, 1, 1) if len(parts) > 2 else np.zeros(1)
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            total = convolve(x.centre, w, attributes) + bias
            size = convolve(np.abs(x.centre), np.abs(w), attributes) + np.abs(bias)
            radius = convolve(x.radius, np.abs(w), attributes) if x.radius.any() else np.zeros(1)
            return around(total, size, radius, int(np.prod(w.shape[1:])) + 1)
        if node.op_type in ("Gemm", "MatMul"):
            return matrix(node, parts)
        # An average: the sum, and a division or a multiplication by a rounded reciprocal.
        operand = Band(x.lo, x.hi)
        feeds = {name: self.values[name] for name in node.input[1:] if name}
        centre, size, radius = (
            run_node(node, {node.input[0]: array, **feeds}, self.opset).astype(np.float64)
            for array in (operand.centre, np.abs(operand.centre) + operand.radius, operand.radius)
        )
        return around(centre, size, radius, max(x.lo.size // max(centre.size, 1), window(node)) + 2)

    def is_integer(self, name: str) -> bool:
        return name in self.values and self.values[name].dtype.kind in "iu"


def window(node: onnx.NodeProto) -> int:
    """The elements of a pooling window."""
    kernel = next((a.ints for a in node.attribute if a.name == "kernel_shape"), [1])
    return int(np.prod(kernel))


def matrix(node: onnx.NodeProto, parts: list[Band]) -> Band:
    """MatMul, or Gemm with alpha = beta = 1; intervals as centre and radius."""
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if attributes.get("alpha", 1.0) != 1.0 or attributes.get("beta", 1.0) != 1.0:
        raise NotImplementedError("Gemm with factors")
    a, b = parts[0], parts[1]
    ac, ar, bc, br = a.centre, a.radius, b.centre, b.radius
    if attributes.get("transA", 0):
        ac, ar = ac.T, ar.T
    if attributes.get("transB", 0):
        bc, br = bc.T, br.T
    bias = parts[2].centre if len(parts) > 2 else np.zeros(1)
    total = ac @ bc + bias
    size = (np.abs(ac) + ar) @ (np.abs(bc) + br) + np.abs(bias)
    radius = ar @ np.abs(bc) + np.abs(ac) @ br + ar @ br
    return around(total, size, radius, ac.shape[-1] + 1)


def run_node(node: onnx.NodeProto, feeds: Mapping[str, Array], opset: int) -> Array:
    """One operator by onnx.reference, in the type of its operands."""
    kinds = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in feeds.items()}
    info = [helper.make_tensor_value_info(name, kind, feeds[name].shape) for name, kind in kinds.items()]
    out = helper.make_tensor_value_info(node.output[0], kinds[node.input[0]], None)
    graph = helper.make_graph([node], "one", info, [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    return np.asarray(ReferenceEvaluator(model).run([node.output[0]], dict(feeds))[0])


def convolve(x: Doubles, w: Doubles, attributes: Mapping[str, object]) -> Doubles:
    """Conv of NCHW x with OIHW w in float64, without bias."""
    kernel = w.shape[2:]
    strides = list(attributes.get("strides", [1, 1]))  # type: ignore[call-overload]
    dilations = list(attributes.get("dilations", [1, 1]))  # type: ignore[call-overload]
    groups = int(attributes.get("group", 1))  # type: ignore[call-overload]
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    pads = padding(x.shape[2:], reach, strides, attributes)
    padded = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    views = sliding_window_view(padded, reach, axis=(2, 3))[
        :, :, :: strides[0], :: strides[1], :: dilations[0], :: dilations[1]
    ]
    n, c, oh, ow = views.shape[:4]
    split = views.reshape(n, groups, c // groups, oh, ow, *kernel)
    weights = w.reshape(groups, w.shape[0] // groups, *w.shape[1:])
    if groups > 1:
        product = np.einsum("ngchwij,gocij->ngohw", split, weights, optimize=True)
    else:
        rows = split[:, 0].transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, -1)
        product = (rows @ weights[0].reshape(w.shape[0], -1).T).reshape(n, oh, ow, -1).transpose(0, 3, 1, 2)
    return np.asarray(product.reshape(n, w.shape[0], oh, ow))


def padding(size: tuple[int, ...], reach: list[int], strides: list[int], attributes: Mapping[str, object]) -> list[int]:
    """Top, left, bottom, right."""
    auto = attributes.get("auto_pad", b"NOTSET")
    if auto == b"NOTSET":
        return [int(p) for p in attributes.get("pads", [0, 0, 0, 0])]  # type: ignore[attr-defined]
    if auto == b"VALID":
        return [0, 0, 0, 0]
    totals = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, reach, strides, strict=True)]
    small = [t // 2 for t in totals]
    large = [t - s for t, s in zip(totals, small, strict=True)]
    return small + large if auto == b"SAME_UPPER" else large + small
