"""What has no integer form is refused with a fix that says what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.support.errors import HwcompError
from tests.frontends.onnx_build import Net, read


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        ("DynamicQuantizeLinear", "quantise statically"),
        ("ConvTranspose", "Resize"),
        ("LSTM", "unroll"),
        ("GRU", "unroll"),
        ("TopK", "end the model before it"),
        ("LayerNormalization", "BatchNormalization"),
        ("Einsum", "docs/formats.md"),
    ],
)
def test_what_to_do_about_operators_without_integer_form(tmp_path: Path, operator: str, words: str) -> None:
    net = Net()
    net.output(net.node(operator, [net.active((1, 4), 0.1, 3)]))
    with pytest.raises(HwcompError) as caught:
        read(net, tmp_path)
    (problem,) = (p for p in caught.value.problems if p.code == "HWC102")
    assert words in problem.fix and operator in problem.what


@pytest.mark.parametrize(
    ("operator", "words"), [("Softmax", "1/256"), ("Sigmoid", "1/256"), ("Tanh", "1/128"), ("LogSoftmax", "1/16"),
                            ("Softplus", "append QuantizeLinear and")]
)  # fmt: skip
def test_what_to_do_about_float_results(tmp_path: Path, operator: str, words: str) -> None:
    net = Net()
    net.output(net.node(operator, [net.active((1, 4), 0.1, 3)]), np.float32)
    with pytest.raises(HwcompError) as caught:
        read(net, tmp_path)
    assert caught.value.code == "HWC103"
    assert operator in caught.value.problems[0].what and words in caught.value.problems[0].fix


def test_a_sum_of_three_tensors_is_refused(tmp_path: Path) -> None:
    net = Net()
    parts = [net.active((1, 4), scale, 3) for scale in (0.1, 0.07, 0.03)]
    net.output(net.q(net.node("Sum", parts), 0.2, 0))
    with pytest.raises(HwcompError, match="more than two tensors") as caught:
        read(net, tmp_path)
    assert caught.value.code == "HWC101"
