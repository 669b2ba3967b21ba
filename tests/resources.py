"""Models and tools that a test needs but the project does not bring. Missing ones skip aloud, or fail where
`CI=true`."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("HWCOMP_MODELS") or ROOT.parent / "shared" / "models")


def missing(what: str, fix: str) -> NoReturn:
    """Skip the test because `what` is missing; in CI, fail."""
    reason = f"{what} is missing: {fix}"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def shared_model(name: str) -> Path:
    """`name`, such as "models/mlperf_kws_dscnn_int8.tflite", below HWCOMP_MODELS."""
    path = MODELS / name
    if not path.exists():
        missing(f"the model file {name}", "set HWCOMP_MODELS to the folder that holds it")
    return path


def program(name: str) -> str:
    """The path of an outside program."""
    path = shutil.which(name)
    if path is None:
        missing(name, "'hwcomp doctor' says how to get it")
    return path


def package(name: str) -> None:
    """The test goes on only if the Python package `name` is there."""
    if importlib.util.find_spec(name) is None:
        missing(f"the Python package {name}", "pip install -e '.[test,mcu]'")
