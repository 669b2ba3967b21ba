"""What a case of an error is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a case prepares its files, which is the current folder when its command runs."""

    folder: Path
    patch: pytest.MonkeyPatch


Case = Callable[[Bench], "list[str] | Callable[[], object]"]
"""Prepares files; gives the arguments of `hwcomp` that must fail, or a call where no command reaches the code."""

BUILD = ["build", "net.onnx", "-o", "out"]
