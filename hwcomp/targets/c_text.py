"""C text that fits its lines, as clang-format would break them (firmware/.clang-format: LLVM, 100 columns)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

COLUMNS = 100
_LEAST = frozenset((-(1 << 31), -(1 << 63)))
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_POWER_OF_TWO = r"\s*(?:2|4|8|16|32|64|128|256)U?\b"
_FORBIDDEN = re.compile(rf"\b(?:float|double)\b|[/%](?!{_POWER_OF_TWO})|\b\d+\.\d|\b(?:malloc|calloc|realloc|free)\b")


def literal(value: int | str | tuple[int | str, ...]) -> str:
    """C's spelling: integers in decimal, tuples in braces, texts as they are."""
    if isinstance(value, tuple):
        return "{" + ", ".join(literal(item) for item in value) + "}"
    if isinstance(value, int) and value in _LEAST:
        return f"(-{-value - 1} - 1)"  # C has no negative literals
    return str(value)


def call(function: str, arguments: Sequence[str], indent: int = 2) -> str:
    """A call as a statement; arguments that do not fit go on the next line, below the first."""
    start = " " * indent + function + "("
    return _fill(start, [*(f"{a}," for a in arguments[:-1]), f"{arguments[-1]});"], len(start))


def head(start: str, parameters: Sequence[str], end: str) -> str:
    """The head of a function: `start` with its parameters, aligned behind the parenthesis, and `end`."""
    return _fill(f"{start}(", [*(f"{p}," for p in parameters[:-1]), f"{parameters[-1]}){end}"], len(start) + 1)


def guard(conditions: Sequence[str]) -> str:
    """`if (a && b) {`, a line as long as it may be."""
    words = [*(f"{c} &&" for c in conditions[:-1]), f"{conditions[-1]}) {{"]
    return _fill("  if (", words, 6)


def assign(field: str, text: str, indent: int = 4) -> str:
    """A designated initialiser with its comma."""
    return f"{' ' * indent}.{field} = {text},"


def array_lines(data: npt.NDArray[np.integer], indent: int = 4) -> tuple[str, ...]:
    """The elements of an array, equally many a line."""
    words = [literal(value) for value in data.ravel().tolist()]
    count = (COLUMNS - indent) // (max(map(len, words), default=0) + 2)
    lines = (", ".join(words[start : start + count]) for start in range(0, len(words), count))
    return tuple(f"{' ' * indent}{line}," for line in lines)


def _fill(start: str, words: Sequence[str], indent: int) -> str:
    lines: list[str] = []
    line = start
    for i, word in enumerate(words):
        if i and len(line) + 1 + len(word) > COLUMNS:
            lines.append(line)
            line = " " * indent + word
        else:
            line += f" {word}" if i else word
    return "\n".join([*lines, line])


def forbidden_in(c_text: str) -> list[str]:
    """What may not stand in emitted C outside of comments and strings; [] where nothing does.

    Floats, the heap, and `/` or `%` except by a power of two in decimal.
    """
    code = _STRING.sub('""', _COMMENT.sub(" ", c_text))
    kept = "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("#include"))
    return sorted({match.group(0) for match in _FORBIDDEN.finditer(kept)})
