"""What the lowering of every operator needs: the graph, how values are stored, names."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.layout import Reshape
from hwcomp.ir.ops.state import StateRead, StateWrite
from hwcomp.ir.types import Value
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import element_type
from hwcomp.support.naming import Namer, clean, comment
from hwcomp.targets.tvm.kernel import Argument, Constant
from hwcomp.targets.tvm.machine import Machine
from hwcomp.targets.tvm.options import Int4

UNSIGNED_BIAS = 128
"""What makes an s8 a u8: dot-product instructions of x86 take unsigned activations."""


@dataclass(slots=True)
class Context:
    """Shared by all lowerings of one graph. unsigned: the values of 8 bits that are stored with `UNSIGNED_BIAS`;
    int4: which weights are packed two a byte."""

    graph: Graph
    machine: Machine
    unsigned: frozenset[str]
    int4: Int4 = Int4.AUTO
    _labels: Namer = field(default_factory=Namer)
    _counts: dict[str, int] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        return self.graph.values[name]

    def storage(self, name: str) -> str:
        """The stored type of a value."""
        return "uint8" if name in self.unsigned else element_type(str(self.value(name).type.dtype)).storage

    def argument(self, letter: str, name: str) -> Argument:
        """A value as a parameter of a PrimFunc."""
        bias = UNSIGNED_BIAS if name in self.unsigned else 0
        return Argument(letter, self.value(name).shape, self.storage(name), bias)

    def bytes(self, name: str) -> int:
        return int(self.value(name).type.size) * np.dtype(self.storage(name)).itemsize

    def label(self, op: Op) -> str:
        """A new name for the PrimFunc of `op`, like the user's node; a node of several gets numbers."""
        base = clean(op.loc.node or op.name)
        count = self._counts.get(base, 0) + 1
        self._counts[base] = count
        return self._labels.name(f"k_{base}" if count == 1 else f"k_{base}_{count}")


def constant(name: str, data: npt.NDArray[np.integer], storage: str) -> Constant:
    """An array of the parameters.

    Raises:
        OverflowError: the data do not fit the type: a mistake of ours.
    """
    info = np.iinfo(storage)
    if data.size and not (info.min <= int(data.min()) and int(data.max()) <= info.max):
        raise OverflowError(f"{name}: [{data.min()}, {data.max()}] is not {storage}")
    return Constant(Argument(name, tuple(data.shape), storage), data.astype(storage))


def narrowest(data: npt.NDArray[np.integer]) -> str:
    """int32, or int64 where the data need it."""
    return "int32" if not data.size or abs(int(data.min())) < 1 << 31 > abs(int(data.max())) else "int64"


def place(op: Op) -> str:
    """Where an operator stands in the user's model, for a comment."""
    return f"{comment(op.loc.op_type)} '{comment(op.loc.node or op.name)}'"


def unsupported(op: Op, what: str, fix: str, code: str = "HWC106") -> HwcompError:
    """The error of a form of an operator that no kernel has."""
    return HwcompError(code, what, str(op.loc), fix)


def unsigned_values(graph: Graph, machine: Machine) -> frozenset[str]:
    """The s8 values that are stored as u8: all that only kernels see, where the machine's dot products ask for it."""
    if not machine.wants_unsigned:
        return frozenset()
    roots: dict[str, str] = {}
    outside = {port.value for port in graph.inputs} | {value.name for value in graph.constants()}
    for op in graph.ops:
        if isinstance(op, Reshape):
            roots[op.outputs[0]] = roots.get(op.inputs[0], op.inputs[0])
        if isinstance(op, StateRead):
            outside.add(op.outputs[0])
    outside |= {roots.get(port.value, port.value) for port in graph.outputs}
    for op in graph.ops:
        if isinstance(op, StateWrite):
            outside.add(roots.get(op.inputs[0], op.inputs[0]))
    return frozenset(
        name
        for name, value in graph.values.items()
        if str(value.type.dtype) == "s8" and roots.get(name, name) not in outside
    )
