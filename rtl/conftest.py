"""The benches compile and simulate, the proofs run solvers: slow tests, but one bench that shows the way works."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FAST = "test_lut.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and item.path.name != FAST:
            item.add_marker(pytest.mark.slow)
