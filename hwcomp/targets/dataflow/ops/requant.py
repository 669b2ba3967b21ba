"""`hwc_requant` from the fields of a Requant: widths from the proofs, constants per channel in a memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.ir.dyadic import Tie
from hwcomp.ir.op import Op
from hwcomp.ir.ops.requant import Requant
from hwcomp.ir.types import IntType, Range
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of, signed_type
from hwcomp.targets.dataflow.choice import MULTIPLIERS, Choice, MultStyle, divisors
from hwcomp.targets.dataflow.modules.compute import parts
from hwcomp.targets.dataflow.modules.spec import Parameter, pack_fields
from hwcomp.targets.dataflow.network import Memory, Stream
from hwcomp.targets.dataflow.ops.compare import steps_of
from hwcomp.targets.dataflow.weights import join_fields


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

    def bounds(self, ranges: Sequence[Range]) -> tuple[int, int]:
        """Least and greatest of every sum on the way: products, offset, correction, bias."""
        lo = hi = 0
        for row, x in zip(self.mult, ranges, strict=True):
            corners = [m * v for m in (min(row), max(row)) for v in (x.min, x.max)]
            lo, hi = lo + min(corners), hi + max(corners)
        added = [0, self.negative_bias, min(self.offset), max(self.offset)]
        return lo + min(added) - max(self.negative_amount), hi + max(added)


def add_requant(
    b: NetworkBuilder, op: Op, streams: Sequence[Stream], out: Stream, rescaling: Rescaling, ranges: Sequence[Range]
) -> None:
    """Add the instance; `ranges` are the operands'. Streams behind the first are brought to one type."""
    streams = _agreeing(b, op, streams, ranges)
    lanes, r = out.lanes, rescaling
    words = r.period // lanes if r.period > 1 else 1
    sets = lanes if r.period > 1 else 1
    lowest, highest = min(map(min, r.mult)), max(map(max, r.mult))
    mult_bits = signed_type(lowest, highest).bits if lowest < 0 else max(1, highest.bit_length())
    offset_bits = signed_type(min(r.offset), max(r.offset)).bits
    amount_bits = max(1, max(r.negative_amount).bit_length())
    bounds = r.bounds(ranges)
    first, others = streams[0].element, streams[-1].element
    x_bits = max(e.bits + (not e.signed) for e in (first, others))
    chunks = chunks_of(x_bits, mult_bits + (lowest >= 0), b.mult_bits)
    name = b.memory_name(f"{op.name}_constants")
    memories = [
        _memory("MultFile", f"{name}_mult", r.mult, sets, words, mult_bits),
        _memory("OffsetFile", f"{name}_offset", (r.offset,), sets, words, offset_bits),
    ]
    if any(r.negative_amount):
        memories.append(_memory("AmountFile", f"{name}_amount", (r.negative_amount,), sets, words, amount_bits))
    parameters: dict[str, Parameter] = {
        "Inputs": len(streams),
        "InWidth": first.bits,
        "InSigned": int(first.signed),
        "In1Width": others.bits,
        "In1Signed": int(others.signed),
        "MultWidth": mult_bits,
        "MultSigned": int(lowest < 0),
        "OffsetWidth": offset_bits,
        "AmountWidth": amount_bits,
        "AccWidth": signed_type(*bounds).bits,
        "Lanes": lanes,
        "Channels": words * lanes if r.period > 1 else 1,
        "Shift": r.shift,
        "XChunk": chunks[0],
        "MultChunk": chunks[1],
        "Tie": r.tie.value,
        "MultStyle": b.choice().mults.value,
        "HasNegative": int(any(r.negative_amount)),
        "NegativeBias": pack_fields((r.negative_bias,), 64),
        "Zero": r.zero,
        "Lo": r.lo,
        "Hi": r.hi,
        "OutWidth": out.element.bits,
    }
    b.add("hwc_requant", f"{op.name}_requant", parameters, streams, [out], memories)


def is_shift(op: Requant, x_bits: int) -> bool:
    """Whether nothing but a shift and the limits is left of it, for an operand of so many signed bits."""
    if len(op.inputs) > 1 or op.tie is not Tie.FLOOR or op.negative is not None or any(op.offset):
        return False
    return set(op.mult[0]) == {1} and op.shift < x_bits


