"""The files through which firmware/runtime/harness.c and we talk: rows of inputs and outputs, traces, the report."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Manifest, Port, TracedValue, element_type

INPUT_FILE = "inputs.bin"
OUTPUT_FILE = "outputs.bin"
TRACE_FILE = "traces.bin"
REPORT_FILE = "report.bin"

IntArray = NDArray[np.integer]

_MAGIC = 0x52435748
_ROW_MARK = 0xFFFFFFFF
_STATUS = {
    1: "the model's run function returned {detail} instead of 0",
    2: "the model wrote outside of buffer {detail}",
    3: "the model wrote to its input {detail}, which is const",
    4: "the input file ends within a row, after {detail} bytes",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What the harness says at its end. rows: those run to the end; stack_bytes: None where it is not measured."""

    rows: int
    stack_bytes: int | None


@dataclass(frozen=True, slots=True)
class Execution:
    """What a run gave. instructions: of each row; functions: instructions by function, over all rows."""

    outputs: bytes
    traces: bytes
    report: Report
    instructions: tuple[int, ...] | None
    functions: Mapping[str, int]


def storage_type(port: Port | TracedValue) -> np.dtype[np.integer]:
    """The numpy type of the stored elements, little-endian."""
    return np.dtype(element_type(port.dtype).storage).newbyteorder("<")


def pack_rows(ports: Sequence[Port], arrays: Mapping[str, IntArray], runs: int) -> bytes:
    """Input rows: for each run the elements of each port in turn. `arrays[name]` has runs * shape elements."""
    columns = [
        np.ascontiguousarray(arrays[port.name], dtype=storage_type(port)).reshape(runs, -1).view(np.uint8)
        for port in ports
    ]
    return np.concatenate(columns, axis=1).tobytes()


def unpack_rows(ports: Sequence[Port], data: bytes, runs: int) -> dict[str, IntArray]:
    """Outputs of all runs, joined along axis 0: shape [runs * shape[0], ...]; a scalar port gives [runs]."""
    table = np.frombuffer(data, dtype=np.uint8).reshape(runs, sum(port.bytes for port in ports))
    arrays: dict[str, IntArray] = {}
    start = 0
    for port in ports:
        column = np.ascontiguousarray(table[:, start : start + port.bytes]).view(storage_type(port))
        arrays[port.name] = _native(column).reshape(joined_shape(port.shape, runs))
        start += port.bytes
    return arrays


def joined_shape(shape: tuple[int, ...], runs: int) -> tuple[int, ...]:
    """The shape of `runs` tensors joined along axis 0."""
    return (runs * shape[0], *shape[1:]) if shape else (runs,)


def unpack_traces(manifest: Manifest, data: bytes, at: str) -> list[dict[str, IntArray]]:
    """One dictionary a run: the name of each traced value and its elements.

    Raises:
        HwcompError: HWC503 the stream is cut, or a record does not fit the manifest.
    """
    values = {value.index: value for value in manifest.values}
    runs: list[dict[str, IntArray]] = []
    position = 0
    while position < len(data):
        if position + 8 > len(data):
            raise _unreadable(at, "a trace record is cut")
        index, size = struct.unpack_from("<II", data, position)
        body = data[position + 8 : position + 8 + size]
        position += 8 + size
        if index == _ROW_MARK:
            runs.append({})
            continue
        value = values.get(index)
        if value is None or value.bytes != size or len(body) != size or not runs:
            raise _unreadable(at, f"the traced value {index} with {size} bytes is not in the manifest")
        runs[-1][value.name] = _native(np.frombuffer(body, dtype=storage_type(value))).reshape(value.shape)
    return runs


def read_report(data: bytes | None, at: str, said: str) -> Report:
    """The report's contents; `said` is what the program printed, for the error.

    Raises:
        HwcompError: HWC503 there is no report, or it says that the model misbehaved.
    """
    if data is None or len(data) != 20:
        raise HwcompError(
            "HWC503", said or "the program ended without a report", at, "please report this with the model"
        )
    status, detail, rows, stack_bytes, magic = struct.unpack("<5I", data)
    if magic != _MAGIC:
        raise _unreadable(at, "the report is damaged")
    if status != 0:
        text = _STATUS.get(status, "status {status}").format(detail=detail, status=status)
        raise HwcompError("HWC503", f"row {rows}: {text}", at, "please report this with the model")
    return Report(rows, stack_bytes or None)


def _native(array: IntArray) -> IntArray:
    return array.astype(array.dtype.newbyteorder("="))


def _unreadable(at: str, what: str) -> HwcompError:
    return HwcompError("HWC503", what, at, "delete the cache folder and try again; then report it")
