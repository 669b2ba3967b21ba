"""Movement by a buffer of a frame, or of one of its equal parts, and a ROM of addresses."""

from __future__ import annotations

import math
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
    It holds no more than a part of the frame that is moved in itself, as a row of DepthToSpace is.
    """
    together = max(run for run in run_lanes(indices, stream.elements) if lanes % run == 0)
    source = b.adapt(stream, together)
    moved = indices.reshape(-1, together)[:, 0] // together
    direct = together == lanes
    out = b.stream(wanted, together, stream.element, len(moved), value if direct else "")
    parts = equal_parts(moved, source.beats)
    beats, addresses = source.beats // parts, moved[: len(moved) // parts]
    width = max(1, (beats - 1).bit_length())
    b.add(
        "hwc_permute",
        f"{op.name}_permute",
        {
            "Width": stream.element.bits,
            "Lanes": together,
            "InBeats": beats,
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


def equal_parts(indices: IntArray, size: int) -> int:
    """Into how many parts of the source's `size` beats the move falls: each from one of them, all in the same order."""
    for parts in reversed(divisors(math.gcd(len(indices), size))):
        rows = indices.reshape(parts, -1)
        if (rows == rows[0] + size // parts * np.arange(parts)[:, None]).all():
            return parts
    raise AssertionError("a move is one part at least")


def broadcast_indices(shape: Sequence[int], out_shape: Sequence[int]) -> IntArray:
    """For each element of the broadcast result the flat index of its source."""
    size = int(np.prod(shape, dtype=np.int64))
    return np.broadcast_to(np.arange(size, dtype=np.int64).reshape(shape), out_shape).reshape(-1)
