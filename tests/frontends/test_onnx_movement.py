"""Operators that move elements, on dequantised tensors, on integers and on accumulators: equal to ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcomp.ir.ops.layout import Reshape, Transpose
from tests.frontends.onnx_build import Net, differing, read

SHAPE = (1, 8, 4, 6)
Case = tuple[str, list[Any], dict[str, Any]]
INT = np.int64
CASES: list[Case] = [
    ("Reshape", [np.array([0, -1, 3], INT)], {}),
    ("Reshape", [np.array([1, 4, 6, 8], INT)], {}),
    ("Flatten", [], {}),
    ("Flatten", [], {"axis": 2}),
    ("Flatten", [], {"axis": -1}),
    ("Squeeze", [np.array([0], INT)], {}),
    ("Squeeze", [], {}),
    ("Unsqueeze", [np.array([1, -1], INT)], {}),
    ("Transpose", [], {"perm": [0, 2, 3, 1]}),
    ("Transpose", [], {"perm": [3, 1, 0, 2]}),
    ("Transpose", [], {}),
    ("Slice", [np.array([1], INT), np.array([7], INT), np.array([1], INT), np.array([2], INT)], {}),
    ("Slice", [np.array([-1, 0], INT), np.array([-99, 3], INT), np.array([2, 3], INT), np.array([-1, 1], INT)], {}),
    ("Gather", [np.array([3, -1, 0], INT)], {"axis": 1}),
    ("Gather", [np.array(2, INT)], {"axis": 2}),
    ("Gather", [np.array([[3, 1], [0, 0]], INT)], {"axis": 3}),
    ("Expand", [np.array([3, 1, 1, 1], INT)], {}),
    ("Tile", [np.array([1, 2, 1, 3], INT)], {}),
    ("DepthToSpace", [], {"blocksize": 2}),
    ("DepthToSpace", [], {"blocksize": 2, "mode": "CRD"}),
    ("SpaceToDepth", [], {"blocksize": 2}),
    ("Pad", [np.array([0, 0, 1, 2, 0, 0, 3, 0], INT)], {}),
    ("Pad", [np.array([0, 1, 0, 0, 0, 2, 0, 0], INT), np.float32(1.5)], {}),
    ("Pad", [np.array([0, 0, 1, 2, 0, 0, 3, 0], INT)], {"mode": "reflect"}),
    ("Pad", [np.array([0, 0, 1, 2, 0, 0, 3, 0], INT)], {"mode": "edge"}),
    ("Pad", [np.array([0, 0, -1, 2, 0, -3, 0, 0], INT)], {}),
    ("Identity", [], {}),
    ("MaxPool", [], {"kernel_shape": [2, 2]}),
]


def ident(case: object) -> str:
    return str(case[0]) if isinstance(case, tuple) else ""


def moved(net: Net, x: str, case: Case) -> str:
    operator, constants, attributes = case
    return net.node(operator, [x, *(net.constant(c) for c in constants)], **attributes)


@pytest.mark.parametrize("case", CASES, ids=ident)
def test_of_dequantised(tmp_path: Path, case: Case) -> None:
    net = Net()
    net.output(net.q(moved(net, net.active(SHAPE, 0.25, 4), case), 0.25, 4))
    assert differing(net, tmp_path, rounds=1)[0] == 0


@pytest.mark.parametrize("case", [c for c in CASES if c[0] not in ("Pad", "Expand", "Tile")], ids=ident)
def test_of_integers(tmp_path: Path, case: Case) -> None:
    net = Net()
    net.output(moved(net, net.input(SHAPE, np.int8), case))
    assert differing(net, tmp_path, rounds=1)[0] == 0


@pytest.mark.parametrize("case", [c for c in CASES if c[0] != "Pad"], ids=ident)
def test_of_accumulators_with_scales_per_channel(tmp_path: Path, case: Case) -> None:
    net, rng = Net(), np.random.default_rng(3)
    scale = (2.0 ** -rng.integers(3, 7, 8)).astype(np.float32)
    w = net.weights(rng.integers(-128, 128, (8, 2, 1, 1), dtype=np.int8), scale)
    y = net.node("Relu", [net.node("Conv", [net.active((1, 2, 4, 6), 0.25, 4), w])])
    net.output(net.q(moved(net, y, case), 0.6, -100))
    assert differing(net, tmp_path, rounds=1)[0] == 0


@pytest.mark.parametrize("case", [c for c in CASES if c[0] not in ("Pad", "Expand", "MaxPool")], ids=ident)
def test_of_a_float_input(tmp_path: Path, case: Case) -> None:
    net = Net()
    net.output(net.q(moved(net, net.input(SHAPE, np.float32), case), 0.02, 4))
    assert differing(net, tmp_path, rounds=1)[0] == 0


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("axis", [1, -1])
def test_concat(tmp_path: Path, same: bool, axis: int) -> None:
    net = Net()
    parts = [net.active(SHAPE, 0.25 if same else 0.1 * i + 0.1, 4 if same else i) for i in range(3)]
    net.output(net.q(net.node("Relu", [net.node("Concat", parts, axis=axis)]), 0.2, -9))
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize(("opset", "sizes"), [(13, [1, 5, 2]), (13, None), (11, [2, 2, 4])])
def test_split(tmp_path: Path, opset: int, sizes: list[int] | None) -> None:
    net = Net(opset)
    x = net.active(SHAPE, 0.25, 4)
    if opset < 13:
        parts = net.node("Split", [x], 3, axis=1, split=sizes)
    elif sizes:
        parts = net.node("Split", [x, net.constant(sizes, np.int64)], 3, axis=1)
    else:
        parts = net.node("Split", [x], 2, axis=1)
    for part in parts:
        net.output(net.q(part, 0.3, 1))
    assert differing(net, tmp_path)[0] == 0


@pytest.mark.parametrize("nearest", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
@pytest.mark.parametrize(
    "coordinate", ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"]
)
@pytest.mark.parametrize("by", ["sizes", "scales"])
def test_resize_nearest(tmp_path: Path, nearest: str, coordinate: str, by: str) -> None:
    net = Net(19 if coordinate == "half_pixel_symmetric" else 13)
    x = net.active(SHAPE, 0.25, 4)
    modes = {"mode": "nearest", "nearest_mode": nearest, "coordinate_transformation_mode": coordinate}
    if by == "sizes":
        y = net.node("Resize", [x, "", "", net.constant([1, 8, 9, 5], np.int64)], **modes)
    else:
        y = net.node("Resize", [x, "", net.constant([1, 1, 2.6, 0.5], np.float32)], **modes)
    net.output(net.q(y, 0.25, 4))
    assert differing(net, tmp_path, rounds=1)[0] == 0


def test_upsample_of_the_first_version(tmp_path: Path) -> None:
    net = Net(10)
    y = net.node("Resize", [net.active(SHAPE, 0.25, 4), net.constant([1, 1, 2, 2], np.float32)], mode="nearest")
    net.output(net.q(y, 0.25, 4))
    assert differing(net, tmp_path, rounds=1)[0] == 0


def test_shapes_are_computed_while_reading(tmp_path: Path) -> None:
    net = Net()
    x = net.active(("N", 8, 4, 6), 0.25, 4)
    shape = net.node("Shape", [x])
    batch = net.node("Gather", [shape, net.constant(0, np.int64)], axis=0)
    batch = net.node("Unsqueeze", [batch, net.constant([0], np.int64)])
    rest = net.node("ConstantOfShape", [net.constant([1], np.int64)], value=_tensor(-1))
    target = net.node("Cast", [net.node("Concat", [batch, rest], axis=0)], to=7)
    net.output(net.q(net.node("Reshape", [x, target]), 0.3, 1))
    assert differing(net, tmp_path)[0] == 0


def _tensor(value: int) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(np.array([value], INT))


def test_layouts_cost_one_transpose_at_each_border(tmp_path: Path) -> None:
    """Two convolutions, a sum, a pad and a concatenation: NCHW at the ports, NHWC between."""
    net, rng = Net(), np.random.default_rng(5)

    def conv(x: str) -> str:
        w = net.weights(rng.integers(-128, 128, (4, 4, 3, 3), dtype=np.int8), np.float32(0.25))
        y = net.node("Conv", [x, w], pads=[1, 1, 1, 1])
        return net.dq(net.q(y, 16.0, 3), 16.0, 3)

    x = net.active((1, 4, 6, 6), 0.25, 4)
    a = conv(x)
    b = conv(a)
    y = net.dq(net.q(net.node("Add", [a, b]), 16.0, 3), 16.0, 3)
    y = net.node("Pad", [net.node("Concat", [y, a], axis=1), net.constant([0, 0, 1, 1, 0, 0, 1, 1], np.int64)])
    net.output(net.q(y, 16.0, 3))
    assert differing(net, tmp_path)[0] == 0
    graph = read(net, tmp_path)
    assert sum(isinstance(op, Transpose) for op in graph.ops) == 2
    assert not any(isinstance(op, Reshape) for op in graph.ops)


def test_channel_last_models_need_no_transpose(tmp_path: Path) -> None:
    net, rng = Net(), np.random.default_rng(5)
    x = net.node("Transpose", [net.active((1, 6, 6, 4), 0.25, 4)], perm=[0, 3, 1, 2])
    w = net.weights(rng.integers(-128, 128, (4, 4, 3, 3), dtype=np.int8), np.float32(0.25))
    y = net.q(net.node("Conv", [x, w]), 16.0, 3)
    net.output(net.node("Transpose", [y], perm=[0, 2, 3, 1]))
    assert differing(net, tmp_path)[0] == 0
    assert [type(op).__name__ for op in read(net, tmp_path).ops] == ["Conv2d", "Rescale"]
