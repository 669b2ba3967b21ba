"""Constants as streams: a FIFO that holds the frame at reset and is filled with what it gives."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.types import IntArray, Value
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of
from hwcomp.targets.dataflow.network import Memory, Stream
from hwcomp.targets.dataflow.weights import pack_words


def constant_stream(
    b: NetworkBuilder, wanted: str, value: Value, data: IntArray, lanes: int, carries: str = ""
) -> Stream:
    """`data` again each frame, `lanes` elements a beat; `carries` is the value that the stream is, if any."""
    element, beats = element_of(value), data.size // lanes
    again = b.stream(f"{value.name}_again", lanes, element, beats)
    source = b.stream(f"{value.name}_source", lanes, element, beats)
    out = b.stream(f"{value.name}_constant", lanes, element, beats, carries)
    add_state(b, f"{wanted}_{value.name}", again, source, np.asarray(data, np.int64))
    b.add("hwc_fork", f"{value.name}_fork", {"Width": source.width, "Outputs": 2}, [source], [out, again])
    return out


def add_state(b: NetworkBuilder, wanted: str, kept: Stream, given: Stream, initial: IntArray) -> None:
    """A frame from one inference to the next: `kept` goes in, `given` comes out, first `initial`."""
    rows = initial.reshape(given.beats, given.lanes)
    bits = given.element.bits
    memory = Memory(
        "InitFile", b.memory_name(f"{wanted}_initial"), given.width, given.beats, lambda: pack_words(rows, bits)
    )
    b.add("hwc_state", wanted, {"Width": given.width, "Beats": given.beats}, [kept], [given], [memory])
