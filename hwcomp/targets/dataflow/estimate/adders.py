"""Adder graphs: a vector a clock, or digit by digit."""

from __future__ import annotations

from hwcomp.targets.dataflow.estimate.bill import Bill, bits, choice_luts
from hwcomp.targets.dataflow.estimate.family import Family
from hwcomp.targets.dataflow.modules.adders import AdderBody, Serial, SerialBody
from hwcomp.targets.dataflow.network import Instance


def adders(bill: Bill, i: Instance) -> None:
    """Carry chains; constants that are added to sums, and inverters; registers that balance."""
    assert isinstance(i.body, AdderBody), "adder graphs have bodies"
    made = i.body.pipelined
    bill.luts("chain", made.chain_bits if bill.family is Family.ECP5 else made.meeting_bits)
    bill.luts("constant", made.constant_bits)
    bill.ffs("registers", made.registers)


def serial(bill: Bill, i: Instance) -> None:
    """Sums of digits; multiplexers that take words apart; words before and behind them."""
    assert isinstance(i.body, SerialBody), "adder graphs have bodies"
    unit, n = i.body.unit, i.number
    words, width, digit = unit.graph.inputs, n("InWidth"), unit.digit
    bill.luts("sum", _sum_luts(unit, bill.family))
    bill.luts("apart", words * digit * choice_luts(-(-width // digit) + 1, bill.family))
    bill.luts("constant", digit * unit.constants)
    bill.ffs("registers", unit.registers)
    bill.ffs("words", words * (width + digit) + len(unit.graph.outputs) * digit * (unit.period - 1))
    bill.both("control", bits(unit.period) + 2 * unit.graph.levels)


def _sum_luts(unit: Serial, family: Family) -> int:
    """Up to two bits are LUTs on ECP5, one bit on AMD's; more a carry chain, with a bit for what comes in and goes out
    on ECP5."""
    if unit.digit == 1:
        return 2 * unit.small_sums + (10 if family is Family.ECP5 else 3) * unit.large_sums
    number = len(unit.graph.sums)
    if family is not Family.ECP5:
        return unit.digit * number
    return 5 * number if unit.digit == 2 else 2 * number * (unit.digit // 2 + 1)
