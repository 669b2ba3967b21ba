"""Malformed and hostile files: each a HwcompError with its own code, fast and in little memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from hwcomp.frontends import onnx as front_end
from hwcomp.support.errors import HwcompError
from tests.frontends.onnx_build import Net, differing, graph_outputs, read

Change = Callable[[onnx.ModelProto], None]


def conv_net() -> Net:
    net = Net()
    w = net.weights(np.arange(-18, 18, dtype=np.int8).reshape(2, 2, 3, 3), np.array([0.5, 0.25], np.float32))
    y = net.node("Conv", [net.active((1, 2, 6, 6), 0.25, 4), w], pads=[1, 1, 1, 1])
    net.output(net.q(y, 2.0, 3))
    return net


def initializer(model: onnx.ModelProto, node: int, index: int) -> onnx.TensorProto:
    name = model.graph.node[node].input[index]
    return next(c for c in model.graph.initializer if c.name == name)


def scale_of_input(value: float) -> Change:
    def change(model: onnx.ModelProto) -> None:
        found = initializer(model, 1, 1)
        found.CopyFrom(numpy_helper.from_array(np.array(value, np.float32), found.name))

    return change


def attribute(name: str, value: object) -> Change:
    def change(model: onnx.ModelProto) -> None:
        conv = next(n for n in model.graph.node if n.op_type == "Conv")
        kept = [a for a in conv.attribute if a.name != name]
        del conv.attribute[:]
        conv.attribute.extend([*kept, helper.make_attribute(name, value)])

    return change


def dimension(size: int) -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = size

    return change


def zero_point(array: np.ndarray) -> Change:
    def change(model: onnx.ModelProto) -> None:
        found = initializer(model, 1, 2)
        found.CopyFrom(numpy_helper.from_array(array, found.name))

    return change


def weights_dims(*dims: int) -> Change:
    def change(model: onnx.ModelProto) -> None:
        del initializer(model, 0, 0).dims[:]
        initializer(model, 0, 0).dims.extend(dims)

    return change


def cycle(model: onnx.ModelProto) -> None:
    conv = next(n for n in model.graph.node if n.op_type == "Conv")
    conv.input[0] = model.graph.node[-1].output[0]
    model.graph.node[-1].input[0] = conv.output[0]


def missing(model: onnx.ModelProto) -> None:
    model.graph.initializer.remove(initializer(model, 0, 0))


def twice(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(initializer(model, 0, 0))


def same_output(model: onnx.ModelProto) -> None:
    model.graph.node.append(model.graph.node[-1])


def no_output(model: onnx.ModelProto) -> None:
    del model.graph.output[:]


def ghost_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = "ghost"


def opset(version: int) -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.opset_import[0].version = version

    return change


def control_flow(model: onnx.ModelProto) -> None:
    body = helper.make_graph([helper.make_node("Identity", ["x1"], ["o"])], "b", [], [])
    model.graph.node.append(helper.make_node("If", ["x1"], ["i"], then_branch=body, else_branch=body))


def external(location: str) -> Change:
    def change(model: onnx.ModelProto) -> None:
        found = initializer(model, 0, 0)
        found.ClearField("raw_data")
        found.data_location = TensorProto.EXTERNAL
        found.external_data.add(key="location", value=location)

    return change


def float_weights(model: onnx.ModelProto) -> None:
    conv = next(n for n in model.graph.node if n.op_type == "Conv")
    model.graph.initializer.append(numpy_helper.from_array(np.ones((2, 2, 3, 3), np.float32), "wf"))
    conv.input[1] = "wf"


def float_bias(value: float) -> Change:
    def change(model: onnx.ModelProto) -> None:
        conv = next(n for n in model.graph.node if n.op_type == "Conv")
        model.graph.initializer.append(numpy_helper.from_array(np.array([value, 0], np.float32), "bf"))
        conv.input.append("bf")

    return change


def operator(name: str) -> Change:
    def change(model: onnx.ModelProto) -> None:
        next(n for n in model.graph.node if n.op_type == "Conv").op_type = name

    return change


def short_inputs(model: onnx.ModelProto) -> None:
    del next(n for n in model.graph.node if n.op_type == "Conv").input[1:]


def scales_of_weights(count: int, axis: int = 0) -> Change:
    def change(model: onnx.ModelProto) -> None:
        found = initializer(model, 0, 1)
        found.CopyFrom(numpy_helper.from_array(np.full(count, 0.5, np.float32) * np.arange(1, count + 1), found.name))
        found.data_type = TensorProto.FLOAT
        found.CopyFrom(numpy_helper.from_array(np.arange(1, count + 1).astype(np.float32), found.name))
        zeros = initializer(model, 0, 2)
        zeros.CopyFrom(numpy_helper.from_array(np.zeros(count, np.int8), zeros.name))
        model.graph.node[0].attribute[0].i = axis

    return change


CASES: list[tuple[str, Change, str]] = [
    ("NaN scale", scale_of_input(float("nan")), "HWC202"),
    ("zero scale", scale_of_input(0.0), "HWC203"),
    ("negative scale", scale_of_input(-0.5), "HWC204"),
    ("infinite scale", scale_of_input(float("inf")), "HWC205"),
    ("denormal scale", scale_of_input(1e-40), "HWC206"),
    ("zero point of another type", zero_point(np.array(4, np.uint8)), "HWC207"),
    ("float zero point", zero_point(np.array(4, np.float32)), "HWC207"),
    ("zero points without scales", zero_point(np.zeros(3, np.int8)), "HWC215"),
    ("negative dimension", dimension(-3), "HWC208"),
    ("zero dimension", dimension(0), "HWC208"),
    ("giant dimension", dimension(1 << 40), "HWC209"),
    ("giant constant", weights_dims(1 << 20, 1 << 20), "HWC209"),
    ("negative dimension of a constant", weights_dims(-2, 2), "HWC208"),
    ("constant of another size", weights_dims(3, 2, 3, 3), "HWC217"),
    ("cycle", cycle, "HWC210"),
    ("missing constant", missing, "HWC212"),
    ("constant defined twice", twice, "HWC213"),
    ("value defined twice", same_output, "HWC213"),
    ("no output", no_output, "HWC222"),
    ("output of nothing", ghost_output, "HWC222"),
    ("old operator set", opset(5), "HWC107"),
    ("control flow", control_flow, "HWC102"),
    ("unknown operator", operator("Frobnicate"), "HWC102"),
    ("float weights", float_weights, "HWC103"),
    ("NaN bias", float_bias(float("nan")), "HWC221"),
    ("one input", short_inputs, "HWC218"),
    ("zero strides", attribute("strides", [0, 1]), "HWC208"),
    ("negative pads", attribute("pads", [-1, 0, 0, 0]), "HWC208"),
    ("giant pads", attribute("pads", [1 << 30] * 4), "HWC208"),
    ("large pads", attribute("pads", [1 << 15] * 4), "HWC209"),
    ("giant dilations", attribute("dilations", [1 << 19, 1]), "HWC214"),
    ("no groups", attribute("group", 0), "HWC219"),
    ("wrong groups", attribute("group", 7), "HWC214"),
    ("strides of another type", attribute("strides", "two"), "HWC219"),
    ("unknown auto_pad", attribute("auto_pad", "MAYBE"), "HWC219"),
    ("kernel_shape of another kernel", attribute("kernel_shape", [2, 2]), "HWC214"),
    ("too many scales", scales_of_weights(5), "HWC215"),
    ("axis outside", scales_of_weights(2, 9), "HWC216"),
    ("scales along the inputs", scales_of_weights(2, 1), "HWC101"),
    ("external data above the folder", external("../secret"), "HWC211"),
    ("external data by an absolute path", external("/etc/passwd"), "HWC211"),
    ("external data in a link", external("link"), "HWC211"),
    ("external data that is missing", external("gone.bin"), "HWC220"),
    ("external data that is short", external("short.bin"), "HWC220"),
]


@pytest.mark.parametrize(("change", "code"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_each_has_its_code(tmp_path: Path, change: Change, code: str) -> None:
    model = conv_net().model()
    change(model)
    path = tmp_path / "bad.onnx"
    path.write_bytes(model.SerializeToString())
    (tmp_path / "short.bin").write_bytes(b"\0" * 7)
    (tmp_path / "real.bin").write_bytes(b"\0" * 36)
    (tmp_path / "link").symlink_to(tmp_path / "real.bin")
    started = time.monotonic()
    tracemalloc.start()
    with pytest.raises(HwcompError) as caught:
        front_end.read(path, "onnx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == code, str(caught.value)
    assert time.monotonic() - started < 2.0
    assert peak < 1 << 28


@pytest.mark.parametrize("cut", [1, 10, 200, -1])
def test_truncated_files(tmp_path: Path, cut: int) -> None:
    data = conv_net().model().SerializeToString()
    path = tmp_path / "cut.onnx"
    path.write_bytes(data[:cut])
    with pytest.raises(HwcompError) as caught:
        front_end.read(path, "onnx")
    assert caught.value.code.startswith("HWC2")


def test_garbage_and_empty_files(tmp_path: Path) -> None:
    for content in (b"", b"\xff" * 100, b"hello, world"):
        path = tmp_path / "g.onnx"
        path.write_bytes(content)
        with pytest.raises(HwcompError) as caught:
            front_end.read(path, "onnx")
        assert caught.value.code == "HWC201"


def test_flipped_bytes_never_crash(tmp_path: Path) -> None:
    """Any error is one of ours."""
    data = bytearray(conv_net().model().SerializeToString())
    rng = np.random.default_rng(9)
    path = tmp_path / "f.onnx"
    refused = 0
    for _ in range(300):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), 2):
            broken[place] = rng.integers(0, 256)
        path.write_bytes(bytes(broken))
        try:
            front_end.read(path, "onnx")
        except HwcompError:
            refused += 1
    assert refused > 50


def test_all_unsupported_operators_are_named_at_once(tmp_path: Path) -> None:
    net = conv_net()
    net.nodes.insert(-1, helper.make_node("Frob", [net.nodes[-1].input[0]], ["p"], name="first 'one'\n"))
    net.nodes.insert(-1, helper.make_node("Nicate", ["p"], ["r\u00e9sultat"]))
    net.nodes[-1].input[0] = "r\u00e9sultat"
    with pytest.raises(HwcompError) as caught:
        read(net, tmp_path)
    found = caught.value.problems
    assert [p.code for p in found] == ["HWC102", "HWC102"]
    assert "first 'one'" in found[0].at and "r\u00e9sultat" in found[1].at


def test_float_models_say_which_operator_is_not_quantised(tmp_path: Path) -> None:
    net = Net()
    x = net.input((1, 4), np.float32)
    net.output(net.node("Relu", [x]), np.float32)
    with pytest.raises(HwcompError) as caught:
        read(net, tmp_path)
    assert caught.value.code == "HWC103" and "Relu" in caught.value.at


def test_strange_names_are_legal(tmp_path: Path) -> None:
    net = conv_net()
    model = net.model()
    strange = "a \"b\" 'c'\n\u00fc\U0001f600/.."
    text = {model.graph.input[0].name: strange, model.graph.output[0].name: strange + "!"}
    for node in model.graph.node:
        node.name = strange
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                names[i] = text.get(name, name)
    model.graph.input[0].name, model.graph.output[0].name = strange, strange + "!"
    path = tmp_path / "s.onnx"
    path.write_bytes(model.SerializeToString())
    graph = front_end.read(path, "onnx")
    assert [p.name for p in (*graph.inputs, *graph.outputs)] == [strange, strange + "!"]
    feeds = net.samples(0)
    (wanted,) = graph_outputs(read(net, tmp_path), feeds)
    (got,) = graph_outputs(graph, {strange: next(iter(feeds.values()))})
    assert (got == wanted).all()


def test_external_data_beside_the_model_is_read(tmp_path: Path) -> None:
    net = conv_net()
    model = net.model()
    onnx.save(model, tmp_path / "net2.onnx", save_as_external_data=True, location="w.bin", size_threshold=8)
    graph = front_end.read(tmp_path / "net2.onnx", "onnx")
    assert graph.ops == read(net, tmp_path).ops or len(graph.ops) == len(read(net, tmp_path).ops)
    assert differing(net, tmp_path)[0] == 0


def test_other_references_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HwcompError) as caught:
        read(conv_net(), tmp_path, "tflm")
    assert caught.value.code == "HWC304"


def test_a_scale_of_one_element_is_per_tensor(tmp_path: Path) -> None:
    net = Net()
    x = net.dq(net.input((1, 7, 5), np.int8), [0.25], [4])
    net.output(net.q(net.node("Relu", [x]), [0.5], [1]))
    assert differing(net, tmp_path)[0] == 0


def test_dead_nodes_are_left_out(tmp_path: Path) -> None:
    net = conv_net()
    net.nodes.append(helper.make_node("Frobnicate", [net.nodes[-1].input[0]], ["unused"]))
    assert len(read(net, tmp_path).ops) == 4


@pytest.mark.parametrize("count", [60, 5000])
@pytest.mark.parametrize("operator", ["Relu", "Add", "Max", "Concat", "Mul"])
def test_expressions_without_end_are_refused_or_read_fast(tmp_path: Path, operator: str, count: int) -> None:
    """Doubling, nested a thousand times: neither time, memory nor the stack run out."""
    net = Net()
    x = net.active((1, 4), 0.25, 4)
    for _ in range(count):
        attributes = {"axis": 1} if operator == "Concat" else {}
        x = net.node(operator, [x] if operator == "Relu" else [x, x], **attributes)
    net.output(net.q(x, 0.25, 4))
    started = time.monotonic()
    try:
        graph = read(net, tmp_path)
        assert count == 60 and operator == "Relu" and len(graph.ops) == 1
    except HwcompError as error:
        assert error.code in ("HWC103", "HWC209")
    assert time.monotonic() - started < 2.0


def test_constants_do_not_grow_without_end(tmp_path: Path) -> None:
    net = Net()
    x = net.constant(np.zeros((1, 64), np.float32))
    for _ in range(40):
        x = net.node("Concat", [x, x, x, x], axis=1)
    y = net.node("Add", [net.active((1, 64), 0.25, 4), x])
    net.output(net.q(y, 0.25, 4))
    with pytest.raises(HwcompError) as caught:
        read(net, tmp_path)
    assert caught.value.code == "HWC209"
