"""An adder graph that works on digits: each number goes by in words of `period` digits of `digit` bits, lowest first.

An adder is then as wide as a digit, and keeps its carry for the next one: a result each `period` clocks, at about
`digit` LUTs an adder. All numbers are modulo 2**(digit * period), inputs with as many copies of their sign as that
needs, so that no node has a width or an offset of its own. A shift by k is k bits of what went by before, and none at
the beginning of a word. Source: bit-serial arithmetic, Denyer and Renshaw, "VLSI Signal Processing", 1985.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.adders.graph import AdderGraph, Ints


@dataclass(frozen=True, slots=True)
class Operand:
    """(node << shift), or minus that where `negative`; nodes count inputs, then sums."""

    node: int
    shift: int
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of 1 to `arity` operands, `constant` one of them where it is not None; level: registers before it."""

    operands: tuple[Operand, ...]
    constant: int | None
    level: int

    @property
    def size(self) -> int:
        """Operands, the constant too."""
        return len(self.operands) + (self.constant is not None)


@dataclass(frozen=True, slots=True)
class SerialGraph:
    """inputs: how many; sums: node inputs + k is sums[k]; outputs: of each the node, shifted but never negative, or a
    constant; levels: registers between the digits of inputs and those of outputs."""

    inputs: int
    sums: tuple[Sum, ...]
    outputs: tuple[Operand | int, ...]
    levels: int

    def level(self, node: int) -> int:
        """Registers before a node; an input has none."""
        return 0 if node < self.inputs else self.sums[node - self.inputs].level


def serialise(graph: AdderGraph, arity: int) -> SerialGraph:
    """The graph as sums of up to `arity` operands: sums that only one other reads are dissolved in it first."""
    return _Making(graph, arity).made()


def evaluate(graph: SerialGraph, x: Ints) -> Ints:
    """Outputs [..., outputs] of x [..., inputs]: what the graph means, without the modulus."""
    nodes = [x[..., place] for place in range(graph.inputs)]

    def value(term: Operand) -> Ints:
        shifted: Ints = nodes[term.node] << term.shift
        return -shifted if term.negative else shifted

    for made in graph.sums:
        total = np.full(x.shape[:-1], made.constant or 0, np.int64)
        nodes.append(sum((value(term) for term in made.operands), start=total))
    outputs = [np.full(x.shape[:-1], out, np.int64) if isinstance(out, int) else value(out) for out in graph.outputs]
    return np.stack(outputs, axis=-1)


@dataclass(frozen=True, slots=True)
class Uses:
    """How digits are kept for their readers. delays: of each node, the clocks by which its readers are later;
    shifts: of each (node, delay), the greatest shift there."""

    delays: tuple[int, ...]
    shifts: dict[tuple[int, int], int]


def uses_of(graph: SerialGraph) -> Uses:
    """What every sum and output reads."""
    delays = [0] * (graph.inputs + len(graph.sums))
    shifts: dict[tuple[int, int], int] = {}

    def read(term: Operand, level: int) -> None:
        late = level - graph.level(term.node)
        delays[term.node] = max(delays[term.node], late)
        if term.shift:
            shifts[term.node, late] = max(shifts.get((term.node, late), 0), term.shift)

    for made in graph.sums:
        for term in made.operands:
            read(term, made.level - 1)
    for out in graph.outputs:
        if isinstance(out, Operand):
            read(out, graph.levels)
    return Uses(tuple(delays), shifts)


class _Making:
    """Sums so far, and the operand that stands for each node of the adder graph that is not dissolved."""

    def __init__(self, graph: AdderGraph, arity: int) -> None:
        self._graph, self._arity = graph, arity
        self._inputs = len(graph.inputs)
        self._sums: list[Sum] = []
        self._kept: dict[int, Operand] = {node: Operand(node, 0) for node in range(self._inputs)}
        self._readers = Counter(operand for add in graph.adds for operand in (add.first, add.second))
        self._readers.update(out.node for out in graph.outputs if out.node is not None)

    def made(self) -> SerialGraph:
        for node in range(self._inputs, self._graph.nodes):
            if self._readers[node] > 1:
                self._kept[node] = self._summed(self._terms(node), None)
        outputs = tuple(
            out.constant
            if out.node is None
            else self._output(self._scaled(out.node, out.shift, out.negate), out.constant)
            for out in self._graph.outputs
        )
        levels = max((self._level(out.node) for out in outputs if isinstance(out, Operand)), default=0)
        return SerialGraph(self._inputs, tuple(self._sums), outputs, levels)

    def _level(self, node: int) -> int:
        return 0 if node < self._inputs else self._sums[node - self._inputs].level

    def _terms(self, node: int) -> list[Operand]:
        """The operands of a node of the adder graph, those that nobody else reads dissolved."""
        add = self._graph.adds[node - self._inputs]
        return [
            *self._scaled(add.first, add.first_shift, False),
            *self._scaled(add.second, add.second_shift, add.subtract),
        ]

    def _scaled(self, node: int, shift: int, negative: bool) -> list[Operand]:
        kept = self._kept.get(node)
        terms = [kept] if kept is not None else self._terms(node)
        return [Operand(t.node, t.shift + shift, t.negative != negative) for t in terms]

    def _output(self, terms: list[Operand], constant: int) -> Operand:
        if len(terms) == 1 and constant == 0 and not terms[0].negative:
            return terms[0]
        if constant == 0 and not all(term.negative for term in terms):
            return self._summed(terms, None)
        return self._summed(terms, constant)

    def _summed(self, terms: list[Operand], constant: int | None) -> Operand:
        """The sum of the terms: the nearest to the inputs first, so that few digits wait."""
        room = self._arity - (constant is not None)
        heap = [(self._level(term.node), term.shift, place, term) for place, term in enumerate(terms)]
        heapq.heapify(heap)
        place = len(terms)
        while len(heap) > room:
            size = (len(heap) - room - 1) % (self._arity - 1) + 2
            made = self._added([heapq.heappop(heap)[3] for _ in range(size)], None)
            heapq.heappush(heap, (self._level(made.node), made.shift, place, made))
            place += 1
        return self._added([entry[3] for entry in sorted(heap)], constant)

    def _added(self, terms: Sequence[Operand], constant: int | None) -> Operand:
        """One sum. Without a constant it is made of odd multiples, and not of negatives alone."""
        base = 0 if constant is not None else min(term.shift for term in terms)
        flips = constant is None and all(term.negative for term in terms)
        operands = tuple(Operand(t.node, t.shift - base, t.negative != flips) for t in terms)
        level = 1 + max(self._level(term.node) for term in terms)
        self._sums.append(Sum(operands, constant, level))
        return Operand(self._inputs + len(self._sums) - 1, base, flips)
