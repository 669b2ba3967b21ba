"""dense."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Dense
from hwcomp.ir.types import S8, S16, S32, IntArray, IntType
from tests.ops.ladder import (
    LADDER,
    climb,
    constant,
    dtypes,
    equal,
    fields,
    loop,
    onnx_reference,
    operand,
    rejects,
    tensors,
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[IntArray, IntArray, IntArray, IntType]:
    k, oc, dtype = draw(st.integers(1, 9)), draw(st.integers(1, 5)), draw(dtypes)
    lead = draw(st.sampled_from([(), (1,), (3,), (2, 3)]))
    return draw(tensors((*lead, k), dtype)), draw(tensors((oc, k))), draw(tensors((oc,), S16)), dtype


@LADDER
@given(cases())
def test_loops_evaluate_and_infer_agree(case: tuple[IntArray, IntArray, IntArray, IntType]) -> None:
    x, w, b, dtype = case
    got = climb(Dense(**fields("x", "w", "b")), [(x, dtype)], [(w, S8), (b, S32)])
    shape = (*x.shape[:-1], w.shape[0])
    equal(
        got,
        loop(shape, lambda *i: int(b[i[-1]]) + sum(int(u) * int(v) for u, v in zip(x[i[:-1]], w[i[-1]], strict=False))),
    )


@LADDER
@given(cases())
def test_onnx_reference_agrees(case: tuple[IntArray, IntArray, IntArray, IntType]) -> None:
    x, w, b, _ = case
    rows = x.reshape(-1, x.shape[-1])
    expected = onnx_reference("Gemm", rows.astype(np.int32), w.astype(np.int32), b.astype(np.int32), transB=1)
    equal(Dense(**fields("x", "w", "b")).evaluate(rows, w, b)[0], expected.astype(np.int64))


def test_partial_sums_are_wider_than_the_result() -> None:
    x, w = operand(np.array([1, 1]), S8, "whole"), constant(np.array([[9, -9]]), S8)
    op, b = Dense(**fields("x", "w", "b")), constant(np.array([0]), S32)
    assert (op.infer([x, w, b])[0].range.min, op.infer([x, w, b])[0].range.max) == (0, 0)
    assert (op.partial_range([x, w, b]).min, op.partial_range([x, w, b]).max) == (-9, 9)


def test_what_is_wrong_is_said() -> None:
    x, w, b = np.zeros((1, 3), np.int64), np.zeros((2, 4), np.int64), np.zeros(2, np.int64)
    op = Dense(**fields("x", "w", "b"))
    rejects(op, [operand(x, S8, "type"), constant(w, S8), constant(b, S32)], "do not agree")
    rejects(op, [operand(x, S8, "type"), operand(w, S8, "type"), constant(b, S32)], "constant")
