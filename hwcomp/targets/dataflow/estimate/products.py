"""Multipliers, trees and delays, as `hwc_mul`, `hwc_product`, `hwc_tree` and `hwc_delay` are built."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.targets.dataflow.estimate.bill import Bill, bits
from hwcomp.targets.dataflow.estimate.family import Family
from hwcomp.targets.dataflow.modules.compute import parts

_LEAST_PRODUCT = {Family.ECP5: 0, Family.XC7: 10, Family.XCUP: 10}
"""Narrower products are in LUTs though a multiplier is asked for."""


@dataclass(frozen=True, slots=True)
class Booth:
    """A product in LUTs of two signed operands: the narrower is recoded, the wider added, two rows a clock.

    steady: register bits of the operand that is `a`; moving: of the other; sums: of the running sum.
    """

    rows: int
    stages: int
    row_bits: int
    of_a: int
    of_b: int
    sums: int

    @staticmethod
    def of(a: int, b: int) -> Booth:
        """Widths of `a` and `b` as two's complement."""
        recoded, factor = min(a, b), max(a, b)
        rows = (recoded + 1) // 2
        stages = (rows + 1) // 2
        digits = sum(recoded - 4 * s + 1 for s in range(1, stages))
        factors = (stages - 1) * factor
        sums = sum(factor + 2 * min(2 * (s + 1), rows) for s in range(stages))
        return Booth(rows, stages, factor + 2, *((digits, factors) if a < b else (factors, digits)), sums)


def multiplier_blocks(a: int, b: int, chunks: tuple[int, int], family: Family) -> int:
    """Blocks of a product of signed operands, each cut into parts."""
    least = _LEAST_PRODUCT[family]
    return sum(
        _piece(a, chunks[0], row) + _piece(b, chunks[1], column) >= least
        for row in range(parts(a, chunks[0]))
        for column in range(parts(b, chunks[1]))
    )


def tree(bill: Bill, name: str, inputs: int, width: int, widest: int, number: int = 1, grows: bool = True) -> None:
    """`number` trees: adders (comparators where it does not grow) and a register a level."""
    adds = registers = 0
    level, count = 1, inputs
    while count > 1:
        own = min(width + level if grows else width, widest)
        adds += count // 2 * own
        count = (count + 1) // 2
        registers += count * own
        level += 1
    bill.luts(name, adds * number)
    bill.ffs(name, registers * number)


def pieces_tree(bill: Bill, a: int, b: int, chunks: tuple[int, int], widest: int, number: int, zeros: int) -> None:
    """The sum of the partial products of `hwc_product`: low bits of the higher ones are zero, and pass.

    zeros: low bits of the result that nothing reads.
    """
    level = [
        (row * (chunks[0] - 1) + column * (chunks[1] - 1), _piece(a, chunks[0], row) + _piece(b, chunks[1], column))
        for row in range(parts(a, chunks[0]))
        for column in range(parts(b, chunks[1]))
    ]
    nodes = [(low, min(low + width, widest)) for low, width in level]
    while len(nodes) > 1:
        above: list[tuple[int, int]] = []
        for first, second in zip(nodes[::2], nodes[1::2], strict=False):
            top = min(max(first[1], second[1]) + 1, widest)
            bill.luts("block_tree", number * max(top - max(first[0], second[0]), 0))
            above.append((min(first[0], second[0]), top))
        if len(nodes) % 2:
            above.append(nodes[-1])
        nodes = above
        bill.ffs("block_tree", number * sum(max(top - max(low, zeros), 0) for low, top in nodes))


def _piece(width: int, chunk: int, index: int) -> int:
    """Bits of a part of an operand."""
    count = parts(width, chunk)
    return width - index * (chunk - 1) if index == count - 1 else chunk


def levels(inputs: int) -> int:
    """Clocks of a tree."""
    return bits(inputs)


def delay(bill: Bill, width: int, clocks: int) -> None:
    """A value that keeps pace; three clocks and more are shift registers in LUTs on AMD's devices."""
    if bill.family is not Family.ECP5 and clocks >= 3:
        bill.luts("shift", width * -(-clocks // 16))
        bill.ffs("shift", width)
    else:
        bill.ffs("delay", width * clocks)
