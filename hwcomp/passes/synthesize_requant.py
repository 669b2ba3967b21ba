"""Replace each Rescale by the integer arithmetic that is proved equal to it."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

import numpy as np

from hwcomp.ir.certificate import Verdict
from hwcomp.ir.graph import Graph, Level
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Rescale
from hwcomp.ir.types import Value
from hwcomp.passes.base import Pass
from hwcomp.passes.place_thresholds import has_thresholds, is_far, put_thresholds
from hwcomp.passes.rewriter import Rewriter
from hwcomp.passes.solve_rescale import requant_of, solve
from hwcomp.passes.stage_rescale import is_staged, put_stages
from hwcomp.passes.tabulate_pair import has_pairs, put_pairs
from hwcomp.prove.definition import Curved
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.support.errors import HwcompError, Problem, raise_all

logger = logging.getLogger(__name__)

TABLE_BITS = 8
"""A rescale of one value of at most so many bits may become a table, which is exact whatever the step is."""


def synthesize_requant(
    graph: Graph, policy: Policy = Policy.LISTED, preference: ShiftPreference | None = None
) -> Graph:
    """A graph of Level.INTEGER.

    Operators are taken in order and ranges inferred on the way, so each Rescale is proved on what the Requants before
    it can really give. A Rescale of a small value that no multiplier matches becomes a Lut of all its values, one far
    from any line becomes Thresholds (`place_thresholds.py`).

    Raises:
        HwcompError: the problems of all Rescales at once (HWC301 to HWC303), each at its operator.
    """
    rewriter = Rewriter(graph)
    problems: list[Problem] = []
    for op in graph.ops:
        if isinstance(op, Rescale):
            problems += _replace(rewriter, op, policy, preference or ShiftPreference())
        else:
            rewriter.copy(op)
    raise_all(problems)
    return rewriter.finish(Level.INTEGER)


def _replace(rewriter: Rewriter, op: Rescale, policy: Policy, preference: ShiftPreference) -> list[Problem]:
    """Put what stands for `op`; where there is nothing, copy `op` and return why."""
    try:
        _put(rewriter, op, policy, preference)
    except HwcompError as error:
        rewriter.copy(op)
        return [replace(problem, at=str(op.loc)) for problem in error.problems]
    return []


def _put(rewriter: Rewriter, op: Rescale, policy: Policy, preference: ShiftPreference) -> None:
    """A proved Requant; where there is none a table, the step's own stages or thresholds, exact too; else the nearest
    Requant."""
    operands = rewriter.operands(op)
    tabulable, staged, stepped = _is_tabulable(op, operands), is_staged(op, operands), has_thresholds(op, operands)
    paired = has_pairs(op, operands)
    curved = isinstance(op.step, Curved) and op.step.is_curved
    try:
        found = solve(op, operands, Policy.STRICT if curved else policy, preference)
    except HwcompError as error:
        if error.code != "HWC301" or not (tabulable or staged or stepped or paired):
            raise
        found = None
    if found is not None and found.certificate.verdict in (Verdict.PROVED, Verdict.DEFINITION):
        rewriter.put(requant_of(op, found))
    elif tabulable:
        _put_table(rewriter, op, operands[0])
    elif staged and (found is None or found.certificate.verdict is Verdict.LISTED):
        put_stages(rewriter, op, policy, preference)
    elif paired and (found is None or found.certificate.verdict is Verdict.LISTED):
        put_pairs(rewriter, op)
    elif stepped and (found is None or (found.certificate.verdict is Verdict.LISTED and is_far(found))):
        put_thresholds(rewriter, op)
    elif found is not None:
        logger.info("%s: %d accumulators differ", op.loc, found.certificate.exception_count)
        rewriter.put(requant_of(op, found))


def _is_tabulable(op: Rescale, operands: tuple[Value, ...]) -> bool:
    return len(operands) == 1 and op.step.channels == 1 and operands[0].type.dtype.bits <= TABLE_BITS


def _put_table(rewriter: Rewriter, op: Rescale, x: Value) -> None:
    dtype = x.type.dtype
    table = op.step(np.arange(dtype.min, dtype.max + 1, dtype=np.int64)[None, :]).reshape(-1)
    name = rewriter.constant(f"{op.outputs[0]}.table", table, op.dtype)
    rewriter.put(Lut(name=op.name, inputs=(*op.inputs, name), outputs=op.outputs, loc=op.loc, input_min=dtype.min))


def synthesis_pass(policy: Policy, preference: ShiftPreference | None = None) -> Pass:
    """The pass under a policy and a target's preference."""
    run = partial(synthesize_requant, policy=policy, preference=preference)
    return Pass("synthesize-requant", f"replace each Rescale by integer arithmetic (policy {policy.value})", run)
