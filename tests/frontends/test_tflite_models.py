"""Real models: the graph equals TFLite-Micro and LiteRT's reference kernels, all recorded rows and every tensor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hwcomp.frontends.tflite import read
from hwcomp.ir.graph import Interpreter
from hwcomp.ir.ops.state import StateRead
from hwcomp.ir.spec import find_problems
from hwcomp.support.errors import HwcompError
from tests.frontends.tflite_build import LiteRT
from tests.resources import shared_model

SMALL = (
    "mlperf_kws_dscnn_int8",
    "mlperf_ad_ae_int8",
    "mlperf_ic_resnet8_int8",
    "tflm_hello_world_int8",
    "tflm_micro_speech_int8",
    "tflm_mnist_lstm_int8",
    "mww_v2_hey_jarvis",
    "mww_v2_alexa",
)
LARGE = ("coral_tf2_mobilenet_v2_1.0_224_ptq",)
UINT8 = ("coral_mobilenet_v1_0.25_128_quant", "coral_mobilenet_v2_1.0_224_quant")
EXPECTED = {"tflm": "tflm_y0", "litert": "ref_y0"}

ALL = [
    *((name, reference) for name in SMALL for reference in EXPECTED),
    *(pytest.param(name, reference, marks=pytest.mark.slow) for name in LARGE for reference in EXPECTED),
    *(pytest.param(name, "litert", marks=pytest.mark.slow) for name in UINT8[1:]),
    (UINT8[0], "litert"),
]


def load(name: str) -> tuple[Path, dict[str, NDArray[Any]]]:
    with np.load(shared_model(f"expected/{name}.npz")) as recorded:
        return shared_model(f"models/{name}.tflite"), dict(recorded)


@pytest.mark.parametrize(("name", "reference"), ALL)
def test_every_recorded_row(name: str, reference: str) -> None:
    path, recorded = load(name)
    graph = read(path, reference)
    assert find_problems(graph) == []
    port, result = graph.inputs[0], graph.outputs[0]
    interpreter = Interpreter(graph)
    for x, want in zip(recorded["x"], recorded[EXPECTED[reference]], strict=True):
        env = interpreter.run({port.name: x.reshape(graph.values[port.value].shape)})
        np.testing.assert_array_equal(env[result.value].reshape(-1), want.reshape(-1).astype(np.int64))


@pytest.mark.parametrize("name", (*SMALL, UINT8[0]))
def test_every_tensor_of_litert(name: str) -> None:
    path, recorded = load(name)
    graph, runtime = read(path, "litert"), LiteRT(path.read_bytes())
    interpreter, port = Interpreter(graph), graph.inputs[0]
    for x in recorded["x"][:3]:
        shaped: NDArray[Any] = x.reshape(graph.values[port.value].shape)
        env = interpreter.run({port.name: shaped})
        if not graph.states:  # an LSTM over a sequence starts afresh: so does a new runtime
            runtime = LiteRT(path.read_bytes())
        # Where a state is read, LiteRT shows what the inference left, the graph what it found.
        read_first = {op.outputs[0] for op in graph.ops if isinstance(op, StateRead)}
        theirs = runtime.run([shaped], env.keys() - read_first)
        assert len(theirs) >= len(graph.ops) // 4
        for tensor in theirs:
            np.testing.assert_array_equal(env[tensor], theirs[tensor].astype(np.int64), err_msg=tensor)


def test_uint8_models_are_refused_for_tflite_micro() -> None:
    path, _ = load(UINT8[0])
    with pytest.raises(HwcompError) as raised:
        read(path, "tflm")
    assert raised.value.code == "HWC304"
    assert "litert" in raised.value.fix


def test_a_float_model_is_one_problem() -> None:
    with pytest.raises(HwcompError) as raised:
        read(shared_model("models/mlperf_kws_dscnn_f32.tflite"), "tflm")
    assert [problem.code for problem in raised.value.problems] == ["HWC103"]
    assert "none of its 14 activations" in raised.value.what


def test_values_bear_the_names_of_the_tensors() -> None:
    graph = read(load("mlperf_kws_dscnn_int8")[0], "tflm")
    assert graph.inputs[0].name == "input_1"
    assert graph.outputs[0].name == "Identity"
    assert graph.outputs[0].value in graph.values
