"""What the emulators need of a 32-bit little-endian ELF image: segments, sections, symbols.

Source: Tool Interface Standard, Executable and Linking Format 1.2, book I.
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct("<16s2H5I6H")
_PROGRAM_HEADER = struct.Struct("<8I")
_SECTION_HEADER = struct.Struct("<10I")
_SYMBOL = struct.Struct("<3I2BH")
_PT_LOAD = 1
_SHT_SYMTAB = 2
_STT_FUNC = 2


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes to be loaded at the physical address."""

    address: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    address: int
    size: int


@dataclass(frozen=True, slots=True)
class Elf:
    """An executable image. symbols: with the Thumb bit; functions: sorted (address, name), without it."""

    segments: tuple[Segment, ...]
    sections: Mapping[str, Section]
    symbols: Mapping[str, int]
    functions: tuple[tuple[int, str], ...]

    def function_at(self, address: int) -> str:
        """The name of the function that holds `address`: the nearest that starts at or before it."""
        place = bisect.bisect_right(self.functions, address, key=lambda function: function[0])
        return self.functions[place - 1][1] if place else f"0x{address:x}"


@dataclass(frozen=True, slots=True)
class _Table:
    """A raw section header: offsets into the file."""

    name: int
    kind: int
    address: int
    offset: int
    size: int
    link: int


def read_elf(path: Path) -> Elf:
    """Read an image that our own linker call wrote; a malformed one is our mistake."""
    data = path.read_bytes()
    assert data[:6] == b"\x7fELF\x01\x01", "not a 32-bit little-endian ELF file"
    header = _HEADER.unpack_from(data)
    program_offset, section_offset = header[5], header[6]
    program_count, section_count, names_index = int(header[10]), int(header[12]), int(header[13])
    tables = [_table(data, section_offset + i * _SECTION_HEADER.size) for i in range(section_count)]
    names = tables[names_index].offset
    sections = {
        name: Section(name, table.address, table.size) for table in tables if (name := _text(data, names + table.name))
    }
    symbols = [symbol for table in tables if table.kind == _SHT_SYMTAB for symbol in _symbols(data, table, tables)]
    functions = {value & ~1: name for name, value, kind in symbols if kind == _STT_FUNC}
    return Elf(
        tuple(_segments(data, program_offset, program_count)),
        sections,
        {name: value for name, value, _ in symbols},
        tuple(sorted(functions.items())),
    )


def _table(data: bytes, offset: int) -> _Table:
    name, kind, _, address, place, size, link, *_ = _SECTION_HEADER.unpack_from(data, offset)
    return _Table(name, kind, address, place, size, link)


def _segments(data: bytes, offset: int, count: int) -> Iterator[Segment]:
    for i in range(count):
        kind, place, _, physical, size, *_ = _PROGRAM_HEADER.unpack_from(data, offset + i * _PROGRAM_HEADER.size)
        if kind == _PT_LOAD and size:
            yield Segment(physical, data[place : place + size])


def _symbols(data: bytes, table: _Table, tables: list[_Table]) -> Iterator[tuple[str, int, int]]:
    """(name, value, kind) of functions, objects and labels; mapping symbols ($t, $d) and unnamed ones are left out."""
    texts = tables[table.link].offset
    for offset in range(table.offset, table.offset + table.size, _SYMBOL.size):
        name_offset, value, _, info, _, section = _SYMBOL.unpack_from(data, offset)
        name = _text(data, texts + name_offset)
        if section and name and not name.startswith("$"):
            yield name, value, info & 0xF


def _text(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode("utf-8", "replace")
