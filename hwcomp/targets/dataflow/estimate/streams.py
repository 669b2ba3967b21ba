"""Modules that move, buffer and combine beats."""

from __future__ import annotations

from hwcomp.targets.dataflow.estimate.bill import Bill, bits, choice_luts
from hwcomp.targets.dataflow.estimate.contents import contents_of
from hwcomp.targets.dataflow.estimate.products import levels, tree
from hwcomp.targets.dataflow.modules.spec import Bits
from hwcomp.targets.dataflow.network import Instance


def stream_reg(bill: Bill, width: int) -> None:
    """A beat and its spare copy."""
    bill.both("slice", width)
    bill.ffs("spare", width)


def slice_(bill: Bill, i: Instance) -> None:
    """`hwc_stream_reg`."""
    stream_reg(bill, i.number("Width"))


def fifo(bill: Bill, i: Instance) -> None:
    """Registers for one or two beats, a RAM for more."""
    _fifo(bill, i.number("Width"), i.number("Depth"))


def _fifo(bill: Bill, width: int, depth: int) -> None:
    if depth <= 2:
        stream_reg(bill, width)
        return
    bill.ram(width, depth)
    bill.both("ring", 2 * bits(depth) + bits(depth + 1) + 3)


def cluster_entry(bill: Bill, i: Instance) -> None:
    """A counter of clocks."""
    bill.both("count", bits(i.number("Interval")))


def cluster_exit(bill: Bill, i: Instance) -> None:
    """A FIFO, and a count of what it holds."""
    _fifo(bill, i.number("Width"), i.number("Depth"))
    bill.both("count", bits(i.number("Depth") + 2) + 1)


def state(bill: Bill, i: Instance) -> None:
    """A FIFO that is filled from a ROM at first."""
    n = i.number
    width, beats = n("Width"), n("Beats")
    if i.memories:
        found = contents_of(i, i.memories[0].parameter, width)
        bill.columns(found.varying, found.distinct, beats)
        bill.luts("first", width)
    bill.both("count", bits(beats + 1))
    _fifo(bill, width, beats)


def permute(bill: Bill, i: Instance) -> None:
    """Two frames in a RAM, and the addresses in which they are read."""
    n = i.number
    words = (1 << max(bits(n("InBeats")), 1)) + n("InBeats")
    bill.ram(n("Width") * n("Lanes"), words)
    if i.memories:
        bill.rom(bits(n("InBeats")), n("OutBeats"))
    else:
        bill.both("count", 2 * bits(n("InBeats")))
    bill.both("count", bits(n("InBeats")) + bits(n("OutBeats")))


