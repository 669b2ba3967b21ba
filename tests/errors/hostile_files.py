"""Hostile files of both formats, by name. All of them must be refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from tests.frontends import test_onnx_hostile as onnx_cases
from tests.frontends import test_tflite_hostile as tflite_cases
from tests.frontends.test_onnx_hostile import Change, conv_net
from tests.frontends.test_tflite_hostile import base, small
from tests.frontends.tflite_build import G, O, T, build

Make = Callable[[Path], bytes]
"""Writes what lies beside the model, and gives its bytes."""


def onnx_file(change: Change) -> Make:
    def make(folder: Path) -> bytes:
        (folder / "short.bin").write_bytes(b"\0" * 7)
        (folder / "real.bin").write_bytes(b"\0" * 36)
        (folder / "link").symlink_to(folder / "real.bin")
        model = conv_net().model()
        change(model)
        return model.SerializeToString()

    return make


def nested(depth: int) -> Change:
    """`depth` If operators inside one another."""

    def change(model: onnx.ModelProto) -> None:
        node = helper.make_node("Identity", ["x"], ["o"])
        for _ in range(depth):
            graph = helper.make_graph([node], "g", [], [])
            node = helper.make_node("If", ["x"], ["o"], then_branch=graph)
        model.graph.node.append(node)

    return change


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    groups = [number >> shift & 127 for shift in range(0, max(number.bit_length(), 1), 7)]
    return bytes([*(group | 128 for group in groups[:-1]), groups[-1]])


def nested_bytes(depth: int) -> bytes:
    """If operators `depth` deep, by hand: field 1 of a graph is a node, 5 of that an attribute, 6 of that a graph."""
    data = b""
    for level in range(depth):
        data = bytes([(0x32, 0x2A, 0x0A)[level % 3]]) + varint(len(data)) + data
    return b"\x3a" + varint(len(data)) + data


def chain_of_unknown(model: onnx.ModelProto) -> None:
    """20,000 operators that nobody knows, each on the one before."""
    before = model.graph.output[0].name
    for index in range(20_000):
        model.graph.node.append(helper.make_node("Frobnicate", [before], [f"f{index}"]))
        before = f"f{index}"
    model.graph.output[0].name = before


def giant_tile(model: onnx.ModelProto) -> None:
    """A few bytes that ask for a tensor of 2^60 elements."""
    model.graph.initializer.append(helper.make_tensor("many", TensorProto.INT64, [4], [1 << 15] * 4))
    model.graph.node.append(helper.make_node("Tile", [model.graph.output[0].name, "many"], ["big"]))
    model.graph.output[0].name = "big"


def giant_range(model: onnx.ModelProto) -> None:
    for name, value in (("r0", 0), ("r1", 1 << 62), ("r2", 1)):
        model.graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [], [value]))
    model.graph.node.append(helper.make_node("Range", ["r0", "r1", "r2"], ["range"]))
    model.graph.node.append(helper.make_node("Gather", [model.graph.output[0].name, "range"], ["taken"], axis=0))
    model.graph.output[0].name = "taken"


def giant_fill(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(helper.make_tensor("sizes", TensorProto.INT64, [3], [1 << 20] * 3))
    model.graph.node.append(helper.make_node("ConstantOfShape", ["sizes"], ["filled"]))
    model.graph.node.append(helper.make_node("Add", [model.graph.output[0].name, "filled"], ["sum"]))
    model.graph.output[0].name = "sum"


def giant_expand(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(helper.make_tensor("sizes", TensorProto.INT64, [4], [1 << 15, 1 << 15, 6, 6]))
    model.graph.node.append(helper.make_node("Expand", [model.graph.output[0].name, "sizes"], ["wide"]))
    model.graph.output[0].name = "wide"


def giant_tflite() -> G:
    shape = (1, 1 << 30, 1 << 30, 4)
    return G((T("x", shape, "int8", 0.5), T("y", shape, "int8", 0.5)), (O("RELU", ("x",), ("y",)),), ("x",), ("y",))


def random_bytes(seed: int, head: bytes = b"") -> Make:
    data = head + np.random.default_rng(seed).bytes(5000)
    return lambda folder: data


def cut(data: Callable[[], bytes], share: float) -> Make:
    def make(folder: Path) -> bytes:
        whole = data()
        return whole[: int(len(whole) * share)]

    return make


def conv_bytes() -> bytes:
    return conv_net().model().SerializeToString()


def small_bytes() -> bytes:
    return build(small())


def tflite_file(**changes: object) -> Make:
    return lambda folder: build(small(**changes))


ONNX_FILES: dict[str, Make] = {
    **{name: onnx_file(change) for name, change, _ in onnx_cases.CASES},
    "nested 25 deep": onnx_file(nested(25)),
    "nested 5000 deep": lambda folder: nested_bytes(5000),
    "a chain of unknown operators": onnx_file(chain_of_unknown),
    "giant tile": onnx_file(giant_tile),
    "giant range": onnx_file(giant_range),
    "giant fill": onnx_file(giant_fill),
    "giant expand": onnx_file(giant_expand),
    "empty": lambda folder: b"",
    "text": lambda folder: b"version https://git-lfs.github.com/spec/v1\n",
    **{f"random bytes {seed}": random_bytes(seed) for seed in range(4)},
    **{f"cut at {share}": cut(conv_bytes, share) for share in (0.1, 0.5, 0.9)},
}

TFLITE_FILES: dict[str, Make] = {
    **{name: tflite_file(**changes) for name, (_, changes) in tflite_cases.MALFORMED.items()},
    **{f"scale {scale}": tflite_file(w=base("w", scale=[0.1, scale, 0.3])) for scale in tflite_cases.SCALES.values()},
    "giant shape": lambda folder: build(giant_tflite()),
    "empty": lambda folder: b"",
    **{f"random bytes {seed}": random_bytes(seed) for seed in range(2)},
    **{f"random bytes {seed} after the magic": random_bytes(seed, b"\x1c\0\0\0TFL3") for seed in range(4)},
    **{f"cut at {share}": cut(small_bytes, share) for share in (0.1, 0.5, 0.9)},
}
