"""From one Rescale to the Requant that is proved equal to it."""

from __future__ import annotations

from collections.abc import Sequence

from hwcomp.ir.ops.requant import Requant, Rescale
from hwcomp.ir.types import IntArray, Value
from hwcomp.prove.definition import PairStep
from hwcomp.prove.synthesize import Policy, Rescaling, ShiftPreference, synthesize
from hwcomp.prove.synthesize_pair import synthesize_pair


def solve(op: Rescale, operands: Sequence[Value], policy: Policy, preference: ShiftPreference) -> Rescaling:
    """What the prover finds for a Rescale on the accumulators that its operands can reach."""
    if len(operands) == 1:
        lo, hi = reachable(op, operands[0])
        return synthesize(op.step, lo, hi, policy, preference)
    assert isinstance(op.step, PairStep), f"{op.loc}: {type(op.step).__name__} is no step of two inputs"
    a, b = (value.range for value in operands)
    return synthesize_pair(op.step, (a.min, a.max), (b.min, b.max), policy, preference)


def reachable(op: Rescale, x: Value) -> tuple[IntArray, IntArray]:
    """The interval of accumulators that each row of the step can meet, int64 [channels], inclusive."""
    channels = op.step.channels
    along_last = bool(x.shape) and op.axis % len(x.shape) == len(x.shape) - 1
    bounds = x.range if along_last and channels > 1 else x.range.collapsed()
    return bounds.channels(channels)


def requant_of(op: Rescale, found: Rescaling) -> Requant:
    """The Requant that stands for a proved Rescale."""
    return Requant(
        name=op.name,
        inputs=op.inputs,
        outputs=op.outputs,
        loc=op.loc,
        mult=found.mult,
        offset=found.offset,
        shift=found.shift,
        zero=found.zero,
        lo=found.lo,
        hi=found.hi,
        dtype=op.dtype,
        tie=found.tie,
        negative=found.negative,
        axis=op.axis,
        certificate=found.certificate,
    )
