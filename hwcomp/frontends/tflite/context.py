"""`Context`: what the handlers share while a subgraph becomes a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from hwcomp.frontends.tflite.options import Activation
from hwcomp.frontends.tflite.records import DType, Reference, SourceModel, SourceOp, SourceTensor, short
from hwcomp.frontends.tflite.scales import activation_range
from hwcomp.ir.builder import Builder
from hwcomp.ir.op import Op
from hwcomp.ir.ops.layout import Gather, Reshape
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.types import IntArray, IntType, TensorType
from hwcomp.support.errors import HwcompError

MAX_TABLE_CHANNELS = 1 << 12
"""Channels that may have a table each; 256 bytes for every one."""


@dataclass(slots=True)
class Context:
    """The graph so far.

    `values` maps a tensor's index to its value; `variables` a resource tensor's index to its state's name; `initials` a
    state's name to its constant, `written` to the value last assigned to it; `constants` a tensor's index to its value.
    """

    model: SourceModel
    reference: Reference
    builder: Builder
    values: dict[int, str] = field(default_factory=dict)
    variables: dict[int, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    initials: dict[str, SourceTensor] = field(default_factory=dict)
    constants: dict[int, str] = field(default_factory=dict)

    @property
    def tensors(self) -> tuple[SourceTensor, ...]:
        return self.model.graphs[0].tensors

    def fail(self, op: SourceOp, code: str, what: str, fix: str) -> NoReturn:
        """Raise a problem at `op`."""
        raise HwcompError(code, what, self.model.at(op), fix)

    def tensor(self, op: SourceOp, position: int) -> SourceTensor:
        """The operator's input; HWC218 where it is absent."""
        if position >= len(op.inputs) or op.inputs[position] < 0:
            self.fail(op, "HWC218", f"input {position} is missing", "export the model again")
        return self.tensors[op.inputs[position]]

    def optional(self, op: SourceOp, position: int) -> SourceTensor | None:
        """The operator's input, or None."""
        absent = position >= len(op.inputs) or op.inputs[position] < 0
        return None if absent else self.tensors[op.inputs[position]]

    def output(self, op: SourceOp, position: int = 0) -> SourceTensor:
        """The operator's output; HWC218 where it is absent."""
        if position >= len(op.outputs):
            self.fail(op, "HWC218", f"output {position} is missing", "export the model again")
        return self.tensors[op.outputs[position]]

    def activation(self, op: SourceOp, position: int, types: Sequence[DType] = (DType.INT8, DType.UINT8)) -> str:
        """The value of a quantised input (a constant becomes one); its type must be among `types`."""
        tensor = self.tensor(op, position)
        self.require_quantized(op, tensor, types)
        return self.value_of(tensor)

    def value_of(self, tensor: SourceTensor) -> str:
        """The value that equals a tensor."""
        if tensor.index in self.values:
            return self.values[tensor.index]
        assert tensor.is_constant and tensor.dtype.integer is not None, tensor.name
        if tensor.index not in self.constants:
            name = self.builder.constant(tensor.name, tensor.data(), tensor.dtype.integer)
            self.constants[tensor.index] = name
        return self.constants[tensor.index]

    def require_quantized(
        self, op: SourceOp, tensor: SourceTensor, types: Sequence[DType] = (DType.INT8, DType.UINT8)
    ) -> None:
        """Refuse floats (HWC103), other types (HWC104), activations without or with several scales (HWC103)."""
        if tensor.dtype is DType.FLOAT32:
            fix = "quantise the whole model to int8 (full integer quantisation with a representative data set)"
            self.fail(op, "HWC103", f"'{short(tensor.name)}' is float32", fix)
        if tensor.dtype not in types:
            names = ", ".join(t.value for t in types)
            what = f"'{short(tensor.name)}' is {tensor.dtype_name}; read are {names}"
            self.fail(op, "HWC104", what, "quantise to int8")
        if len(tensor.scales) != 1:
            what = f"'{short(tensor.name)}' has {len(tensor.scales)} scales, an activation has one"
            self.fail(op, "HWC103", what, "quantise the whole model to int8")

    def constant(self, op: SourceOp, position: int, types: Sequence[DType]) -> IntArray:
        """The integers of a constant input; HWC108 where it is computed, HWC104 where it is of another type."""
        tensor = self.tensor(op, position)
        if not tensor.is_constant:
            fix = "export the model with this input folded to a constant"
            self.fail(op, "HWC108", f"'{short(tensor.name)}' is computed at run time, it must be a constant", fix)
        if tensor.dtype not in types:
            names = ", ".join(t.value for t in types)
            what = f"'{short(tensor.name)}' is {tensor.dtype_name}; read are {names}"
            self.fail(op, "HWC104", what, "export it again")
        return tensor.data()

    def integers(self, op: SourceOp, position: int) -> list[int]:
        """A small constant of int32 or int64 (axes, sizes, indices), flat."""
        return [int(v) for v in self.constant(op, position, (DType.INT32, DType.INT64)).reshape(-1)]

    def dtype(self, tensor: SourceTensor) -> IntType:
        """The integer type of a quantised tensor."""
        assert tensor.dtype.integer is not None, tensor.name
        return tensor.dtype.integer

    def clamp(self, op: SourceOp, activation: Activation, y: SourceTensor) -> tuple[int, int]:
        """The range of a fused activation; HWC101 for those that are no clamps or that no level satisfies."""
        if activation in (Activation.TANH, Activation.SIGN_BIT):
            fix = "export the activation as an operator of its own"
            self.fail(op, "HWC101", f"the fused activation {activation.name} is not lowered", fix)
        lo, hi = activation_range(activation, y, self.dtype(y))
        if lo > hi:
            what = f"no level of '{short(y.name)}' lies in the range of {activation.name}"
            self.fail(op, "HWC207", what, "calibrate again: scale and zero point exclude the activation's range")
        return lo, hi

    def at(self, op: SourceOp, wanted: str, *inputs: str) -> dict[str, Any]:
        """The fields that every `Op` has."""
        return {"name": wanted, "inputs": inputs, "outputs": (wanted,), "loc": self.model.location(op)}

    def add(self, op: Op) -> str:
        """Append an operator of one output; returns its value."""
        return self.builder.add1(op)

    def bind(self, op: SourceOp, tensor: SourceTensor, value: str) -> None:
        """State that `value` equals `tensor`; shape and type are checked against the file's."""
        got = self.builder.value(value)
        if got.shape != tensor.shape:
            what = f"'{short(tensor.name)}' has shape {list(tensor.shape)}, the operator gives {list(got.shape)}"
            self.fail(op, "HWC214", what, "export the model again: the file's shapes contradict each other")
        dtype = tensor.dtype.integer
        if dtype is None or not got.range.fits(dtype):
            what = f"'{short(tensor.name)}' is {tensor.dtype_name}, which the operator's {got.type.dtype} does not fit"
            self.fail(op, "HWC104", what, "export the model again with int8 activations")
        self.values[tensor.index] = value

    def lut(self, op: SourceOp, wanted: str, x: str, table: IntArray, dtype: IntType) -> str:
        """y = table[x - x's lowest level]; table [levels] or [channels, levels]."""
        name = self.builder.constant(f"{wanted}/table", table, dtype)
        return self.add(Lut(**self.at(op, wanted, x, name), input_min=self.builder.value(x).type.dtype.min))

    def broadcast(self, op: SourceOp, x: str, shape: Sequence[int]) -> str:
        """x repeated to `shape` as numpy broadcasts; a constant is repeated in place."""
        value = self.builder.value(x)
        if value.shape == tuple(shape):
            return x
        if value.data is not None:
            return self.builder.constant(f"{x}/wide", np.broadcast_to(value.data, shape), value.type.dtype)
        aligned = (1,) * (len(shape) - len(value.shape)) + value.shape
        if aligned != value.shape:
            x = self.add(Reshape(**self.at(op, f"{x}/aligned", x), shape=aligned))
        for axis, (have, want) in enumerate(zip(aligned, shape, strict=True)):
            if have != want:
                x = self.add(Gather(**self.at(op, f"{x}/wide", x), axis=axis, indices=(0,) * want))
        return x

    def levels(self, tensor: SourceTensor) -> IntArray:
        """All values of an 8-bit tensor's type, ascending."""
        dtype = self.dtype(tensor)
        return np.arange(dtype.min, dtype.max + 1, dtype=np.int64)

    def type_of(self, tensor: SourceTensor) -> TensorType:
        """The IR's type of a quantised tensor."""
        return TensorType(tensor.shape, self.dtype(tensor))
