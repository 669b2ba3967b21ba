"""The bundled digits model: small, well-formed, and as good as its training script says, on ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from hwcomp.support.resources import models
from tests import resources

MODEL = models() / "digits_qdq.onnx"
TEST_SET = models() / "digits_test.npz"
MAX_BYTES = 100_000
LEAST_ACCURACY = 0.97


@pytest.mark.parametrize("path", [MODEL, TEST_SET], ids=lambda path: path.name)
def test_it_is_small(path: Path) -> None:
    assert path.stat().st_size < MAX_BYTES


def test_it_has_every_kind_of_layer() -> None:
    model = onnx.load(MODEL)
    onnx.checker.check_model(model, full_check=True)
    assert {node.op_type for node in model.graph.node} == {
        "QuantizeLinear", "DequantizeLinear", "Conv", "Relu", "Add", "GlobalAveragePool", "Flatten", "Gemm",
    }  # fmt: skip
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"


def test_it_reads_digits() -> None:
    resources.package("onnxruntime")
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(MODEL.read_bytes(), options, providers=["CPUExecutionProvider"])
    with np.load(TEST_SET) as data:
        images, labels = data["image"], data["labels"]
    logits = np.asarray(session.run(None, {"image": images})[0])
    assert images.dtype == np.float32 and len(images) == 450
    assert (logits.argmax(1) == labels).mean() >= LEAST_ACCURACY