def width(bill: Bill, i: Instance) -> None:
    """Wide to narrow, each bit is chosen from the pieces; narrow to wide, it only moves."""
    n = i.number
    first, second = n("Width") * n("InLanes"), n("Width") * n("OutLanes")
    if first == second:
        stream_reg(bill, first)
    elif first > second:
        bill.luts("choose", second * choice_luts(first // second, bill.family))
        bill.ffs("load", first)
        bill.both("count", bits(first // second) + 1)
    else:
        bill.ffs("move", second)
        bill.both("count", bits(second // first))


def fork(bill: Bill, i: Instance) -> None:
    """A flag an output."""
    bill.both("flag", i.number("Outputs"))


def pad(bill: Bill, i: Instance) -> None:
    """A beat, and two counters with their bounds."""
    n = i.number
    groups = n("Channels") // n("Lanes")
    high, wide = n("PadTop") + n("InHeight") + n("PadBottom"), (n("PadLeft") + n("InWidth") + n("PadRight")) * groups
    bill.both("beat", n("Width") * n("Lanes"))
    bill.both("count", bits(high + 1) + bits(wide + 1))


def window(bill: Bill, i: Instance) -> None:
    """Delay lines of rows, then of pixels, and counters of where windows end."""
    n = i.number
    beat, groups = n("Lanes") * n("Width"), n("Channels") // n("Lanes")
    high, wide = n("KernelHeight"), n("KernelWidth")
    if high > 1:
        _taps(bill, beat, n("DilationHeight") * n("InWidth") * groups, high - 1)
    if wide > 1:
        _taps(bill, high * beat, n("DilationWidth") * groups, wide - 1)
    if high == wide == 1:
        bill.ffs("taps", beat)
    first_row, first_col = (high - 1) * n("DilationHeight"), (wide - 1) * n("DilationWidth")
    waits = bits(max(first_row, n("StrideHeight")) + 1) + bits(max(first_col, n("StrideWidth")) + 1)
    bill.both("count", bits(groups) + bits(n("InHeight") + 1) + bits(n("InWidth") + 1))
    bill.both("wait", waits)


def _taps(bill: Bill, width_: int, gap: int, taps: int) -> None:
    if gap == 1:
        bill.ffs("taps", (taps + 1) * width_)
        return
    bill.ram(taps * width_, gap)
    bill.ffs("taps", width_)
    bill.luts("gap", bits(gap))
    bill.ffs("gap", 2 * bits(gap))


def pool(bill: Bill, i: Instance) -> None:
    """A beat and a tree a lane."""
    n = i.number
    bill.ffs("x", n("Lanes") * n("Taps") * n("Width"))
    if n("IsMax"):
        tree(bill, "greater", n("Taps"), n("Width"), n("Width"), n("Lanes"), grows=False)
    else:
        tree(bill, "tree", n("Taps"), n("Width"), n("OutWidth"), n("Lanes"))
    bill.ffs("valid", 1 + levels(n("Taps")))


def reduce(bill: Bill, i: Instance) -> None:
    """Results of all channels, in a RAM where they do not come in one beat."""
    n = i.number
    groups, result = n("Channels") // n("Lanes"), n("Lanes") * n("OutWidth")
    if groups > 1:
        bill.ram(result, groups)
    bill.both("greater" if n("IsMax") else "acc", result)
    bill.ffs("x", n("Lanes") * n("Width"))
    bill.both("count", bits(groups) + bits(n("Pixels")))
    bill.ffs("count", bits(groups))


def binary(bill: Bill, i: Instance) -> None:
    """Two operands meet, then a register before and behind the operation."""
    n = i.number
    lanes, a, b, out = n("Lanes"), n("AWidth"), n("BWidth"), n("OutWidth")
    bill.ffs("x", 2 * lanes * (a + b))
    if i.parameters["Op"] == "mul":
        bill.dsp += lanes
        bill.luts("zero", lanes * (a * (n("AZero") != 0) + b * (n("BZero") != 0)))
        bill.ffs("product", lanes * out)
    elif i.parameters["Op"] in ("min", "max"):
        bill.luts("compare", lanes * (max(a, b) + 2))
        bill.both("greater", lanes * out)
    else:
        bill.both("sum", lanes * out)


def concat(bill: Bill, i: Instance) -> None:
    """A multiplexer, and a counter of the longest burst."""
    n = i.number
    beat, inputs = n("Width") * n("Lanes"), n("Inputs")
    bursts = i.parameters["Bursts"]
    assert isinstance(bursts, Bits)
    longest = max((bursts.value >> (32 * place)) & 0xFFFFFFFF for place in range(inputs))
    bill.luts("choose", beat * (inputs - 1))
    bill.ffs("beat", beat)
    bill.both("count", longest.bit_length() + bits(inputs))


def take(bill: Bill, i: Instance) -> None:
    """A counter and two comparisons."""
    bill.both("count", bits(i.number("Period") + 1))


def argmax(bill: Bill, i: Instance) -> None:
    """The greatest so far and its index."""
    n = i.number
    bill.both("greater", n("Width") + 1)
    bill.both("count", bits(n("Channels")))
    bill.ffs("index", bits(n("Channels")))
