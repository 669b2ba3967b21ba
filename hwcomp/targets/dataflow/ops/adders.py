"""A constant matrix as an adder graph: every result of a vector at once, a vector a clock or digit by digit, without a
multiplier."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hwcomp.adders.csd import digit_count
from hwcomp.adders.graph import AdderGraph
from hwcomp.adders.serial import SerialGraph, serialise
from hwcomp.adders.solve import PLANS, Plan, solve
from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of
from hwcomp.targets.dataflow.choice import Choice, Fabric, MultStyle
from hwcomp.targets.dataflow.modules.adders import AdderBody, Pipelined, Serial, SerialBody, stages_for
from hwcomp.targets.dataflow.network import Stream

_MOST_DIGITS = 6000
"""Matrices of more digits take the solver too long: its time grows with the square of a row's digits."""

_THOROUGH_DIGITS = 1500
"""Up to here the solver takes no time, and the cheapest of all its plans is taken."""

_DIGIT_LUTS = 2
"""No graph was seen that takes less for a digit, with a vector a clock."""

_FOLDED = 32
"""A unit that may take so many clocks a vector is smaller with multipliers, whatever its weights are."""

_SERIAL_FOLDED = 64
"""The same beside adders of digits."""

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Problem:
    """matrix: of int64, as bytes; the ranges of what it is multiplied by, and what is added."""

    matrix: bytes
    shape: tuple[int, int]
    ranges: Ranges
    constants: tuple[int, ...]


def most_digits(graph: Graph, goal: int, most_lut: int) -> int:
    """Digits of the largest matrix for which a graph is sought.

    The fastest design that fits is one of graphs where all matrices have room as graphs. Where they have none, what
    keeps its multipliers sets the pace, and a graph is no more than a saving: only those are sought that cost no time.
    """
    weights = [graph.values[op.inputs[1]].data for op in graph.ops if isinstance(op, Conv2d | Dense)]
    digits = sum(digit_count(data.astype(np.int64)) for data in weights if data is not None)
    return _MOST_DIGITS if goal or digits * _DIGIT_LUTS <= most_lut else _THOROUGH_DIGITS


def adder_choices(b: NetworkBuilder, op: Op, matrix: IntArray, lanes: int) -> list[Choice]:
    """Those that there can be: matrix [oc, k], a window of `lanes` channels."""
    fabric, (oc, k) = b.fabric, matrix.shape
    vectors = b.value(op.outputs[0]).type.size // oc
    clocks = fabric.goal // vectors
    if not fabric.adder_levels or clocks > _SERIAL_FOLDED:
        return []
    digits = digit_count(matrix)
    if digits > fabric.most_digits:
        return []
    found: list[Choice] = []
    if clocks <= _FOLDED and digits * _DIGIT_LUTS <= fabric.most_lut:
        found.append(Choice(lanes, oc, k, mults=MultStyle.ADDERS, levels=fabric.adder_levels))
    words = _digits(fabric, element_of(b.value(op.outputs[0])).bits)
    return found + [Choice(lanes, oc, k, mults=MultStyle.SERIAL, digit=digit) for digit in words]


def _digits(fabric: Fabric, bits: int) -> list[int]:
    """Bits of digits, for each number of digits in a word of so many bits the narrowest; words have more than one."""
    found: dict[int, int] = {}
    for digit in sorted(fabric.digits):
        found.setdefault(-(-bits // digit), digit)
    return [digit for period, digit in found.items() if period > 1]


def add_adders(b: NetworkBuilder, op: Op, stream: Stream, matrix: IntArray, bias: IntArray, ranges: Ranges) -> None:
    """matrix [oc, k] times the stream's beats of k elements, which are in `ranges`, plus bias [oc]."""
    choice = b.choice()
    rows, columns = matrix.shape
    problem = _Problem(matrix.astype(np.int64).tobytes(), (rows, columns), ranges, tuple(int(value) for value in bias))
    name = f"{b.name}_{b.memory_name(f'{op.name}_adders')}"
    out = b.result(op, rows)
    element = element_of(b.value(op.outputs[0]))
    widths = {"InWidth": stream.element.bits, "OutWidth": element.bits}
    if choice.mults is MultStyle.SERIAL:
        operands = b.fabric.serial_operands if choice.digit == 1 else 2
        unit = _serial(problem, operands, choice.digit, -(-element.bits // choice.digit))
        words = {"InSigned": int(stream.element.signed), "Digit": unit.digit}
        clocks = {"Period": unit.period, "Levels": unit.graph.levels}
        body = SerialBody(name, unit)
        b.add("hwc_serial", f"{op.name}_graph", widths | words | clocks, [stream], [out], body=body)
    else:
        made = AdderBody(name, _pipelined(problem, choice.levels))
        b.add("hwc_adders", f"{op.name}_graph", widths | {"Stages": made.stages}, [stream], [out], body=made)
    b.give(op.outputs[0], out)


# A network is made many times, its graphs once.


@lru_cache(maxsize=64)
def _solved(problem: _Problem) -> AdderGraph:
    matrix = np.frombuffer(problem.matrix, np.int64).reshape(problem.shape)
    digits = digit_count(matrix)
    plans: tuple[Plan, ...] = PLANS if digits <= _THOROUGH_DIGITS else PLANS[:1]
    return solve(matrix, problem.ranges, problem.constants, plans=plans)


@lru_cache(maxsize=64)
def _pipelined(problem: _Problem, levels: int) -> Pipelined:
    graph = _solved(problem)
    return Pipelined(graph, stages_for(graph, levels))


@lru_cache(maxsize=64)
def _serialised(problem: _Problem, operands: int) -> SerialGraph:
    return serialise(_solved(problem), operands)


@lru_cache(maxsize=256)
def _serial(problem: _Problem, operands: int, digit: int, period: int) -> Serial:
    return Serial(_serialised(problem, operands), digit, period)
