"""slice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Slice
from hwcomp.ir.types import S8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, loop, onnx_reference, operand, rejects, tensors


@st.composite
def axis_slice(draw: st.DrawFn, size: int) -> tuple[int, int, int]:
    """start, count, step that stay inside an axis."""
    start, step = draw(st.integers(0, size - 1)), draw(st.sampled_from([-3, -2, -1, 1, 2, 3]))
    room = (size - 1 - start) // step if step > 0 else start // -step
    return start, draw(st.integers(1, room + 1)), step


@LADDER
@given(st.data(), st.sampled_from([(5,), (2, 3), (1, 4, 3, 5)]), dtypes)
def test_loops_evaluate_reference_and_infer_agree(data, shape, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    parts = [data.draw(axis_slice(size)) for size in shape]
    starts, sizes, steps = (tuple(part[i] for part in parts) for i in range(3))
    x = data.draw(tensors(shape, dtype))
    got = climb(Slice(**fields("x"), starts=starts, sizes=sizes, steps=steps), [(x, dtype)])
    equal(got, loop(sizes, lambda *i: int(x[tuple(s + k * t for s, k, t in zip(starts, i, steps, strict=True))])))
    ends = [s + n * t if t > 0 or s + n * t >= 0 else -(2**31) for s, n, t in parts]
    axes = np.arange(len(shape))
    equal(got, onnx_reference("Slice", x, np.array(starts), np.array(ends), axes, np.array(steps)))


def test_what_leaves_the_tensor_is_refused() -> None:
    x = operand(np.zeros((2, 3), np.int64), S8, "type")
    rejects(Slice(**fields("x"), starts=(0, 1), sizes=(1, 3), steps=(1, 1)), [x], "leaves")
    rejects(Slice(**fields("x"), starts=(0, 1), sizes=(1, 1), steps=(1, 0)), [x], "leaves")
    rejects(Slice(**fields("x"), starts=(0,), sizes=(1,), steps=(1,)), [x], "one entry for each")
