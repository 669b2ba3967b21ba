"""argmax."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import ArgMax
from hwcomp.ir.types import S8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, onnx_reference, operand, rejects, tensors

cases = st.sampled_from([((5,), 0), ((1,), 0), ((2, 3), 1), ((2, 3), 0), ((1, 3, 5, 2), 2), ((1, 3, 5, 2), 3)])


@LADDER
@given(st.data(), cases, dtypes, st.booleans(), st.booleans())
def test_loops_evaluate_reference_and_infer_agree(data, case, dtype: IntType, keepdims: bool, last: bool) -> None:  # type: ignore[no-untyped-def]
    """Narrow types give many ties; the first of equals wins, or the last."""
    shape, axis = case
    x = data.draw(tensors(shape, dtype))
    got = climb(ArgMax(**fields("x"), axis=axis, keepdims=keepdims, select_last=last), [(x, dtype)])
    expected = np.zeros([s for i, s in enumerate(shape) if i != axis], np.int64)
    for index in np.ndindex(*expected.shape):
        line = x[(*index[:axis], slice(None), *index[axis:])].tolist()
        best = [i for i, v in enumerate(line) if v == max(line)]
        expected[index] = best[-1] if last else best[0]
    equal(got, np.expand_dims(expected, axis) if keepdims else expected)
    equal(got, onnx_reference("ArgMax", x, axis=axis, keepdims=int(keepdims), select_last_index=int(last)))


def test_the_axis_is_checked() -> None:
    rejects(ArgMax(**fields("x"), axis=2), [operand(np.zeros((2, 2), np.int64), S8, "type")], "axis")
