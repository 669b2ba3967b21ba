"""Real models through the tvm target: every value equals `evaluate`, kernel by kernel, and each whole run's outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwcomp.driver import BuildOptions, build
from hwcomp.verify.ladder import verify_bundle
from tests.resources import ROOT, package, program, shared_model
from tests.targets.tvm_bundles import needs_tvm

MODELS = (
    "mlperf_kws_dscnn_int8.tflite",
    "mlperf_ic_resnet8_int8.tflite",
    "mlperf_ad_ae_int8.tflite",
    "mlperf_kws_dscnn_int8_tf2onnx.onnx",
    "mlperf_ic_resnet8_int8_tf2onnx.onnx",
    "mlperf_ad_ae_int8_tf2onnx.onnx",
    "tflm_hello_world_int8.tflite",
    "tflm_micro_speech_int8.tflite",
    "tflm_mnist_lstm_int8.tflite",
    "mww_v2_hey_jarvis.tflite",
    "mww_v2_alexa.tflite",
    "cifar_resnet20_qdq_s8s8_pc.onnx",
    "coral_mobilenet_v1_0.25_128_quant_tf2onnx.onnx",
)

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))


def verdicts(model: Path, folder: Path, machine: str, rungs: tuple[str, ...]) -> dict[str, str]:
    needs_tvm()
    program("cc")
    build(model, "tvm", folder, BuildOptions(target_options={"tvm-target": machine}))
    return {result.name: result.verdict for result in verify_bundle(folder, rungs)}


@pytest.mark.parametrize("machine", ["x86", "x86-vnni"])
@pytest.mark.parametrize("name", MODELS)
def test_every_value_of_a_model_is_equal(name: str, machine: str, tmp_path: Path) -> None:
    found = verdicts(shared_model(f"models/{name}"), tmp_path / "bundle", machine, ("proof", "evaluate", "tvm"))
    assert found == {"proof": "equal", "evaluate": "equal", "tvm": "equal"}


@pytest.mark.parametrize(("machine", "rungs"), [("x86", ("tvm", "host")), ("cortex-m4", ("cortex-m4",)),
                                                ("c", ("tvm", "host", "cortex-m4"))])  # fmt: skip
def test_the_bundled_model(machine: str, rungs: tuple[str, ...], tmp_path: Path) -> None:
    package("unicorn")
    found = verdicts(ROOT / "models" / "digits_qdq.onnx", tmp_path / "bundle", machine, rungs)
    assert found == dict.fromkeys(rungs, "equal")
