"""What a TFLite file says, as frozen records: the only form in which the handlers see the model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from hwcomp.frontends.tflite.options import Options
from hwcomp.ir.types import S8, S16, S32, S64, U8, IntArray, IntType, Location


class Reference(Enum):
    """Whose kernels the integers follow: TFLite-Micro's or LiteRT's reference kernels."""

    TFLM = "tflm"
    LITERT = "litert"


class DType(Enum):
    """Element types that appear in models this front end reads, by the name numpy gives them."""

    FLOAT32 = "float32"
    INT4 = "int4"
    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    RESOURCE = "resource"
    OTHER = "other"

    @property
    def integer(self) -> IntType | None:
        """The IR's type, None for what is no integer."""
        return _INTEGERS.get(self)

    @property
    def bytes(self) -> int:
        """Bytes of one element; 0 for `OTHER`, `RESOURCE` and the packed `INT4`."""
        return _BYTES.get(self, 0)


_INTEGERS = {
    DType.INT4: IntType(4, True),
    DType.INT8: S8,
    DType.UINT8: U8,
    DType.INT16: S16,
    DType.INT32: S32,
    DType.INT64: S64,
}
_BYTES = {DType.FLOAT32: 4, DType.INT8: 1, DType.UINT8: 1, DType.INT16: 2, DType.INT32: 4, DType.INT64: 8}


@dataclass(frozen=True, slots=True, eq=False)
class SourceTensor:
    """A tensor of a subgraph. `raw` are its bytes when it is a constant; scales are float32 values, held exactly.

    `unsupported` names a quantisation or storage form that is not read (block-wise, sparse), "" where there is none.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: DType
    dtype_name: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int
    raw: NDArray[np.uint8] | None
    is_variable: bool
    unsupported: str

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def is_constant(self) -> bool:
        return self.raw is not None

    @property
    def scale(self) -> float:
        """The scale of a tensor that has one."""
        return self.scales[0]

    @property
    def zero_point(self) -> int:
        return self.zero_points[0] if self.zero_points else 0

    def data(self) -> IntArray:
        """The constant's integers, int64, in its shape; int4 is unpacked (low half first)."""
        assert self.raw is not None and self.dtype.integer is not None
        if self.dtype is DType.INT4:
            halves = np.stack([self.raw & 15, self.raw >> 4], axis=1).reshape(-1)[: self.size].astype(np.int64)
            return np.where(halves > 7, halves - 16, halves).reshape(self.shape)
        return np.frombuffer(self.raw, f"<{_NUMPY[self.dtype]}").astype(np.int64).reshape(self.shape)


_NUMPY = {DType.INT8: "i1", DType.UINT8: "u1", DType.INT16: "i2", DType.INT32: "i4", DType.INT64: "i8"}


@dataclass(frozen=True, slots=True)
class SourceOp:
    """An operator: the schema's name of its kind, indices of its tensors (-1 for an absent optional input).

    `intermediates` are tensors that only carry the scales of values inside of the operator (LSTM).
    """

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    intermediates: tuple[int, ...]
    options: Options


@dataclass(frozen=True, slots=True)
class SourceGraph:
    """A subgraph."""

    name: str
    tensors: tuple[SourceTensor, ...]
    ops: tuple[SourceOp, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourceModel:
    """A file: `source` is its name as the user knows it; subgraph 0 is the model, operators call the others."""

    source: str
    graphs: tuple[SourceGraph, ...]

    def location(self, op: SourceOp, graph: int = 0) -> Location:
        """Where an operator stands: TFLite's have no names, so it bears that of its first output, else its index."""
        tensors = self.graphs[graph].tensors
        named = next((tensors[i].name for i in (*op.outputs, *op.inputs) if 0 <= i < len(tensors)), "")
        return Location(self.source, named or f"#{op.index}", op.kind)

    def at(self, op: SourceOp) -> str:
        """The same for an error: with the operator's number, and a name that a line holds."""
        loc = self.location(op)
        return f"{self.source}: operator {op.index}, {loc.op_type} '{short(loc.node)}'"


def short(name: str) -> str:
    """A name of at most 64 letters: converters join the names of all that they fused."""
    return name if len(name) <= 64 else f"{name[:30]}...{name[-31:]}"
