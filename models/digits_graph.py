"""A small writer of ONNX graphs in the quantise-dequantise style, for the bundled digits model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


@dataclass(frozen=True, slots=True)
class Activation:
    """An int8 tensor's name and meaning: real = scale * (q - zero_point)."""

    name: str
    scale: float
    zero_point: int


def float_range(name: str, values: np.ndarray) -> Activation:
    """Scale and zero point that cover the extremes of `values` and hold 0 exactly."""
    lo, hi = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    scale = (hi - lo) / 255
    return Activation(name, scale, round(-128 - lo / scale))


class QdqGraph:
    """Adds layers one by one; each returns the dequantised activation that the next one reads."""

    def __init__(self, name: str, image: Activation, shape: Sequence[str | int]) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._source = helper.make_tensor_value_info(image.name, TensorProto.FLOAT, shape)
        self.input = self._quantised(image.name, image)

    def conv(
        self,
        name: str,
        x: Activation,
        weights: tuple[np.ndarray, np.ndarray],
        out: Activation,
        *,
        relu: bool,
        groups: int = 1,
        stride: int = 1,
    ) -> Activation:
        """Convolution with 'same' padding; weights [oc,ic/groups,k,k] and bias [oc] as floats."""
        kernel = weights[0].shape[2]
        names = [_dq(x), *self._weights(name, x, *weights)]
        attributes = {
            "kernel_shape": [kernel, kernel],
            "pads": [kernel // 2] * 4,
            "strides": [stride, stride],
            "dilations": [1, 1],
            "group": groups,
        }
        self._node("Conv", name, names, f"{name}_conv", **attributes)
        return self._quantised(self._relu(name, f"{name}_conv") if relu else f"{name}_conv", out)

    def add(self, name: str, a: Activation, b: Activation, out: Activation) -> Activation:
        """relu(a + b)."""
        self._node("Add", name, [_dq(a), _dq(b)], f"{name}_sum")
        return self._quantised(self._relu(name, f"{name}_sum"), out)

    def pool_flatten(self, name: str, x: Activation, out: Activation) -> Activation:
        """Mean over height and width, then [n,c,1,1] to [n,c] with the same scale."""
        self._node("GlobalAveragePool", name, [_dq(x)], f"{name}_mean")
        pooled = self._quantised(f"{name}_mean", out)
        self._node("Flatten", f"{name}_flatten", [_dq(pooled)], f"{name}_rows", axis=1)
        return self._quantised(f"{name}_rows", Activation(f"{name}_flat", out.scale, out.zero_point))

    def dense(self, name: str, x: Activation, weights: tuple[np.ndarray, np.ndarray], out: Activation) -> Activation:
        """Fully connected; weights [oc,ic] and bias [oc] as floats. The dequantised output has `out`'s own name."""
        self._node("Gemm", name, [_dq(x), *self._weights(name, x, *weights)], f"{name}_gemm", transB=1)
        return self._quantised(f"{name}_gemm", out, dequantised=out.name)

    def finish(self, output: str, shape: Sequence[str | int]) -> onnx.ModelProto:
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self._nodes, self._name, [self._source], [result], self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="hwcomp-models")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model

    def _node(self, op_type: str, name: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        self._nodes.append(helper.make_node(op_type, inputs, [output], name=f"/{name}/{op_type}", **attributes))

    def _constant(self, name: str, value: np.ndarray) -> str:
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def _relu(self, name: str, x: str) -> str:
        self._node("Relu", name, [x], f"{name}_relu")
        return f"{name}_relu"

    def _quantised(self, real: str, out: Activation, dequantised: str | None = None) -> Activation:
        """Quantise the float tensor `real` as `out`, and dequantise it again for its readers."""
        scale = self._constant(f"{out.name}_scale", np.array(out.scale, np.float32))
        zero_point = self._constant(f"{out.name}_zero_point", np.array(out.zero_point, np.int8))
        self._node("QuantizeLinear", out.name, [real, scale, zero_point], f"{out.name}_q")
        self._node("DequantizeLinear", out.name, [f"{out.name}_q", scale, zero_point], dequantised or _dq(out))
        return out

    def _weights(self, name: str, x: Activation, weight: np.ndarray, bias: np.ndarray) -> list[str]:
        """Int8 weights, symmetric per output channel, and the int32 bias at scale x * w; both dequantised."""
        extremes = np.abs(weight).reshape(len(weight), -1).max(1)
        scale_w = (np.maximum(extremes, 1e-6) / 127).astype(np.float32)
        scale_b = (np.float32(x.scale) * scale_w).astype(np.float32)
        shape = (-1,) + (1,) * (weight.ndim - 1)
        quantised = np.clip(np.rint(weight / scale_w.reshape(shape)), -127, 127).astype(np.int8)
        biases = np.rint(bias.astype(np.float64) / scale_b).astype(np.int32)
        return [
            self._channels(f"{name}_weight", quantised, scale_w),
            self._channels(f"{name}_bias", biases, scale_b),
        ]

    def _channels(self, name: str, values: np.ndarray, scales: np.ndarray) -> str:
        inputs = [
            self._constant(f"{name}_q", values),
            self._constant(f"{name}_scale", scales),
            self._constant(f"{name}_zero_point", np.zeros(len(scales), values.dtype)),
        ]
        self._node("DequantizeLinear", name, inputs, f"{name}_dq", axis=0)
        return f"{name}_dq"


def _dq(x: Activation) -> str:
    return f"{x.name}_dq"
