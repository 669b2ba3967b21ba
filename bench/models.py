"""The real models that the figures are taken on: where they are and what they ought to give."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent

# The array of the expected outputs that belongs to each reference.
EXPECTED = {"tflm": "tflm_y0", "litert": "ref_y0", "onnx": "ort_noopt_y0"}

QUANTISED = (
    "mlperf_kws_dscnn_int8.tflite",
    "mlperf_ic_resnet8_int8.tflite",
    "mlperf_ad_ae_int8.tflite",
    "tflm_hello_world_int8.tflite",
    "tflm_micro_speech_int8.tflite",
    "tflm_mnist_lstm_int8.tflite",
    "mww_v2_hey_jarvis.tflite",
    "mww_v2_alexa.tflite",
    "coral_mobilenet_v1_0.25_128_quant.tflite",
    "coral_mobilenet_v2_1.0_224_quant.tflite",
    "coral_tf2_mobilenet_v2_1.0_224_ptq.tflite",
    "mlperf_kws_dscnn_int8_tf2onnx.onnx",
    "mlperf_ic_resnet8_int8_tf2onnx.onnx",
    "mlperf_ad_ae_int8_tf2onnx.onnx",
    "cifar_resnet20_qdq_s8s8_pc.onnx",
    "coral_mobilenet_v1_0.25_128_quant_tf2onnx.onnx",
    "coral_tf2_mobilenet_v2_1.0_224_ptq_tf2onnx.onnx",
    "efflite0_qdq_s8s8_pc.onnx",
)

STREAMING = ("mww_",)
"""Prefixes of the models whose inputs are one stream: states are reset before the first row alone."""

BIG = ("coral_mobilenet_v2", "coral_tf2_mobilenet_v2", "efflite0")
"""Prefixes of the models that are run on few inputs where each costs a second."""


@dataclass(frozen=True, slots=True)
class Case:
    """A model with its inputs [rows, ...] and the outputs of each reference."""

    path: Path
    inputs: NDArray[np.generic]
    expected: dict[str, NDArray[np.generic]]

    @property
    def name(self) -> str:
        return self.path.stem


def folder() -> Path:
    """HWCOMP_MODELS, by default `shared/models` beside the checkout."""
    return Path(os.environ.get("HWCOMP_MODELS", ROOT.parent / "shared" / "models"))


def load(file: str) -> Case:
    """One model of `QUANTISED` with what its references gave."""
    path = folder() / "models" / file
    arrays = np.load(folder() / "expected" / f"{path.stem}.npz")
    found = {reference: arrays[key] for reference, key in EXPECTED.items() if key in arrays}
    return Case(path, arrays["x"], found)
