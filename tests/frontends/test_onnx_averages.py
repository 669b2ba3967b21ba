"""AveragePool whose windows count different numbers of elements: equal to ONNX Runtime with optimisation off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcomp import driver
from hwcomp.ir.ops import Mul
from hwcomp.prove.synthesize import Policy, ShiftPreference
from hwcomp.support.errors import HwcompError
from tests.frontends.onnx_build import Net, differing, graph_outputs, ort_outputs, read, reference_outputs

SHAPE = (1, 3, 9, 8)


def pool(shape: tuple[int, ...] = SHAPE, opset: int = 22, dtype: Any = np.int8, **attributes: Any) -> Net:
    """x -> DQ -> AveragePool -> Q; a scale of a power of two, so that float32 sums are exact."""
    net = Net(opset)
    x = net.active(shape, 0.25, -5 if dtype is np.int8 else 131, dtype)
    net.output(net.q(net.node("AveragePool", [x], **attributes), 0.17, 3, dtype), dtype)
    return net


@pytest.mark.parametrize("counted", [0, 1])
@pytest.mark.parametrize("ceil", [0, 1])
@pytest.mark.parametrize(
    ("shape", "attributes"),
    [
        (SHAPE, {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
        (SHAPE, {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]}),
        (SHAPE, {"kernel_shape": [2, 4], "pads": [0, 1, 1, 3], "strides": [2, 3]}),
        (SHAPE, {"kernel_shape": [7, 5], "pads": [3, 2, 3, 2]}),
        (SHAPE, {"kernel_shape": [3, 2], "auto_pad": "SAME_UPPER", "strides": [2, 2]}),
        (SHAPE, {"kernel_shape": [3, 3], "pads": [2, 1, 2, 1], "dilations": [2, 1]}),
        (SHAPE, {"kernel_shape": [2, 2], "strides": [3, 3]}),
        ((2, 5, 11), {"kernel_shape": [4], "pads": [2, 1], "strides": [3]}),
        ((1, 2, 1, 1), {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
    ],
)
def test_windows_at_the_border(
    tmp_path: Path, shape: tuple[int, ...], attributes: dict[str, Any], ceil: int, counted: int
) -> None:
    net = pool(shape, ceil_mode=ceil, count_include_pad=counted, **attributes)
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("opset", [11, 13, 19])
def test_types_and_operator_sets(tmp_path: Path, dtype: Any, opset: int) -> None:
    net = pool(opset=max(opset, 10), dtype=dtype, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    assert differing(net, tmp_path)[0] == 0


def test_onnx_reference_agrees(tmp_path: Path) -> None:
    net = pool(kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    feeds = net.samples(4)
    (got,), (wanted,) = graph_outputs(read(net, tmp_path), feeds), reference_outputs(net.model(), feeds)
    assert (got == wanted).all()


def test_the_integers_are_exact_under_strict(tmp_path: Path) -> None:
    net = pool(kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    lowered = driver.lower(read(net, tmp_path), Policy.STRICT, ShiftPreference())
    assert sum(isinstance(op, Mul) for op in lowered.ops) == 1
    for seed in range(5):
        feeds = net.samples(seed)
        (got,), (wanted,) = graph_outputs(lowered, feeds), ort_outputs(net.model(), feeds)
        assert (got == wanted).all()


def test_windows_of_one_count_need_no_product(tmp_path: Path) -> None:
    net = pool(kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    assert not any(isinstance(op, Mul) for op in read(net, tmp_path).ops)


def test_a_window_without_elements_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HwcompError, match="padding alone") as caught:
        read(pool(kernel_shape=[1, 1], pads=[1, 1, 1, 1]), tmp_path)
    assert caught.value.code == "HWC101"


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_qlinear_average_pool(tmp_path: Path, dtype: Any) -> None:
    net, zero = Net(13, microsoft=True), 3 if dtype is np.int8 else 131
    scales = [(0.25, zero), (0.17, zero)]
    inputs = [net.input(SHAPE, dtype)]
    for scale, level in scales:
        inputs += [net.constant(np.float32(scale)), net.constant(dtype(level))]
    y = net.node("QLinearAveragePool", inputs, domain="com.microsoft", kernel_shape=[3, 3], pads=[1, 1, 1, 1],
                 strides=[2, 2])  # fmt: skip
    net.output(y, dtype)
    assert differing(net, tmp_path, "onnxruntime")[0] == 0
