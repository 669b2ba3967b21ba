"""TensorProto -> numpy, with every size checked before memory is taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hwcomp.frontends.onnx.refusals import MINIFLOATS
from hwcomp.frontends.onnx.source import Array, Tensor
from hwcomp.support.errors import HwcompError

MAX_ELEMENTS = 1 << 28
# ONNX type name -> (numpy type of the decoded array, bits of an element in raw data)
_TYPES: dict[str, tuple[type[np.generic], int]] = {
    "FLOAT": (np.float32, 32), "UINT8": (np.uint8, 8), "INT8": (np.int8, 8), "UINT16": (np.uint16, 16),
    "INT16": (np.int16, 16), "INT32": (np.int32, 32), "INT64": (np.int64, 64), "BOOL": (np.bool_, 8),
    "FLOAT16": (np.float16, 16), "DOUBLE": (np.float64, 64), "UINT32": (np.uint32, 32), "UINT64": (np.uint64, 64),
    "INT4": (np.int8, 4), "UINT4": (np.uint8, 4), "INT2": (np.int8, 2), "UINT2": (np.uint8, 2),
}  # fmt: skip
_REPEAT = "export the model again"


def check_size(shape: Sequence[int], at: str) -> None:
    """Raises: HWC208 a dimension is negative; HWC209 too many elements."""
    if any(size < 0 for size in shape):
        raise HwcompError("HWC208", f"shape {list(shape)} has a negative dimension", at, _REPEAT)
    if math.prod(shape) > MAX_ELEMENTS:
        raise HwcompError(
            "HWC209", f"shape {list(shape)} has more than {MAX_ELEMENTS} elements", at, "export with a smaller shape"
        )


def decode(proto: Any, folder: Path, at: str) -> Tensor:
    """A constant of the file.

    Args:
        proto: an onnx.TensorProto.
        folder: the model's folder, the only place that external data is read from.

    Raises:
        HwcompError: HWC104 type, HWC208 and HWC209 shape, HWC211 and HWC220 external data, HWC217 its bytes.
    """
    import onnx

    numbers = onnx.TensorProto.DataType
    type_name = numbers.Name(proto.data_type) if proto.data_type in numbers.values() else str(proto.data_type)
    if type_name not in _TYPES:
        fix = MINIFLOATS if type_name.startswith(("FLOAT8", "FLOAT4")) else _REPEAT
        raise HwcompError("HWC104", f"constants of type {type_name} are not supported", at, fix)
    if proto.HasField("segment"):
        raise HwcompError("HWC217", "the constant is stored in segments", at, _REPEAT)
    shape = tuple(int(d) for d in proto.dims)
    check_size(shape, at)
    if proto.data_location == onnx.TensorProto.EXTERNAL:
        array = _from_bytes(_external(proto, folder, shape, type_name, at), type_name, shape, at)
    elif proto.HasField("raw_data"):
        array = _from_bytes(proto.raw_data, type_name, shape, at)
    else:
        array = _from_fields(proto, type_name, shape, at)
    return Tensor(array, type_name)


def _bytes_of(type_name: str, shape: Sequence[int]) -> int:
    return (math.prod(shape) * _TYPES[type_name][1] + 7) // 8


def _from_bytes(data: bytes, type_name: str, shape: Sequence[int], at: str) -> Array:
    dtype, bits = _TYPES[type_name]
    wanted = _bytes_of(type_name, shape)
    if len(data) != wanted:
        raise HwcompError("HWC217", f"{type_name}{list(shape)} takes {wanted} bytes, not {len(data)}", at, _REPEAT)
    if bits < 8:
        return _unpack(np.frombuffer(data, np.uint8), bits, type_name, shape)
    return np.frombuffer(data, np.dtype(dtype).newbyteorder("<")).astype(dtype).reshape(shape)


def _unpack(packed: Array, bits: int, type_name: str, shape: Sequence[int]) -> Array:
    """Elements of 2 or 4 bits, the first in the lowest bits of a byte."""
    bytes_ = packed.astype(np.int64)
    fields = [(bytes_ >> shift) & ((1 << bits) - 1) for shift in range(0, 8, bits)]
    flat = np.stack(fields, axis=-1).reshape(-1)[: math.prod(shape)]
    if type_name.startswith("INT"):
        flat = np.where(flat >= 1 << (bits - 1), flat - (1 << bits), flat)
    return flat.astype(_TYPES[type_name][0]).reshape(shape)


def _from_fields(proto: Any, type_name: str, shape: Sequence[int], at: str) -> Array:
    dtype, bits = _TYPES[type_name]
    fields = {"FLOAT": "float_data", "DOUBLE": "double_data", "INT64": "int64_data", "UINT32": "uint64_data"}
    field = fields.get(type_name, "uint64_data" if type_name == "UINT64" else "int32_data")
    values = np.array(getattr(proto, field))
    count = math.prod(shape)
    packed = bits < 8
    wanted = _bytes_of(type_name, shape) if packed else count
    if len(values) != wanted:
        raise HwcompError("HWC217", f"{type_name}{list(shape)} holds {len(values)} elements", at, _REPEAT)
    if packed:
        return _unpack((values.astype(np.int64) & 0xFF).astype(np.uint8), bits, type_name, shape)
    if type_name == "FLOAT16":
        return values.astype(np.uint16).view(np.float16).reshape(shape)
    if np.issubdtype(dtype, np.integer) and count:
        limits = np.iinfo(np.dtype(dtype).name)
        if int(values.min()) < limits.min or int(values.max()) > limits.max:
            raise HwcompError("HWC217", f"a constant of type {type_name} holds a number outside of it", at, _REPEAT)
    return values.astype(dtype).reshape(shape)


def _external(proto: Any, folder: Path, shape: Sequence[int], type_name: str, at: str) -> bytes:
    """The bytes of a constant kept in a file beside the model; never a link, never outside of `folder`."""
    entries = {entry.key: entry.value for entry in proto.external_data}
    location = entries.get("location", "")
    path = folder / location
    parts = Path(location).parts
    outside = not location or "\0" in location or Path(location).is_absolute() or ".." in parts or "\\" in location
    if outside or any((folder / Path(*parts[: i + 1])).is_symlink() for i in range(len(parts))):
        raise HwcompError(
            "HWC211", f"external data '{location}' is not a plain file in the model's folder", at,
            "keep the data file beside the model",
        )  # fmt: skip
    wanted = _bytes_of(type_name, shape)
    offset, length = (_natural(entries.get(key, default), at) for key, default in (("offset", "0"), ("length", "-")))
    if length is not None and length != wanted:
        raise HwcompError("HWC217", f"{type_name}{list(shape)} takes {wanted} bytes, not {length}", at, _REPEAT)
    try:
        if not path.is_file() or path.stat().st_size < (offset or 0) + wanted:
            raise OSError(f"'{location}' is missing or too short")
        with path.open("rb") as file:
            file.seek(offset or 0)
            return bytes(file.read(wanted))
    except OSError as error:
        raise HwcompError("HWC220", f"external data: {error}", at, "copy the data file beside the model") from error


def _natural(text: str, at: str) -> int | None:
    if text == "-":
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise HwcompError("HWC220", f"external data at offset or length '{text}'", at, _REPEAT)
    return int(text)
