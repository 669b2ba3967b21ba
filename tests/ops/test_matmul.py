"""matmul."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import MatMul
from hwcomp.ir.types import S8, U8
from tests.ops.ladder import LADDER, climb, equal, fields, loop, onnx_reference, operand, rejects, tensors

sizes = st.integers(1, 4)


@LADDER
@given(st.data(), sizes, sizes, sizes, st.sampled_from([((), ()), ((2,), (1,)), ((3, 1), (2,)), ((1,), ())]))
def test_loops_evaluate_numpy_and_infer_agree(data, m, k, n, leads) -> None:  # type: ignore[no-untyped-def]
    a = data.draw(tensors((*leads[0], m, k), U8))
    b = data.draw(tensors((*leads[1], k, n), S8))
    op = MatMul(
        **fields("a", "b"), a_zero=data.draw(st.sampled_from([0, 255, 128])), b_zero=data.draw(st.integers(-128, 127))
    )
    got = climb(op, [(a, U8), (b, S8)])
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    wide_a, wide_b = np.broadcast_to(a, (*batch, m, k)), np.broadcast_to(b, (*batch, k, n))

    def element(*i: int) -> int:
        row, column = wide_a[(*i[:-2], i[-2])], wide_b[(*i[:-2], slice(None), i[-1])]
        return sum((int(u) - op.a_zero) * (int(v) - op.b_zero) for u, v in zip(row, column, strict=True))

    equal(got, loop((*batch, m, n), element))


@LADDER
@given(st.data(), sizes, sizes, sizes)
def test_onnx_reference_agrees(data, m, k, n) -> None:  # type: ignore[no-untyped-def]
    a, b = data.draw(tensors((m, k), U8)), data.draw(tensors((k, n), S8))
    zeros = np.uint8(data.draw(st.integers(0, 255))), np.int8(data.draw(st.integers(-128, 127)))
    expected = onnx_reference("MatMulInteger", a.astype(np.uint8), b.astype(np.int8), *map(np.asarray, zeros), opset=10)
    op = MatMul(**fields("a", "b"), a_zero=int(zeros[0]), b_zero=int(zeros[1]))
    equal(op.evaluate(a, b)[0], expected.astype(np.int64))


def test_inner_sizes_must_agree() -> None:
    a, b = operand(np.zeros((2, 3), np.int64), S8, "type"), operand(np.zeros((2, 3), np.int64), S8, "type")
    rejects(MatMul(**fields("a", "b")), [a, b], "do not agree")
