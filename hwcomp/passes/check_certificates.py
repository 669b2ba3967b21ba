"""Check every proof against the Requant that carries it, and its reach against the ranges in the graph."""

from __future__ import annotations

import numpy as np

from hwcomp.ir.certificate import Certificate, check, check_pair
from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import Value
from hwcomp.passes.base import Pass
from hwcomp.support.errors import Problem, raise_all


def check_certificates(graph: Graph) -> Graph:
    """The graph as it is. Raises HwcompError (HWC305) where a certificate does not hold, naming every operator."""
    raise_all(
        Problem("HWC305", line, str(op.loc), "this is a bug in hwcomp: please report the text of the graph")
        for op in graph.ops
        if isinstance(op, Requant) and op.certificate is not None
        for line in certificate_problems(op, op.certificate, graph.operands(op))[:1]
    )
    return graph


def certificate_problems(op: Requant, cert: Certificate, operands: tuple[Value, ...]) -> list[str]:
    """What does not hold: [] where the Requant is the certificate's step on all that `operands` can be.

    A certificate without rows speaks of a pair too large to enumerate, taken over from the source term by term.
    """
    rows = len(cert.thresholds)
    if len(operands) == 1:
        reach = _out_of_reach(op, cert, operands[0])
        return reach or check(cert, op.mult[0], op.offset, op.shift, op.zero, op.lo, op.hi, op.tie, op.negative)
    second = operands[1].range
    if len(operands) > 2 or rows == 0:
        return []
    if rows != second.max - second.min + 1:
        return [f"{rows} rows for a second input in {second.collapsed()}"]
    mult = (op.mult[0][0], op.mult[1][0])
    return check_pair(cert, mult, op.offset[0], op.shift, op.zero, op.lo, op.hi, op.tie, second.min)


def _out_of_reach(op: Requant, cert: Certificate, x: Value) -> list[str]:
    """Accumulators that the graph allows and nobody proved anything about."""
    rows = cert.acc_lo.size
    along_last = bool(x.shape) and op.axis % len(x.shape) == len(x.shape) - 1
    lo, hi = (x.range if along_last and rows > 1 else x.range.collapsed()).channels(rows)
    bad = np.flatnonzero((lo < cert.acc_lo) | (hi > cert.acc_hi))
    return [f"channel {row} reaches [{lo[row]}, {hi[row]}], beyond what was proved" for row in bad]


PASS = Pass("check-certificates", "check every proof again, with integers alone", check_certificates)
