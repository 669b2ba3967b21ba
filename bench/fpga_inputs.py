"""Real inputs for the models that the fpga target is measured on, in the model's own integers.

Recorded inputs of the reference outputs come first, then more of the same kind: samples of the official set, windows of
recorded sound, the recorded pictures mirrored or cut at other places. None is random.
"""

from __future__ import annotations

import wave
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from bench.models import ROOT, folder

Rows = NDArray[np.int64]
"""Inputs [rows, ...] of one port."""

_WAVES = ("yes", "no", "noise", "silence")
_CIFAR_MEAN, _CIFAR_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def _recorded(name: str) -> NDArray[np.generic]:
    return np.asarray(np.load(folder() / "expected" / f"{name}.npz")["x"])


def _quantised(real: NDArray[np.floating], scale: float, zero: int) -> Rows:
    return np.asarray(np.clip(np.round(real / scale) + zero, -128, 127), np.int64)


def digits() -> Rows:
    """Test digits of 8 x 8 pixels, quantised as the model says."""
    from hwcomp import driver

    graph = driver.inspect(ROOT / "models" / "digits_qdq.onnx")
    quantizer = graph.inputs[0].quantizer
    assert quantizer is not None
    images = np.load(ROOT / "models" / "digits_test.npz")["image"]
    return _quantised(images, quantizer.scale, quantizer.zero_point)


def keywords() -> Rows:
    """The official samples of MLPerf Tiny's keyword spotting."""
    return np.asarray(np.load(folder() / "data" / "kws01.npz")["x"], np.int64)


def pictures32() -> Rows:
    """Twelve CIFAR-10 test pictures that were recorded for another model, brought back to bytes; and mirrored."""
    real = _recorded("cifar_resnet20_f32")[:12].transpose(0, 2, 3, 1).astype(np.float64)
    levels = np.round((real * _CIFAR_DEVIATION + _CIFAR_MEAN) * 255).astype(np.int64) - 128
    return np.concatenate([levels, levels[:, :, ::-1]])


def pictures128() -> Rows:
    """Three pictures as recorded, and cut out of their larger recordings at six places."""
    large = _recorded("coral_mobilenet_v2_1.0_224_quant")[:3]
    places = [(top, left) for top in (0, 96) for left in (0, 48, 96)]
    cuts = [image[top : top + 128, left : left + 128] for image in large for top, left in places]
    return np.concatenate([_recorded("coral_mobilenet_v1_0.25_128_quant")[:3], np.stack(cuts)]).astype(np.int64)


def machine_sounds() -> Rows:
    """Eight recorded windows of the anomaly set, then windows of five log-mel frames of recorded sound."""
    own = _recorded("mlperf_ad_ae_int8")[:8].astype(np.int64)
    frames = [_log_mel(_samples(name)) for name in _WAVES]
    windows = [mel[start : start + 5].reshape(-1) for mel in frames for start in range(0, len(mel) - 4, 6)]
    return np.concatenate([own, _quantised(np.stack(windows), 0.391015, 89)])


def speech_frames() -> Rows:
    """Windows of 49 frames, 20 ms apart, of the micro front end's features of recorded sound."""
    features = np.load(folder() / "data" / "micro_frontend_feats.npz")["x"]
    windows = [features[start : start + 98 : 2].reshape(-1) for start in range(0, len(features) - 97, 13)]
    return _quantised(np.stack(windows), 0.101716, -128)


def wake_word() -> Rows:
    """The recorded stream, in order: the wake word, then other sound; without the random frames at its end."""
    return _recorded("mww_v2_hey_jarvis")[:160].astype(np.int64)


def _samples(name: str) -> NDArray[np.float64]:
    """The sound at 16 kHz in -1..1."""
    with wave.open(str(folder() / "data" / f"{name}_1000ms.wav")) as file:
        raw = file.readframes(file.getnframes())
    return np.frombuffer(raw, "<i2").astype(np.float64) / 32768


def _log_mel(samples: NDArray[np.float64], bands: int = 128, size: int = 1024, hop: int = 512) -> NDArray[np.float64]:
    """Power in mel bands in dB, [frames, bands]: Slaney's scale and weights, Hann windows, reflected ends."""
    padded = np.pad(samples, size // 2, mode="reflect")
    starts = range(0, len(padded) - size + 1, hop)
    window = np.hanning(size + 1)[:-1]
    power = np.abs(np.fft.rfft(np.stack([padded[s : s + size] * window for s in starts]))) ** 2
    edges = _mel_to_hz(np.linspace(0.0, _MEL_TOP, bands + 2, dtype=np.float64))
    ramps = edges[:, None] - np.linspace(0.0, 8000.0, size // 2 + 1)
    widths = np.diff(edges)[:, None]
    weights = np.maximum(0.0, np.minimum(-ramps[:-2] / widths[:-1], ramps[2:] / widths[1:]))
    weights *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return np.asarray(10.0 * np.log10(power @ weights.T + np.finfo(np.float32).eps), np.float64)


_MEL_STEP = np.log(6.4) / 27.0
_MEL_TOP = 15.0 + np.log(8.0) / _MEL_STEP
"""8 kHz; 1 kHz is 15."""


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear below 1 kHz, exponential above."""
    return np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * np.exp(_MEL_STEP * (mels - 15.0)))


INPUTS: Mapping[str, Callable[[], Rows]] = {
    "digits_qdq.onnx": digits,
    "mlperf_kws_dscnn_int8.tflite": keywords,
    "mlperf_ic_resnet8_int8.tflite": pictures32,
    "mlperf_ad_ae_int8.tflite": machine_sounds,
    "tflm_micro_speech_int8.tflite": speech_frames,
    "coral_mobilenet_v1_0.25_128_quant.tflite": pictures128,
    "mww_v2_hey_jarvis.tflite": wake_word,
}
"""By the model's file."""
