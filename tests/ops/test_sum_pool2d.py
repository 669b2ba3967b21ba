"""sum_pool2d."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from hwcomp.ir.ops import SumPool2d
from hwcomp.ir.types import S8, U8, IntArray, IntType, Range
from tests.ops.ladder import LADDER, climb, equal, fields, loop, onnx_reference, operand, rejects, tensors


@st.composite
def cases(draw: st.DrawFn) -> tuple[SumPool2d, IntArray, IntType]:
    dtype = draw(st.sampled_from([S8, U8]))
    kernel, dilations = (draw(st.tuples(st.integers(1, 3), st.integers(1, 3))) for _ in range(2))
    low = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    shape = (
        draw(st.integers(1, 2)),
        draw(st.integers(low[0], 7)),
        draw(st.integers(low[1], 7)),
        draw(st.integers(1, 3)),
    )
    op = SumPool2d(
        **fields("x"),
        kernel=kernel,
        strides=draw(st.tuples(st.integers(1, 3), st.integers(1, 2))),
        padding=draw(st.tuples(*[st.integers(0, 2)] * 4)),
        dilations=dilations,
        pad_value=draw(st.integers(dtype.min, dtype.max)),
    )
    x = draw(tensors(shape, dtype))
    assume(op.verify([operand(x, dtype, "type")]) == [])
    return op, x, dtype


@LADDER
@given(cases())
def test_loops_evaluate_and_infer_agree(case: tuple[SumPool2d, IntArray, IntType]) -> None:
    op, x, dtype = case

    def element(n: int, i: int, j: int, c: int) -> int:
        total = 0
        for k in range(op.kernel[0]):
            for m in range(op.kernel[1]):
                r = i * op.strides[0] + k * op.dilations[0] - op.padding[0]
                s = j * op.strides[1] + m * op.dilations[1] - op.padding[1]
                inside = 0 <= r < x.shape[1] and 0 <= s < x.shape[2]
                total += int(x[n, r, s, c]) if inside else op.pad_value
        return total

    equal(climb(op, [(x, dtype)]), loop((x.shape[0], *op.output_size(x.shape), x.shape[3]), element))


@LADDER
@given(cases())
def test_onnx_average_times_the_count_agrees(case: tuple[SumPool2d, IntArray, IntType]) -> None:
    op, x, _ = case
    op = replace(op, dilations=(1, 1))
    top, left, bottom, right = op.padding
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=op.pad_value)
    mean = onnx_reference(
        "AveragePool",
        padded.transpose(0, 3, 1, 2).astype(np.float64),
        kernel_shape=list(op.kernel),
        strides=list(op.strides),
    )
    expected = np.rint(mean * (op.kernel[0] * op.kernel[1])).transpose(0, 2, 3, 1)
    equal(op.evaluate(x)[0], expected.astype(np.int64))


def test_the_pad_value_widens_the_range() -> None:
    x = operand(np.full((1, 2, 2, 1), 5), S8, "whole")
    assert SumPool2d(**fields("x"), kernel=(2, 2)).infer([x])[0].range == Range.whole(20, 20)
    padded = SumPool2d(**fields("x"), kernel=(2, 2), padding=(1, 1, 1, 1), pad_value=-3)
    assert padded.infer([x])[0].range == Range.whole(-12, 20)


def test_kernel_must_fit() -> None:
    rejects(SumPool2d(**fields("x"), kernel=(3, 1)), [operand(np.zeros((1, 2, 2, 1), np.int64), S8, "type")], "larger")
    rejects(SumPool2d(**fields("x"), kernel=(1, 1)), [operand(np.zeros((2, 2), np.int64), S8, "type")], "[n,h,w,c]")
