"""The steps have their references' bits: ONNX Runtime, onnx.reference, and TFLite's C arithmetic in Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcomp.ir.dyadic import Tie, apply_requant
from hwcomp.prove.rounding import float32_of_product
from hwcomp.prove.steps import (
    OnnxReferenceQLinear,
    OrtQLinear,
    OrtQLinearAdd,
    QdqAdd,
    QdqFloat32,
    TfliteAverage,
    TfliteDouble,
    mean_multiplier,
    qlinear_scale,
    quantize_multiplier,
)

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402


def model(
    nodes: list[object], inputs: dict[str, np.ndarray], out_type: int, constants: dict[str, np.ndarray]
) -> object:
    graph = helper.make_graph(
        nodes,
        "g",
        [
            helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
            for n, v in inputs.items()
        ],
        [helper.make_tensor_value_info("y", out_type, None)],
        [numpy_helper.from_array(v, n) for n, v in constants.items()],
    )
    opsets = [helper.make_opsetid("", 19), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def run_ort(proto: object, inputs: dict[str, np.ndarray]) -> np.ndarray:
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = ort.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, inputs)[0])


def srdhm(a: int, b: int) -> int:
    """gemmlowp SaturatingRoundingDoublingHighMul, C's truncating division written out."""
    if a == b == -(1 << 31):
        return (1 << 31) - 1
    ab = a * b
    total = ab + ((1 << 30) if ab >= 0 else 1 - (1 << 30))
    return total >> 31 if total >= 0 else -((-total) >> 31)


def divide_by_pot(x: int, exponent: int) -> int:
    mask = (1 << exponent) - 1
    return (x >> exponent) + ((x & mask) > (mask >> 1) + (x < 0))


def multiply_c(x: int, m: int, shift: int) -> int:
    left = ((x << max(shift, 0)) + (1 << 31)) % (1 << 32) - (1 << 31)
    return divide_by_pot(srdhm(left, m), max(-shift, 0))


@settings(max_examples=2000, deadline=None)
@given(
    x=st.one_of(st.integers(-(1 << 31), (1 << 31) - 1), st.sampled_from([-(1 << 31), -1, 0, 1, (1 << 31) - 1])),
    m=st.one_of(st.integers(1 << 30, (1 << 31) - 1), st.sampled_from([-(1 << 31), 1 << 30, (1 << 31) - 1])),
    shift=st.integers(-31, 12),
)
def test_double_is_the_c_code(x: int, m: int, shift: int) -> None:
    """Any int32, left shifts that wrap, and INT32_MIN squared included."""
    step = TfliteDouble((m,), (shift,), 0, -(1 << 31), (1 << 31) - 1)
    assert step(np.array([[x]]))[0, 0] == multiply_c(x, m, shift)


@pytest.mark.parametrize("smallest", [1, 1 << 30])
def test_double_definition_on_millions(smallest: int) -> None:
    """One multiply and one shift equal double rounding, left shifts and MEAN's small multipliers included."""
    rng = np.random.default_rng(7)
    for _ in range(60):
        channels = 5
        m = tuple(int(v) for v in rng.integers(smallest, 1 << 31, channels))
        shift = tuple(int(v) for v in rng.integers(-14, 4, channels))
        step = TfliteDouble(m, shift, 3, -128, 127)
        low, high = step.domain
        acc = rng.integers(low, high + 1, (channels, 8000))
        reals = np.array([v * 2.0 ** (s - 31) for v, s in zip(m, shift, strict=True)])
        near = np.rint(rng.uniform(-140, 140, (channels, 8000)) / reals[:, None]).clip(low, high).astype(np.int64)
        small = rng.integers(-6, 7, (channels, 400)).clip(low, high)
        acc = np.concatenate([acc, near, small, np.full((channels, 1), low), np.full((channels, 1), high)], axis=1)
        form = step.definition
        assert form is not None
        got = apply_requant([acc], form.mult, form.offset, form.shift, form.tie, form.negative, form.zero, -128, 127)
        assert (got == step(acc)).all()


