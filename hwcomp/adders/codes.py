"""How hardware keeps each node: as a number without sign, the node or its negation plus an offset.

A carry chain then needs no sign extension: above its bits an operand has zeros, which cost no LUT (`cost`). A
difference a - b is a + ~b, which is a - b and 2**width - 1 more; offsets add up along the graph, and the constant of an
output takes them back. Which operand of a difference is inverted, and so whether the node or its negation is kept, is
decided by the bits that would need an inverter of their own: those that meet no bit of the other operand.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.adders.graph import Add, AdderGraph, Output, ranges


@dataclass(frozen=True, slots=True)
class Code:
    """The node is kept as sign * node + offset, which is between 0 and 2**width - 1 for all x."""

    sign: int
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Sum:
    """(kept << kept_shift) + (other << other_shift), where `inverts` with the other's bits inverted.

    start: the first bit at which operands can meet; meets: whether they do, or lie side by side.
    """

    kept: int
    kept_shift: int
    other: int
    other_shift: int
    inverts: bool
    start: int
    meets: bool


@dataclass(frozen=True, slots=True)
class Coded:
    """codes: of each node; sums: of each Add; an output is `terms` (see `Term`)."""

    codes: tuple[Code, ...]
    sums: tuple[Sum, ...]
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """An output as (code << shift, inverted where `inverts`) + constant, a two's complement number of `width` bits."""

    node: int | None
    shift: int
    inverts: bool
    constant: int
    width: int


def encode(graph: AdderGraph) -> Coded:
    """Codes of all nodes, and what each sum and output is in them."""
    spans = ranges(graph)
    codes = [Code(1, -low, max(1, (high - low).bit_length())) for low, high in spans[: len(graph.inputs)]]
    sums: list[Sum] = []
    for add, span in zip(graph.adds, spans[len(graph.inputs) :], strict=True):
        found, code = _sum(add, codes, span)
        sums.append(found)
        codes.append(code)
    return Coded(tuple(codes), tuple(sums), tuple(_term(out, codes, spans) for out in graph.outputs))


def _sum(add: Add, codes: list[Code], span: tuple[int, int]) -> tuple[Sum, Code]:
    first, second = (add.first, add.first_shift), (add.second, add.second_shift)
    sign = codes[add.first].sign
    second_sign = -codes[add.second].sign if add.subtract else codes[add.second].sign
    inverts = sign != second_sign
    kept, other = first, second
    if inverts and _alone(first, second, codes) < _alone(second, first, codes):
        kept, other, sign = second, first, second_sign
    start = max(add.first_shift, add.second_shift)
    meets = all(codes[node].width + shift > start for node, shift in (kept, other))
    offset = codes[kept[0]].offset << kept[1]
    moved = codes[other[0]].offset << other[1]
    if inverts:
        offset += (((1 << codes[other[0]].width) - 1) << other[1]) - moved
    else:
        offset += moved
    top = offset + max(sign * span[0], sign * span[1])
    return Sum(*kept, *other, inverts, start, meets), Code(sign, offset, max(start + 1, top.bit_length()))


def _alone(inverted: tuple[int, int], other: tuple[int, int], codes: list[Code]) -> int:
    """Bits of `inverted` that meet none of `other`."""
    low, high = inverted[1], inverted[1] + codes[inverted[0]].width
    return high - low - max(0, min(high, other[1] + codes[other[0]].width) - max(low, other[1]))


def _term(out: Output, codes: list[Code], spans: list[tuple[int, int]]) -> Term:
    if out.node is None:
        return Term(None, 0, False, out.constant, signed_width(out.constant, out.constant))
    code = codes[out.node]
    edges = [out.constant + ((-edge if out.negate else edge) << out.shift) for edge in spans[out.node]]
    inverts = out.negate != (code.sign < 0)
    offset = code.offset - ((1 << code.width) - 1) if inverts else -code.offset
    return Term(out.node, out.shift, inverts, out.constant + (offset << out.shift), signed_width(*edges))


def signed_width(first: int, second: int) -> int:
    """Bits of a two's complement number that holds both."""
    return 1 + max((edge if edge >= 0 else ~edge).bit_length() for edge in (first, second))
