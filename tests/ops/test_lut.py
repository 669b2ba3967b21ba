"""lut."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Lut
from hwcomp.ir.types import S8, S16, U8, IntType, Range, TensorType, Value
from tests.ops.ladder import LADDER, climb, constant, equal, fields, loop, operand, rejects, tensors


@LADDER
@given(
    st.data(), st.sampled_from([(3,), (2, 3), (1, 2, 2, 4)]), st.booleans(), st.sampled_from([S8, U8, IntType(4, True)])
)
def test_loops_evaluate_and_infer_agree(data, shape, per_channel: bool, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    entries = dtype.max - dtype.min + 1
    table = data.draw(tensors((shape[-1], entries) if per_channel else (entries,), S16))
    x = data.draw(tensors(shape, dtype))
    got = climb(Lut(**fields("x", "t"), input_min=dtype.min), [(x, dtype)], [(table, S16)])
    rows = np.broadcast_to(table, (shape[-1], entries))
    equal(got, loop(shape, lambda *i: int(rows[i[-1], x[i] - dtype.min])))


def test_only_reached_entries_bound_the_result() -> None:
    table = constant(np.array([100, 1, 2, 3, -100]), S8)
    op = Lut(**fields("x", "t"), input_min=10)
    whole = Value("x", TensorType((2,), S8), Range.whole(11, 13))
    assert op.infer([whole, table])[0].range == Range.whole(1, 3)
    channels = Value("x", TensorType((2,), S8), Range((10, 12), (11, 12)))
    assert op.infer([channels, table])[0].range == Range((1, 2), (100, 2))


def test_what_is_wrong_is_said() -> None:
    x = operand(np.zeros((2, 3), np.int64), S8, "type")
    rejects(Lut(**fields("x", "t"), input_min=0), [x, constant(np.zeros(256, np.int64), S8)], "covers")
    rejects(Lut(**fields("x", "t"), input_min=-128), [x, constant(np.zeros((2, 256), np.int64), S8)], "2 tables")
    rejects(Lut(**fields("x", "t"), input_min=-128), [x, operand(np.zeros(256, np.int64), S8, "type")], "constant")
