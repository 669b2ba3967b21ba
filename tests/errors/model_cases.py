"""For each code of a model (1xx to 4xx) a minimal file that fails with it, and the command that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnx

from hwcomp import driver
from hwcomp.ir.graph import rebuild
from hwcomp.ir.ops.requant import Requant
from hwcomp.passes import check_certificates
from hwcomp.support.resources import models
from tests.errors.case import BUILD, Bench, Case
from tests.frontends import test_onnx_hostile as hostile
from tests.frontends.onnx_build import Net
from tests.frontends.test_onnx_hostile import Change, conv_net
from tests.frontends.test_tflite_hostile import base, small
from tests.frontends.tflite_build import G, O, T, build, save

MANY = 140_000
"""Products of 8 bits whose sum leaves 32 bits."""


def changed(change: Change) -> Case:
    """A convolution between quantisers, after `change`."""

    def case(bench: Bench) -> list[str]:
        model = conv_net().model()
        change(model)
        (bench.folder / "net.onnx").write_bytes(model.SerializeToString())
        return BUILD

    return case


def net(make: Callable[[], Net], *options: str) -> Case:
    def case(bench: Bench) -> list[str]:
        make().save(bench.folder)
        return [*BUILD, *options]

    return case


def tflite(make: Callable[[], G], *options: str) -> Case:
    def case(bench: Bench) -> list[str]:
        save(bench.folder, build(make()))
        return ["build", "net.tflite", "-o", "out", *options]

    return case


def content(data: bytes) -> Case:
    def case(bench: Bench) -> list[str]:
        (bench.folder / "net.onnx").write_bytes(data)
        return BUILD

    return case


def fine_sum() -> Net:
    """A sum in float32 to 65536 levels, which no pair of multipliers follows."""
    found = Net()
    a, b = found.active((1, 8), 0.0371, 5), found.active((1, 8), 0.0513, -3)
    found.output(found.q(found.node("Add", [a, b]), 1 / 3000, 3, np.int16), np.int16)
    return found


def digits(*options: str) -> Case:
    def case(bench: Bench) -> list[str]:
        (bench.folder / "digits.onnx").write_bytes((models() / "digits_qdq.onnx").read_bytes())
        return ["build", "digits.onnx", "-o", "out", *options]

    return case


def float_net() -> Net:
    found = Net()
    found.output(found.node("Relu", [found.input((1, 4), np.float32)]), np.float32)
    return found


def without_shape(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.ClearField("shape")


def of_doubles(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.DOUBLE


def tall_pool() -> Net:
    found = Net()
    y = found.node("MaxPool", [found.active((1, 1, 70_000, 1), 0.5, 0)], kernel_shape=[2, 1])
    found.output(found.q(y, 0.5, 0))
    return found


def computed_weights() -> Net:
    found = Net()
    y = found.node("Conv", [found.active((1, 2, 6, 6), 0.5, 0), found.active((2, 2, 3, 3), 0.5, 0)])
    found.output(found.q(y, 0.5, 0))
    return found


def dense(weights: np.ndarray, inputs: type = np.int8) -> Net:
    """x [1, k] times weights [k, n]."""
    found = Net(opset=21)
    x = found.active((1, weights.shape[0]), 0.001, 0, inputs)
    found.output(found.q(found.node("MatMul", [x, found.weights(weights, 0.01)]), 1000.0, 0))
    return found


def wide_sum() -> G:
    """FULLY_CONNECTED of so many products that TFLite's 32-bit accumulator overflows."""
    rows = np.full((1, MANY), 127)
    return G(
        (
            T("x", (1, MANY), "int8", 1.0, 0),
            T("w", (1, MANY), "int8", 1.0, 0, 0, rows),
            T("y", (1, 1), "int8", 1e8, 0),
        ),
        (O("FULLY_CONNECTED", ("x", "w"), ("y",), "FullyConnectedOptions"),),
        ("x",),
        ("y",),
    )


