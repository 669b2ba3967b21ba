"""The mcu target: C99 for microcontrollers."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.prove.synthesize import ShiftPreference
from hwcomp.support.errors import Problem
from hwcomp.targets.base import Bundle, EmitInfo, Target
from hwcomp.targets.mcu.emit import emit_bundle
from hwcomp.targets.mcu.legalize import legalize
from hwcomp.targets.mcu.lower import try_lower
from hwcomp.targets.mcu.options import Arch, McuOptions

_SMMULR_SHIFT = 32
"""A rescale with this shift is one SMMULR on a Cortex-M4, and one MULH elsewhere."""


class McuTarget(Target[McuOptions]):
    """`--target mcu`."""

    name = "mcu"
    summary = "C99 for microcontrollers: no heap, no floats, no division; Cortex-M kernels with the DSP extension"
    options_type = McuOptions

    def shift_preference(self, options: McuOptions) -> ShiftPreference:
        return ShiftPreference(prefer_shift=_SMMULR_SHIFT if options.arch is Arch.CORTEX_M else None)

    def prepare(self, graph: Graph, options: McuOptions) -> Graph:
        return legalize(graph)

    def check(self, graph: Graph, options: McuOptions) -> list[Problem]:
        return try_lower(graph, options, "model")[1]

    def emit(self, graph: Graph, options: McuOptions, info: EmitInfo) -> Bundle:
        return emit_bundle(graph, options, info)


TARGET = McuTarget()