def test_quantize_multiplier() -> None:
    assert quantize_multiplier(0.0) == (0, 0)
    assert quantize_multiplier(1.0) == (1 << 30, 1)
    assert quantize_multiplier(0.5) == (1 << 30, 0)
    assert quantize_multiplier(1 - 2.0**-40) == (1 << 30, 1)
    assert quantize_multiplier(2.0**-33) == (0, 0)
    assert quantize_multiplier(2.0**-32) == (1 << 30, -31)
    assert quantize_multiplier(((1 << 30) + 0.5) / (1 << 31)) == ((1 << 30) + 1, 0)


def test_mean_multiplier_and_average() -> None:
    m, s = quantize_multiplier(0.75)
    assert mean_multiplier(0.75, 1) == (m, s)
    assert mean_multiplier(0.75, 49) == ((m << 5) // 49, s - 5)
    acc = np.arange(-300, 301)[None, :]
    want = [int((a + 3) / 6) if a > 0 else int((a - 3) / 6) for a in acc[0].tolist()]
    assert TfliteAverage((6,), -128, 127)(acc)[0].tolist() == [max(-128, min(127, w)) for w in want]


@settings(max_examples=300, deadline=None)
@given(
    acc=st.integers(-(1 << 31), (1 << 31) - 1),
    a=st.integers(1, (1 << 24) - 1),
    b=st.integers(1, (1 << 24) - 1),
    count=st.sampled_from([1, 1, 3, 49, 784]),
)
def test_product_is_rounded_once(acc: int, a: int, b: int, count: int) -> None:
    """Against rational arithmetic, half even."""
    got = float(float32_of_product(np.array([acc]), np.array([float(a * b)]), count)[0])
    n, d = acc * a * b, count
    if n == 0:
        assert got == 0
        return
    k = max(0, (abs(n) // d).bit_length() - 24)
    up = 24 if k == 0 else 0  # enough fraction bits for small quotients
    if k == 0:
        up = 24 - (abs(n) // d).bit_length() if abs(n) >= d else 40
        if abs(n) < d:
            return
    scaled, unit = abs(n) << up, d << k
    q, rest = divmod(scaled, unit)
    q += (2 * rest > unit) or (2 * rest == unit and q & 1)
    assert abs(got) == q * 2.0 ** (k - up)


@pytest.mark.parametrize(("kind", "lo", "hi"), [(np.int8, -128, 127), (np.uint8, 0, 255)])
def test_qdq_float32_is_onnxruntime_and_onnx(kind: type, lo: int, hi: int) -> None:
    """QuantizeLinear of a float32: both references, on random values and right at ties."""
    rng = np.random.default_rng(3)
    for round_ in range(6):
        sx, sw, sy = (np.float32(v) for v in (rng.uniform(1e-3, 1), rng.uniform(1e-4, 0.1), rng.uniform(1e-2, 1)))
        if round_ == 0:
            sx, sw, sy = np.float32(0.5), np.float32(0.125), np.float32(0.25)
        zero = int(rng.integers(lo, hi + 1))
        step = QdqFloat32(float(sx), (float(sw),), float(sy), zero, lo, hi, clip_lo=-2.0, clip_hi=6.0)
        acc = np.rint(rng.uniform(-400, 400, (1, 20000)) * float(sy) / (float(sx) * float(sw))).astype(np.int64)
        v = np.clip(
            float32_of_product(acc, np.float64(sx) * np.array([[np.float64(sw)]])), np.float32(-2), np.float32(6)
        )
        proto = model(
            [helper.make_node("QuantizeLinear", ["x", "s", "z"], ["y"])],
            {"x": v},
            helper.np_dtype_to_tensor_dtype(np.dtype(kind)),
            {"s": np.array(sy), "z": np.array(zero, kind)},
        )
        assert (run_ort(proto, {"x": v}) == step(acc)).all()
        assert (ReferenceEvaluator(proto).run(None, {"x": v})[0] == step(acc)).all()


def test_qlinear_matmul_both_references() -> None:
    rng = np.random.default_rng(4)
    for case in range(8):
        a = rng.integers(0, 256, (64, 90)).astype(np.uint8)
        b = rng.integers(-127, 128, (90, 50)).astype(np.int8)
        sa, sb, sy = (np.float32(v) for v in (0.02, 0.01, rng.uniform(0.05, 0.3)))
        if case == 0:
            sa, sb, sy = np.float32(2**-4), np.float32(2**-5), np.float32(2**-3)
        za, zy = np.uint8(rng.integers(0, 256)), np.uint8(rng.integers(0, 256))
        node = helper.make_node("QLinearMatMul", ["a", "sa", "za", "b", "sb", "zb", "sy", "zy"], ["y"])
        constants = {
            "sa": np.array(sa),
            "za": np.array(za),
            "b": b,
            "sb": np.array(sb),
            "zb": np.array(0, np.int8),
            "sy": np.array(sy),
            "zy": np.array(zy),
        }
        proto = model([node], {"a": a}, TensorProto.UINT8, constants)
        acc = ((a.astype(np.int64) - int(za)) @ b.astype(np.int64)).reshape(1, -1)
        scale = (qlinear_scale(float(sa), float(sb), float(sy)),)
        runtime = OrtQLinear(scale, int(zy), 0, 255)(acc)
        assert (run_ort(proto, {"a": a}).reshape(1, -1) == runtime).all()
        reference = OnnxReferenceQLinear(scale, int(zy), 0, 255)(acc)
        assert (ReferenceEvaluator(proto).run(None, {"a": a})[0].reshape(1, -1) == reference).all()


@pytest.mark.parametrize(("kind", "lo", "hi"), [(np.int8, -128, 127), (np.uint8, 0, 255)])
def test_additions_on_all_pairs(kind: type, lo: int, hi: int) -> None:
    rng = np.random.default_rng(6)
    grid = np.arange(lo, hi + 1)
    a, b = (g.reshape(1, -1) for g in np.meshgrid(grid, grid, indexing="ij"))
    feeds = {"a": a.astype(kind), "b": b.astype(kind)}
    out_type = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    for _ in range(5):
        sa, sb, sy = (np.float32(v) for v in rng.uniform(0.01, 0.1, 3))
        za, zb, zy = (int(v) for v in rng.integers(lo, hi + 1, 3))
        scales = {n: np.array(v) for n, v in (("sa", sa), ("sb", sb), ("sy", sy))}
        constants = scales | {n: np.array(v, kind) for n, v in (("za", za), ("zb", zb), ("zy", zy))}
        numbers = (float(sa), za, float(sb), zb, float(sy), zy, lo, hi)
        node = helper.make_node(
            "QLinearAdd", ["a", "sa", "za", "b", "sb", "zb", "sy", "zy"], ["y"], domain="com.microsoft"
        )
        got = run_ort(model([node], feeds, out_type, constants), feeds)
        assert (got == OrtQLinearAdd(*numbers)(a, b)).all()
        for op in ("Add", "Sub"):
            nodes = [
                helper.make_node("DequantizeLinear", ["a", "sa", "za"], ["fa"]),
                helper.make_node("DequantizeLinear", ["b", "sb", "zb"], ["fb"]),
                helper.make_node(op, ["fa", "fb"], ["f"]),
                helper.make_node("QuantizeLinear", ["f", "sy", "zy"], ["y"]),
            ]
            proto = model(nodes, feeds, out_type, constants)
            want = QdqAdd(*numbers, subtract=op == "Sub")(a, b)
            assert (run_ort(proto, feeds) == want).all()
            assert (ReferenceEvaluator(proto).run(None, feeds)[0] == want).all()


def test_requant_ties_and_shadow() -> None:
    acc = np.array([[-6, -4, -2, 0, 2, 4, 6]])
    even = apply_requant([acc], [[1]], [2], 2, Tie.EVEN, None, 0, -9, 9)[0].tolist()
    away = apply_requant([acc], [[1]], [2], 2, Tie.AWAY, None, 0, -9, 9)[0].tolist()
    assert even == [-2, -1, 0, 0, 0, 1, 2] and away == [-2, -1, -1, 0, 1, 1, 2]
    wide = apply_requant([acc << 40], [[1 << 40]], [1 << 70], 78, Tie.FLOOR, None, 0, -9, 9)[0].tolist()
    assert wide == [(((a << 80) + (1 << 70)) >> 78) if abs(a) < 2 else max(-9, min(9, a * 4)) for a in acc[0].tolist()]
