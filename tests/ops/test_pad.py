"""pad."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Pad
from hwcomp.ir.types import S8, U8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, loop, onnx_reference, operand, rejects, tensors


@LADDER
@given(st.data(), st.sampled_from([(3,), (2, 3), (1, 2, 3, 2)]), dtypes)
def test_loops_evaluate_reference_and_infer_agree(data, shape, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    before, after = (tuple(data.draw(st.integers(0, 2)) for _ in shape) for _ in range(2))
    value = data.draw(st.sampled_from([dtype.min, dtype.max]))
    x = data.draw(tensors(shape, dtype))
    got = climb(Pad(**fields("x"), before=before, after=after, value=value), [(x, dtype)])

    def element(*index: int) -> int:
        place = tuple(i - b for i, b in zip(index, before, strict=True))
        return int(x[place]) if all(0 <= p < s for p, s in zip(place, shape, strict=True)) else value

    equal(got, loop([b + s + a for b, s, a in zip(before, shape, after, strict=True)], element))
    equal(got, onnx_reference("Pad", x, np.array([*before, *after], np.int64), np.array(value, np.int64)))


def test_what_is_wrong_is_said() -> None:
    x = operand(np.zeros((2, 3), np.int64), U8, "type")
    rejects(Pad(**fields("x"), before=(0, 0), after=(0, 1), value=-1), [x], "does not fit u8")
    rejects(Pad(**fields("x"), before=(0, -1), after=(0, 1), value=0), [x], "does not agree")
    rejects(Pad(**fields("x"), before=(0,), after=(0,), value=0), [x], "does not agree")
    rejects(Pad(**fields("x"), before=(), after=(), value=0), [operand(np.array(1), S8, "type")], "does not agree")
