"""What is kept between inferences (LSTM, variables), and floats at the border."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcomp.frontends.tflite import read
from hwcomp.ir.graph import Interpreter, Quantizer
from hwcomp.ir.spec import find_problems
from tests.frontends.tflite_build import G, LiteRT, Micro, O, T, build, save

Rng = np.random.Generator


def f32(value: float) -> float:
    return float(np.float32(value))


def lstm(rng: Rng, time_major: bool, clip: float, cell_log2: int, steps: int | None = None) -> G:
    """A random LSTM whose gates reach their saturation, with `steps` time steps or up to 5."""
    batch, drawn, width, size = (int(v) for v in rng.integers(1, 6, 4))
    steps = steps or drawn
    shape = (steps, batch, width) if time_major else (batch, steps, width)
    x = T("x", shape, "int8", f32(10 ** rng.uniform(-2, -0.5)), int(rng.integers(-128, 128)))
    h = T("h", (batch, size), "int8", f32(2.0**-7 * rng.uniform(0.7, 1.1)), int(rng.integers(-30, 30)), variable=True)
    c = T("c", (batch, size), "int16", 2.0**cell_log2, 0, variable=True)
    weights, names = [], []
    for place in range(8):
        k = width if place < 4 else size
        w_scale = f32(10 ** rng.uniform(-2.5, -1.5))
        weights.append(T(f"w{place}", (size, k), "int8", w_scale, 0, data=rng.integers(-127, 128, (size, k))))
        names.append(f"w{place}")
    biases = [
        T(f"b{g}", (size,), "int32", f32(x.scale * weights[g].scale), 0, data=rng.integers(-3000, 3000, size))
        for g in range(4)
    ]
    middle = [T(f"m{g}", (0,), "int16", 2.0**-12, 0) for g in range(4)] + [T("m4", (0,), "int8", h.scale, h.zero)]
    y = T("y", (*shape[:2], size), "int8", h.scale, h.zero)
    inputs = ("x", *names, "", "", "", *(b.name for b in biases), "", "", "h", "c", "", "", "", "")
    fields = {"fusedActivationFunction": 4, "cellClip": clip, "projClip": 0.0, "timeMajor": time_major}
    kind = "UNIDIRECTIONAL_SEQUENCE_LSTM"
    op = O(kind, inputs, ("y",), "UnidirectionalSequenceLSTMOptions", fields, tuple(m.name for m in middle))
    return G((x, h, c, *weights, *biases, *middle, y), (op,), ("x",), ("y",))


@pytest.mark.parametrize("reference", ["tflm", "litert"])
@pytest.mark.parametrize("time_major", [False, True])
@pytest.mark.parametrize(("clip", "cell_log2"), [(0.0, -11), (10.0, -11), (0.0, -15), (2.0, -13), (0.0, -9)])
def test_lstm_states(reference: str, time_major: bool, clip: float, cell_log2: int, tmp_path: Path) -> None:
    """Kept from one inference to the next with one time step; started afresh for each longer sequence."""
    rng = np.random.default_rng(cell_log2 + 100 * time_major + 20)
    for steps in (1, None, None, None):
        graph_def = lstm(rng, time_major, clip, cell_log2, steps)
        model = build(graph_def)
        graph = read(save(tmp_path, model), reference)
        assert find_problems(graph) == []
        interpreter = Interpreter(graph)
        runtime = Micro(model) if reference == "tflm" else LiteRT(model)
        is_stream = graph_def.tensors[0].shape[0 if time_major else 1] == 1
        assert bool(graph.states) == is_stream
        for _ in range(4):
            x = rng.integers(-128, 128, graph_def.tensors[0].shape)
            if not is_stream:
                runtime = Micro(model) if reference == "tflm" else LiteRT(model)
            runtime.run([x])
            want = runtime.output(0) if isinstance(runtime, Micro) else runtime.outputs()[0]
            np.testing.assert_array_equal(interpreter.run({"x": x})[graph.outputs[0].value], want)


def delay_line(initialised: bool, rng: Rng) -> tuple[G, ...]:
    """y = concat(state, x); state = the last two of y, read back as z."""
    q: dict[str, Any] = {"dtype": "int8", "scale": f32(0.1), "zero": -7}
    handle = T("v", (), "resource")
    tensors = (
        handle,
        T("x", (1, 3, 2), **q),
        T("s", (1, 2, 2), **q),
        T("y", (1, 5, 2), **q),
        T("n", (1, 2, 2), **q),
        T("z", (1, 2, 2), **q),
        *(T(n, (3,), "int32", data=np.array(v)) for n, v in (("b", [0, 3, 0]), ("e", [1, 5, 2]), ("k", [1, 1, 1]))),
    )
    var = O("VAR_HANDLE", (), ("v",), "VarHandleOptions", {"sharedName": b"line", "container": b""})
    ops = [
        var,
        O("READ_VARIABLE", ("v",), ("s",), "ReadVariableOptions"),
        O("CONCATENATION", ("s", "x"), ("y",), "ConcatenationOptions", {"axis": 1}),
        O("STRIDED_SLICE", ("y", "b", "e", "k"), ("n",), "StridedSliceOptions"),
        O("ASSIGN_VARIABLE", ("v", "n"), (), "AssignVariableOptions"),
        O("READ_VARIABLE", ("v",), ("z",), "ReadVariableOptions"),
    ]
    if not initialised:
        return (G(tensors, tuple(ops), ("x",), ("y", "z")),)
    start = T("start", (1, 2, 2), "int8", q["scale"], q["zero"], data=rng.integers(-128, 128, (1, 2, 2)))
    assign = O("ASSIGN_VARIABLE", ("v", "start"), (), "AssignVariableOptions")
    ops.insert(0, O("CALL_ONCE", (), (), "CallOnceOptions", {"initSubgraphIndex": 1}))
    return G(tensors, tuple(ops), ("x",), ("y", "z")), G((handle, start), (var, assign), (), ())


@pytest.mark.parametrize(("reference", "initialised"), [("tflm", True), ("tflm", False), ("litert", True)])
def test_variables_are_states(reference: str, initialised: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    model = build(*delay_line(initialised, rng))
    graph = read(save(tmp_path, model), reference)
    assert find_problems(graph) == []
    interpreter = Interpreter(graph)
    runtime = Micro(model) if reference == "tflm" else LiteRT(model)
    for _ in range(3):
        x = rng.integers(-128, 128, (1, 3, 2))
        env = interpreter.run({"x": x})
        runtime.run([x])
        for place, port in enumerate(graph.outputs):
            want = runtime.output(place) if isinstance(runtime, Micro) else runtime.outputs()[place]
            np.testing.assert_array_equal(env[port.value], want)


def test_a_variable_without_initialiser_starts_at_its_zero_point(tmp_path: Path) -> None:
    graph = read(save(tmp_path, build(*delay_line(False, np.random.default_rng(0)))), "tflm")
    assert graph.states["line"].reset().tolist() == [[[-7, -7], [-7, -7]]]


def test_floats_at_the_border_belong_to_the_ports(tmp_path: Path) -> None:
    scale = f32(0.05)
    tensors = (
        T("x", (1, 4), "float32"),
        T("q", (1, 4), "int8", scale, 3),
        T("r", (1, 4), "int8", scale, 3),
        T("y", (1, 4), "float32"),
    )
    ops = (O("QUANTIZE", ("x",), ("q",)), O("RELU", ("q",), ("r",)), O("DEQUANTIZE", ("r",), ("y",)))
    model = build(G(tensors, ops, ("x",), ("y",)))
    graph = read(save(tmp_path, model), "litert")
    assert [(p.name, p.value, p.quantizer) for p in graph.inputs] == [("x", "q", Quantizer(scale, 3, "float32"))]
    assert [(p.name, p.value, p.quantizer) for p in graph.outputs] == [("y", "r", Quantizer(scale, 3, "float32"))]
    runtime = LiteRT(model)
    real = np.array([[-1.0, 0.0, 0.3, 9.0]], np.float32)
    theirs = runtime.run([real], ["q", "r"])
    np.testing.assert_array_equal(Interpreter(graph).run({"x": theirs["q"]})["r"], theirs["r"])
