"""The whole ladder on real models: what is emitted equals `evaluate` on every intermediate, on every rung."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.models import BIG, QUANTISED
from hwcomp import driver
from hwcomp.verify.ladder import rungs_of, verify_bundle
from tests.resources import shared_model

pytestmark = pytest.mark.slow

UINT8 = ("coral_mobilenet_v1_0.25_128_quant.tflite", "coral_mobilenet_v2_1.0_224_quant.tflite")
"""TFLite-Micro has no kernels for these; LiteRT's reference has."""

HOST_ONLY = ("proof", "evaluate", "host", "host-o3", "host-clang", "host-sanitized")
"""For models whose 4 MB of weights and 300 M multiplications would keep the emulator busy for minutes."""


@pytest.mark.parametrize("file", QUANTISED)
def test_every_rung_is_equal(file: str, tmp_path: Path) -> None:
    model = shared_model(f"models/{file}")
    bundle = tmp_path / "bundle"
    reference = "litert" if file in UINT8 else None
    driver.build(model, "mcu", bundle, driver.BuildOptions(reference=reference))
    rungs = HOST_ONLY if file.startswith(BIG) else rungs_of("mcu")
    results = verify_bundle(bundle, rungs)
    assert [(result.name, result.verdict) for result in results] == [(name, "equal") for name in rungs], results
