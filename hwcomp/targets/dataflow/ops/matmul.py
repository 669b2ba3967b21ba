"""Products of two activations: one product a frame of the module, batches one after the other."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import MatMul
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of
from hwcomp.targets.dataflow.choice import MULTIPLIERS, Choice, divisors
from hwcomp.targets.dataflow.network import Stream
from hwcomp.targets.dataflow.ops.constants import constant_stream
from hwcomp.targets.dataflow.ops.permute import add_permute, broadcast_indices


def lower_matmul(b: NetworkBuilder, op: Op) -> None:
    """a [..., m, k] element by element, b [..., k, n] in beats of `pe`; leading axes are broadcast before."""
    assert isinstance(op, MatMul)
    (first, second), pe = (b.value(name) for name in op.inputs), b.choice().pe
    batch = b.value(op.outputs[0]).shape[:-2]
    a = _matrices(b, op, first.name, (*batch, *first.shape[-2:]), 1)
    other = _matrices(b, op, second.name, (*batch, *second.shape[-2:]), pe)
    out = b.result(op, pe)
    b.add(
        "hwc_matmul",
        op.name,
        {
            "AWidth": a.element.bits,
            "ASigned": int(a.element.signed),
            "AZero": op.a_zero,
            "BWidth": other.element.bits,
            "BSigned": int(other.element.signed),
            "BZero": op.b_zero,
            "AccWidth": element_of(b.value(op.outputs[0])).bits,
            "Rows": first.shape[-2],
            "Inner": first.shape[-1],
            "Columns": second.shape[-1],
            "Pe": pe,
            "MultStyle": b.choice().mults.value,
        },
        [a],
        [out],
        second=other,
    )
    b.give(op.outputs[0], out)


def _matrices(b: NetworkBuilder, op: Op, name: str, shape: tuple[int, ...], lanes: int) -> Stream:
    value = b.value(name)
    if value.data is not None:
        return constant_stream(b, op.name, value, np.broadcast_to(value.data, shape), lanes)
    if value.type.size == int(np.prod(shape, dtype=np.int64)):
        return b.take(name, lanes)
    return add_permute(b, op, b.take_as_is(name), broadcast_indices(value.shape, shape), lanes, f"{name}_spread")


def matmul_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Every divisor of the columns, in each style."""
    columns = b.value(op.outputs[0]).shape[-1]
    return [Choice(pe=pe, mults=mults) for pe in divisors(columns) for mults in MULTIPLIERS]
