"""What `json.loads` gives, told apart with types that checkers follow: `isinstance` leaves the elements unknown.

All but the guards raise ValueError where the value is of another kind.
"""

from __future__ import annotations

from typing import TypeGuard


def is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def is_record(value: object) -> TypeGuard[dict[str, object]]:
    """A JSON object: its keys are texts."""
    return isinstance(value, dict)


def items(value: object) -> list[object]:
    if not is_list(value):
        raise ValueError("a list is expected")
    return value


def record(value: object) -> dict[str, object]:
    if not is_record(value):
        raise ValueError("an object is expected")
    return value


def whole(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is no integer")
    return value


def fraction(value: object) -> float:
    """An integer or not."""
    if not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value
