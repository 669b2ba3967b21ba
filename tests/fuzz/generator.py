"""Random quantised ONNX graphs (QDQ): every operator the front end lowers, odd shapes, int8 and uint8, all from a seed.

Every quantised tensor is a graph output too, so that a comparison sees all intermediates in the source's own layout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 19
ELEMENT = {np.dtype(np.int8): TensorProto.INT8, np.dtype(np.uint8): TensorProto.UINT8}


def run_onnxruntime(model: onnx.ModelProto, feeds: dict[str, NDArray[np.generic]]) -> list[NDArray[np.generic]]:
    """The model's outputs by ONNX Runtime with its graph optimisations off: each operator runs as it is written."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [np.asarray(array) for array in session.run(None, feeds)]


@dataclass
class Tensor:
    """A quantised tensor of the graph under construction, with sample values to calibrate what follows."""

    name: str
    scale: np.float32
    zero: int
    dtype: np.dtype[np.generic]
    sample: NDArray[np.generic]  # integers

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.sample.shape)

    def real(self) -> NDArray[np.float32]:
        return (self.sample.astype(np.int32) - self.zero).astype(np.float32) * self.scale


@dataclass
class Drawn:
    """A finished graph: the model, its inputs, and for each output the operator that made it and of which tensors."""

    model: onnx.ModelProto
    inputs: dict[str, NDArray[np.generic]]
    made_by: dict[str, str]
    parents: dict[str, tuple[str, ...]]
    exact_float: bool
    """Whether all scales are powers of two: then float32 convolutions are exact in any order."""


