"""max."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Max
from hwcomp.ir.types import S8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, loop, onnx_reference, operand, rejects, tensors

shapes = st.sampled_from([((), ()), ((3,), (3,)), ((2, 3), (3,)), ((1, 4, 1), (2, 1, 5)), ((1, 3, 3, 2), (1, 1, 1, 2))])


@LADDER
@given(st.data(), shapes, dtypes, dtypes)
def test_loops_evaluate_reference_and_infer_agree(data, pair, first: IntType, second: IntType) -> None:  # type: ignore[no-untyped-def]
    a, b = data.draw(tensors(pair[0], first)), data.draw(tensors(pair[1], second))
    op = Max(**fields("a", "b"))
    got = climb(op, [(a, first), (b, second)])
    wide_a, wide_b = np.broadcast_arrays(a, b)

    def element(*i: int) -> int:
        u, v = int(wide_a[i]), int(wide_b[i])
        return max(u, v)

    equal(got, loop(wide_a.shape, element))
    equal(got, onnx_reference("Max", a, b))


def test_shapes_must_broadcast() -> None:
    a, b = operand(np.zeros((2, 3), np.int64), S8, "type"), operand(np.zeros((2, 2), np.int64), S8, "type")
    rejects(Max(**fields("a", "b")), [a, b], "broadcast")
