"""reduce_sum."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import ReduceSum
from hwcomp.ir.types import S8, IntType, Range
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, onnx_reference, operand, rejects, tensors

cases = st.sampled_from(
    [
        ((4,), (0,)),
        ((2, 3), (1,)),
        ((2, 3), (0,)),
        ((2, 3), (0, 1)),
        ((1, 3, 5, 2), (1, 2)),
        ((1, 3, 5, 2), (3,)),
        ((1, 3, 5, 2), (1, 2, 3)),
        ((1, 1, 7, 1), (2,)),
        ((2, 3), ()),
    ]
)


@LADDER
@given(st.data(), cases, dtypes, st.booleans())
def test_loops_evaluate_reference_and_infer_agree(data, case, dtype: IntType, keepdims: bool) -> None:  # type: ignore[no-untyped-def]
    shape, axes = case
    x = data.draw(tensors(shape, dtype))
    got = climb(ReduceSum(**fields("x"), axes=axes, keepdims=keepdims), [(x, dtype)])
    kept = np.zeros([1 if axis in axes else size for axis, size in enumerate(shape)], np.int64)
    for index in np.ndindex(*shape):
        kept[tuple(0 if axis in axes else i for axis, i in enumerate(index))] += int(x[index])
    equal(got, kept if keepdims else kept.reshape([s for axis, s in enumerate(shape) if axis not in axes]))
    if axes:
        equal(got, onnx_reference("ReduceSum", x, np.array(axes, np.int64), keepdims=int(keepdims)))


def test_channels_stay_apart_and_grow_by_the_count() -> None:
    x = operand(np.array([[1, -5], [2, -7]]), S8, "channels")
    (result,) = ReduceSum(**fields("x"), axes=(0,)).infer([x])
    assert result.range == Range((2, -14), (4, -10))
    assert ReduceSum(**fields("x"), axes=(1,)).infer([x])[0].range == Range.whole(-6, -3)


def test_axes_are_checked() -> None:
    rejects(ReduceSum(**fields("x"), axes=(1, 0)), [operand(np.zeros((2, 2), np.int64), S8, "type")], "in order")
    rejects(ReduceSum(**fields("x"), axes=(2,)), [operand(np.zeros((2, 2), np.int64), S8, "type")], "rank 2")