def signed_bits(element: IntType) -> int:
    """Bits of the element in two's complement."""
    return element.bits + (not element.signed)


def add_clamp(b: NetworkBuilder, op: Requant, stream: Stream, out: Stream) -> None:
    """Shift and limits, without constants in memories."""
    x, y = stream.element, out.element
    parameters: dict[str, Parameter] = {
        "InWidth": x.bits,
        "InSigned": int(x.signed),
        "Lanes": out.lanes,
        "Shift": op.shift,
        "Zero": op.zero,
        "Lo": op.lo,
        "Hi": op.hi,
        "OutWidth": y.bits,
    }
    b.add("hwc_clamp", f"{op.name}_clamp", parameters, [stream], [out])


def chunks_of(x_bits: int, mult_bits: int, block: tuple[int, int]) -> tuple[int, int]:
    """Into parts of how many bits x and the multiplier are cut, both signed: the wider operand of a multiplier block is
    given to that of the two with which fewer blocks are needed."""
    return min(block, (block[1], block[0]), key=lambda c: parts(x_bits, c[0]) * parts(mult_bits, c[1]))


def requant_choices(b: NetworkBuilder, op: Op) -> list[Choice]:
    """Every number of lanes that divides the last axis of the result, products in multipliers or in LUTs; comparisons
    where the levels are few."""
    assert isinstance(op, Requant)
    shape = b.value(op.outputs[0]).shape
    x = b.value(op.inputs[0])
    if b.fabric.compares and is_shift(op, signed_bits(element_of(x))):
        return [Choice(lanes) for lanes in divisors(shape[-1] if shape else 1)]
    few = b.fabric.compares and steps_of(op, x.range, b.value(op.outputs[0]).range, element_of(x)) is not None
    styles = (*MULTIPLIERS, *([MultStyle.COMPARE] if few else []))
    return [Choice(lanes, mults=mults) for lanes in divisors(shape[-1] if shape else 1) for mults in styles]


def _memory(parameter: str, name: str, rows: Sequence[Sequence[int]], sets: int, words: int, bits: int) -> Memory:
    """Words [row][lane] of `bits` bits; word w has the entries of the period's elements [w * sets, (w + 1) * sets)."""

    def make() -> list[int]:
        return [
            join_fields([(row[(word * sets + lane) % len(row)], bits) for row in rows for lane in range(sets)])
            for word in range(words)
        ]

    return Memory(parameter, name, len(rows) * sets * bits, words, make)


def _agreeing(b: NetworkBuilder, op: Op, streams: Sequence[Stream], ranges: Sequence[Range]) -> list[Stream]:
    """The streams, all but the first of one type."""
    if len(streams) < 3:
        return list(streams)
    element = common_element([s.element for s in streams[1:]])
    return [streams[0]] + [
        coded_as(b, op, s, element, bounds) for s, bounds in zip(streams[1:], ranges[1:], strict=True)
    ]


def holding(b: NetworkBuilder, op: Op, stream: Stream, value: int, bounds: Range) -> Stream:
    """The stream in a type that holds `value` too, which is put among its elements."""
    element = stream.element
    if not element.min <= value <= element.max:
        element = common_element([element, signed_type(value, value)])
    return coded_as(b, op, stream, element, bounds)


def common_element(elements: Sequence[IntType]) -> IntType:
    """One type for all inputs: theirs where they agree, else the narrowest signed one."""
    if len(set(elements)) == 1:
        return elements[0]
    return signed_type(min(e.min for e in elements), max(e.max for e in elements))


def coded_as(b: NetworkBuilder, op: Op, stream: Stream, element: IntType, bounds: Range) -> Stream:
    """The same values, which lie in `bounds`, in another type that holds them: a Requant that multiplies by one."""
    if stream.element == element:
        return stream
    out = b.stream(f"{stream.name}_wide", stream.lanes, element, stream.beats)
    identity = Rescaling(((1,),), (0,), lo=bounds.min, hi=bounds.max)
    add_requant(b, op, [stream], out, identity, [bounds])
    return out
