"""Turn test cases into one freestanding C program: arrays, layer structs, calls, and a comparison of every output byte.

The same program runs on the host under sanitizers and on an emulated Cortex-M4, so each kernel meets the same cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
WARNINGS = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"]
C_TYPES = {"int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "uint16": "uint16_t",
           "int32": "int32_t", "uint32": "uint32_t", "int64": "int64_t"}  # fmt: skip
HWC_TYPES = {"int8": 0, "uint8": 1, "int16": 2, "uint16": 3, "int32": 4}

Array = npt.NDArray[np.generic]
Field = "int | Array | None | Fields | tuple[int, ...]"
Fields = dict[str, object]


@dataclass(frozen=True)
class Case:
    """One call of a kernel: struct type and fields, input arrays, and the output a numpy twin expects."""

    kernel: str
    struct: str
    fields: Fields
    inputs: tuple[Array, ...]
    expected: Array
    scratch: int | None = None
    array_of_inputs: bool = False
    name: str = field(default="")


def sources() -> list[Path]:
    """Every kernel source, generic and Cortex-M."""
    return sorted((FIRMWARE / "kernels").rglob("*.c"))


def hwc_type(array: Array) -> int:
    """The element type's number in hwc_types.h."""
    return HWC_TYPES[array.dtype.name]


class _Writer:
    """Collects the definitions of one case; `prefix` keeps its names apart from other cases'."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.lines: list[str] = []

    def array(self, values: Array, const: bool = True) -> str:
        name = f"{self.prefix}_a{len(self.lines)}"
        ctype = C_TYPES[values.dtype.name]
        suffix = "LL" if values.dtype.name == "int64" else ""
        text = ", ".join(_literal(int(v), suffix) for v in values.ravel())
        kind = "static const" if const else "static"
        self.lines.append(f"{kind} {ctype} {name}[{max(values.size, 1)}] ALIGNED = {{{text or 0}}};")
        return name

    def value(self, value: object) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, dict):
            return "{" + ", ".join(f".{k} = {self.value(v)}" for k, v in value.items()) + "}"
        if isinstance(value, tuple):
            return "{" + ", ".join(str(int(v)) for v in value) + "}"
        assert isinstance(value, int | np.integer)
        return _literal(int(value), "")


def _literal(value: int, suffix: str) -> str:
    if value in (-(2**31), -(2**63)):
        return f"({value + 1}{suffix} - 1)"
    return f"{value}{suffix}"


def render(cases: Sequence[Case]) -> str:
    """The C text of a program that prints each failing case and returns the number of failures."""
    parts = [
        '#include "hwc_kernels.h"\n#include <string.h>\nextern void report(int number, long at, long got, long want);',
        "extern void roi(int on);\n#define ALIGNED __attribute__((aligned(8)))\nint run_cases(void);",
    ]
    calls: list[str] = []
    for number, case in enumerate(cases):
        writer = _Writer(f"c{number}")
        struct = writer.value(case.fields)
        inputs = [writer.array(np.asarray(x)) for x in case.inputs]
        want = writer.array(case.expected)
        out = writer.array(np.zeros_like(case.expected), const=False)
        writer.lines.append(f"static const {case.struct} c{number}_layer = {struct};")
        arguments = [f"&c{number}_layer"]
        if case.array_of_inputs:
            writer.lines.append(f"static const void *const c{number}_in[] = {{{', '.join(inputs)}}};")
            arguments.append(f"c{number}_in")
        else:
            arguments += inputs
        arguments.append(out)
        if case.scratch is not None:
            writer.lines.append(f"static int32_t c{number}_scratch[{max(1, (case.scratch + 3) // 4)}];")
            arguments.append(f"c{number}_scratch")
        parts += writer.lines
        calls.append(_call(number, case, ", ".join(arguments), out, want))
    return "\n".join([*parts, "int run_cases(void) {", "  int bad = 0;", *calls, "  return bad;", "}", ""])


def _call(number: int, case: Case, arguments: str, out: str, want: str) -> str:
    return (
        f"  roi(1); {case.kernel}({arguments}); roi(0);\n"
        f"  for (size_t i = 0; i < {case.expected.size}U; i++) {{ if ({out}[i] != {want}[i]) {{\n"
        f"    report({number}, (long)i, (long){out}[i], (long){want}[i]); bad++; break; }} }}"
    )
