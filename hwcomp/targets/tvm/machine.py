"""What is known of the machines that TVM compiles for."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hwcomp.support.errors import HwcompError
from hwcomp.support.json_values import is_record


@dataclass(frozen=True, slots=True)
class Dot:
    """An instruction that adds four products of 8 bits to each lane; weights are signed.

    intrinsic: of 16 lanes, in the bundle's intrinsics.py; activations: their storage; registers: how many sums of 16
    lanes a tile may hold; int4_registers: the same beside what unpacks weights of 4 bits.
    """

    name: str
    intrinsic: str
    activations: str
    registers: int
    int4_registers: int


VNNI = Dot("vnni", "hwcomp_dot_u8", "uint8", 28, 24)
SDOT = Dot("sdot", "hwcomp_dot_s8", "int8", 6, 6)


@dataclass(frozen=True, slots=True)
class Machine:
    """target: TVM's target as a dictionary; dot: the instruction of its dot products, None for none;
    is_host: whether this machine may run it."""

    name: str
    target: dict[str, object]
    dot: Dot | None = None
    is_host: bool = False

    @property
    def wants_unsigned(self) -> bool:
        """Whether its dot products take unsigned activations."""
        return self.dot is not None and self.dot.activations == "uint8"

    @property
    def is_cuda(self) -> bool:
        return self.target.get("kind") == "cuda"

    @property
    def status(self) -> str:
        """What is done with the code of this machine, in words."""
        if self.is_cuda:
            return "emitted, not run"
        return "compiled, runs here" if self.is_host else "compiled, not run here"


_PRESETS = (
    Machine("x86-vnni", {"kind": "llvm", "mtriple": "x86_64-linux-gnu", "mcpu": "cascadelake"}, VNNI, True),
    Machine("x86", {"kind": "llvm", "mtriple": "x86_64-linux-gnu", "mcpu": "x86-64-v3"}, None, True),
    Machine("arm64", {"kind": "llvm", "mtriple": "aarch64-linux-gnu", "mattr": ["+neon", "+dotprod"]}, SDOT),
    Machine(
        "cortex-m4", {"kind": "llvm", "mtriple": "thumbv7em-none-eabihf", "mcpu": "cortex-m4", "mfloat-abi": "hard"}
    ),
    Machine(
        "cortex-m55",
        {"kind": "llvm", "mtriple": "thumbv8.1m.main-none-eabihf", "mcpu": "cortex-m55", "mfloat-abi": "hard"},
    ),
    Machine("riscv32", {"kind": "llvm", "mtriple": "riscv32-unknown-elf", "mattr": ["+m", "+c"]}),
    Machine("c", {"kind": "c"}, None, True),
    Machine("cuda", {"kind": "cuda", "arch": "sm_80"}),
)


_LISTS = ("mattr", "keys", "libs")
"""Keys of a TVM target whose values are lists."""


def machine_of(text: str) -> Machine:
    """A preset by its name, or a TVM target: a JSON object, or a string such as `llvm -mcpu=znver4 -mattr=+avx2,+fma`.

    Raises:
        HwcompError: HWC006 it is neither.
    """
    for preset in _PRESETS:
        if preset.name == text:
            return preset
    try:
        target: object = json.loads(text)
    except (ValueError, RecursionError):
        target = _from_string(text)
    if not is_record(target) or not isinstance(target.get("kind"), str):
        names = ", ".join(preset.name for preset in _PRESETS)
        raise HwcompError(
            "HWC006",
            f"'{text}' is no machine",
            "option 'tvm-target'",
            f'use one of {names}, or a TVM target such as \'{{"kind": "llvm", "mcpu": "znver4"}}\'',
        )
    given = dict(target)
    triple = str(given.get("mtriple", "x86_64"))
    return Machine(str(given.get("mcpu", given["kind"])), given, None, triple.startswith("x86_64"))


def _from_string(text: str) -> dict[str, object] | None:
    """`kind -key=value ...` as an object; lists are separated by commas. None where it is no such string."""
    kind, *flags = text.split() or [""]
    if not kind.isidentifier() or not (flags or kind == "llvm"):
        return None
    found: dict[str, object] = {"kind": kind}
    for flag in flags:
        key, equals, value = flag.removeprefix("-").partition("=")
        if not flag.startswith("-") or not equals or not key or not value:
            return None
        found[key] = value.split(",") if key in _LISTS else int(value) if value.isdecimal() else value
    return found
