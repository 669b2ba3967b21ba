"""Damaged files of both formats: a model or an HwcompError comes out, and nothing else. Fixed seeds."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hwcomp import driver
from hwcomp.report.bundle import read_report
from hwcomp.support.errors import HwcompError
from hwcomp.support.resources import models
from hwcomp.verify.ladder import verify_bundle
from tests.frontends.test_tflite_hostile import small
from tests.frontends.tflite_build import build

MUTANTS = 300
SECONDS_EACH = 4.0
"""For reading one file on a busy machine."""


def digits() -> bytes:
    return (models() / "digits_qdq.onnx").read_bytes()


def convolution() -> bytes:
    return build(small())


FILES = [("net.onnx", digits, 1), ("net.tflite", convolution, 2)]


def mutants(data: bytes, seed: int) -> Iterator[bytes]:
    """Bytes replaced, bits flipped, pieces dropped, repeated or put elsewhere."""
    rng = np.random.default_rng(seed)
    for _ in range(MUTANTS):
        broken = bytearray(data)
        kind = int(rng.integers(0, 5))
        for _ in range(int(rng.integers(1, 6))):
            place, size = int(rng.integers(0, len(broken))), int(rng.integers(1, 40))
            if kind == 0:
                broken[place] = int(rng.integers(0, 256))
            elif kind == 1:
                broken[place] ^= 1 << int(rng.integers(0, 8))
            elif kind == 2:
                del broken[place : place + size]
            elif kind == 3:
                broken[place:place] = broken[place : place + size]
            else:
                other = int(rng.integers(0, len(broken)))
                broken[place : place + size] = broken[other : other + size]
        yield bytes(broken)


@pytest.mark.parametrize(("name", "make", "seed"), FILES, ids=["onnx", "tflite"])
def test_damaged_files_are_read_or_refused(name: str, make: object, seed: int, tmp_path: Path) -> None:
    assert callable(make)
    refused, path = 0, tmp_path / name
    for data in mutants(make(), seed):
        path.write_bytes(data)
        started = time.process_time()
        try:
            driver.read(path)
        except HwcompError as error:
            refused += 1
            assert all(problem.at and problem.what and problem.fix for problem in error.problems)
        assert time.process_time() - started < SECONDS_EACH
    assert 0 < refused < MUTANTS


@pytest.mark.slow
@pytest.mark.parametrize(("name", "make", "seed"), FILES, ids=["onnx", "tflite"])
def test_damaged_files_are_built_or_refused(name: str, make: object, seed: int, tmp_path: Path) -> None:
    assert callable(make)
    built, path, out = 0, tmp_path / name, tmp_path / "out"
    for data in mutants(make(), seed + 10):
        path.write_bytes(data)
        try:
            driver.build(path, "mcu", out, driver.BuildOptions(target_options={"vectors": "1"}))
            built += 1
        except HwcompError:
            pass
        assert not list(tmp_path.glob(".*"))
    assert built > 0


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "net.tflite").write_bytes(convolution())
    driver.build(folder / "net.tflite", "mcu", folder / "bundle", driver.BuildOptions())
    return folder / "bundle"


@pytest.mark.parametrize("name", ["manifest.json", "graph.hwc", "vectors/vectors.npz", "certificates.json.gz"])
def test_damaged_bundles_are_refused_or_compared(name: str, bundle: Path, tmp_path: Path) -> None:
    copy, refused = tmp_path / "bundle", 0
    shutil.copytree(bundle, copy)
    for data in itertools.islice(mutants((bundle / name).read_bytes(), 5), 100):
        (copy / name).write_bytes(data)
        try:
            read_report(copy)
            verify_bundle(copy, ["evaluate"])
        except HwcompError as error:
            refused += 1
            assert error.code in ("HWC005", "HWC007"), error
    assert refused > 50
