"""What `json.loads` gives, told apart with types that the checkers follow: `isinstance` leaves the elements unknown."""

from __future__ import annotations

from typing import TypeGuard


def is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def is_record(value: object) -> TypeGuard[dict[str, object]]:
    """A JSON object: its keys are texts."""
    return isinstance(value, dict)
