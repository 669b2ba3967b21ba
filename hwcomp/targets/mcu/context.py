"""What the lowering of every operator needs: the graph, the options, the constants, and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.types import Value
from hwcomp.support.errors import HwcompError
from hwcomp.support.naming import Namer, clean, comment
from hwcomp.targets.fuse import Unit
from hwcomp.targets.mcu.elements import Element, element_of
from hwcomp.targets.mcu.options import McuOptions
from hwcomp.targets.mcu.packed import Coding, TwoValues
from hwcomp.targets.mcu.pool import Pool


@dataclass(slots=True)
class Context:
    """Shared by all lowerings of one graph.

    codings, xnor: the layers whose weights are packed, by their accumulators (see codings.py).
    """

    graph: Graph
    options: McuOptions
    pool: Pool
    codings: Mapping[str, Coding] = field(default_factory=dict[str, Coding])
    xnor: Mapping[str, TwoValues] = field(default_factory=dict[str, TwoValues])
    names: Namer = field(default_factory=Namer)
    state_names: Namer = field(default_factory=Namer)
    _labels: dict[str, int] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        return self.graph.values[name]

    def element(self, name: str, op: Op) -> Element:
        """The stored type of a value; HWC402 where it is too wide."""
        return self.element_at(name, str(op.loc))

    def element_at(self, name: str, at: str) -> Element:
        """As `element`, for a value that no operator needs to have."""
        return element_of(self.graph.values[name], at)

    def bytes(self, name: str, op: Op) -> int:
        """Bytes of a value in memory."""
        return self.value(name).type.size * self.element(name, op).bytes

    def label(self, op: Op) -> str:
        """A new C name for a layer of `op`, like the user's node; a node of several layers gets numbers."""
        base = clean(op.loc.node or op.name)
        count = self._labels.get(base, 0) + 1
        self._labels[base] = count
        return self.names.name(f"layer_{base}" if count == 1 else f"layer_{base}_{count}")


def place(op: Op) -> str:
    """Where an operator stands in the user's model, for a comment."""
    node = comment(op.loc.node or op.name)
    return f"{comment(op.loc.op_type)} '{node}'"


def unsupported(unit: Unit, what: str, fix: str, code: str = "HWC106") -> HwcompError:
    """The error of a form of an operator that no kernel has."""
    return HwcompError(code, what, str(unit.op.loc), fix)
