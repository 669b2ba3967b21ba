"""`hwc_requant` from the fields of a Requant: widths from the proofs, constants per channel in a memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.ir.dyadic import Tie
from hwcomp.ir.op import Op
from hwcomp.ir.types import IntType, Value
from hwcomp.targets.fpga.builder import NetworkBuilder, signed_type
from hwcomp.targets.fpga.network import Memory, Stream
from hwcomp.targets.fpga.weights import join_fields

_TIES = {Tie.FLOOR: 0, Tie.EVEN: 1, Tie.AWAY: 2}


@dataclass(frozen=True, slots=True)
class Rescaling:
    """The arithmetic of `ir.dyadic.apply_requant`; rows have one entry, or one for each of a period of elements."""

    mult: tuple[tuple[int, ...], ...]
    offset: tuple[int, ...]
    shift: int = 0
    tie: Tie = Tie.FLOOR
    zero: int = 0
    lo: int = 0
    hi: int = 0
    negative_bias: int = 0
    negative_amount: tuple[int, ...] = (0,)

    @property
    def period(self) -> int:
        """After how many elements the constants repeat."""
        return max(len(self.offset), len(self.negative_amount), *(len(row) for row in self.mult))

    def at(self, row: Sequence[int], element: int) -> int:
        """A row's entry for an element of the period."""
        return row[element % len(row)]


def add_requant(
    b: NetworkBuilder, op: Op, streams: Sequence[Stream], out: Stream, rescaling: Rescaling, operands: Sequence[Value]
) -> None:
    """Add the instance; streams of several widths are brought to one."""
    element = common_element([s.element for s in streams])
    same = [s if s.element == element else widened(b, op, s, element) for s in streams]
    lanes = out.lanes
    period = math.lcm(rescaling.period, lanes) if rescaling.period > 1 else lanes
    mult_type = signed_type(min(map(min, rescaling.mult)), max(map(max, rescaling.mult)))
    offset_type = signed_type(min(rescaling.offset), max(rescaling.offset))
    amount_type = signed_type(0, max(rescaling.negative_amount))
    bias_type = signed_type(rescaling.negative_bias, rescaling.negative_bias)
    fields = len(streams) * mult_type.bits + offset_type.bits + amount_type.bits
    words = period // lanes if rescaling.period > 1 else 1

    def make() -> list[int]:
        made = []
        for word in range(words):
            parts: list[tuple[int, int]] = []
            for lane in range(lanes):
                element_index = word * lanes + lane
                parts += [(rescaling.at(row, element_index), mult_type.bits) for row in rescaling.mult]
                parts.append((rescaling.at(rescaling.offset, element_index), offset_type.bits))
                parts.append((rescaling.at(rescaling.negative_amount, element_index), amount_type.bits))
            made.append(join_fields(parts))
        return made

    b.add(
        "hwc_requant",
        f"{op.name}_requant",
        {
            "Inputs": len(streams),
            "InWidth": element.bits,
            "InSigned": int(element.signed),
            "MultWidth": mult_type.bits,
            "OffsetWidth": offset_type.bits,
            "AmountWidth": amount_type.bits,
            "NegBias": rescaling.negative_bias,
            "Shift": rescaling.shift,
            "Tie": _TIES[rescaling.tie],
            "Zero": rescaling.zero,
            "Lo": rescaling.lo,
            "Hi": rescaling.hi,
            "OutWidth": out.element.bits,
            "Lanes": lanes,
            "Channels": words * lanes,
        },
        same,
        [out],
        [Memory("ParamFile", b.memory_name(f"{op.name}_constants"), lanes * fields, words, make)],
    )
    assert bias_type.bits <= 64 and operands


def common_element(elements: Sequence[IntType]) -> IntType:
    """One type for all inputs: theirs where they agree, else the narrowest signed one."""
    if len(set(elements)) == 1:
        return elements[0]
    return signed_type(min(e.min for e in elements), max(e.max for e in elements))


def widened(b: NetworkBuilder, op: Op, stream: Stream, element: IntType) -> Stream:
    """The same values in a wider type: a Requant that multiplies by one."""
    out = b.stream(f"{stream.name}_wide", stream.lanes, element, stream.beats)
    identity = Rescaling(((1,),), (0,), lo=element.min, hi=element.max)
    b.add_identity(op, stream, out, identity)
    return out
