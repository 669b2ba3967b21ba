"""gather."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Gather
from hwcomp.ir.types import S8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, loop, onnx_reference, operand, rejects, tensors


@LADDER
@given(st.data(), st.sampled_from([((3,), 0), ((2, 3), 0), ((2, 3), 1), ((1, 2, 3, 4), 2), ((1, 2, 3, 4), 3)]), dtypes)
def test_loops_evaluate_reference_and_infer_agree(data, case, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    shape, axis = case
    indices = tuple(data.draw(st.lists(st.integers(0, shape[axis] - 1), min_size=1, max_size=5)))
    x = data.draw(tensors(shape, dtype))
    got = climb(Gather(**fields("x"), axis=axis, indices=indices), [(x, dtype)])
    result = (*shape[:axis], len(indices), *shape[axis + 1 :])
    equal(got, loop(result, lambda *i: int(x[(*i[:axis], indices[i[axis]], *i[axis + 1 :])])))
    equal(got, onnx_reference("Gather", x, np.array(indices, np.int64), axis=axis))


def test_what_leaves_the_tensor_is_refused() -> None:
    x = operand(np.zeros((2, 3), np.int64), S8, "type")
    rejects(Gather(**fields("x"), axis=1, indices=(3,)), [x], "leave")
    rejects(Gather(**fields("x"), axis=1, indices=()), [x], "leave")
    rejects(Gather(**fields("x"), axis=2, indices=(0,)), [x], "axis 2")
