"""The mcu target's rules of memory: what its layers do to values and states (see `targets/memory.py`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwcomp.ir.ops.state import StateRead
from hwcomp.support.naming import comment
from hwcomp.targets import memory
from hwcomp.targets.mcu.context import Context
from hwcomp.targets.mcu.layers import Call, Layer
from hwcomp.targets.mcu.lower import Lowered
from hwcomp.targets.memory import Memory, Place
from hwcomp.targets.memory import output_key as output_key
from hwcomp.targets.memory import state_key as state_key

ALIGNMENT = 4
"""Of the arena and every buffer in it, bytes: what the kernels' word loads want."""

Storage = memory.Storage[Layer]

__all__ = ["ALIGNMENT", "Memory", "Place", "Storage", "assign", "output_key", "state_key"]


def assign(lowered: Lowered) -> Storage:
    """Decide every place of a lowered graph."""
    return memory.assign(lowered.context.graph, lowered.layers, _Rules(lowered.context))


@dataclass(frozen=True, slots=True)
class _Rules:
    """`memory.MemoryRules` of layers."""

    context: Context

    @property
    def alignment(self) -> int:
        return ALIGNMENT

    @property
    def effort(self) -> float:
        return float(self.context.options.planner_effort)

    def bytes_of(self, value: str) -> int:
        context = self.context
        return context.value(value).type.size * context.element_at(value, context.graph.name).bytes

    def constant(self, value: str) -> str:
        context, data = self.context, self.context.value(value).data
        assert data is not None
        element = context.element_at(value, context.graph.name)
        return context.pool.add(value, "constant", element.c_type, data, f"constant '{comment(value)}'")

    def state(self, state: str) -> str:
        return self.context.state_names.name(state)

    def read_of(self, step: Layer, source: str, *, copies: bool) -> Layer:
        if not copies:
            return replace(step, inputs=(source,))
        assert isinstance(step.op, StateRead)
        size = str(step.op.type.bytes)
        return replace(step, inputs=(source,), function="hwc_copy", first_argument=size, calls=(Call((0,)),))

    def write_to(self, step: Layer, target: str) -> Layer:
        return replace(step, output=target)

    def copy(self, source: str, target: str) -> Layer:
        return Layer(None, (source,), target, "hwc_copy", str(self.bytes_of(source)), calls=(Call((0,)),))
