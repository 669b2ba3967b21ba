"""Small quantised ONNX models, what ONNX Runtime (optimisation off) makes of them, and what the imported graph does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hwcomp.frontends import onnx as front_end
from hwcomp.ir.graph import Graph, Interpreter

TYPES = {
    np.dtype(np.int8): TensorProto.INT8,
    np.dtype(np.uint8): TensorProto.UINT8,
    np.dtype(np.int16): TensorProto.INT16,
    np.dtype(np.uint16): TensorProto.UINT16,
    np.dtype(np.int32): TensorProto.INT32,
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.int64): TensorProto.INT64,
}


class Net:
    """Collects nodes and constants of a model; every method returns the name of what it made."""

    def __init__(self, opset: int = 13, microsoft: bool = False) -> None:
        self.opset, self.microsoft = opset, microsoft
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.arrays: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {}
        self.count = 0

    def name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def constant(self, array: np.ndarray | Sequence[float] | float, dtype: Any = None) -> str:
        name = self.name("c")
        self.constants.append(numpy_helper.from_array(np.array(array, dtype), name))
        return name

    def input(self, shape: Sequence[int | str], dtype: Any) -> str:
        name = self.name("x")
        kind = TYPES[np.dtype(dtype)]
        self.inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        self.arrays[name] = (tuple(1 if isinstance(s, str) else s for s in shape), np.dtype(dtype))
        return name

    def node(self, op: str, inputs: Sequence[str], outputs: int = 1, domain: str = "", **attributes: Any) -> Any:
        names = [self.name("t") for _ in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=f"n_{names[0]}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def q(self, x: str, scale: Any, zero: Any, dtype: Any = np.int8, **attributes: Any) -> str:
        scales = self.constant(np.array(scale, np.float32))
        return self.node("QuantizeLinear", [x, scales, self.constant(np.array(zero, dtype))], **attributes)

    def dq(self, x: str, scale: Any, zero: Any, dtype: Any = np.int8, **attributes: Any) -> str:
        scales = self.constant(np.array(scale, np.float32))
        return self.node("DequantizeLinear", [x, scales, self.constant(np.array(zero, dtype))], **attributes)

    def active(self, shape: Sequence[int | str], scale: float, zero: int, dtype: Any = np.int8) -> str:
        """A dequantised input."""
        return self.dq(self.input(shape, dtype), scale, zero, dtype)

    def weights(self, levels: np.ndarray, scale: Any, zero: Any = None, axis: int = 0) -> str:
        zeros = np.zeros(np.shape(scale), levels.dtype) if zero is None else zero
        attributes = {"axis": axis} if np.ndim(scale) else {}
        return self.dq(self.constant(levels), scale, zeros, levels.dtype, **attributes)

    def output(self, name: str, dtype: Any = np.int8) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, TYPES[np.dtype(dtype)], None))

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "net", self.inputs, self.outputs, self.constants)
        domains = [helper.make_opsetid("", self.opset)]
        if self.microsoft:
            domains.append(helper.make_opsetid("com.microsoft", 1))
        return helper.make_model(graph, opset_imports=domains, ir_version=9)

    def save(self, folder: Path) -> Path:
        path = folder / "net.onnx"
        path.write_bytes(self.model().SerializeToString())
        return path

    def samples(self, seed: int) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(seed)
        found = {}
        for name, (shape, dtype) in self.arrays.items():
            if dtype.kind == "f":
                found[name] = rng.normal(0, 1.5, shape).astype(dtype)
            else:
                limits = np.iinfo(dtype)
                found[name] = rng.integers(limits.min, limits.max + 1, shape, dtype=dtype)
        return found


def ort_outputs(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Outputs of ONNX Runtime with its graph optimisation off."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, dict(feeds))


def reference_outputs(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Outputs of onnx.reference."""
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run(None, dict(feeds))


def graph_outputs(graph: Graph, feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Outputs of the imported graph, ports quantised and dequantised as QuantizeLinear and DequantizeLinear do."""
    ready = {}
    for port in graph.inputs:
        value, border = graph.values[port.value], port.quantizer
        array = feeds[port.name]
        if border is not None:
            array = np.rint(array / np.float32(border.scale)) + border.zero_point
            array = np.clip(array, value.type.dtype.min, value.type.dtype.max)
        ready[port.name] = array.astype(np.int64)
    found = Interpreter(graph).run(ready)
    constants = {v.name: v.data for v in graph.constants()}
    results = []
    for port in graph.outputs:
        array = found[port.value] if port.value in found else constants[port.value]
        if port.quantizer is not None:
            array = (array - port.quantizer.zero_point).astype(np.float32) * np.float32(port.quantizer.scale)
        results.append(array)
    return results


def read(net: Net, folder: Path, reference: str = "onnx") -> Graph:
    return front_end.read(net.save(folder), reference)


def differing(net: Net, folder: Path, reference: str = "onnx", rounds: int = 3) -> tuple[int, int]:
    """(outputs that differ from ONNX Runtime, outputs) over `rounds` random inputs; shapes must agree."""
    graph = read(net, folder, reference)
    model, wrong, total = net.model(), 0, 0
    for seed in range(rounds):
        feeds = net.samples(seed)
        for got, wanted in zip(graph_outputs(graph, feeds), ort_outputs(model, feeds), strict=True):
            assert got.shape == wanted.shape, f"{got.shape} is not {wanted.shape}"
            wrong += int((got != wanted).sum())
            total += got.size
    return wrong, total
