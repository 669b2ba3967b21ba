"""concat."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Concat
from hwcomp.ir.types import S8, U8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, onnx_reference, operand, rejects, tensors


@LADDER
@given(st.data(), st.sampled_from([((3,), 0), ((2, 3), 0), ((2, 3), 1), ((1, 2, 3, 2), 3)]), st.integers(1, 4), dtypes)
def test_loops_evaluate_reference_and_infer_agree(data, case, count: int, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    shape, axis = case
    parts = [
        data.draw(tensors((*shape[:axis], data.draw(st.integers(1, 3)), *shape[axis + 1 :]), dtype))
        for _ in range(count)
    ]
    names = [f"x{i}" for i in range(count)]
    got = climb(Concat(**fields(*names), axis=axis), [(part, dtype) for part in parts])
    start = 0
    for part in parts:
        for index in np.ndindex(*part.shape):
            place = tuple(i + start if a == axis else i for a, i in enumerate(index))
            assert got[place] == part[index]
        start += part.shape[axis]
    assert got.shape[axis] == start
    equal(got, onnx_reference("Concat", *parts, axis=axis))


def test_what_is_wrong_is_said() -> None:
    x, y = (operand(np.zeros(shape, np.int64), S8, "type") for shape in ((2, 3), (3, 3)))
    rejects(Concat(**fields("x", "y"), axis=1), [x, y], "do not agree")
    rejects(Concat(**fields("x", "y"), axis=0), [x, operand(np.zeros((3, 3), np.int64), U8, "type")], "do not agree")
    rejects(Concat(**fields("x", "y"), axis=2), [x, y], "axis 2")
