"""The proofs of a bundle, for its own checker: plain integers as JSON."""

from __future__ import annotations

import gzip
import json

from hwcomp.ir.certificate import Verdict
from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.requant import Requant

_LEVEL = 6  # as small as 9 within a percent, in half the time


def certificates_file(graph: Graph) -> bytes:
    """`certificates.json.gz`: a record for each Requant that has a proof, with a row for each of the certificate's.

    A row is [mult, offset, amount, acc_lo, acc_hi, first_level, [thresholds]]; of two inputs, each value of the second
    is a row whose offset has that input's share in it (`ir/certificate.py`, `check_pair`).
    """
    records = [_record(graph, op) for op in graph.ops if isinstance(op, Requant) and op.certificate is not None]
    text = json.dumps({"requants": records}, separators=(",", ":"))
    return gzip.compress(text.encode(), _LEVEL, mtime=0)


def proof_note(graph: Graph) -> str:
    """One sentence for the README: what the certificates cover, and what they do not."""
    certificates = [op.certificate for op in graph.ops if isinstance(op, Requant) and op.certificate is not None]
    rows = sum(len(cert.thresholds) for cert in certificates)
    exceptions = sum(cert.exception_count for cert in certificates)
    unproved = sum(op.certificate is None for op in graph.ops if isinstance(op, Requant))
    note = f"{len(certificates)} rescales with {rows} rows checked, {exceptions} accumulators that differ"
    return f"{note}, {unproved} rescales without a certificate" if unproved else note


def _record(graph: Graph, op: Requant) -> dict[str, object]:
    cert = op.certificate
    assert cert is not None
    amounts = op.negative.amount if op.negative is not None else (0,)
    second = graph.values[op.inputs[1]].range.min if len(op.inputs) > 1 else 0
    rows: list[list[object]] = []
    for row, thresholds in enumerate(cert.thresholds):
        offset = op.offset[row % len(op.offset)]
        mult = op.mult[0][row % len(op.mult[0])]
        if len(op.inputs) > 1:
            mult, offset = op.mult[0][0], op.offset[0] + op.mult[1][0] * (second + row)
        ends = [int(cert.acc_lo[row]), int(cert.acc_hi[row]), int(cert.first_level[row])]
        rows.append([mult, offset, amounts[row % len(amounts)], *ends, thresholds.tolist()])
    return {
        "name": f"{op.loc.op_type} '{op.loc.node}'",
        "reference": cert.reference,
        "verdict": cert.verdict.value,
        "is_proved": cert.verdict is Verdict.PROVED,
        "exceptions": cert.exception_count,
        "shift": op.shift,
        "tie": op.tie.value,
        "bias": op.negative.bias if op.negative is not None else 0,
        "zero": op.zero,
        "lo": op.lo,
        "hi": op.hi,
        "rows": rows,
    }
