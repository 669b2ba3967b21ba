"""Run an image on unicorn's Cortex-M4 and count its instructions by blocks.

A hook on every instruction would cost a Python call each. A block (straight code up to a branch) costs one call, and
its instructions are counted once, from their encodings. Only an exception leaves a block early; a region holds none.
"""

from __future__ import annotations

import importlib
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Protocol

from hwcomp.verify.cortex_m import Image
from hwcomp.verify.counting import BlockCount, by_function
from hwcomp.verify.protocol import INPUT_FILE, OUTPUT_FILE, REPORT_FILE, TRACE_FILE, Execution, read_report
from hwcomp.verify.semihosting import Semihost
from hwcomp.verify.thumb import instruction_count
from hwcomp.verify.toolchain import require_package

_MIB = 1 << 20
# Address and size of the memories, as firmware/runtime/cortex_m/unicorn.ld has them, and the private peripheral bus.
_MEMORIES = ((0x00000000, 16 * _MIB), (0x20000000, 16 * _MIB), (0x60000000, 64 * _MIB), (0xE000E000, 0x1000))
_BKPT_SEMIHOSTING = b"\xab\xbe"
_VECTORS = 0x00000000
_NEVER = 0xFFFFFFFE
_EXIT_FAULT = 99


class Uc(Protocol):
    """The part of unicorn's machine that is used; the package has no types that mypy accepts."""

    def mem_map(self, address: int, size: int) -> None: ...

    def mem_read(self, address: int, size: int) -> bytearray: ...

    def mem_write(self, address: int, data: bytes) -> None: ...

    def reg_read(self, register: int) -> int: ...

    def reg_write(self, register: int, value: int) -> None: ...

    def ctl_set_cpu_model(self, model: int) -> None: ...

    def hook_add(
        self, kind: int, callback: Callable[..., None], user_data: object = None, begin: int = 1, end: int = 0
    ) -> int: ...

    def emu_start(self, begin: int, until: int, timeout: int = 0) -> None: ...

    def emu_stop(self) -> None: ...


@dataclass(slots=True)
class _Counter:
    """Executed blocks.

    current: (address, bytes) to times, since the region began; whole: the same over all regions; rows: instructions of
    each region.
    """

    code: _Code
    current: defaultdict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    whole: Counter[tuple[int, int]] = field(default_factory=Counter)
    rows: list[int] = field(default_factory=list)

    def on_block(self, _machine: Uc, address: int, size: int, _data: object) -> None:
        self.current[address, size] += 1

    def on_begin(self, _machine: Uc, _address: int, _size: int, _data: object) -> None:
        self.current.clear()

    def on_end(self, _machine: Uc, _address: int, _size: int, _data: object) -> None:
        self.rows.append(sum(self.code.length(block) * times for block, times in self.current.items()))
        self.whole.update(self.current)

    def blocks(self) -> list[BlockCount]:
        return [BlockCount(block[0], self.code.length(block), times) for block, times in self.whole.items()]


@dataclass(slots=True)
class _Code:
    """The image's code: how many instructions a block has, computed once each."""

    image: Image
    known: dict[tuple[int, int], int] = field(default_factory=dict)

    def length(self, block: tuple[int, int]) -> int:
        if block not in self.known:
            address, size = block
            segment = next(s for s in self.image.elf.segments if s.address <= address < s.address + len(s.data))
            start = address - segment.address
            self.known[block] = instruction_count(segment.data[start : start + size])
        return self.known[block]


@dataclass(frozen=True, slots=True)
class _Memory:
    """The machine's memory, as semihosting wants it."""

    machine: Uc

    def read(self, address: int, size: int) -> bytes:
        return bytes(self.machine.mem_read(address, size))

    def write(self, address: int, data: bytes) -> None:
        self.machine.mem_write(address, data)


