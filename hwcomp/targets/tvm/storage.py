"""The tvm target's rules of memory, and where its parameters and states lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from hwcomp.support.manifest import element_type
from hwcomp.targets import memory
from hwcomp.targets.memory import Memory
from hwcomp.targets.tvm.context import Context
from hwcomp.targets.tvm.kernel import ALIGNMENT, Kernel, aligned, size_of
from hwcomp.targets.tvm.ops.state import copy_kernel

Storage = memory.Storage[Kernel]


@dataclass(slots=True)
class Blob:
    """Bytes at aligned offsets; the same content once."""

    data: bytearray = field(default_factory=bytearray)
    _known: dict[bytes, int] = field(default_factory=dict)

    def add(self, content: bytes) -> int:
        """The offset of `content`."""
        if content not in self._known:
            self.data += bytes(aligned(len(self.data)) - len(self.data))
            self._known[content] = len(self.data)
            self.data += content
        return self._known[content]


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything in memory. parameters: constants at their offsets; states: each state's offset, of `state_bytes`."""

    storage: Storage
    parameters: bytes
    constants: Mapping[tuple[int, str], int]
    arrays: Mapping[str, int]
    states: Mapping[str, int]
    state_bytes: int
    reset: int

    def place(self, name: str) -> tuple[Memory, int]:
        """(memory, index of the port or offset in bytes) of a value, a state or an output."""
        found = self.storage.places[name]
        if found.memory is Memory.CONSTANT:
            return found.memory, self.arrays[found.symbol]
        if found.memory is Memory.STATE:
            return found.memory, self.states[found.symbol]
        return found.memory, found.index


def lay_out(context: Context, kernels: tuple[Kernel, ...], effort: float) -> Layout:
    """Places of values, constants and states."""
    blob, arrays = Blob(), dict[str, int]()
    storage = memory.assign(context.graph, kernels, _Rules(context, effort, blob, arrays))
    constants = {
        (number, c.argument.name): blob.add(np.ascontiguousarray(c.data).tobytes())
        for number, kernel in enumerate(storage.steps)
        for c in kernel.constants
    }
    states: dict[str, int] = {}
    initial = bytearray()
    for name, state in context.graph.states.items():
        initial += bytes(aligned(len(initial)) - len(initial))
        states[name] = len(initial)
        stored = element_type(str(state.type.dtype)).storage
        initial += state.reset().astype(stored).tobytes()
    reset = blob.add(bytes(initial)) if initial else 0
    return Layout(storage, bytes(blob.data), constants, arrays, states, len(initial), reset)


@dataclass(frozen=True, slots=True)
class _Rules:
    """`memory.MemoryRules` of kernels."""

    context: Context
    effort: float
    blob: Blob
    arrays: dict[str, int]

    @property
    def alignment(self) -> int:
        return ALIGNMENT

    def bytes_of(self, value: str) -> int:
        return self.context.bytes(value)

    def constant(self, value: str) -> str:
        data = self.context.value(value).data
        assert data is not None
        self.arrays[value] = self.blob.add(np.ascontiguousarray(data).astype(self.context.storage(value)).tobytes())
        return value

    def state(self, state: str) -> str:
        return state

    def read_of(self, step: Kernel, source: str, *, copies: bool) -> Kernel:
        if not copies:
            return replace(step, inputs=(source,))
        assert step.op is not None
        made = copy_kernel(self.context, step.output, step.output, self.context.label(step.op))
        return replace(made, op=step.op, inputs=(source,))

    def write_to(self, step: Kernel, target: str) -> Kernel:
        return replace(step, output=target)

    def copy(self, source: str, target: str) -> Kernel:
        return copy_kernel(self.context, source, target, f"k_copy_{target.rsplit(' ', 1)[-1]}")


def work_offsets(kernel: Kernel, start: int) -> list[int]:
    """Offsets in the arena of the kernel's working buffers."""
    offsets: list[int] = []
    for argument in kernel.work:
        offsets.append(start)
        start += aligned(size_of(argument))
    return offsets
