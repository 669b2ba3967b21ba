"""Small TFLite models made for the tests, and the runtimes that they are compared with."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray

from tests.resources import package


def required(name: str) -> ModuleType:
    """Import a package that the comparison needs; its absence skips the tests, and fails them in CI."""
    package(name.split(".")[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


NUMPY = {
    "int8": np.int8,
    "uint8": np.uint8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "float32": np.float32,
}


@dataclass(frozen=True)
class T:
    """A tensor; `data` makes it a constant."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "int8"
    scale: float | Sequence[float] | None = None
    zero: int | Sequence[int] = 0
    axis: int = 0
    data: NDArray[Any] | None = None
    variable: bool = False


@dataclass(frozen=True)
class O:  # noqa: E742  an operator
    """An operator: kind, names of tensors ("" for none), and the fields of its options table."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    table: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    intermediates: tuple[str, ...] = ()


@dataclass(frozen=True)
class G:
    """A subgraph."""

    tensors: tuple[T, ...]
    ops: tuple[O, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def build(*graphs: G) -> bytes:
    """The flatbuffer of a model with these subgraphs."""
    s = required("ai_edge_litert.schema_py_generated")
    model = s.ModelT()
    model.version, model.description = 3, b"hwcomp test"
    model.buffers, model.operatorCodes, model.subgraphs = [s.BufferT()], [], []
    codes: dict[str, int] = {}
    for graph in graphs:
        model.subgraphs.append(_subgraph(s, model, graph, codes))
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _subgraph(s: Any, model: Any, graph: G, codes: dict[str, int]) -> Any:
    sub, places = s.SubGraphT(), {"": -1}
    sub.name, sub.tensors, sub.operators = b"main", [], []
    for tensor in graph.tensors:
        places[tensor.name] = len(sub.tensors)
        sub.tensors.append(_tensor(s, model, tensor))
    for op in graph.ops:
        if op.kind not in codes:
            code = s.OperatorCodeT()
            code.builtinCode = getattr(s.BuiltinOperator, op.kind)
            code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), 1
            codes[op.kind] = len(model.operatorCodes)
            model.operatorCodes.append(code)
        made = s.OperatorT()
        made.opcodeIndex = codes[op.kind]
        made.inputs, made.outputs = [places[n] for n in op.inputs], [places[n] for n in op.outputs]
        made.intermediates = [places[n] for n in op.intermediates]
        if op.table:
            made.builtinOptionsType = getattr(s.BuiltinOptions, op.table)
            made.builtinOptions = getattr(s, op.table + "T")()
            for key, value in op.fields.items():
                assert hasattr(made.builtinOptions, key), key
                setattr(made.builtinOptions, key, value)
        sub.operators.append(made)
    sub.inputs, sub.outputs = [places[n] for n in graph.inputs], [places[n] for n in graph.outputs]
    return sub


def _tensor(s: Any, model: Any, tensor: T) -> Any:
    made = s.TensorT()
    made.name, made.shape = tensor.name.encode(), list(tensor.shape)
    made.type = getattr(s.TensorType, tensor.dtype.upper())
    made.isVariable, made.buffer = tensor.variable, 0
    if tensor.data is not None:
        buffer = s.BufferT()
        if tensor.dtype == "int4":
            flat = (tensor.data.astype(np.int64).reshape(-1) & 15).astype(np.uint8)
            flat = np.append(flat, np.zeros(flat.size % 2, np.uint8))
            raw = (flat[::2] | (flat[1::2] << 4)).astype(np.uint8)
        else:
            raw = np.frombuffer(tensor.data.astype(NUMPY[tensor.dtype]).tobytes(), np.uint8)
        buffer.data = raw
        made.buffer = len(model.buffers)
        model.buffers.append(buffer)
    if tensor.scale is not None:
        q = s.QuantizationParametersT()
        scales = [tensor.scale] if isinstance(tensor.scale, float) else list(tensor.scale)
        zeros = [tensor.zero] * len(scales) if isinstance(tensor.zero, int) else list(tensor.zero)
        q.scale, q.zeroPoint, q.quantizedDimension = scales, zeros, tensor.axis
        made.quantization = q
    return made


class LiteRT:
    """LiteRT's reference kernels; every tensor can be read afterwards."""

    def __init__(self, model: bytes) -> None:
        interpreter = required("ai_edge_litert.interpreter")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.runtime = interpreter.Interpreter(
                model_content=model,
                experimental_op_resolver_type=interpreter.OpResolverType.BUILTIN_REF,
                experimental_preserve_all_tensors=True,
            )
        self.runtime.allocate_tensors()

    def run(self, inputs: Sequence[NDArray[Any]], names: Collection[str] = ()) -> dict[str, NDArray[Any]]:
        """One inference; the tensors with these names (reading a resource would crash the interpreter)."""
        for detail, array in zip(self.runtime.get_input_details(), inputs, strict=True):
            self.runtime.set_tensor(detail["index"], array.astype(detail["dtype"]))
        self.runtime.invoke()
        details = [d for d in self.runtime.get_tensor_details() if d["name"] in names]
        return {detail["name"]: self.runtime.get_tensor(detail["index"]) for detail in details}

    def outputs(self) -> list[NDArray[Any]]:
        return [self.runtime.get_tensor(d["index"]) for d in self.runtime.get_output_details()]


class Micro:
    """TFLite-Micro."""

    def __init__(self, model: bytes) -> None:
        runtime = required("tflite_micro").runtime
        self.runtime = runtime.Interpreter.from_bytes(model, arena_size=1 << 22)

    def run(self, inputs: Sequence[NDArray[Any]]) -> None:
        """One inference."""
        for index, array in enumerate(inputs):
            detail = self.runtime.get_input_details(index)
            self.runtime.set_input(array.astype(detail["dtype"]), index)
        self.runtime.invoke()

    def output(self, index: int) -> NDArray[Any]:
        return self.runtime.get_output(index)


def save(folder: Path, model: bytes, name: str = "net.tflite") -> Path:
    """The model as a file."""
    path = folder / name
    path.write_bytes(model)
    return path
