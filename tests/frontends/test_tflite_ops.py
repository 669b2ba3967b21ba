"""One-operator models against LiteRT's reference kernels and TFLite-Micro: random shapes and scales, every bit."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hwcomp.frontends.tflite import read
from hwcomp.ir.graph import Interpreter
from tests.frontends.tflite_build import LiteRT, Micro, build, save
from tests.frontends.tflite_cases import CASES

ROUNDS = 3  # random models for each case
ROWS = 3  # random inputs for each model


def models(case: str, dtype: str) -> list[tuple[bytes, list[list[NDArray[Any]]]]]:
    """The case's models and their inputs."""
    rng = np.random.default_rng(zlib.crc32(f"{case}/{dtype}".encode()))
    made = []
    for _ in range(ROUNDS):
        graph = CASES[case].make(rng, dtype)
        tensors = {t.name: t for t in graph.tensors}
        low = 0 if dtype == "uint8" else -128
        rows = [[rng.integers(low, low + 256, tensors[n].shape) for n in graph.inputs] for _ in range(ROWS)]
        made.append((build(graph), rows))
    return made


def ours(path: Path, reference: str, inputs: list[NDArray[Any]]) -> list[NDArray[Any]]:
    graph = read(path, reference)
    ports = zip(graph.inputs, inputs, strict=True)
    env = Interpreter(graph).run({port.name: array for port, array in ports})
    return [env[port.value] for port in graph.outputs]


LITERT = [(name, "int8") for name, case in CASES.items() if case.litert]
LITERT += [(name, "uint8") for name, case in CASES.items() if case.uint8]


@pytest.mark.parametrize(("case", "dtype"), LITERT)
def test_equals_litert_reference_kernels(case: str, dtype: str, tmp_path: Path) -> None:
    for model, rows in models(case, dtype):
        path, runtime = save(tmp_path, model), LiteRT(model)
        for row in rows:
            runtime.run(row)
            for got, want in zip(ours(path, "litert", row), runtime.outputs(), strict=True):
                np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case.micro])
def test_equals_tflite_micro(case: str, tmp_path: Path) -> None:
    for model, rows in models(case, "int8"):
        path, runtime = save(tmp_path, model), Micro(model)
        for row in rows:
            runtime.run(row)
            for place, got in enumerate(ours(path, "tflm", row)):
                np.testing.assert_array_equal(got, runtime.output(place))
