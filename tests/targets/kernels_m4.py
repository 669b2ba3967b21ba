"""Build the kernels for a Cortex-M4, run test cases on Unicorn, and count the instructions of each kernel call."""

from __future__ import annotations

import importlib.util
import io
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.targets import kernels_program as program
from tests.targets.kernels_program import FIRMWARE, WARNINGS, Case

if TYPE_CHECKING:
    from unicorn import Uc

COMPILERS = {
    "gcc": ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb"],
    "zig": [sys.executable, "-m", "ziglang", "cc", "-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4"],
}


@dataclass(frozen=True)
class Run:
    """Failures as (case, index, got, want), and the instructions of each case's kernel call."""

    failures: list[tuple[int, int, int, int]]
    instructions: list[int]


def need(compiler: str) -> None:
    """Skip, saying why, where the cross compiler or the emulator is missing."""
    missing = [m for m in ("unicorn", "elftools") if importlib.util.find_spec(m) is None]
    if compiler == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        missing.append("arm-none-eabi-gcc")
    if compiler == "zig" and importlib.util.find_spec("ziglang") is None:
        missing.append("ziglang")
    if missing:
        pytest.skip(f"Cortex-M kernels were NOT tested with {compiler}: missing {', '.join(missing)}")


def build(folder: Path, compiler: str, batch: Sequence[Case], *flags: str) -> Path:
    """Compile with warnings as errors and link; return the ELF image."""
    (folder / "cases.c").write_text(program.render(batch))
    image = folder / "image.elf"
    include = [f"-I{FIRMWARE / 'include'}", f"-I{FIRMWARE / 'test/freestanding'}"]
    test = FIRMWARE / "test/m4"
    common = [
        *COMPILERS[compiler],
        *WARNINGS,
        "-O3",
        "-ffunction-sections",
        "-fno-unwind-tables",
        "-fno-asynchronous-unwind-tables",
        *include,
        *flags,
    ]
    objects = []
    for i, source in enumerate([*program.sources(), folder / "cases.c", test / "support.c"]):
        extra = ["-fno-builtin", "-fno-tree-loop-distribute-patterns"] if source.name == "support.c" else []
        if compiler == "zig":
            extra = [flag for flag in extra if flag == "-fno-builtin"]
        objects.append(str(folder / f"{i}.o"))
        _run([*common, *extra, "-c", str(source), "-o", objects[-1]])
    libgcc = ["-lgcc"] if compiler == "gcc" else []
    link = ["-nostdlib", f"-T{test / 'kernels.ld'}", "-Wl,--gc-sections", "-Wl,-e,start"]
    _run([*COMPILERS[compiler], *link, *objects, *libgcc, "-o", str(image)])
    return image


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"


class _Watch:
    """Follows basic blocks: counts instructions between roi(1) and roi(0), collects reports, stops at halt."""

    def __init__(self, symbols: dict[str, int]) -> None:
        self.names = {symbols[name]: name for name in ("roi", "report", "halt")}
        self.failures: list[tuple[int, int, int, int]] = []
        self.instructions: list[int] = []
        self.sizes: dict[tuple[int, int], int] = {}
        self.counting = False
        self.count = 0

    def block(self, machine: Uc, address: int, size: int, _: object) -> None:
        name = self.names.get(address)
        if name == "halt":
            machine.emu_stop()
        elif name == "report":
            number, at, got, want = (_argument(machine, i) for i in range(4))
            self.failures.append((number, at, got, want))
        elif name == "roi":
            self._mark(bool(_argument(machine, 0)))
        elif self.counting:
            if (address, size) not in self.sizes:
                self.sizes[address, size] = _thumb_count(bytes(machine.mem_read(address, size)))
            self.count += self.sizes[address, size]

    def _mark(self, start: bool) -> None:
        if not start:
            self.instructions.append(self.count)
        self.counting, self.count = start, 0


def _argument(machine: Uc, index: int) -> int:
    from unicorn import arm_const as arm

    value: int = machine.reg_read(arm.UC_ARM_REG_R0 + index)
    return value - 2**32 if value >= 2**31 else value


def run(image: Path) -> Run:
    """Run `start` of an image to its end."""
    import unicorn as uc
    from elftools.elf.elffile import ELFFile
    from unicorn import arm_const as arm

    elf = ELFFile(io.BytesIO(image.read_bytes()))
    symbols = {s.name: s["st_value"] & ~1 for s in elf.get_section_by_name(".symtab").iter_symbols()}
    machine = uc.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
    machine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M4)
    machine.mem_map(0, 0x800000)
    machine.mem_map(0x20000000, 0x400000)
    for segment in elf.iter_segments():
        if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]:
            machine.mem_write(segment["p_paddr"], segment.data())
    watch = _Watch(symbols)
    machine.hook_add(uc.UC_HOOK_BLOCK, watch.block)
    machine.reg_write(arm.UC_ARM_REG_SP, 0x20400000)
    machine.emu_start(symbols["start"] | 1, 0xFFFFFFFE, timeout=120_000_000)
    assert machine.reg_read(arm.UC_ARM_REG_PC) & ~1 in range(symbols["halt"], symbols["halt"] + 8), (
        "the run did not end"
    )
    return Run(watch.failures, watch.instructions)


def _thumb_count(code: bytes) -> int:
    """Instructions in a straight piece of Thumb code: 32-bit ones start with 0b11101, 0b11110 or 0b11111."""
    at = count = 0
    while at < len(code):
        at += 4 if code[at + 1] >> 3 in (0b11101, 0b11110, 0b11111) else 2
        count += 1
    return count
