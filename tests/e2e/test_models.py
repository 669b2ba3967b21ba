"""Whole real models: the integer graph gives the reference's outputs, and every difference has a proved reason."""

from __future__ import annotations

import pytest

from bench.accuracy import KWS_MODEL, LSTM_MODEL, MNIST_DATA, keyword_spotting, mnist_lstm
from bench.exactness import is_big, measure
from bench.models import EXPECTED, QUANTISED, load
from tests.resources import shared_model

FLOAT_ORDER = {
    "mlperf_kws_dscnn_int8_tf2onnx.onnx": 2,
    "mlperf_ic_resnet8_int8_tf2onnx.onnx": 6,
    "cifar_resnet20_qdq_s8s8_pc.onnx": 14,
    "coral_mobilenet_v1_0.25_128_quant_tf2onnx.onnx": 29,
    "coral_tf2_mobilenet_v2_1.0_224_ptq_tf2onnx.onnx": 18,
    "efflite0_qdq_s8s8_pc.onnx": 805,
}
"""Outputs of a model in ONNX Runtime's unfused float32 that lie behind a value nearly on a boundary, at most.

All others are 0. Each such boundary is found and proved by the comparison layer by layer.
"""

TFLITE = tuple(file for file in QUANTISED if file.endswith(".tflite"))
ONNX = tuple(file for file in QUANTISED if file.endswith(".onnx"))


def marked(files: tuple[str, ...]) -> list[object]:
    """The files as parameters, those slow that take over 5 seconds."""
    slow = ("cifar", "coral_mobilenet_v1", "mlperf_ic")
    return [
        pytest.param(file, marks=pytest.mark.slow) if is_big(file) or file.startswith(slow) else file for file in files
    ]


@pytest.mark.parametrize("reference", ["tflm", "litert"])
@pytest.mark.parametrize("file", marked(TFLITE))
def test_tflite_equals_its_references(file: str, reference: str) -> None:
    shared_model(f"models/{file}")
    case = load(file)
    if reference not in case.expected:
        pytest.skip(f"{reference} has no kernels for {file}: there are no outputs of it")
    row = measure(file, case, reference)
    assert (row.quant_differ, row.integer_differ) == (0, 0)
    assert row.channels == row.proved + row.definition + row.listed
    assert row.exceptions == 0


@pytest.mark.parametrize("file", marked(ONNX))
def test_onnx_differs_by_the_order_of_float32_sums_alone(file: str) -> None:
    shared_model(f"models/{file}")
    row = measure(file, load(file), "onnx")
    assert row.layers is not None
    assert row.layers.unexplained == []
    # Away from boundaries there is nothing to explain: 90 of 23.6 million values lie near one.
    assert row.layers.differ <= 5e-5 * row.layers.values
    assert row.quant_differ <= FLOAT_ORDER.get(file, 0)
    assert row.integer_differ <= FLOAT_ORDER.get(file, 0)
    assert row.proved >= 0.96 * row.channels


def test_every_model_has_a_reference() -> None:
    for file in QUANTISED:
        shared_model(f"models/{file}")
        assert set(load(file).expected) <= set(EXPECTED)
        assert load(file).expected


def test_keyword_spotting_accuracy() -> None:
    shared_model(f"models/{KWS_MODEL}")
    found = keyword_spotting(100)
    assert (found.outputs, found.differ) == (1200, 0)


@pytest.mark.slow
def test_keyword_spotting_accuracy_on_the_whole_set() -> None:
    """90.1 % of 1,000, all 12,000 outputs those of TFLite-Micro."""
    shared_model(f"models/{KWS_MODEL}")
    found = keyword_spotting()
    assert (found.rows, found.correct, found.outputs, found.differ) == (1000, 901, 12_000, 0)


@pytest.mark.slow
def test_lstm_accuracy() -> None:
    """97.45 % of the first 2,000 test digits, as TFLite-Micro has."""
    shared_model(f"models/{LSTM_MODEL}")
    shared_model(f"data/{MNIST_DATA}")
    found = mnist_lstm()
    assert (found.rows, found.correct) == (2000, 1949)