@dataclass
class Drawer:
    """Draws one graph."""

    rng: np.random.Generator
    exact_float: bool
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initializers: list[onnx.TensorProto] = field(default_factory=list)
    pool: list[Tensor] = field(default_factory=list)
    made_by: dict[str, str] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    count: int = 0

    def name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}/{self.count}"

    def integer(self, low: int, high: int) -> int:
        """Uniform in [low, high]."""
        return int(self.rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def constant(self, array: NDArray[np.generic], stem: str = "c") -> str:
        name = self.name(stem)
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op: str, inputs: list[str], outputs: int = 1, **attributes: object) -> list[str]:
        names = [self.name(op.lower()) for _ in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=self.name(f"node_{op}"), **attributes))
        return names

    def scale_for(self, real: NDArray[np.float32], bits_span: float) -> np.float32:
        """A scale that fits most of `real` into the type, at times too small so that it saturates."""
        peak = max(float(np.abs(real[np.isfinite(real)]).max(initial=0.0)), 1e-3)
        wanted = peak / bits_span * float(self.rng.uniform(0.6, 1.5))
        return np.float32(2.0 ** np.round(np.log2(wanted))) if self.exact_float else np.float32(wanted)

    def draw_type(self) -> tuple[np.dtype[np.generic], int]:
        """An element type and a zero point in it, at times at an end."""
        dtype = np.dtype(np.int8) if self.chance(0.5) else np.dtype(np.uint8)
        info = np.iinfo(dtype)
        zero = int(
            self.rng.choice([info.min, info.max, (info.min + info.max + 1) // 2, self.integer(info.min, info.max)])
        )
        return dtype, zero

    def dequantize(self, tensor: Tensor) -> str:
        zero = self.constant(np.array(tensor.zero, tensor.dtype), "zp")
        scale = np.array([tensor.scale]) if self.chance(0.1) else np.array(tensor.scale)
        if scale.ndim:
            zero = self.constant(np.array([tensor.zero], tensor.dtype), "zp")
        return self.node("DequantizeLinear", [tensor.name, self.constant(scale, "s"), zero])[0]

    def quantize(self, op: str, real_name: str, real: NDArray[np.float32], parents: list[Tensor]) -> None:
        """Close a float tensor with QuantizeLinear and put the result into the pool."""
        scale = self.scale_for(real, 127.0 if self.chance(0.8) else 255.0)
        # A zero point at an end can saturate everything, which tests nothing that follows: then another one.
        for _ in range(4):
            dtype, zero = self.draw_type()
            info = np.iinfo(dtype)
            sample = np.clip(np.rint(real / scale) + zero, info.min, info.max).astype(dtype)
            if sample.size == 1 or sample.min() < sample.max():
                break
        zero_name = self.constant(np.array(zero, dtype), "zp")
        out = self.node("QuantizeLinear", [real_name, self.constant(np.array(scale), "s"), zero_name])[0]
        self.pool.append(Tensor(out, scale, zero, dtype, sample))
        self.made_by[out] = op
        self.parents[out] = tuple(p.name for p in parents)

    def evaluate(
        self, op: str, inputs: list[tuple[str, NDArray[np.generic]]], outputs: int, **attributes: object
    ) -> list[NDArray[np.float32]]:
        """What one float operator gives on the sample values."""
        names = [f"o{i}" for i in range(outputs)]
        node = helper.make_node(op, [name for name, _ in inputs], names, **attributes)
        feeds = {name: np.asarray(array) for name, array in inputs if name}
        graph = helper.make_graph(
            [node],
            "one",
            [
                helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
                for n, a in feeds.items()
            ],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
        return [np.asarray(a, np.float32) for a in run_onnxruntime(model, feeds)]

    def apply(
        self,
        op: str,
        tensors: list[Tensor],
        constants: list[NDArray[np.generic] | None] | None = None,
        outputs: int = 1,
        **attributes: object,
    ) -> None:
        """DequantizeLinear, one float operator, QuantizeLinear for each output."""
        names: list[str] = [self.dequantize(t) for t in tensors]
        feeds: list[tuple[str, NDArray[np.generic]]] = [(f"x{i}", t.real()) for i, t in enumerate(tensors)]
        for i, array in enumerate(constants or []):
            names.append("" if array is None else self.constant(array))
            feeds.append(("" if array is None else f"k{i}", np.zeros(0) if array is None else array))
        results = self.node(op, names, outputs, **attributes)
        reals = self.evaluate(op, feeds, outputs, **attributes)
        for name, real in zip(results, reals, strict=True):
            if self.chance(0.2) and op not in ("Softmax", "LogSoftmax"):
                name, real = self.activate(name, real)
            self.quantize(op, name, real, tensors)

    def activate(self, name: str, real: NDArray[np.float32]) -> tuple[str, NDArray[np.float32]]:
        """A Relu or a Clip behind the operator, before it is quantised."""
        if self.chance(0.5):
            return self.node("Relu", [name])[0], np.maximum(real, np.float32(0))
        low, high = np.float32(0.0), np.float32(6.0)
        clipped = self.node("Clip", [name, self.constant(low), self.constant(high)])[0]
        return clipped, np.clip(real, low, high)

    def pick(self, accept: Callable[[Tensor], bool] = lambda t: True) -> Tensor | None:
        """A tensor of the pool, the newest more often."""
        found = [t for t in self.pool if accept(t)]
        if not found:
            return None
        return found[-1] if self.chance(0.6) else found[self.integer(0, len(found) - 1)]

    def weights(
        self, shape: tuple[int, ...], input_scale: np.float32, axis: int
    ) -> tuple[str, str, NDArray[np.float32], NDArray[np.float32]]:
        """Quantised weights and an int32 bias, dequantised in the graph: (w name, b name, w real, b real)."""
        per_channel = self.chance(0.6)
        channels = shape[axis]
        fan = max(int(np.prod(shape)) // max(channels, 1), 1)
        raw = self.rng.uniform(0.5, 1.5, channels if per_channel else 1) / (127.0 * np.sqrt(fan))
        scale = np.asarray(2.0 ** np.round(np.log2(raw)) if self.exact_float else raw, np.float32)
        dtype = np.dtype(np.int8) if per_channel or self.chance(0.6) else np.dtype(np.uint8)
        info = np.iinfo(dtype)
        zero = 0 if dtype == np.int8 else self.integer(100, 156)
        w = self.rng.integers(info.min, info.max + 1, shape).astype(dtype)
        lay = [1] * len(shape)
        lay[axis] = -1
        w_real = (w.astype(np.int32) - zero).astype(np.float32) * (scale.reshape(lay) if per_channel else scale[0])
        parameters = scale if per_channel else np.array(scale[0])
        zeros = np.full(parameters.shape, zero, dtype)
        inputs = [self.constant(w, "w"), self.constant(parameters, "s"), self.constant(zeros, "zp")]
        attributes = {"axis": axis} if per_channel else {}
        w_name = self.node("DequantizeLinear", inputs, **attributes)[0]
        b = self.rng.integers(-3000, 3000, channels).astype(np.int32)
        b_scale = np.float32(input_scale) * (scale if per_channel else np.repeat(scale, channels))
        b_scale = b_scale.astype(np.float32)
        shared = b_scale if per_channel else np.array(b_scale[0])
        inputs = [
            self.constant(b, "b"),
            self.constant(shared, "s"),
            self.constant(np.zeros(shared.shape, np.int32), "zp"),
        ]
        b_name = self.node("DequantizeLinear", inputs, **({"axis": 0} if per_channel else {}))[0]
        return w_name, b_name, w_real, b.astype(np.float32) * b_scale
