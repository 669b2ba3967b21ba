"""What was proved of each rescale of an integer graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwcomp.ir.certificate import ListedException, Verdict
from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.requant import Requant


@dataclass(frozen=True, slots=True)
class RescaleRow:
    """One rescale: the user's node, multiplier width in bits, shift c, offsets r, reference and verdict.

    `half` says that every offset is 2^(c-1), plain rounding half up. `exceptions` counts the reachable accumulators
    (pairs, for two inputs) on which the result differs from the reference; `listed` spells some of them out.
    """

    node: str
    op_type: str
    inputs: int
    channels: int
    mult_bits: int
    shift: int
    half: bool
    offset_min: int
    offset_max: int
    reference: str
    verdict: Verdict
    exceptions: int
    listed: tuple[ListedException, ...]


def summarise(graph: Graph) -> list[RescaleRow]:
    """A row for each Requant that has a certificate, in the graph's order."""
    return [_row(op) for op in graph.ops if isinstance(op, Requant) and op.certificate is not None]


def _row(op: Requant) -> RescaleRow:
    certificate = op.certificate
    assert certificate is not None
    half = 1 << max(op.shift - 1, 0)
    return RescaleRow(
        node=op.loc.node,
        op_type=op.loc.op_type,
        inputs=len(op.inputs),
        channels=op.channels,
        mult_bits=max(abs(b).bit_length() for mult in op.mult for b in mult),
        shift=op.shift,
        half=all(r == half for r in op.offset),
        offset_min=min(op.offset),
        offset_max=max(op.offset),
        reference=certificate.reference,
        verdict=certificate.verdict,
        exceptions=certificate.exception_count,
        listed=certificate.exceptions,
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """The channels of a graph's rescales by verdict, and how wide their multipliers are."""

    channels: int
    proved: int
    listed: int
    fast: int
    definition: int
    exceptions: int
    widths: tuple[tuple[int, int], ...]
    """(bits, channels) in ascending order of bits."""

    @property
    def median_bits(self) -> int:
        """The median multiplier width over all channels."""
        seen = 0
        for bits, count in self.widths:
            seen += count
            if 2 * seen >= self.channels:
                return bits
        return 0


def totals(graph: Graph) -> Totals:
    """Sums over all rescales; a channel counts as listed where it has an exception itself."""
    rescales = [op for op in graph.ops if isinstance(op, Requant) and op.certificate is not None]
    verdicts: Counter[Verdict] = Counter()
    widths: Counter[int] = Counter()
    for op in rescales:
        verdicts.update(_channel_verdicts(op))
        widths.update(_channel_widths(op.mult))
    exceptions = sum(op.certificate.exception_count for op in rescales if op.certificate is not None)
    return Totals(
        channels=sum(verdicts.values()),
        proved=verdicts[Verdict.PROVED],
        listed=verdicts[Verdict.LISTED],
        fast=verdicts[Verdict.FAST],
        definition=verdicts[Verdict.DEFINITION],
        exceptions=exceptions,
        widths=tuple(sorted(widths.items())),
    )


def _channel_verdicts(op: Requant) -> Iterable[Verdict]:
    assert op.certificate is not None
    verdict = op.certificate.verdict
    if verdict is not Verdict.LISTED or len(op.inputs) > 1:
        return [verdict] * op.channels
    differing = {entry.channel for entry in op.certificate.exceptions}
    return [Verdict.LISTED if channel in differing else Verdict.PROVED for channel in range(op.channels)]


def _channel_widths(mult: Sequence[Sequence[int]]) -> Iterable[int]:
    return [max(abs(b).bit_length() for b in column) for column in zip(*mult, strict=True)]
