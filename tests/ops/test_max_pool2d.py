"""max_pool2d."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from hwcomp.ir.ops import MaxPool2d
from hwcomp.ir.types import S8, U8, IntArray, IntType
from tests.ops.ladder import LADDER, climb, equal, fields, loop, onnx_reference, operand, rejects, tensors


@st.composite
def cases(draw: st.DrawFn) -> tuple[MaxPool2d, IntArray, IntType]:
    dtype = draw(st.sampled_from([S8, U8]))
    kernel, dilations = (draw(st.tuples(st.integers(1, 3), st.integers(1, 3))) for _ in range(2))
    padding = draw(st.tuples(*[st.integers(0, 2)] * 4))
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 7)), draw(st.integers(1, 7)), draw(st.integers(1, 3)))
    strides = draw(st.tuples(st.integers(1, 3), st.integers(1, 2)))
    op = MaxPool2d(**fields("x"), kernel=kernel, strides=strides, padding=padding, dilations=dilations)
    x = draw(tensors(shape, dtype))
    assume(op.verify([operand(x, dtype, "type")]) == [])
    return op, x, dtype


@LADDER
@given(cases())
def test_loops_evaluate_and_infer_agree(case: tuple[MaxPool2d, IntArray, IntType]) -> None:
    op, x, dtype = case

    def element(n: int, i: int, j: int, c: int) -> int:
        rows = [i * op.strides[0] + k * op.dilations[0] - op.padding[0] for k in range(op.kernel[0])]
        columns = [j * op.strides[1] + k * op.dilations[1] - op.padding[1] for k in range(op.kernel[1])]
        return max(int(x[n, r, s, c]) for r in rows for s in columns if 0 <= r < x.shape[1] and 0 <= s < x.shape[2])

    equal(climb(op, [(x, dtype)]), loop((x.shape[0], *op.output_size(x.shape), x.shape[3]), element))


@LADDER
@given(cases())
def test_onnx_reference_agrees(case: tuple[MaxPool2d, IntArray, IntType]) -> None:
    """onnx.reference pools padded integers wrongly, so the padding is written out as the least value."""
    op, x, dtype = case
    top, left, bottom, right = op.padding
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=dtype.min)
    expected = onnx_reference(
        "MaxPool",
        padded.transpose(0, 3, 1, 2).astype(np.float32),
        kernel_shape=list(op.kernel),
        strides=list(op.strides),
        dilations=list(op.dilations),
    )
    equal(op.evaluate(x)[0], expected.transpose(0, 2, 3, 1).astype(np.int64))


def test_a_window_of_padding_alone_is_refused() -> None:
    x = operand(np.zeros((1, 1, 4, 1), np.int64), S8, "type")
    rejects(MaxPool2d(**fields("x"), kernel=(1, 1), padding=(1, 0, 0, 0)), [x], "padding alone")
    dilated = MaxPool2d(**fields("x"), kernel=(2, 1), dilations=(3, 1), padding=(3, 0, 3, 0))
    rejects(dilated, [x], "padding alone")  # rows -2 and 1 of a single row


def test_kernel_must_fit() -> None:
    x = operand(np.zeros((1, 2, 2, 1), np.int64), S8, "type")
    rejects(MaxPool2d(**fields("x"), kernel=(3, 1)), [x], "larger")
    rejects(MaxPool2d(**fields("x"), kernel=(0, 1)), [x], "at least 1")
