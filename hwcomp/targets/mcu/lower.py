"""An integer graph becomes layers and constants; every form that no kernel has is found on the way."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.support.errors import HwcompError, Problem, raise_all
from hwcomp.targets.fuse import Unit, fuse
from hwcomp.targets.mcu.codings import choose_codings, choose_xnor
from hwcomp.targets.mcu.context import Context
from hwcomp.targets.mcu.layers import Layer
from hwcomp.targets.mcu.ops import LOWERINGS
from hwcomp.targets.mcu.options import McuOptions
from hwcomp.targets.mcu.pool import Pool


@dataclass(frozen=True, slots=True)
class Lowered:
    """Layers in execution order, and what their structs name."""

    layers: tuple[Layer, ...]
    context: Context


def lower(graph: Graph, options: McuOptions, c_name: str) -> Lowered:
    """Lower a graph that `prepare` made.

    Raises:
        HwcompError: HWC106, HWC402, HWC403: everything that the kernels cannot do, at once.
    """
    lowered, problems = try_lower(graph, options, c_name)
    raise_all(problems)
    return lowered


def try_lower(graph: Graph, options: McuOptions, c_name: str) -> tuple[Lowered, list[Problem]]:
    """As `lower`, with the problems in a list; the layers are then not all there."""
    xnor = choose_xnor(graph, options)
    context = Context(graph, options, Pool(c_name), choose_codings(graph, options, xnor), xnor)
    layers: list[Layer] = []
    problems: list[Problem] = []
    for unit in fuse(graph):
        try:
            layers.append(_lower_unit(context, unit))
        except HwcompError as error:
            problems += error.problems
    for port in (*graph.inputs, *graph.outputs):
        try:
            context.element_at(port.value, f"{graph.name}: '{port.name}'")
        except HwcompError as error:
            problems += error.problems
    return Lowered(tuple(layers), context), problems


def _lower_unit(context: Context, unit: Unit) -> Layer:
    lowering = LOWERINGS.get(type(unit.op))
    if lowering is None:
        raise HwcompError(
            "HWC106",
            f"target 'mcu' has no kernel for {type(unit.op).__name__}",
            str(unit.op.loc),
            "export the model without it",
        )
    return lowering(context, unit)
