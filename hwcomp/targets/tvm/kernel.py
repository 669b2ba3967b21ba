"""The lowered form of a graph: kernels, each one PrimFunc with its schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwcomp.ir.op import Op
from hwcomp.targets.tvm.expression import Term

_WIDE_STORAGE = ("int64", "uint64", "uint32")


@dataclass(frozen=True, slots=True)
class Argument:
    """A buffer of a PrimFunc. storage: the stored type, such as "uint8"; bias: what is added to the value there."""

    name: str
    shape: tuple[int, ...]
    storage: str
    bias: int = 0

    @property
    def is_wide(self) -> bool:
        """Whether its values need int64."""
        return self.storage in _WIDE_STORAGE

    @property
    def declaration(self) -> str:
        """As TVMScript declares a parameter; a scalar has one element."""
        return f'{self.name}: T.Buffer(({", ".join(map(str, self.shape or (1,)))},), "{self.storage}")'

    def load(self, index: Sequence[str]) -> Term:
        """The value of an element, of 32 bits, or 64 where the storage needs them."""
        text = f"{self.name}[{', '.join(index or ('0',))}]"
        if self.storage == "int32" or self.storage == "int64":
            return Term(text, self.is_wide) - self.bias
        return Term(f'T.Cast("{"int64" if self.is_wide else "int32"}", {text})', self.is_wide) - self.bias

    def store(self, index: Sequence[str], value: Term) -> str:
        """The statement that stores `value`."""
        stored = value + self.bias
        same = self.storage == ("int64" if stored.wide else "int32")
        text = stored.text if same else f'T.Cast("{self.storage}", {stored.text})'
        return f"{self.name}[{', '.join(index or ('0',))}] = {text}"


@dataclass(frozen=True, slots=True)
class Constant:
    """An array of the parameters: an argument and its data, of the argument's shape."""

    argument: Argument
    data: npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Block:
    """A loop nest with one computation.

    axes: (name, extent, "S" or "R"); body: statements over `v<name>`; init: the statement before a reduction's first;
    around: loops of others that the body uses too.
    """

    name: str
    axes: tuple[tuple[str, int, str], ...]
    body: tuple[str, ...]
    init: str = ""
    around: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """TVMScript, not indented."""
        names = [name for name, _, _ in self.axes]
        extents = ", ".join(str(extent) for _, extent, _ in self.axes)
        loop = "T.grid" if len(names) > 1 else "T.serial"
        bound = [*self.around, *names]
        kinds = "S" * len(self.around) + "".join(kind for _, _, kind in self.axes)
        inner = [f'{", ".join(f"v{name}" for name in bound)} = T.axis.remap("{kinds}", [{", ".join(bound)}])']
        if self.init:
            inner += ["with T.init():", f"    {self.init}"]
        inner += self.body
        head = [f"for {', '.join(names)} in {loop}({extents}):", f'    with T.sblock("{self.name}"):']
        return head + [f"        {line}" for line in inner]


@dataclass(frozen=True, slots=True)
class Kernel:
    """What runs between two traces: a PrimFunc, a view or a copy.

    op: the operator, None for a copy to an output; inputs, output, more_outputs: values of the graph; function: the
    PrimFunc, "" for a view; arguments: of the inputs, then of the outputs (of one output several where parts of it are
    written by blocks of their own: a block must be its buffer's only writer); constants: between those; work: buffers
    in the arena, behind the outputs; local: buffers of the PrimFunc's own, small once scheduled; statements: its body;
    schedule: the lines of its schedule.
    """

    op: Op | None
    inputs: tuple[str, ...]
    output: str
    function: str = ""
    sources: tuple[Argument, ...] = ()
    constants: tuple[Constant, ...] = ()
    results: tuple[Argument, ...] = ()
    work: tuple[Argument, ...] = ()
    local: tuple[Argument, ...] = ()
    statements: tuple[str, ...] = ()
    schedule: tuple[str, ...] = ()
    is_state_write: bool = False
    more_outputs: tuple[str, ...] = ()
    note: str = field(default="", compare=False)
    macs: int = 0

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.output, *self.more_outputs)

    @property
    def in_place(self) -> tuple[int, ...]:
        """None: TVM takes each buffer of a PrimFunc for memory of its own."""
        return ()

    @property
    def is_view(self) -> bool:
        return not self.function

    @property
    def scratch_bytes(self) -> int | None:
        """All of `work`, each aligned."""
        return sum(aligned(size_of(a)) for a in self.work) or None


ALIGNMENT = 64
"""Of the arena, the parameters and every buffer in them, bytes: a cache line, and the widest vector."""


def aligned(size: int) -> int:
    """`size` up to the next multiple of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def size_of(argument: Argument) -> int:
    """Bytes of a buffer."""
    return int(np.prod(argument.shape or (1,), dtype=np.int64)) * np.dtype(argument.storage).itemsize
