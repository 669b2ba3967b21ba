"""The border of a run: a model's own dtype goes in and comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.models import load
from hwcomp import driver
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import read_manifest
from hwcomp.verify.run import run_bundle
from tests.resources import shared_model


def test_an_integer_model_gives_integers(tmp_path: Path) -> None:
    """It has scales at its ports too, but its own arrays are int8: nothing is converted."""
    shared_model("models/tflm_hello_world_int8.tflite")
    case = load("tflm_hello_world_int8.tflite")
    driver.build(case.path, "mcu", tmp_path / "out", driver.BuildOptions())
    port = read_manifest(tmp_path / "out").inputs[0]
    assert port.quantizer is not None
    assert port.quantizer.source_dtype == "int8"
    (got,) = run_bundle(tmp_path / "out", {port.name: case.inputs}, "host").outputs.values()
    assert got.dtype == np.int8
    assert np.array_equal(got, case.expected["tflm"])
    with pytest.raises(HwcompError, match="HWC008"):
        run_bundle(tmp_path / "out", {port.name: case.inputs.astype(np.float32)}, "host")


def test_a_float_model_gives_floats(tmp_path: Path) -> None:
    shared_model("models/cifar_resnet20_qdq_s8s8_pc.onnx")
    case = load("cifar_resnet20_qdq_s8s8_pc.onnx")
    driver.build(case.path, "mcu", tmp_path / "out", driver.BuildOptions())
    port = read_manifest(tmp_path / "out").inputs[0]
    (got,) = run_bundle(tmp_path / "out", {port.name: case.inputs[:2]}, "host").outputs.values()
    assert (got.dtype, got.shape) == (np.float32, (2, 10))
