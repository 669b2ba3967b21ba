"""mul."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Mul
from hwcomp.ir.types import S8, IntType, Range
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, loop, onnx_reference, operand, rejects, tensors

shapes = st.sampled_from([((), ()), ((3,), (3,)), ((2, 3), (3,)), ((1, 4, 1), (2, 1, 5)), ((1, 3, 3, 2), (1, 1, 1, 2))])
zeros = st.sampled_from([0, -128, 127, 255, 3])


@LADDER
@given(st.data(), shapes, dtypes, dtypes, zeros, zeros)
def test_loops_evaluate_reference_and_infer_agree(  # type: ignore[no-untyped-def]
    data, pair, first: IntType, second: IntType, a_zero: int, b_zero: int
) -> None:
    a, b = data.draw(tensors(pair[0], first)), data.draw(tensors(pair[1], second))
    op = Mul(**fields("a", "b"), a_zero=a_zero, b_zero=b_zero)
    got = climb(op, [(a, first), (b, second)])
    wide_a, wide_b = np.broadcast_arrays(a, b)
    equal(got, loop(wide_a.shape, lambda *i: (int(wide_a[i]) - a_zero) * (int(wide_b[i]) - b_zero)))
    equal(got, onnx_reference("Mul", a - a_zero, b - b_zero))


def test_the_corners_bound_the_product() -> None:
    x = operand(np.array([1]), S8, "type")
    (result,) = Mul(**fields("a", "b"), a_zero=-128, b_zero=127).infer([x, x])
    assert result.range == Range.whole(-255 * 255, 0)


def test_shapes_must_broadcast() -> None:
    a, b = operand(np.zeros((2, 3), np.int64), S8, "type"), operand(np.zeros((2, 2), np.int64), S8, "type")
    rejects(Mul(**fields("a", "b")), [a, b], "broadcast")
