"""Which of the firmware's files a bundle needs: the kernels it calls, what those name, and the headers of both.

The firmware's own text says it: functions are defined at the start of a line, and all names begin with `hwc_`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hwcomp.support import resources
from hwcomp.targets.mcu.options import Arch

_DEFINITION = re.compile(r"^(?!static\b|typedef\b)[a-z_][\w ]*?[ *]+(hwc_\w+)\([^;{}]*\)\s*\{", re.MULTILINE)
_INLINE = re.compile(r"^static inline [^;{}]*?(hwc_\w+)\([^;{}]*\)\s*\{(.*?)^\}", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"\b(hwc_\w+)\b")
_INCLUDE = re.compile(r'^#include "(hwc_\w+\.h)"', re.MULTILINE)
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)\s*", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_FOLDERS = {Arch.GENERIC: ("generic",), Arch.CORTEX_M: ("generic", "cortex_m")}
ENTRY_HEADER = "hwc_kernels.h"


@dataclass(frozen=True, slots=True)
class _Firmware:
    """texts: every file by its name; defines: the file of each function; inlines: what each inline function names."""

    texts: Mapping[str, str]
    defines: Mapping[str, str]
    inlines: Mapping[str, frozenset[str]]


def needed_files(functions: Iterable[str], arch: Arch) -> dict[str, str]:
    """The text of each .c and .h file that a bundle which calls `functions` needs, by file name, sorted.

    Raises:
        KeyError: no file defines a function (a mistake of ours).
    """
    firmware = _read(arch)
    chosen: set[str] = set()
    seen: set[str] = set()
    waiting = list(functions)
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        if function in firmware.inlines:
            waiting += sorted(firmware.inlines[function])
            continue
        name = firmware.defines[function]
        if name not in chosen:
            chosen.add(name)
            named = set(_NAME.findall(_COMMENT.sub("", firmware.texts[name])))
            waiting += sorted(word for word in named if word in firmware.defines or word in firmware.inlines)
    return {name: firmware.texts[name] for name in sorted(chosen | _headers(firmware, chosen))}


def _headers(firmware: _Firmware, sources: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = [ENTRY_HEADER, *(i for name in sorted(sources) for i in _INCLUDE.findall(firmware.texts[name]))]
    while waiting:
        header = waiting.pop()
        if header not in found:
            found.add(header)
            waiting += _INCLUDE.findall(firmware.texts[header])
    return found


@cache
def _read(arch: Arch) -> _Firmware:
    folders: list[Path] = [resources.firmware_include(), *(resources.firmware_kernels() / f for f in _FOLDERS[arch])]
    texts = {
        path.name: path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(folder.glob("hwc_*"))
        if path.suffix in (".c", ".h")
    }
    defines: dict[str, str] = {}
    inlines: dict[str, frozenset[str]] = {}
    for name, text in texts.items():
        plain = _ATTRIBUTE.sub("", _COMMENT.sub("", text))
        if name.endswith(".c"):
            defines |= dict.fromkeys(_DEFINITION.findall(plain), name)
        inlines |= {function: frozenset(_NAME.findall(body)) for function, body in _INLINE.findall(plain)}
    known = set(defines) | set(inlines)
    return _Firmware(texts, defines, {name: calls & known for name, calls in inlines.items()})
