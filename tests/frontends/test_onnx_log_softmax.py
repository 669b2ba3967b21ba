"""LogSoftmax: at most one level from ONNX Runtime's float32, and hardly ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcomp import driver
from hwcomp.ir.ops import WideLogSoftmax
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.support.errors import HwcompError
from tests.frontends.onnx_build import Net, graph_outputs, ort_outputs, read, reference_outputs

# scale of x, scale and zero point of the result, type
FORMS = [(0.0961, 0.0471, 127, np.int8), (0.31, 0.0625, 100, np.int8), (0.013, 0.021, 250, np.uint8),
         (1.7, 0.9, 127, np.int8)]  # fmt: skip


def net_of(shape: tuple[int, ...], form: tuple[float, float, int, Any], axis: int = -1, opset: int = 13) -> Net:
    x_scale, scale, zero, dtype = form
    net = Net(opset)
    x = net.active(shape, x_scale, 4 if dtype is np.int8 else 120, dtype)
    net.output(net.q(net.node("LogSoftmax", [x], axis=axis), scale, zero, dtype), dtype)
    return net


@pytest.mark.parametrize("form", FORMS, ids=lambda form: str(form[0]))
@pytest.mark.parametrize("size", [1, 2, 10, 300, 2000])
@pytest.mark.parametrize("axis", [-1, 1])
def test_it_differs_by_one_at_most_and_hardly_ever(
    tmp_path: Path, size: int, axis: int, form: tuple[float, float, int, Any]
) -> None:
    rows = max(40, 20000 // size)
    net = net_of((1, rows, size) if axis == -1 else (1, size, rows), form, axis)
    graph, feeds = read(net, tmp_path), net.samples(5)
    (got,), (wanted,) = graph_outputs(graph, feeds), ort_outputs(net.model(), feeds)
    assert np.abs(got - wanted).max() <= 1
    assert (got != wanted).mean() < 1e-4


def test_onnx_reference_agrees(tmp_path: Path) -> None:
    net = net_of((50, 12), FORMS[0], opset=21)
    feeds = net.samples(3)
    (got,), (wanted,) = graph_outputs(read(net, tmp_path), feeds), reference_outputs(net.model(), feeds)
    assert (got == wanted).all()


def test_the_rescale_is_proved(tmp_path: Path) -> None:
    net = net_of((30, 10), FORMS[0])
    graph = read(net, tmp_path)
    lowered, feeds = driver.lower(graph, Policy.STRICT, ShiftPreference()), net.samples(2)
    assert next(type(op) for op in graph.ops) is WideLogSoftmax
    assert (graph_outputs(lowered, feeds)[0] == graph_outputs(graph, feeds)[0]).all()


def test_before_operator_set_13_the_last_axis_alone(tmp_path: Path) -> None:
    net = net_of((9, 20), FORMS[0], axis=1, opset=12)
    feeds = net.samples(1)
    (got,), (wanted,) = graph_outputs(read(net, tmp_path), feeds), ort_outputs(net.model(), feeds)
    assert (got != wanted).sum() <= 1
    with pytest.raises(HwcompError, match="several axes"):
        read(net_of((9, 4, 5), FORMS[0], axis=0, opset=12), tmp_path)


def test_too_wide_an_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HwcompError, match="reaches over") as caught:
        read(net_of((1, 4), (500.0, 0.1, 0, np.int8)), tmp_path)
    assert caught.value.code == "HWC103"
