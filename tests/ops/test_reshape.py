"""reshape."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Reshape
from hwcomp.ir.types import S8, IntType, Range, TensorType, Value
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, onnx_reference, operand, rejects, tensors

cases = st.sampled_from(
    [
        ((6,), (2, 3)),
        ((2, 3), (6,)),
        ((2, 3), (3, 2)),
        ((1,), ()),
        ((), (1, 1)),
        ((1, 2, 2, 3), (1, 12)),
        ((1, 12), (2, 2, 3)),
        ((2, 2, 3), (4, 3)),
        ((4, 3), (2, 6)),
    ]
)


@LADDER
@given(st.data(), cases, dtypes)
def test_row_major_order_reference_and_infer_agree(data, case, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    before, after = case
    x = data.draw(tensors(before, dtype))
    got = climb(Reshape(**fields("x"), shape=after), [(x, dtype)])
    assert got.shape == after
    assert got.ravel().tolist() == [int(x[index]) for index in np.ndindex(*before)]
    if after:
        equal(got, onnx_reference("Reshape", x, np.array(after, np.int64)))


def test_channels_repeat_along_a_flattened_axis() -> None:
    x = Value("x", TensorType((2, 2), S8), Range((1, 5), (2, 5)))
    assert Reshape(**fields("x"), shape=(4,)).infer([x])[0].range == Range((1, 5, 1, 5), (2, 5, 2, 5))
    assert Reshape(**fields("x"), shape=(4, 1)).infer([x])[0].range == Range.whole(1, 5)


def test_elements_must_fill_the_shape() -> None:
    rejects(Reshape(**fields("x"), shape=(5,)), [operand(np.zeros((2, 3), np.int64), S8, "type")], "do not fill")
