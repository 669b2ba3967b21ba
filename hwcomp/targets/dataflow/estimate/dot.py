"""Dot products: `hwc_mvu`, `hwc_dwu`, `hwc_matmul`, and the array `hwc_mac` in each."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.targets.dataflow.estimate.bill import Bill, bits
from hwcomp.targets.dataflow.estimate.contents import Contents, contents_of
from hwcomp.targets.dataflow.estimate.memories import Place
from hwcomp.targets.dataflow.estimate.products import Booth, delay, levels, multiplier_blocks, tree
from hwcomp.targets.dataflow.network import Instance

_CHUNKS = (18, 18)


@dataclass(frozen=True, slots=True)
class Array:
    """sums of `terms` products each; x_terms: different operands x; a, b: widths of x and of the weights, signed;
    product: bits of a product that are kept; acc: of a sum; own_operands: each multiplier has registers before it;
    is_constant: there is one word of weights; pack: sums whose products a block makes."""

    sums: int
    terms: int
    x_terms: int
    a: int
    b: int
    product: int
    acc: int
    groups: int
    style: str
    own_operands: bool = False
    is_constant: bool = False
    pack: int = 1


def mvu(bill: Bill, i: Instance) -> None:
    """Two vectors are kept where there are several groups of results."""
    n = i.number
    pe, simd, width = n("Pe"), n("Simd"), n("InWidth")
    beats, groups = n("InChannels") // simd, n("OutChannels") // pe
    rows = groups * _or_one(i, "Sets")
    _weights(bill, i, pe * simd * n("WeightWidth"), beats * rows)
    _counters(bill, beats, groups, rows)
    if groups > 1:
        replay(bill, simd * width, beats)
    else:
        bill.ffs("x", 2 * simd * width)
    a = width + 1 - n("InSigned")
    array = Array(
        pe, simd, simd, a, n("WeightWidth"), width + n("WeightWidth"), n("AccWidth"), rows, _style(i),
        own_operands=pe > 1 and _style(i) == "dsp", is_constant=beats * rows == 1,
        pack=_or_one(i, "Pack"),
    )  # fmt: skip
    mac(bill, array, contents_of(i, "BiasFile", n("AccWidth")))


def dwu(bill: Bill, i: Instance) -> None:
    """Each lane has taps of its own."""
    n = i.number
    lanes, taps, width = n("Lanes"), n("Taps"), n("InWidth")
    beats, groups = n("KernelTaps") // taps, n("Channels") // lanes
    _weights(bill, i, taps * lanes * n("WeightWidth"), beats * groups)
    _counters(bill, beats, groups, groups)
    own = taps * lanes // _or_one(i, "Multiplier")
    bill.ffs("x", 2 * own * width)
    a = width + 1 - n("InSigned")
    array = Array(lanes, taps, own, a, n("WeightWidth"), width + n("WeightWidth"), n("AccWidth"), groups, _style(i))
    mac(bill, array, contents_of(i, "BiasFile", n("AccWidth")))


def matmul(bill: Bill, i: Instance) -> None:
    """Two matrices b and two rows of a are kept."""
    n = i.number
    pe, inner, groups = n("Pe"), n("Inner"), n("Columns") // n("Pe")
    a = n("AWidth") + 1 - n("ASigned") + (n("AZero") != 0)
    b = n("BWidth") + 1 - n("BSigned") + (n("BZero") != 0)
    bill.ram(pe * n("BWidth"), 2 * inner * groups)
    bill.ffs("x", pe * n("BWidth"))
    if n("AZero"):
        bill.luts("zero", a)
    if n("BZero"):
        bill.luts("zero", pe * b)
    bill.both("count", 4 * bits(2 * inner * groups) + bits(inner) + bits(groups) + bits(n("Rows")))
    if groups > 1:
        replay(bill, n("AWidth"), inner)
    else:
        bill.ffs("x", 2 * n("AWidth"))
    mac(bill, Array(pe, 1, 1, a, b, a + b, n("AccWidth"), 1, _style(i)), bias=None)


def replay(bill: Bill, width: int, beats: int) -> None:
    """`hwc_replay`: a ring of two vectors, and a register."""
    bill.ram(width, 2 * beats)
    bill.ffs("x", width)
    bill.both("ring", 4 * bits(2 * beats) + 4)


def mac(bill: Bill, array: Array, bias: Contents | None) -> None:
    """`hwc_mac`: products, a tree for each sum, accumulators that begin at the bias."""
    number = array.sums * array.terms
    blocks = multiplier_blocks(array.a, array.b, _CHUNKS, bill.family) if array.style == "dsp" else 0
    if array.style == "dsp":
        stages = 1
        bill.dsp += number * blocks
        bill.ffs("product" if blocks else "soft", number * array.product)
        if not blocks:
            bill.luts("soft", number * array.a * array.b)
    elif array.style == "packed":
        stages = _packed(bill, array)
    else:
        stages = booth(bill, array.a, array.b, number, array.x_terms, number, is_constant=array.is_constant)
    grown = array.product + levels(array.terms)
    tree(bill, "tree" if not blocks else "block_tree", array.terms, array.product, min(grown, array.acc), array.sums)
    bill.both("acc" if not blocks or array.terms > 1 else "block_acc", array.sums * array.acc)
    if array.own_operands:
        stages += 1
        bill.ffs("own", number * (array.product))
    clocks = stages + levels(array.terms)
    delay(bill, 2, clocks)
    bill.ffs("valid", clocks)
    delay(bill, bits(array.groups), clocks - 1)
    if bias is not None and array.groups > 1:
        bill.columns(bias.varying, bias.distinct, array.groups)


def _packed(bill: Bill, array: Array) -> int:
    """`hwc_packed_mul`: fields that take a borrow, the wide operand, products that get it back; its clocks."""
    number = array.sums // array.pack * array.terms
    wide = (array.product - 1) * (array.pack - 1) + array.b + 1
    bill.dsp += number
    bill.luts("borrow", number * (array.pack - 1) * (array.b + 1))
    bill.ffs("operand", number * ((array.b + 1) * array.pack + array.a))
    bill.ffs("full", number * min(wide + array.a, array.product * array.pack))
    bill.luts("corrected", number * (array.pack - 1) * array.product)
    bill.ffs("corrected", number * array.pack * array.product)
    return 3


def booth(bill: Bill, a: int, b: int, number: int, a_number: int, b_number: int, *, is_constant: bool = False) -> int:
    """`number` products in LUTs with so many different operands, of which b may be constant; the clocks they take."""
    one = Booth.of(a, b)
    if is_constant:
        kept = number * one.sums + a_number * one.of_a
        bill.luts("constant", number * one.rows * one.row_bits)
        bill.ffs("constant", kept)
        return one.stages
    bill.luts("booth", number * (one.rows - 1) * one.row_bits)
    bill.luts("booth_first", number * one.row_bits)
    bill.ffs("booth", number * one.sums + a_number * one.of_a + b_number * one.of_b)
    return one.stages


def _weights(bill: Bill, i: Instance, width: int, depth: int) -> None:
    place = bill.rom(width, depth, str(i.parameters["WeightStyle"]))
    bill.ffs("weights" if place is Place.BLOCK else "lut_weights", width if depth > 1 else 0)


def _counters(bill: Bill, beats: int, groups: int, rows: int) -> None:
    bill.both("count", bits(beats) + bits(groups) + bits(beats * rows) + (bits(rows) if rows > groups else 0))
    delay(bill, bits(rows), 2)


def _style(i: Instance) -> str:
    return str(i.parameters["MultStyle"])


def _or_one(i: Instance, name: str) -> int:
    """A parameter that instances without it have as 1."""
    return i.number(name) if name in i.parameters else 1
