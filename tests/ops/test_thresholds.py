"""thresholds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Thresholds
from hwcomp.ir.ops.thresholds import MAX_THRESHOLDS
from hwcomp.ir.types import S8, S16, S32, IntType, Range, TensorType, Value
from tests.ops.ladder import LADDER, climb, constant, equal, fields, loop, operand, rejects, tensors


def op(lo: int = -3, axis: int = -1, dtype: IntType = S8) -> Thresholds:
    return Thresholds(**fields("x", "t"), lo=lo, dtype=dtype, axis=axis)  # type: ignore[arg-type]


@LADDER
@given(st.data(), st.sampled_from([(3,), (2, 3), (1, 2, 2, 4)]), st.integers(0, 40), st.sampled_from([None, -1, 0, 1]))
def test_loops_evaluate_and_infer_agree(data, shape, levels: int, axis: int | None) -> None:  # type: ignore[no-untyped-def]
    axis = 0 if axis == 1 and len(shape) == 1 else axis
    rows = 1 if axis is None else shape[axis]
    table = np.sort(data.draw(tensors((rows, levels), S16)), axis=1)
    x = data.draw(tensors(shape, S16))
    given_table = table[0] if axis is None else table
    fixed = [] if levels == 0 else [(given_table, S16)]
    if not fixed:
        (got,) = op(axis=axis or -1).evaluate(x, given_table)
        equal(got, np.full(shape, -3))
        return
    got = climb(op(axis=-1 if axis is None else axis), [(x, S16)], fixed)
    equal(got, loop(shape, lambda *i: -3 + sum(int(t) <= int(x[i]) for t in table[0 if axis is None else i[axis]])))


def test_a_threshold_belongs_to_the_level_above() -> None:
    (got,) = op(lo=5).evaluate(np.array([-(2**31), 9, 10, 11, 2**31 - 1]), np.array([10, 10, 2**31 - 1]))
    equal(got, np.array([5, 5, 7, 7, 8]))


def test_ranges_are_those_of_each_channel() -> None:
    x = Value("x", TensorType((4, 2), S32), Range((0, 100), (5, 200)))
    table = constant(np.array([[3, 9], [3, 150]]), S32)
    assert op(lo=0).infer([x, table])[0].range == Range((0, 1), (1, 2))
    assert op(lo=0, axis=0).infer([Value("x", TensorType((2, 2), S32), x.range), table])[0].range == Range.whole(0, 2)


def test_what_it_rejects() -> None:
    x = operand(np.zeros((2, 3), np.int64), S32, "type")
    rejects(op(), [x, operand(np.zeros(4, np.int64), S32, "type")], "constant")
    rejects(op(), [x, constant(np.array([3, 2]), S32)], "ascend")
    rejects(op(), [x, constant(np.zeros((2, 4), np.int64), S32)], "2 rows")
    rejects(op(axis=2), [x, constant(np.zeros((2, 4), np.int64), S32)], "2 rows")
    rejects(op(lo=100), [x, constant(np.arange(28), S32)], "do not fit")
    rejects(op(dtype=S32), [x, constant(np.arange(MAX_THRESHOLDS + 1), S32)], "more than")
    assert op(axis=0).verify([x, constant(np.zeros((2, 4), np.int64), S32)]) == []
