"""Rescaling and what else is made of constants per channel: `hwc_requant`, `hwc_clamp`, `hwc_threshold`, `hwc_lut`."""

from __future__ import annotations

from hwcomp.targets.dataflow.estimate.bill import Bill, bits
from hwcomp.targets.dataflow.estimate.contents import contents_of
from hwcomp.targets.dataflow.estimate.dot import booth
from hwcomp.targets.dataflow.estimate.products import delay, levels, multiplier_blocks, pieces_tree, tree
from hwcomp.targets.dataflow.modules.compute import parts
from hwcomp.targets.dataflow.network import Instance


def requant(bill: Bill, i: Instance) -> None:
    """Constants that all share are constants of the logic; else they are in ROMs and keep pace with the products."""
    n = i.number
    inputs, lanes, acc = n("Inputs"), n("Lanes"), n("AccWidth")
    groups = max(n("Channels") // lanes, 1)
    sets = 0 if groups == 1 else lanes
    x = max(n("InWidth") + 1 - n("InSigned"), n("In1Width") + 1 - n("In1Signed") if inputs > 1 else 0)
    mult = n("MultWidth") + 1 - n("MultSigned")
    data = lanes * (n("InWidth") + (inputs - 1) * n("In1Width"))
    bill.ffs("x", data * (2 if inputs > 1 else 1))
    bill.both("count", bits(groups))
    mults, offsets = (contents_of(i, f"{name}File", n(f"{name}Width")) for name in ("Mult", "Offset"))
    bill.columns(mults.varying, mults.distinct, groups)
    bill.columns(offsets.varying, offsets.distinct, groups)
    is_floor = i.parameters["Tie"] == "floor"
    zeros = min(offsets.zeros, n("Shift")) if is_floor and not n("HasNegative") and inputs == 1 else 0
    clocks = _products(bill, i, x, mult, inputs * lanes, sets == 0, zeros) + levels(inputs)
    tree(bill, "tree", inputs, acc, acc, lanes)
    delay(bill, offsets.distinct, clocks)
    if n("HasNegative"):
        amounts = contents_of(i, "AmountFile", n("AmountWidth"))
        bill.columns(amounts.varying, amounts.distinct, groups)
        delay(bill, amounts.distinct, clocks)
        bill.luts("negative", lanes * acc)
        bill.luts("lowered", (sets or 1) * n("OffsetWidth"))
        bill.ffs("negative", lanes * acc + offsets.distinct + sets * n("OffsetWidth"))
        clocks += 1
    bill.luts("acc", lanes * (acc - zeros))
    bill.ffs("acc", lanes * (acc - n("Shift") if is_floor else acc))
    bill.luts("lane", lanes)
    if not is_floor:
        bill.luts("tie", lanes * min(n("Shift"), acc))
    bill.luts("far", lanes * max(acc - n("Shift") - n("OutWidth"), 0))
    bill.both("clamp", lanes * (n("OutWidth") + 1))
    bill.ffs("valid", clocks + 4)


def _products(bill: Bill, i: Instance, x: int, mult: int, number: int, is_constant: bool, zeros: int) -> int:
    """The products and the clocks they take."""
    if i.parameters["MultStyle"] == "lut":
        return booth(bill, x, mult, number, number, number, is_constant=is_constant)
    cut = (_chunk(i, "XChunk"), _chunk(i, "MultChunk"))
    pieces = parts(x, cut[0]) * parts(mult, cut[1])
    blocks = multiplier_blocks(x, mult, cut, bill.family)
    bill.dsp += number * blocks
    bill.both("soft", number * (pieces - blocks))
    bill.ffs("alone", number * i.number("AccWidth") if pieces == 1 else 0)
    bill.ffs("product", number * (x * parts(mult, cut[1]) + mult * parts(x, cut[0])))
    pieces_tree(bill, x, mult, cut, i.number("AccWidth"), number, zeros)
    return 1 + levels(pieces)


def _chunk(i: Instance, name: str) -> int:
    return i.number(name) if name in i.parameters else 18


def threshold(bill: Bill, i: Instance) -> None:
    """A comparator a level and lane, and a tree that counts."""
    n = i.number
    lanes, levels_, width = n("Lanes"), n("Levels"), n("InWidth") + 1
    groups = max(n("Channels") // lanes, 1)
    bill.rom((1 if n("Channels") == 1 else lanes) * levels_ * width, groups)
    bill.luts("compare" if groups > 1 else "compare_constant", lanes * levels_ * width)
    bill.ffs("x", lanes * n("InWidth"))
    bill.ffs("reached", lanes * levels_)
    bill.both("count", bits(groups))
    tree(bill, "tree", levels_, 1, n("OutWidth"), lanes)
    bill.ffs("valid", 2 + levels(levels_))


def clamp(bill: Bill, i: Instance) -> None:
    """The bits above the result say whether it is within the limits, which gate the others."""
    n = i.number
    above = max(n("InWidth") - n("Shift") - n("OutWidth"), 0)
    bill.luts("above", n("Lanes") * above)
    bill.luts("gate", n("Lanes") * n("OutWidth"))
    bill.luts("lane", n("Lanes"))
    bill.luts("zero", n("Lanes") * n("OutWidth") * (n("Zero") != 0))
    bill.ffs("result", n("Lanes") * n("OutWidth"))


def lut(bill: Bill, i: Instance) -> None:
    """Every lane has its own table."""
    n = i.number
    depth = n("Channels") * n("Entries")
    for _ in range(n("Lanes")):
        bill.rom(n("OutWidth"), depth)
    address = bits(depth)
    bill.both("address", n("Lanes") * address)
    bill.both("count", address if n("Channels") > n("Lanes") else 0)
