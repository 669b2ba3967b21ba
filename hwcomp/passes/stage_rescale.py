"""A rescale of two inputs that no pair of multipliers matches, in the stages of its own definition: exact always.

TFLite's ADD rescales each input, adds, and rescales the sum. The first two stages are functions of 8 bits, so tables;
the third is a rescale of one input, which the prover takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from hwcomp.ir.ops.elementwise import Add
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.types import S32, IntArray, Value
from hwcomp.passes.rewriter import Rewriter
from hwcomp.passes.solve_rescale import requant_of, solve
from hwcomp.prove.definition import StagedPair
from hwcomp.prove.synthesize import Policy, ShiftPreference

TABLE_BITS = 8


def is_staged(op: Rescale, operands: Sequence[Value]) -> bool:
    """Whether the step can be taken apart: it says how, and its inputs have at most 8 bits."""
    small = all(value.type.dtype.bits <= TABLE_BITS for value in operands)
    return len(operands) == 2 and small and isinstance(op.step, StagedPair)


def put_stages(rewriter: Rewriter, op: Rescale, policy: Policy, preference: ShiftPreference) -> None:
    """Put two tables, an addition and a proved Requant in the place of `op`."""
    step = op.step
    assert isinstance(step, StagedPair)
    a = _put_table(rewriter, op, 0, step.first)
    b = _put_table(rewriter, op, 1, step.second)
    total = rewriter.fresh(f"{op.outputs[0]}.sum")
    rewriter.put(Add(name=f"{op.name}.sum", inputs=(a, b), outputs=(total,), loc=op.loc))
    last = replace(op, inputs=(total,), step=step.last)
    rewriter.put(requant_of(last, solve(last, rewriter.operands(last), policy, preference)))


def _put_table(rewriter: Rewriter, op: Rescale, index: int, function: Callable[[IntArray], IntArray]) -> str:
    dtype = rewriter.operands(op)[index].type.dtype
    table = function(np.arange(dtype.min, dtype.max + 1, dtype=np.int64))
    constant = rewriter.constant(f"{op.outputs[0]}.table{index}", table, S32)
    scaled = rewriter.fresh(f"{op.outputs[0]}.scaled{index}")
    inputs = (op.inputs[index], constant)
    rewriter.put(
        Lut(name=f"{op.name}.scaled{index}", inputs=inputs, outputs=(scaled,), loc=op.loc, input_min=dtype.min)
    )
    return scaled
