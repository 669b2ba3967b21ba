"""Remove rescales and tables that give back what they take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.ops.requant import Requant, Rescale
from hwcomp.ir.types import Value
from hwcomp.passes.base import Pass
from hwcomp.passes.rewriter import Rewriter

MAX_VALUES = 1 << 16
"""Wider inputs are not enumerated: an identity on them is no rescale that a model has."""


def fold_identity_requants(graph: Graph) -> Graph:
    """Identity is decided by enumeration of the input's whole range, for each channel of the parameters."""
    rewriter = Rewriter(graph)
    for op in graph.ops:
        if not isinstance(op, Requant | Rescale | Lut) or not rewriter.may_alias(op.outputs[0], op.inputs[0]):
            rewriter.copy(op)
        elif _is_identity(op, rewriter.operands(op)):
            rewriter.alias(op.outputs[0], op.inputs[0])
        else:
            rewriter.copy(op)
    return rewriter.finish()


def _is_identity(op: Requant | Rescale | Lut, operands: tuple[Value, ...]) -> bool:
    x = operands[0]
    dtype = op.infer(operands)[0].type.dtype
    unary = len(operands) == 1 or isinstance(op, Lut)
    if not unary or dtype != x.type.dtype or x.range.max - x.range.min >= MAX_VALUES:
        return False
    flat = op if isinstance(op, Lut) else replace(op, axis=-1)
    channels = (1 if not x.shape else x.shape[-1]) if isinstance(op, Lut) else parameter_channels(op, x)
    probe = np.repeat(np.arange(x.range.min, x.range.max + 1, dtype=np.int64)[:, None], channels, axis=1)
    tables = [value.data for value in operands[1:] if value.data is not None]
    return bool(np.array_equal(flat.evaluate(probe, *tables)[0], probe))


def parameter_channels(op: Requant | Rescale, x: Value) -> int:
    """The size of the axis that a rescale's parameters lie along."""
    return x.shape[op.axis] if x.shape else 1


PASS = Pass("fold-identity-requants", "remove rescales and tables that give back their input", fold_identity_requants)
