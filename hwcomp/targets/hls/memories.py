"""Memories as arrays of C++: rows of fields instead of packed words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.targets.dataflow.network import Instance, Memory, Network

_LONG_BITS = 62
_LINE = 100


@dataclass(frozen=True, slots=True)
class Array:
    """An array [words][fields] of integers of `bits` bits. make: its rows, called when the file is written."""

    name: str
    words: int
    fields: int
    bits: int
    signed: bool
    make: Callable[[], list[list[int]]]

    @property
    def element(self) -> str:
        """The C++ type of an element."""
        return f"hwc::rom<{self.bits}, {str(self.signed).lower()}>::type"


def array_of(instance: Instance, memory: Memory, network: Network) -> Array:
    """The memory of an instance as an array."""
    bits, signed = _field(instance, memory, network)
    assert memory.width % bits == 0, f"{memory.name}: {memory.width} bits are no fields of {bits}"
    fields = memory.width // bits

    def make() -> list[list[int]]:
        return unpack_words(memory.make(), fields, bits, signed=signed)

    return Array(memory.name, memory.depth, fields, bits, signed, make)


def _field(instance: Instance, memory: Memory, network: Network) -> tuple[int, bool]:
    """Bits of a field, and whether it is signed."""
    if memory.parameter in _WIDTHS:
        width, sign = _WIDTHS[memory.parameter]
        signed = bool(instance.number(sign)) if isinstance(sign, str) else sign
        return instance.number(width), signed
    if memory.parameter in ("InitFile", "TableFile"):
        element = network.streams[instance.outputs[0]].element
        return element.bits, element.signed
    if memory.parameter == "ThresholdFile":
        return instance.number("InWidth") + 1, bool(instance.number("InSigned"))
    condition = _SIGNED.get(memory.parameter)
    return memory.width, condition is not None and (not condition or instance.number(condition) == 1)


_WIDTHS: dict[str, tuple[str, bool | str]] = {
    "WeightFile": ("WeightWidth", True),
    "BiasFile": ("AccWidth", True),
    "MultFile": ("MultWidth", "MultSigned"),
    "OffsetFile": ("OffsetWidth", True),
    "AmountFile": ("AmountWidth", False),
}
"""For each memory of fields: the parameters that say how wide they are, and whether they are signed."""

_SIGNED = {"DiffFile": "", "GateFile": "GateDirect", "CellFile": "CellDirect"}
"""Memories of one field a word that is signed; for some: where this parameter is 1."""


def unpack_words(words: Sequence[int], fields: int, bits: int, *, signed: bool) -> list[list[int]]:
    """The fields of each word, the first lowest; two's complement. `pack_words` inverts it."""
    if bits > _LONG_BITS:
        return [[_value(word >> (i * bits), bits, signed) for i in range(fields)] for word in words]
    size = (fields * bits + 7) // 8
    raw = np.frombuffer(b"".join(word.to_bytes(size, "little") for word in words), np.uint8).reshape(len(words), size)
    planes = np.unpackbits(raw, axis=1, bitorder="little")[:, : fields * bits].reshape(len(words), fields, bits)
    values = planes.astype(np.int64) @ (np.int64(1) << np.arange(bits, dtype=np.int64))
    if signed:
        values = np.where(planes[:, :, -1] == 1, values - (np.int64(1) << bits), values)
    rows: list[list[int]] = values.tolist()
    return rows


def _value(word: int, bits: int, signed: bool) -> int:
    value = word & ((1 << bits) - 1)
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def literal(value: int) -> str:
    """An integer in C++."""
    if -(1 << 31) < value < 1 << 31:
        return str(value)
    if value == -(1 << 63):
        return "(-9223372036854775807LL - 1)"
    return f"{value}LL" if value < 1 << 63 else f"{value}ULL"


def row_lines(rows: Sequence[Sequence[int]]) -> list[str]:
    """Rows as initialisers, in lines: `{1, 2}, {3, 4},`."""
    return list(_lines("{" + ", ".join(map(literal, row)) + "}," for row in rows))


def _lines(parts: Iterator[str]) -> Iterator[str]:
    line = ""
    for part in parts:
        if line and len(line) + len(part) >= _LINE:
            yield line
            line = ""
        line = f"{line} {part}" if line else part
    if line:
        yield line
