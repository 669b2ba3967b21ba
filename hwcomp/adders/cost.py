"""What an adder takes on a device: LUTs, by the bits in which its operands meet.

Nodes are kept as numbers without sign (`codes`), so an operand has zeros above and below its bits. Yosys makes a LUT
for each bit of a carry chain in which both operands have one; a bit that meets a constant zero goes to the chain, or
past it, by a wire. A CCU2C of ECP5 is two bits of a chain, from the first common bit up, and takes two LUTs.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CostModel:
    """LUTs of an adder: `meeting` for each bit in which operands meet, `chain` for each bit of its carry chain."""

    meeting: float
    chain: float

    def adder(self, first_width: int, second_width: int, shift: int) -> float:
        """Of first + (second << shift), operands of so many bits; shift may be negative. Disjoint bits cost nothing."""
        top, second_top = first_width, second_width + shift
        start = max(0, shift)
        meeting = min(top, second_top) - start
        if meeting <= 0:
            return 0.0
        return self.meeting * meeting + self.chain * (max(top, second_top) - start)


# As Yosys 0.70 maps (docs/adders.md); the small share of the chain prefers the shorter of two equal ones.
XCUP = CostModel(meeting=1.0, chain=0.02)
ECP5 = CostModel(meeting=0.0, chain=1.0)
