"""A layer of constant weights as an adder graph: the modules that are made for their instances, `hwcomp/adders`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hwcomp.adders.codes import Coded, encode
from hwcomp.adders.cost import CostModel
from hwcomp.adders.graph import AdderGraph
from hwcomp.adders.schedule import levels_of, schedule
from hwcomp.adders.serial import SerialGraph, Uses, uses_of
from hwcomp.adders.solve import cost_of

_MEETING = CostModel(meeting=1.0, chain=0.0)
_CHAIN = CostModel(meeting=0.0, chain=1.0)


@dataclass(frozen=True)
class Pipelined:
    """graph: what is computed, a vector a clock; stages: its registers in a row. What it costs is counted once."""

    graph: AdderGraph
    stages: int

    @cached_property
    def coded(self) -> Coded:
        """How its nodes are kept."""
        return encode(self.graph)

    @cached_property
    def meeting_bits(self) -> int:
        """Bits of its adders in which operands meet."""
        return round(cost_of(self.graph, _MEETING))

    @cached_property
    def chain_bits(self) -> int:
        """Bits of its carry chains, those of the constants of outputs too."""
        added = sum(term.width for term in self.coded.terms if term.constant and term.node is not None)
        return round(cost_of(self.graph, _CHAIN)) + added

    @cached_property
    def constant_bits(self) -> int:
        """Ones in the constants that are added to outputs."""
        return sum((t.constant % (1 << t.width)).bit_count() for t in self.coded.terms if t.node is not None)

    @cached_property
    def registers(self) -> int:
        """Flip-flops: of the nodes, the outputs, the flags."""
        widths = [code.width for code in self.coded.codes]
        kept = schedule(self.graph, self.stages, widths).registers(widths)
        return kept + sum(term.width for term in self.coded.terms if term.node is not None) + self.stages


@dataclass(frozen=True)
class Serial:
    """graph: what is computed, a vector each `period` clocks, in which words go by in digits of `digit` bits."""

    graph: SerialGraph
    digit: int
    period: int

    @cached_property
    def uses(self) -> Uses:
        """Which digits are kept for later."""
        return uses_of(self.graph)

    @property
    def small_sums(self) -> int:
        """Sums of two operands."""
        return sum(item.size == 2 for item in self.graph.sums)

    @property
    def large_sums(self) -> int:
        """Sums of more."""
        return len(self.graph.sums) - self.small_sums

    @property
    def constants(self) -> int:
        """Sums with a constant."""
        return sum(item.constant is not None for item in self.graph.sums)

    @cached_property
    def registers(self) -> int:
        """Flip-flops of the sums and what they carry, of digits that wait, and of shifts."""
        carries = self.small_sums + 2 * self.large_sums
        waiting = sum(self.uses.delays)
        return self.digit * (len(self.graph.sums) + waiting) + carries + sum(self.uses.shifts.values())


@dataclass(frozen=True, slots=True)
class AdderBody:
    """name: of the module that is made for the instance."""

    name: str
    pipelined: Pipelined

    @property
    def graph(self) -> AdderGraph:
        return self.pipelined.graph

    @property
    def stages(self) -> int:
        return self.pipelined.stages

    @property
    def adders(self) -> int:
        """Adders with two operands."""
        return len(self.graph.adds)

    @property
    def modules(self) -> tuple[str, ...]:
        """Of `rtl/lib`, that it is made of."""
        return ()

    @property
    def summary(self) -> str:
        """For people."""
        return f"{self.adders:,} adders, {self.stages} stages"


@dataclass(frozen=True, slots=True)
class SerialBody:
    """name: of the module that is made for the instance."""

    name: str
    unit: Serial

    @property
    def modules(self) -> tuple[str, ...]:
        """Of `rtl/lib`, that it is made of."""
        parts = ("control", "in", "out", "add", "shift", "constant")
        return tuple(f"hwc_serial_{part}" for part in parts)

    @property
    def summary(self) -> str:
        """For people."""
        return f"{len(self.unit.graph.sums):,} adders of {self.unit.digit}-bit digits, {self.unit.period} clocks"


Body = AdderBody | SerialBody


def stages_for(graph: AdderGraph, levels: int) -> int:
    """Registers in a row with at most `levels` adders between two."""
    return -(-levels_of(graph) // levels)
