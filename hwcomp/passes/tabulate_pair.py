"""A rescale of two small inputs that no pair of multipliers equals, as a table over all their pairs: exact.

index = a * width + b;  y = table[index - least]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcomp.ir.ops.elementwise import Add, Mul
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.types import IntType, Value
from hwcomp.passes.rewriter import Rewriter

MAX_PAIRS = 4096
"""Entries of the table, such as those of two inputs of six bits."""


def has_pairs(op: Rescale, operands: Sequence[Value]) -> bool:
    """Whether the table keeps its bound."""
    sizes = [value.range.max - value.range.min + 1 for value in operands]
    return len(sizes) == 2 and op.step.channels == 1 and sizes[0] * sizes[1] <= MAX_PAIRS


def put_pairs(rewriter: Rewriter, op: Rescale) -> None:
    """Put the index and its table in the place of `op`."""
    a, b = (value.range for value in rewriter.operands(op))
    width = b.max - b.min + 1
    firsts, seconds = np.arange(a.min, a.max + 1, dtype=np.int64), np.arange(b.min, b.max + 1, dtype=np.int64)
    table = op.step(np.repeat(firsts, width)[None, :], np.tile(seconds, firsts.size)[None, :]).reshape(-1)
    y, rank = op.outputs[0], len(rewriter.operands(op)[0].shape)
    by = rewriter.constant(f"{y}.width", np.full((1,) * rank, width, np.int64), IntType.covering(width, width))
    entries = rewriter.constant(f"{y}.table", table, op.dtype)
    first, index = rewriter.fresh(f"{y}.first"), rewriter.fresh(f"{y}.index")
    rewriter.put(Mul(name=f"{op.name}.first", inputs=(op.inputs[0], by), outputs=(first,), loc=op.loc))
    rewriter.put(Add(name=f"{op.name}.index", inputs=(first, op.inputs[1]), outputs=(index,), loc=op.loc))
    least = a.min * width + b.min
    rewriter.put(Lut(name=op.name, inputs=(index, entries), outputs=op.outputs, loc=op.loc, input_min=least))
