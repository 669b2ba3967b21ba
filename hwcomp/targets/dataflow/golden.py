"""What the bench plays and compares: a file of hexadecimal beats for each stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hwcomp.ir.types import IntArray, IntType
from hwcomp.targets.dataflow.network import Network
from hwcomp.targets.dataflow.weights import hex_text, pack_words


def bench_files(network: Network, rows: Sequence[Mapping[str, IntArray]]) -> dict[str, str]:
    """`in<k>` for each input, in whole bytes, and one for each stream that carries a value; by name, without ending."""
    files: dict[str, str] = {}
    for index, edge in enumerate(network.inputs):
        stream = network.streams[edge.stream]
        bits = -(-stream.element.bits // 8) * 8
        files[f"in{index}"] = _beats(rows, stream.value, stream.lanes, IntType(bits, True))
    for stream in network.streams.values():
        if stream.value:
            files[stream.name] = _beats(rows, stream.value, stream.lanes, stream.element)
    return files


def _beats(rows: Sequence[Mapping[str, IntArray]], value: str, lanes: int, element: IntType) -> str:
    beats = np.concatenate([row[value].reshape(-1, lanes) for row in rows])
    return hex_text(pack_words(beats, element.bits), element.bits * lanes)
