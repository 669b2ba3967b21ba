"""Modules of one multiplier for many steps and of feedback: softmax, log-softmax, LSTM."""

from __future__ import annotations

from hwcomp.targets.dataflow.estimate.bill import Bill, bits
from hwcomp.targets.dataflow.estimate.contents import contents_of
from hwcomp.targets.dataflow.estimate.dot import Array, booth, mac
from hwcomp.targets.dataflow.estimate.memories import Place
from hwcomp.targets.dataflow.estimate.products import delay, multiplier_blocks, tree
from hwcomp.targets.dataflow.modules.compute import parts
from hwcomp.targets.dataflow.network import Instance

_CHUNKS = (18, 18)
_GATES = 4


def softmax(bill: Bill, i: Instance) -> None:
    """One multiplier of 34 x 34 bits and the rest of a small datapath, whatever the size."""
    n = i.number
    bill.dsp += 4
    bill.ram(n("InWidth"), n("Channels"))
    bill.rom(31, n("Entries"))
    bill.rom(32, n("Entries"))
    bill.both("count", bits(n("Channels")))


def log_softmax(bill: Bill, i: Instance) -> None:
    """As softmax, with the tables of log-softmax; the wide one has a wider sum."""
    n = i.number
    bill.dsp += 4
    bill.ram(n("InWidth"), n("Channels"))
    bill.rom(31, n("Entries"))
    bill.rom(32, n("Entries"))
    bill.both("count", bits(n("Channels")))
    bill.both("wide", n("IsWide"))
    bill.both("out", n("OutWidth"))


def lstm(bill: Bill, i: Instance) -> None:
    """Sums of the hidden state, five rescales, three products of a unit, and two curves."""
    n = i.number
    units, simd, acc, style = n("Units"), n("Simd"), n("AccWidth"), str(i.parameters["MultStyle"])
    beats, rows = units // simd, _GATES * units
    place = bill.rom(simd * n("WeightWidth"), rows * beats, str(i.parameters["WeightStyle"]))
    bill.ffs("weights" if place is Place.BLOCK else "lut_weights", simd * n("WeightWidth"))
    bill.ram(8 * simd, 2 * beats)
    bill.ram(16, units)
    bill.ram(17, units)
    bill.ffs("x", 2 * 8 * simd)
    bill.both("count", bits(rows) + bits(beats) + bits(rows * beats) + 4 * bits(units) + bits(n("Steps")))
    mac(
        bill,
        Array(1, simd, simd, 8, n("WeightWidth"), 8 + n("WeightWidth"), acc, rows, style),
        contents_of(i, "BiasFile", acc),
    )
    for name, width, scales in (
        ("X", n("InWidth"), _GATES), ("H", acc, _GATES), ("Forget", 34, 1), ("Input", 34, 1), ("Hidden", 34, 1)
    ):  # fmt: skip
        _rescale(bill, width, n(f"{name}MultWidth"), n(f"{name}Drop"), scales, style)
    for _ in range(3):
        _product(bill, 17, 17, style)
    for name, tables in (("Gate", 2), ("Cell", 1)):
        is_direct = n(f"{name}Direct") != 0
        bill.rom(n(f"{name}TableWidth"), tables * (1 << 16 if is_direct else 1 << 8))
        if not is_direct:
            _product(bill, 10, 17, style)
            bill.both("curve", 1)


def _product(bill: Bill, a: int, b: int, style: str) -> None:
    if style == "lut":
        booth(bill, a, b, 1, 1, 1)
    else:
        bill.dsp += multiplier_blocks(a, b, _CHUNKS, bill.family)
        bill.ffs("product", a + b)


def _rescale(bill: Bill, width: int, mult: int, drop: int, scales: int, style: str) -> None:
    """`hwc_lstm_rescale`; a multiplier of one constant that is a power of two is wires."""
    quotient = max(width + mult - drop, 2)
    bill.ffs("x", width)
    bill.luts("round", width + mult)
    bill.both("quotient", quotient)
    bill.luts("scales", quotient * (scales - 1))
    if scales == 1 and mult <= 2:
        delay(bill, width, 1)
        return
    if style == "lut":
        booth(bill, width, mult, 1, 1, 1 if scales > 1 else 0)
        return
    pieces = parts(width, 18) * parts(mult, 18)
    bill.dsp += pieces
    bill.ffs("product", width * parts(mult, 18) + mult * parts(width, 18))
    tree(bill, "block_tree", pieces, width + mult, width + mult)
