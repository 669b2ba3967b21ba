"""The host's side of Arm semihosting for programs under unicorn: files in memory, and the end of the program.

Source: Arm semihosting specification, 2.0.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Protocol

_OPEN, _CLOSE, _WRITE, _READ, _EXIT_EXTENDED = 0x01, 0x02, 0x05, 0x06, 0x20
_FAILED = 0xFFFFFFFF
_FIRST_WRITE_MODE = 4


class Memory(Protocol):
    """The emulated machine's memory."""

    def read(self, address: int, size: int) -> bytes: ...

    def write(self, address: int, data: bytes) -> None: ...


@dataclass(slots=True)
class _OpenFile:
    name: str
    position: int = 0


@dataclass(slots=True)
class Semihost:
    """Answers semihosting calls. files: contents by name; exit_code: None until the program has ended."""

    files: dict[str, bytearray]
    exit_code: int | None = None
    _open: list[_OpenFile] = field(default_factory=list)

    def call(self, memory: Memory, operation: int, argument: int) -> int:
        """Do one call; the result is for r0. An unknown operation ends the program with code 1."""
        words = struct.unpack("<3I", memory.read(argument, 12))
        if operation == _OPEN:
            return self._open_file(memory.read(words[0], words[2]).decode("ascii", "replace"), words[1])
        if operation == _READ:
            return self._read(memory, *words)
        if operation == _WRITE:
            return self._write(memory, *words)
        if operation == _CLOSE:
            return 0
        self.exit_code = words[1] if operation == _EXIT_EXTENDED else 1
        return 0

    def _open_file(self, name: str, mode: int) -> int:
        if mode >= _FIRST_WRITE_MODE:
            self.files[name] = bytearray()
        elif name not in self.files:
            return _FAILED
        self._open.append(_OpenFile(name))
        return len(self._open) - 1

    def _read(self, memory: Memory, handle: int, address: int, size: int) -> int:
        """Returns the number of bytes that were not read."""
        file = self._open[handle]
        data = bytes(self.files[file.name][file.position : file.position + size])
        file.position += len(data)
        memory.write(address, data)
        return size - len(data)

    def _write(self, memory: Memory, handle: int, address: int, size: int) -> int:
        """Returns the number of bytes that were not written: none."""
        self.files[self._open[handle].name] += memory.read(address, size)
        return 0
