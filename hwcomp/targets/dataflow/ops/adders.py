"""A constant matrix as an adder graph: every result of a vector at once, a vector a clock, without a multiplier."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hwcomp.adders.csd import csd
from hwcomp.adders.solve import PLANS, Plan, solve
from hwcomp.ir.op import Op
from hwcomp.ir.types import IntArray
from hwcomp.targets.dataflow.builder import NetworkBuilder, element_of
from hwcomp.targets.dataflow.choice import Choice, MultStyle
from hwcomp.targets.dataflow.modules.adders import AdderBody, Pipelined, stages_for
from hwcomp.targets.dataflow.network import Stream

_MOST_DIGITS = 6000
"""Matrices of more digits take the solver too long: its time grows with the square of a row's digits."""

_THOROUGH_DIGITS = 1500
"""Up to here the cheapest of all plans is taken."""

_DIGIT_LUTS = 2
"""No graph was seen that takes less for a digit."""

_FOLDED = 32
"""A unit that may take so many clocks a vector is smaller with multipliers, whatever its weights are."""

Ranges = tuple[tuple[int, int], ...]


def adder_choices(b: NetworkBuilder, matrix: IntArray, vectors: int, lanes: int) -> list[Choice]:
    """The one choice, where it can be one: matrix [oc, k], `vectors` a frame, a window of `lanes` channels."""
    fabric, (oc, k) = b.fabric, matrix.shape
    if not fabric.adder_levels or fabric.goal > vectors * _FOLDED:
        return []
    digits = sum(len(csd(int(weight))) for weight in matrix.reshape(-1))
    if digits > _MOST_DIGITS or digits * _DIGIT_LUTS > fabric.most_lut:
        return []
    return [Choice(lanes, oc, k, mults=MultStyle.ADDERS, levels=fabric.adder_levels)]


def add_adders(b: NetworkBuilder, op: Op, stream: Stream, matrix: IntArray, bias: IntArray, ranges: Ranges) -> None:
    """matrix [oc, k] times the stream's beats of k elements, which are in `ranges`, plus bias [oc]."""
    constants, levels = tuple(int(value) for value in bias), b.choice().levels
    pipelined = _pipelined(matrix.astype(np.int64).tobytes(), matrix.shape, ranges, constants, levels)
    body = AdderBody(f"{b.name}_{b.memory_name(f'{op.name}_adders')}", pipelined)
    out = b.result(op, matrix.shape[0])
    element = element_of(b.value(op.outputs[0]))
    parameters = {"InWidth": stream.element.bits, "OutWidth": element.bits, "Stages": body.stages}
    b.add("hwc_adders", f"{op.name}_graph", parameters, [stream], [out], body=body)
    b.give(op.outputs[0], out)


@lru_cache(maxsize=64)
def _pipelined(
    data: bytes, shape: tuple[int, int], ranges: Ranges, constants: tuple[int, ...], levels: int
) -> Pipelined:
    """A network is made many times, its graphs once."""
    matrix = np.frombuffer(data, np.int64).reshape(shape)
    digits = sum(len(csd(int(weight))) for weight in matrix.reshape(-1))
    plans: tuple[Plan, ...] = PLANS if digits <= _THOROUGH_DIGITS else PLANS[:1]
    graph = solve(matrix, ranges, constants, plans=plans)
    return Pipelined(graph, stages_for(graph, levels))
