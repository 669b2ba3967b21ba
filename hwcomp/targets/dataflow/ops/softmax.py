"""Softmax: one element at a time, its two tables in memories."""

from __future__ import annotations

from hwcomp.ir.op import Op
from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.network import Memory
from hwcomp.targets.dataflow.weights import pack_words


def lower_softmax(b: NetworkBuilder, op: Op) -> None:
    """x [..., channels], rows one after the other."""
    assert isinstance(op, Softmax)
    x, exponentials, summands = (b.value(name) for name in op.inputs)
    stream, out = b.take(x.name, 1), b.result(op, 1)
    assert exponentials.data is not None and summands.data is not None
    entries = exponentials.shape[0]
    b.add(
        "hwc_softmax",
        op.name,
        {
            "InWidth": stream.element.bits,
            "InSigned": int(stream.element.signed),
            "Channels": x.shape[-1],
            "Entries": entries,
            "IntegerBits": op.integer_bits,
            "OutBits": op.out_bits,
            "Zero": op.zero,
            "Lo": op.lo,
            "Hi": op.hi,
            "OutWidth": out.element.bits,
        },
        [stream],
        [out],
        [_table(b, op, "ExpFile", exponentials.data, 31), _table(b, op, "SumFile", summands.data, 32)],
    )
    b.give(op.outputs[0], out)


def _table(b: NetworkBuilder, op: Op, parameter: str, data: IntArray, bits: int) -> Memory:
    name = b.memory_name(f"{op.name}_{parameter.removesuffix('File').lower()}")
    return Memory(parameter, name, bits, len(data), lambda: pack_words(data.reshape(-1, 1), bits))