def of_uint8() -> G:
    """MAX_POOL_2D of uint8, which TFLite-Micro does not run."""
    options = {"padding": 1, "strideH": 1, "strideW": 1, "filterHeight": 2, "filterWidth": 2}
    return G(
        (T("x", (1, 4, 4, 1), "uint8", 0.5, 3), T("y", (1, 3, 3, 1), "uint8", 0.5, 3)),
        (O("MAX_POOL_2D", ("x",), ("y",), "Pool2DOptions", options),),
        ("x",),
        ("y",),
    )


def linked(bench: Bench) -> list[str]:
    """External data behind a link that leads out of the folder."""
    outside = bench.folder.parent / f"{bench.folder.name}.secret"
    outside.write_bytes(b"\0" * 36)
    (bench.folder / "weights.bin").symlink_to(outside)
    return changed(hostile.external("weights.bin"))(bench)


def false_certificate(bench: Bench) -> Callable[[], object]:
    """A multiplier that is not the one that was proved."""
    graph = driver.inspect(models() / "digits_qdq.onnx")
    wrong = next(op for op in graph.ops if isinstance(op, Requant))
    other = replace(wrong, mult=tuple(tuple(2 * b for b in row) for row in wrong.mult))
    broken = rebuild(graph, tuple(other if op is wrong else op for op in graph.ops), dict(graph.values))
    return lambda: check_certificates.PASS.run(broken)


MODEL_CASES: dict[str, Case] = {
    "HWC101": changed(hostile.scales_of_weights(2, 1)),
    "HWC102": changed(hostile.operator("Frobnicate")),
    "HWC103": net(float_net),
    "HWC104": changed(of_doubles),
    "HWC105": changed(without_shape),
    "HWC106": net(tall_pool),
    "HWC107": changed(hostile.opset(5)),
    "HWC108": net(computed_weights),
    "HWC201": content(b"\x7fELF is no model"),
    "HWC202": changed(hostile.scale_of_input(float("nan"))),
    "HWC203": changed(hostile.scale_of_input(0.0)),
    "HWC204": changed(hostile.scale_of_input(-0.5)),
    "HWC205": changed(hostile.scale_of_input(float("inf"))),
    "HWC206": changed(hostile.scale_of_input(1e-40)),
    "HWC207": changed(hostile.zero_point(np.array(4, np.uint8))),
    "HWC208": changed(hostile.dimension(-3)),
    "HWC209": changed(hostile.dimension(1 << 40)),
    "HWC210": changed(hostile.cycle),
    "HWC211": linked,
    "HWC212": changed(hostile.missing),
    "HWC213": changed(hostile.twice),
    "HWC214": tflite(lambda: small(x=base("x", shape=(1, 4, 4, 3)))),
    "HWC215": tflite(lambda: small(w=base("w", scale=[0.1, 0.2]))),
    "HWC216": tflite(lambda: small(w=base("w", axis=7))),
    "HWC217": changed(hostile.weights_dims(3, 2, 3, 3)),
    "HWC218": changed(hostile.short_inputs),
    "HWC219": changed(hostile.attribute("group", 0)),
    "HWC220": changed(hostile.external("gone.bin")),
    "HWC221": changed(hostile.float_bias(float("nan"))),
    "HWC222": changed(hostile.no_output),
    "HWC301": net(fine_sum, "--exact", "strict"),
    "HWC302": tflite(lambda: small(c=base("c", scale=1e-30), y=base("y", scale=1e-30))),
    "HWC303": tflite(wide_sum),
    "HWC304": tflite(of_uint8),
    "HWC305": false_certificate,
    "HWC401": digits("-O", "ram-bytes=1000"),
    "HWC420": digits("--target", "fpga", "-O", "interval=1"),
    "HWC421": digits("--target", "fpga", "-O", "max-lut=100"),
    "HWC422": digits("--target", "fpga", "-O", "latency-us=1"),
    "HWC402": net(lambda: dense(np.full((1000, 2), 127, np.int8), np.int16), "--exact", "fast"),
    "HWC403": net(lambda: dense(np.array([[30000, -30000]], np.int16))),
}
