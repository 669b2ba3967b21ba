"""An integer graph becomes kernels; every form that no kernel has is found on the way."""

from __future__ import annotations

from dataclasses import replace

from hwcomp.ir.graph import Graph
from hwcomp.support.errors import HwcompError, Problem
from hwcomp.targets.fuse import Unit, fuse
from hwcomp.targets.tvm.context import Context, unsigned_values, unsupported
from hwcomp.targets.tvm.kernel import Kernel
from hwcomp.targets.tvm.machine import machine_of
from hwcomp.targets.tvm.ops import LOWERINGS
from hwcomp.targets.tvm.options import Schedule, TvmOptions


def try_lower(graph: Graph, options: TvmOptions) -> tuple[tuple[Kernel, ...], Context, list[Problem]]:
    """Kernels in execution order, and everything that no kernel can do."""
    machine = machine_of(options.tvm_target)
    if options.schedule is Schedule.PORTABLE:
        machine = replace(machine, dot=None)
    context = Context(graph, machine, unsigned_values(graph, machine), options.int4)
    kernels: list[Kernel] = []
    problems: list[Problem] = []
    for unit in fuse(graph):
        try:
            kernels.append(_lower_unit(context, unit))
        except HwcompError as error:
            problems += error.problems
    return tuple(kernels), context, problems


def _lower_unit(context: Context, unit: Unit) -> Kernel:
    lowering = LOWERINGS.get(type(unit.op))
    if lowering is None:
        name = type(unit.op).__name__
        raise unsupported(unit.op, f"target 'tvm' has no kernel for {name}", "export the model without it")
    return lowering(context, unit)
