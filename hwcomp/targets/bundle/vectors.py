"""The bundle's test vectors: inputs, every traced value and the outputs, all by `Interpreter`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.graph import Graph, Interpreter, Port
from hwcomp.ir.types import IntArray
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import TracedValue, element_type

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Vector:
    """One inference. values: every value of the graph by name, inputs and outputs among them."""

    values: Mapping[str, IntArray]


def make_vectors(graph: Graph, count: int, samples: Mapping[str, IntArray] | None) -> list[Vector]:
    """`count` seeded inferences, then the user's own; a stateful model is reset once, before the first.

    Seeded inputs are uniform over the ranges of the inputs.

    Raises:
        HwcompError: HWC008 the samples do not fit the inputs.
    """
    interpreter = Interpreter(graph)
    rows = [_seeded(graph, seed) for seed in range(count)]
    if samples is not None:
        rows += _own(graph, samples)
    return [Vector(interpreter.run(row)) for row in rows]


def vectors_file(graph: Graph, vectors: list[Vector], traced: tuple[TracedValue, ...]) -> bytes:
    """`vectors.npz`: for each input port and each traced value an array [rows, *shape], as it is stored in memory.

    The same arrays give the same bytes: no times are in it. A traced value with the name of a port is left out.
    """
    names = {port.name: port.value for port in graph.inputs}
    names |= {value.name: value.name for value in traced if value.name not in names}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, name in names.items():
            storage = np.dtype(element_type(str(graph.values[name].type.dtype)).storage).newbyteorder("<")
            shape = (len(vectors), *graph.values[name].shape)
            array = np.array([v.values[name] for v in vectors], np.int64).reshape(shape).astype(storage)
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{key}.npy", _EPOCH), member.getvalue(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _seeded(graph: Graph, seed: int) -> dict[str, IntArray]:
    rng = np.random.default_rng(seed)
    rows: dict[str, IntArray] = {}
    for port in graph.inputs:
        bounds = graph.values[port.value].range
        drawn = rng.integers(bounds.min, bounds.max, graph.values[port.value].shape, np.int64, endpoint=True)
        rows[port.name] = np.asarray(drawn, np.int64)
    return rows


def _own(graph: Graph, samples: Mapping[str, IntArray]) -> list[dict[str, IntArray]]:
    """The user's arrays, joined along axis 0, as one dictionary for each inference."""
    if set(samples) != {port.name for port in graph.inputs}:
        raise _misfit(graph, f"the samples are {sorted(samples)}")
    split = {port.name: _rows(graph, port, np.asarray(samples[port.name])) for port in graph.inputs}
    if len({len(rows) for rows in split.values()}) != 1:
        raise _misfit(graph, "the samples make different numbers of inferences")
    return [dict(zip(split, rows, strict=True)) for rows in zip(*split.values(), strict=True)]


def _rows(graph: Graph, port: Port, array: IntArray) -> list[IntArray]:
    value = graph.values[port.value]
    if array.dtype.kind not in "iu" or array.size == 0 or array.size % value.type.size:
        raise _misfit(graph, f"sample '{port.name}' is {array.dtype} {list(array.shape)}, not {value.type} rows")
    if int(array.min()) < value.range.min or int(array.max()) > value.range.max:
        raise _misfit(graph, f"sample '{port.name}' leaves {value.range.collapsed()}")
    return list(array.astype(np.int64).reshape(-1, *value.shape))


def _misfit(graph: Graph, what: str) -> HwcompError:
    wanted = ", ".join(f"{port.name}: {graph.values[port.value].type}" for port in graph.inputs)
    return HwcompError("HWC008", what, graph.name, f"give integers for each input ({wanted}), joined along axis 0")
