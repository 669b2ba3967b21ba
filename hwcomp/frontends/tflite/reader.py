"""Bytes to records. The file is hostile: every index, count and length is checked here or in `validate.py`."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import tflite
from numpy.typing import NDArray

from hwcomp.frontends.tflite.options import READERS, NoOptions, Options
from hwcomp.frontends.tflite.records import DType, SourceGraph, SourceModel, SourceOp, SourceTensor
from hwcomp.support.errors import HwcompError

IDENTIFIER = b"TFL3"
SCHEMA_VERSION = 3
MAX_NAME_BYTES = 1 << 14
MAX_RANK = 8
MAX_TENSORS = 1 << 16
MAX_FILE_BYTES = 1 << 28

# What flatbuffers' accessors raise where an offset leaves the file or a text is none.
_DAMAGE = (struct.error, ValueError, IndexError, TypeError, OverflowError, AttributeError, MemoryError)

_KINDS = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
_TYPE_NAMES = {value: name for name, value in vars(tflite.TensorType).items() if isinstance(value, int)}


class _DamagedError(Exception):
    """The file contradicts itself; the text says how."""


def read_model(path: Path) -> SourceModel:
    """Read a `.tflite` file.

    Raises:
        HwcompError: HWC001 unreadable, HWC201 no valid model, HWC107 another schema version, HWC209 too large,
            HWC220 data outside the file.
    """
    source = path.name
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            fix = "compile a smaller model"
            raise HwcompError("HWC209", f"the file has more than {MAX_FILE_BYTES >> 20} MiB", source, fix)
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HwcompError(
            "HWC001", f"it cannot be read: {reason}", str(path), "give the path of a .tflite file"
        ) from error
    if len(data) < 8 or data[4:8] != IDENTIFIER:
        what = "this is no TFLite file: bytes 4 to 8 are not 'TFL3'"
        raise HwcompError("HWC201", what, source, "give the .tflite file itself (not a Git LFS pointer or an archive)")
    try:
        return _read(data, source)
    except _DamagedError as error:
        raise _invalid(source, str(error)) from error
    except _DAMAGE as error:
        raise _invalid(source, "an offset leads outside of the file, or a field holds no valid value") from error


def _invalid(source: str, what: str) -> HwcompError:
    return HwcompError("HWC201", what, source, "export or download the file again: it is truncated or damaged")


def _read(data: bytes, source: str) -> SourceModel:
    model = tflite.Model.GetRootAsModel(data, 0)
    if model.Version() != SCHEMA_VERSION:
        what = f"the schema version is {model.Version()}, not {SCHEMA_VERSION}"
        raise HwcompError("HWC107", what, source, "convert the model with a current TensorFlow or LiteRT converter")
    count = _count(model.SubgraphsLength(), "subgraphs", 64)
    if count == 0:
        raise _DamagedError("the file has no subgraph")
    kinds = [_kind(model.OperatorCodes(i)) for i in range(_count(model.OperatorCodesLength(), "operator codes", 4096))]
    buffers = [_buffer(data, model.Buffers(i), source) for i in range(_count(model.BuffersLength(), "buffers"))]
    budget = _Budget(len(data))
    return SourceModel(source, tuple(_graph(model.Subgraphs(i), kinds, buffers, budget) for i in range(count)))


class _Budget:
    """Elements and letters that may still be read: never more than the file has bytes, however they overlap."""

    def __init__(self, left: int) -> None:
        self.left = left

    def vector(self, array: Any) -> NDArray[Any]:
        """A vector's numpy view; the accessors give the integer 0 for an absent one."""
        found: NDArray[Any] = np.zeros(0, np.int64) if isinstance(array, int) else array
        self.left -= found.size + 1
        if self.left < 0:
            raise _DamagedError("the vectors of the tensors and operators together are longer than the file")
        return found

    def text(self, raw: Any) -> str:
        """A name."""
        self.left -= len(raw or b"")
        return _text(raw)


def _count(length: int, what: str, most: int = MAX_TENSORS) -> int:
    if not 0 <= length <= most:
        raise _DamagedError(f"the file claims {length} {what}, more than {most}")
    return length


def _kind(code: Any) -> str:
    number = int(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))
    if _KINDS.get(number) == "CUSTOM":
        return f"CUSTOM '{_text(code.CustomCode())}'"
    return str(_KINDS.get(number, f"operator code {number}"))


def _buffer(data: bytes, buffer: Any, source: str) -> NDArray[np.uint8] | None:
    """The bytes of a buffer, in the table or behind the flatbuffer; None where it is empty."""
    if buffer.DataLength():
        return np.asarray(buffer.DataAsNumpy(), np.uint8)
    offset, size = buffer.Offset(), buffer.Size()
    if offset <= 1 or size == 0:
        return None
    if offset + size > len(data):
        what = f"a buffer lies at bytes {offset} to {offset + size} of a file of {len(data)}"
        raise HwcompError("HWC220", what, source, "give the whole file, or save the model with its data inside")
    return np.frombuffer(data, np.uint8, size, offset)


