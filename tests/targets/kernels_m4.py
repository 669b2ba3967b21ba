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

import pytest

from tests.targets import kernels_program as program
from tests.targets.kernels_program import FIRMWARE, WARNINGS, Case

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
    include = [f"-I{FIRMWARE / 'include'}"]
    if compiler == "zig":
        include.append(f"-I{FIRMWARE / 'test/freestanding'}")
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
    _run([*COMPILERS[compiler], "-nostdlib", f"-T{test / 'kernels.ld'}", "-Wl,--gc-sections", "-Wl,-e,start", *objects, *libgcc,
          "-o", str(image)])  # fmt: skip
    return image


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"


def run(image: Path) -> Run:
    """Run `start` of an image to its end."""
    import unicorn as uc
    from elftools.elf.elffile import ELFFile
    from unicorn import arm_const as arm

    elf = ELFFile(io.BytesIO(image.read_bytes()))
    table = elf.get_section_by_name(".symtab")
    symbols = {s.name: s["st_value"] & ~1 for s in table.iter_symbols()}
    machine = uc.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
    machine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M4)
    machine.mem_map(0, 0x800000)
    machine.mem_map(0x20000000, 0x400000)
    for segment in elf.iter_segments():
        if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]:
            machine.mem_write(segment["p_paddr"], segment.data())
    failures: list[tuple[int, int, int, int]] = []
    instructions: list[int] = []
    counts: dict[int, int] = {}
    state = {"on": False, "count": 0}

    def signed(register: int) -> int:
        value = machine.reg_read(register)
        return value - 2**32 if value >= 2**31 else value

    def block(_: object, address: int, size: int, __: object) -> None:
        if address == symbols["roi"]:
            state["on"] = bool(machine.reg_read(arm.UC_ARM_REG_R0))
            if state["on"]:
                state["count"] = 0
            else:
                instructions.append(state["count"])
        elif address == symbols["report"]:
            registers = (arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3)
            failures.append((signed(registers[0]), signed(registers[1]), signed(registers[2]), signed(registers[3])))
        elif address == symbols["halt"]:
            machine.emu_stop()
        elif state["on"]:
            if (address << 16 | size) not in counts:
                counts[address << 16 | size] = _thumb_count(bytes(machine.mem_read(address, size)))
            state["count"] += counts[address << 16 | size]

    machine.hook_add(uc.UC_HOOK_BLOCK, block)
    machine.reg_write(arm.UC_ARM_REG_SP, 0x20400000)
    machine.emu_start(symbols["start"] | 1, 0xFFFFFFFE, timeout=120_000_000)
    assert machine.reg_read(arm.UC_ARM_REG_PC) & ~1 in range(symbols["halt"], symbols["halt"] + 8), (
        "the run did not end"
    )
    return Run(failures, instructions)


def _thumb_count(code: bytes) -> int:
    """Instructions in a straight piece of Thumb code: 32-bit ones start with 0b11101, 0b11110 or 0b11111."""
    at = count = 0
    while at < len(code):
        at += 4 if code[at + 1] >> 3 in (0b11101, 0b11110, 0b11111) else 2
        count += 1
    return count
