"""How far a layer is folded: what the solver picks for each operator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class WeightStyle(Enum):
    """Where a layer's weights are."""

    BLOCK = "block"
    DISTRIBUTED = "distributed"


class MultStyle(Enum):
    """What multiplies; COMPARE: comparisons in the place of a product."""

    DSP = "dsp"
    LUT = "lut"
    PACKED = "packed"
    ADDERS = "adders"
    SERIAL = "serial"
    COMPARE = "compare"


MULTIPLIERS = (MultStyle.DSP, MultStyle.LUT)
"""What makes a product of two variables."""

GRAPHS = (MultStyle.ADDERS, MultStyle.SERIAL)
"""What is made for one constant matrix."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to build an operator.

    lanes: elements of a beat (of a window's beat: channels); pe: outputs at a time; simd: inputs of an output at a time
    (of a depthwise layer: taps); sets: matrices that a convolution in groups uses in turn. Operators that only stream
    have `lanes` alone. levels: of an adder graph, the adders between its registers; digit: of one that works on digits,
    their bits.
    """

    lanes: int = 1
    pe: int = 1
    simd: int = 1
    weights: WeightStyle = WeightStyle.BLOCK
    mults: MultStyle = MultStyle.DSP
    sets: int = 1
    levels: int = 0
    digit: int = 0


@dataclass(frozen=True, slots=True)
class Fabric:
    """What choices depend on beside their operator.

    mult_bits: the operands of a multiplier block, the wider first; adder_levels: adders between the registers of an
    adder graph, 0 where none may be built; most_digits: signed digits of the largest matrix for which one is sought;
    most_lut: a unit of more has no room; goal: clocks between frames that are enough, 0 where fewer are always better;
    compares: whether a Requant may be comparisons, which are not loaded at run time; packs: a block may multiply
    several weights by one activation; digits: bits of the digits on which adder graphs may work, none where they may
    not; serial_operands: numbers that an adder of digits of one bit sums; clusters: adder graphs, and what follows
    them, may run in clusters that never wait.
    """

    mult_bits: tuple[int, int] = (18, 18)
    adder_levels: int = 0
    most_digits: int = 0
    most_lut: int = 0
    goal: int = 0
    compares: bool = False
    packs: bool = False
    digits: tuple[int, ...] = ()
    serial_operands: int = 2
    clusters: bool = False

    def pack(self, x: int, signed: bool, weight: int, pe: int) -> int:
        """Products of an activation of x bits that a block makes, a divisor of pe; 1 where only one fits.

        Weights stand x + weight - 1 bits apart in the wide operand, which has a bit more for the borrow of those below
        (rtl/lib/hwc_packed_mul.sv).
        """
        wide, narrow = self.mult_bits
        if not self.packs or x + (not signed) > narrow:
            return 1
        fitting = 1 + max(wide - weight - 1, 0) // (x + weight - 1)
        return max(d for d in divisors(pe) if d <= fitting)


def divisors(number: int) -> list[int]:
    """All divisors, ascending."""
    small = [d for d in range(1, int(number**0.5) + 1) if number % d == 0]
    return sorted({*small, *(number // d for d in small)})
