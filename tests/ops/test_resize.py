"""resize."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Resize
from hwcomp.ir.types import S8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, loop, onnx_reference, operand, rejects, tensors


@LADDER
@given(st.data(), st.integers(1, 4), st.integers(1, 4), dtypes)
def test_loops_evaluate_and_infer_agree(data, h: int, w: int, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    rows = tuple(data.draw(st.lists(st.integers(0, h - 1), min_size=1, max_size=6)))
    columns = tuple(data.draw(st.lists(st.integers(0, w - 1), min_size=1, max_size=6)))
    x = data.draw(tensors((2, h, w, 3), dtype))
    got = climb(Resize(**fields("x"), rows=rows, columns=columns), [(x, dtype)])
    equal(got, loop((2, len(rows), len(columns), 3), lambda n, i, j, c: int(x[n, rows[i], columns[j], c])))


def test_onnx_reference_agrees_on_doubling() -> None:
    x = np.arange(18).reshape(1, 3, 2, 3)
    op = Resize(**fields("x"), rows=(0, 0, 1, 1, 2, 2), columns=(0, 0, 1, 1))
    expected = onnx_reference(
        "Resize",
        x.transpose(0, 3, 1, 2).astype(np.float32),
        np.array([], np.float32),
        np.array([1, 1, 2, 2], np.float32),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    equal(op.evaluate(x)[0], expected.transpose(0, 2, 3, 1).astype(np.int64))


def test_what_leaves_the_tensor_is_refused() -> None:
    x = operand(np.zeros((1, 2, 2, 1), np.int64), S8, "type")
    rejects(Resize(**fields("x"), rows=(2,), columns=(0,)), [x], "leave")
    rejects(Resize(**fields("x"), rows=(), columns=(0,)), [x], "an output")
