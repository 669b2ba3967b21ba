"""Real models through the hls target: every stream of every frame equals `evaluate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp.driver import BuildOptions, build
from hwcomp.support.errors import HwcompError
from hwcomp.verify.hls import hls_headers
from hwcomp.verify.ladder import verify_bundle
from tests.resources import ROOT, missing, program, shared_model

# Each with the options it wants: some have more weights than the board's RAMs hold.
MODELS: dict[str, dict[str, str]] = {
    "mlperf_kws_dscnn_int8.tflite": {},
    "mlperf_ic_resnet8_int8.tflite": {},
    "mlperf_ad_ae_int8.tflite": {},
    "mlperf_kws_dscnn_int8_tf2onnx.onnx": {},
    "mlperf_ic_resnet8_int8_tf2onnx.onnx": {},
    "mlperf_ad_ae_int8_tf2onnx.onnx": {},
    "tflm_hello_world_int8.tflite": {},
    "tflm_micro_speech_int8.tflite": {},
    "tflm_mnist_lstm_int8.tflite": {},
    "mww_v2_hey_jarvis.tflite": {},
    "mww_v2_alexa.tflite": {},
    "cifar_resnet20_qdq_s8s8_pc.onnx": {"max-bram": "500"},
    "coral_mobilenet_v1_0.25_128_quant_tf2onnx.onnx": {"max-bram": "400"},
}


def built(model: Path, options: dict[str, str], tmp_path: Path) -> Path:
    program("g++")
    build(model, "hls", tmp_path / "bundle", BuildOptions(target_options=options))
    return tmp_path / "bundle"


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_every_stream_of_a_model_is_equal(name: str, tmp_path: Path) -> None:
    folder = built(shared_model(f"models/{name}"), MODELS[name], tmp_path)
    results = verify_bundle(folder, ["proof", "evaluate", "hls"])
    assert [(result.name, result.verdict) for result in results] == [
        ("proof", "equal"),
        ("evaluate", "equal"),
        ("hls", "equal"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tflm_micro_speech_int8.tflite", "mww_v2_hey_jarvis.tflite"])
def test_models_with_the_vendors_types(name: str, tmp_path: Path) -> None:
    try:
        hls_headers("ap")
        hls_headers("ac")
    except HwcompError as error:
        missing("ap_int and ac_int", error.problems[0].fix)
    folder = built(shared_model(f"models/{name}"), MODELS[name], tmp_path)
    results = verify_bundle(folder, ["hls-ap", "hls-ac"])
    assert [result.verdict for result in results] == ["equal", "equal"]


@pytest.mark.slow
def test_the_bundled_model_climbs_the_whole_ladder(tmp_path: Path) -> None:
    folder = built(ROOT / "models" / "digits_qdq.onnx", {}, tmp_path)
    for result in verify_bundle(folder):
        assert result.verdict == "equal" or (result.verdict == "skipped" and result.reason), result