def _graph(graph: Any, kinds: list[str], buffers: list[NDArray[np.uint8] | None], budget: _Budget) -> SourceGraph:
    count = _count(graph.TensorsLength(), "tensors")
    tensors = tuple(_tensor(graph.Tensors(i), i, buffers, budget) for i in range(count))
    op_count = _count(graph.OperatorsLength(), "operators")
    ops = tuple(_op(graph.Operators(i), i, kinds, count, budget) for i in range(op_count))
    inputs = _indices(budget.vector(graph.InputsAsNumpy()), count, "the inputs", False)
    outputs = _indices(budget.vector(graph.OutputsAsNumpy()), count, "the outputs", False)
    return SourceGraph(_text(graph.Name()), tensors, ops, inputs, outputs)


def _tensor(tensor: Any, index: int, buffers: list[NDArray[np.uint8] | None], budget: _Budget) -> SourceTensor:
    if _count(tensor.ShapeLength(), f"dimensions of tensor {index}", 1 << 20) > MAX_RANK:
        raise _DamagedError(f"tensor {index} has {tensor.ShapeLength()} dimensions, more than {MAX_RANK}")
    if not 0 <= tensor.Buffer() < len(buffers):
        raise _DamagedError(f"tensor {index} names buffer {tensor.Buffer()} of {len(buffers)}")
    quantization = tensor.Quantization()
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    axis, unsupported = 0, "sparse storage" if tensor.Sparsity() is not None else ""
    if quantization is not None:
        scales = tuple(float(s) for s in budget.vector(quantization.ScaleAsNumpy()))
        zero_points = tuple(int(z) for z in budget.vector(quantization.ZeroPointAsNumpy()))
        axis = int(quantization.QuantizedDimension())
        unsupported = unsupported or ("custom quantisation" if quantization.DetailsType() else "")
    type_name = _TYPE_NAMES.get(tensor.Type(), f"type {tensor.Type()}")
    name = budget.text(tensor.Name()) or f"tensor{index}"
    shape = tuple(int(d) for d in budget.vector(tensor.ShapeAsNumpy()))
    dtype = _DTYPES.get(type_name, DType.OTHER)
    raw = buffers[int(tensor.Buffer())]
    if raw is None and dtype.integer is not None and 0 in shape and not tensor.IsVariable():
        raw = np.zeros(0, np.uint8)
    return SourceTensor(
        index,
        name,
        shape,
        dtype,
        type_name.lower(),
        scales,
        zero_points,
        axis,
        raw,
        bool(tensor.IsVariable()),
        unsupported,
    )


_DTYPES = {item.name: item for item in DType if item is not DType.OTHER}


def _op(op: Any, index: int, kinds: list[str], tensors: int, budget: _Budget) -> SourceOp:
    if not 0 <= op.OpcodeIndex() < len(kinds):
        raise _DamagedError(f"operator {index} names operator code {op.OpcodeIndex()} of {len(kinds)}")
    kind, where = kinds[int(op.OpcodeIndex())], f"operator {index}"
    return SourceOp(
        index,
        kind,
        _indices(budget.vector(op.InputsAsNumpy()), tensors, where, True),
        _indices(budget.vector(op.OutputsAsNumpy()), tensors, where, False),
        _indices(budget.vector(op.IntermediatesAsNumpy()), tensors, where, True),
        _options(op, kind, where),
    )


def _options(op: Any, kind: str, where: str) -> Options:
    reader = READERS.get(kind)
    if reader is None:
        return NoOptions()
    table = op.BuiltinOptions()
    parsed = reader.table()
    if table is None:
        parsed.Init(*_EMPTY_TABLE)
    elif op.BuiltinOptionsType() != reader.tag:
        raise _DamagedError(f"{where} ({kind}) has options of another operator")
    else:
        parsed.Init(table.Bytes, table.Pos)
    return reader.make(parsed)


def _empty_table() -> tuple[bytes, int]:
    """A table without any field, so that every accessor gives its default."""
    builder = flatbuffers.Builder(16)
    builder.StartObject(0)
    builder.Finish(builder.EndObject())
    data = bytes(builder.Output())
    return data, struct.unpack_from("<I", data, 0)[0]


_EMPTY_TABLE = _empty_table()


def _indices(array: NDArray[Any], tensors: int, where: str, optional: bool) -> tuple[int, ...]:
    indices = tuple(int(i) for i in array)
    if any(not (0 <= i < tensors or (optional and i == -1)) for i in indices):
        raise _DamagedError(f"{where} names a tensor that is not among the {tensors} of its subgraph")
    return indices


def _text(raw: Any) -> str:
    if raw is None:
        return ""
    if len(raw) > MAX_NAME_BYTES:
        raise _DamagedError(f"a name has {len(raw)} bytes")
    if 0 in raw:
        raise _DamagedError("a name holds a NUL")
    return bytes(raw).decode("utf-8", "replace")