def run_unicorn(image: Image, rows: bytes, at: str, timeout_seconds: float) -> Execution:
    """Run `rows` (protocol.pack_rows) through the image, all in one machine.

    Raises:
        HwcompError: HWC602 unicorn is not installed; HWC503 a fault, no end in time, or the model reported a failure.
    """
    require_package("unicorn", "it emulates the Cortex-M4")
    machine = _machine(image)
    counter = _Counter(_Code(image))
    semihost = Semihost({INPUT_FILE: bytearray(rows)})
    _hook(machine, image, counter, semihost)
    said = _start(machine, image, semihost, timeout_seconds)
    report = read_report(_file(semihost.files, REPORT_FILE), at, said)
    outputs, traces = _file(semihost.files, OUTPUT_FILE) or b"", _file(semihost.files, TRACE_FILE) or b""
    instructions = tuple(counter.rows) if counter.rows else None
    return Execution(outputs, traces, report, instructions, by_function(image.elf, counter.blocks()))


def _machine(image: Image) -> Uc:
    """A Cortex-M4 with the image in its memory."""
    unicorn, arm = _unicorn()
    machine: Uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    machine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M4)
    for address, size in _MEMORIES:
        machine.mem_map(address, size)
    for segment in image.elf.segments:
        machine.mem_write(segment.address, segment.data)
    return machine


def _hook(machine: Uc, image: Image, counter: _Counter, semihost: Semihost) -> None:
    unicorn, arm = _unicorn()
    memory = _Memory(machine)

    def on_interrupt(_machine: Uc, _number: int, _data: object) -> None:
        address = machine.reg_read(arm.UC_ARM_REG_PC)
        if memory.read(address, 2) != _BKPT_SEMIHOSTING:
            semihost.exit_code = _EXIT_FAULT
        else:
            operation, argument = machine.reg_read(arm.UC_ARM_REG_R0), machine.reg_read(arm.UC_ARM_REG_R1)
            machine.reg_write(arm.UC_ARM_REG_R0, semihost.call(memory, operation, argument))
            machine.reg_write(arm.UC_ARM_REG_PC, (address + 2) | 1)
        if semihost.exit_code is not None:
            machine.emu_stop()

    machine.hook_add(unicorn.UC_HOOK_INTR, on_interrupt)
    if image.region is not None:
        begin, end = image.region
        # Only the model's section is counted: the harness in .runtime costs no Python calls.
        text = image.elf.sections[".text"]
        machine.hook_add(unicorn.UC_HOOK_BLOCK, counter.on_block, None, text.address, text.address + text.size)
        machine.hook_add(unicorn.UC_HOOK_CODE, counter.on_begin, None, begin, begin)
        machine.hook_add(unicorn.UC_HOOK_CODE, counter.on_end, None, end, end)


def _start(machine: Uc, image: Image, semihost: Semihost, timeout_seconds: float) -> str:
    """Reset as the hardware does (stack pointer and program counter from the vectors), run to the end; how it ended."""
    unicorn, arm = _unicorn()
    problem = ""
    stack, reset = struct.unpack("<2I", bytes(machine.mem_read(_VECTORS, 8)))
    machine.reg_write(arm.UC_ARM_REG_SP, stack)
    try:
        machine.emu_start(reset | 1, _NEVER, timeout=int(timeout_seconds * 1_000_000))
    except unicorn.UcError as error:
        problem = f"fault: {error}"
    if semihost.exit_code == _EXIT_FAULT:
        problem = "fault: an exception was taken"
    elif semihost.exit_code is None and not problem:
        problem = f"it did not end within {timeout_seconds:.0f} s"
    if not problem:
        return f"the program ended with code {semihost.exit_code}"
    address = machine.reg_read(arm.UC_ARM_REG_PC)
    return f"{problem}, at 0x{address:x} in {image.elf.function_at(address)}"


def _unicorn() -> tuple[ModuleType, ModuleType]:
    """The optional package, loaded when it is first needed, and its names for Arm."""
    return importlib.import_module("unicorn"), importlib.import_module("unicorn.arm_const")


def _file(files: Mapping[str, bytearray], name: str) -> bytes | None:
    return bytes(files[name]) if name in files else None
