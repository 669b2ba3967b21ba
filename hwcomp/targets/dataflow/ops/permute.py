"""Movement by a buffer of a frame and a ROM of addresses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.choice import divisors
from hwcomp.targets.dataflow.network import Memory, Stream


def add_permute(
    b: NetworkBuilder, op: Op, stream: Stream, indices: IntArray, lanes: int, wanted: str, value: str = ""
) -> Stream:
    """The elements `indices` (flat, of the input's frame) in that order, `lanes` at a time.

    The buffer moves as many elements at once as stay together everywhere, then `hwc_width` makes `lanes` of them.
    """
    together = max(run for run in run_lanes(indices, stream.elements) if lanes % run == 0)
    source = b.adapt(stream, together)
    addresses = indices.reshape(-1, together)[:, 0] // together
    direct = together == lanes
    out = b.stream(wanted, together, stream.element, len(addresses), value if direct else "")
    width = max(1, (source.beats - 1).bit_length())
    b.add(
        "hwc_permute",
        f"{op.name}_permute",
        {
            "Width": stream.element.bits,
            "Lanes": together,
            "InBeats": source.beats,
            "OutBeats": len(addresses),
        },
        [source],
        [out],
        [
            Memory(
                "AddressFile",
                b.memory_name(f"{op.name}_order"),
                width,
                len(addresses),
                lambda: [int(a) for a in addresses],
            )
        ],
    )
    return out if direct else b.adapt(out, lanes)


def run_lanes(indices: IntArray, elements: int) -> list[int]:
    """How many elements may move together: aligned runs of consecutive indices throughout."""
    found: list[int] = []
    for run in divisors(indices.size):
        rows = indices.reshape(-1, run)
        if elements % run == 0 and not (rows[:, 0] % run).any() and (rows == rows[:, :1] + np.arange(run)).all():
            found.append(run)
    return found


def broadcast_indices(shape: Sequence[int], out_shape: Sequence[int]) -> IntArray:
    """For each element of the broadcast result the flat index of its source."""
    size = int(np.prod(shape, dtype=np.int64))
    return np.broadcast_to(np.arange(size, dtype=np.int64).reshape(shape), out_shape).reshape(-1)
