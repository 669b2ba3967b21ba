"""Warnings about models that are legal and yet look like a mistake."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.certificate import Verdict
from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.reduce import ArgMax
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.ops.state import StateRead
from hwcomp.passes.base import Pass

logger = logging.getLogger(__name__)

WIDE_BITS = 16
"""Outputs wider than this were probably meant to be quantised."""


@dataclass(frozen=True, slots=True)
class Papercut:
    """at: the user's operator or port; what: what looks wrong; consequence: what follows."""

    at: str
    what: str
    consequence: str

    def __str__(self) -> str:
        return f"{self.at}: {self.what}; {self.consequence}"


def find_papercuts(graph: Graph) -> list[Papercut]:
    """All warnings, in the graph's order."""
    found = [*_of_ports(graph)]
    for op in graph.ops:
        found += _of_op(graph, op)
    return found


def _of_ports(graph: Graph) -> Iterator[Papercut]:
    read = {name for op in graph.ops for name in op.inputs} | {port.value for port in graph.outputs}
    for port in graph.inputs:
        if port.value not in read:
            yield Papercut(f"input '{port.name}'", "nothing reads it", "the emitted code takes it and leaves it alone")
    producer = graph.producer()
    for port in graph.outputs:
        dtype = graph.values[port.value].type.dtype
        index = isinstance(producer.get(port.value), ArgMax)
        if dtype.bits > WIDE_BITS and port.quantizer is None and not index:
            what = f"it is not quantised and stays {dtype.bits} bits wide"
            yield Papercut(f"output '{port.name}'", what, "it takes several times the memory and has no scale")


def _of_op(graph: Graph, op: Op) -> Iterator[Papercut]:
    if isinstance(op, StateRead) and op.outputs[0] not in {name for other in graph.ops for name in other.inputs}:
        yield Papercut(str(op.loc), f"state '{op.state}' is never used", "it only takes memory")
    if not isinstance(op, Requant):
        return
    value = graph.values[op.outputs[0]]
    lo, hi = value.range.channels(value.shape[-1] if value.shape else 1)
    constant = int(np.count_nonzero(lo == hi))
    if constant == lo.size:
        what = f"its output can only be {value.range}"
        yield Papercut(str(op.loc), what, "its scale or zero point is probably wrong")
    elif constant:
        yield Papercut(str(op.loc), f"{constant} of {lo.size} channels hold one value", "training may have killed them")
    if op.certificate is not None and op.certificate.verdict in (Verdict.LISTED, Verdict.FAST):
        count = op.certificate.exception_count
        consequence = f"output may differ from {op.certificate.reference} there"
        yield Papercut(str(op.loc), f"{count} accumulators are rescaled to another level", consequence)


def log_papercuts(graph: Graph) -> Graph:
    """The graph as it is; its papercuts are logged as warnings."""
    for papercut in find_papercuts(graph):
        logger.warning("%s", papercut)
    return graph


PASS = Pass("find-papercuts", "warn about what looks like a mistake in the model", log_papercuts)
