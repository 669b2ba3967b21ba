"""Link a bundle into an image for a Cortex-M4F, with our own start-up code, memory functions and linker scripts.

No C library is needed. The same image reads rows and writes results by semihosting under unicorn and QEMU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from hwcomp.support import resources
from hwcomp.support.manifest import Manifest
from hwcomp.verify.build import Recipe, build_once, compile_c, harness_defines, include_options
from hwcomp.verify.elf import Elf, read_elf
from hwcomp.verify.toolchain import Compiler, Family

DEFAULT_FLAGS = ("-O3",)
_IMAGE = "image.elf"
_GCC_TARGET = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
_ZIG_TARGET = ("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp", "-fno-sanitize=undefined")
_COMMON = (
    *("-std=c99", "-ffreestanding", "-ffunction-sections", "-fdata-sections", "-fno-common"),
    *("-fno-unwind-tables", "-fno-asynchronous-unwind-tables"),
)
# Compiler support (64-bit division and the like) without a C library; zig adds its own, and would not with -nostdlib.
_GCC_LIBRARIES = ("-nostdlib", "-lgcc")
# memory.c defines what loops would be turned into; GCC names that optimisation, clang obeys -fno-builtin.
_MEMORY = ("-O2", "-fno-builtin")
_GCC_MEMORY = (*_MEMORY, "-fno-tree-loop-distribute-patterns")
_RUNTIME = ("-DHWC_MEASURED", "-DHWC_RUNTIME_MEMORY")


class Machine(Enum):
    """The emulated machines; the value names the linker script."""

    UNICORN = "unicorn.ld"
    MPS2_AN386 = "mps2_an386.ld"


@dataclass(frozen=True, slots=True)
class Sections:
    """Bytes of the model's own code and data; the harness is not in them.

    text has the memory functions and compiler support that the model calls. flash = text + rodata + data,
    ram = data + bss (the arena and the state are the caller's, and not in it).
    """

    text: int
    rodata: int
    data: int
    bss: int

    @property
    def flash(self) -> int:
        return self.text + self.rodata + self.data

    @property
    def ram(self) -> int:
        return self.data + self.bss


@dataclass(frozen=True, slots=True)
class Image:
    """A linked image and what the emulators need to know of it."""

    path: Path
    elf: Elf
    sections: Sections

    @property
    def region(self) -> tuple[int, int] | None:
        """What is counted: after the instruction at the first address (the call of the model's run function) and before
        that at the second (where it returns). None in traced images, which count nothing."""
        begin, end = self.elf.symbols.get("hwc_roi_begin"), self.elf.symbols.get("hwc_roi_end")
        return None if begin is None or end is None else (begin & ~1, end & ~1)


def build_image(
    bundle: Path, manifest: Manifest, compiler: Compiler, flags: tuple[str, ...], machine: Machine, *, is_traced: bool
) -> Image:
    """The image of the bundle for `machine`; compiled and linked when it is not in the cache.

    Raises:
        HwcompError: HWC502 it does not compile or does not fit the machine's memories.
    """
    recipe = Recipe(bundle.resolve(), manifest, compiler, flags, is_traced, machine.value)

    def make(folder: Path) -> None:
        objects = [*_compile_runtime(recipe, folder), *_compile_model(recipe, folder)]
        _link(recipe, machine, objects, folder / _IMAGE)

    path = build_once(recipe, make) / _IMAGE
    elf = read_elf(path)
    return Image(path, elf, _sections(elf))


def _target(compiler: Compiler) -> tuple[str, ...]:
    """Options that name the processor. A compiler given by HWCOMP_ARM_CC may be either family."""
    return _GCC_TARGET if compiler.family is Family.GCC else _ZIG_TARGET


def _compile(recipe: Recipe, source: Path, output: Path, options: Sequence[str]) -> Path:
    headers = resources.firmware_runtime() / "cortex_m" / "include"
    command = [*recipe.compiler.command, *_target(recipe.compiler), *_COMMON, "-isystem", str(headers), *options]
    compile_c([*command, "-c", str(source), "-o", str(output)], str(recipe.bundle))
    return output


def _compile_runtime(recipe: Recipe, folder: Path) -> list[Path]:
    """The harness as runtime_*.o (sections.ld keeps it apart by this name), and the model's memory functions."""
    runtime = resources.firmware_runtime()
    machine = runtime / "cortex_m"
    memory = _GCC_MEMORY if recipe.compiler.family is Family.GCC else _MEMORY
    options = [
        *memory,
        *_RUNTIME,
        f"-I{runtime}",
        *include_options(recipe),
        *harness_defines(recipe.manifest, is_traced=recipe.is_traced),
    ]
    sources = (runtime / "harness.c", machine / "startup.c", machine / "semihosting_port.c", machine / "memory.c")
    return [
        *(_compile(recipe, source, folder / f"runtime_{source.stem}.o", options) for source in sources),
        _compile(recipe, machine / "memory.c", folder / "memory.o", memory),
    ]


def _compile_model(recipe: Recipe, folder: Path) -> list[Path]:
    options = [*recipe.flags, *include_options(recipe), *(("-DHWC_TRACE",) if recipe.is_traced else ())]
    return [
        recipe.bundle / source
        if source.endswith(".o")
        else _compile(recipe, recipe.bundle / source, folder / f"model_{i}.o", options)
        for i, source in enumerate(recipe.manifest.sources)
    ]


def _link(recipe: Recipe, machine: Machine, objects: Sequence[Path], image: Path) -> None:
    """Link with memories and sections joined into one script: linkers differ in where INCLUDE searches."""
    scripts = resources.firmware_runtime() / "cortex_m"
    script = image.with_suffix(".ld")
    parts = [(scripts / name).read_text(encoding="utf-8") for name in (machine.value, "sections.ld")]
    script.write_text("".join(parts), encoding="utf-8")
    command = [
        *recipe.compiler.command,
        *_target(recipe.compiler),
        "-Wl,--gc-sections",
        "-T",
        str(script),
        "-o",
        str(image),
        *(str(path) for path in objects),
        *(_GCC_LIBRARIES if recipe.compiler.family is Family.GCC else ()),
    ]
    compile_c(command, str(recipe.bundle))


def _sections(elf: Elf) -> Sections:
    def size(name: str) -> int:
        return elf.sections[name].size if name in elf.sections else 0

    return Sections(size(".text"), size(".rodata"), size(".data"), size(".bss"))
