"""conv2d."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Conv2d
from hwcomp.ir.types import S8, S16, S32, U8, IntArray, IntType, Range, TensorType, Value
from tests.ops.ladder import LADDER, climb, constant, equal, fields, loop, onnx_reference, operand, rejects, tensors


def naive(op: Conv2d, x: IntArray, w: IntArray, b: IntArray) -> IntArray:
    oc, kh, kw, icg = w.shape
    oh, ow = op.output_size(x.shape, w.shape)
    ocg = oc // op.groups

    def element(n: int, i: int, j: int, o: int) -> int:
        total = int(b[o])
        for ki in range(kh):
            for kj in range(kw):
                r = i * op.strides[0] + ki * op.dilations[0] - op.padding[0]
                s = j * op.strides[1] + kj * op.dilations[1] - op.padding[1]
                for c in range(icg):
                    inside = 0 <= r < x.shape[1] and 0 <= s < x.shape[2]
                    value = int(x[n, r, s, (o // ocg) * icg + c]) if inside else op.pad_value
                    total += value * int(w[o, ki, kj, c])
        return total

    return loop((x.shape[0], oh, ow, oc), element)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Conv2d, IntArray, IntArray, IntArray, IntType]:
    dtype = draw(st.sampled_from([S8, U8, S16]))
    groups, icg, ocg = draw(st.sampled_from([(1, 1, 1), (1, 3, 2), (3, 1, 1), (2, 2, 3), (4, 1, 2), (1, 5, 1)]))
    kh, kw, dh, dw = (draw(st.integers(1, 3)) for _ in range(4))
    padding = tuple(draw(st.integers(0, 2)) for _ in range(4))
    h = draw(st.integers(max(1, (kh - 1) * dh + 1 - padding[0] - padding[2]), 7))
    w = draw(st.integers(max(1, (kw - 1) * dw + 1 - padding[1] - padding[3]), 7))
    op = Conv2d(
        **fields("x", "w", "b"),
        strides=(draw(st.integers(1, 3)), draw(st.integers(1, 2))),
        padding=padding,
        dilations=(dh, dw),
        groups=groups,
        pad_value=draw(st.integers(dtype.min, dtype.max)),
    )
    x = draw(tensors((draw(st.integers(1, 2)), h, w, groups * icg), dtype))
    weights = draw(tensors((groups * ocg, kh, kw, icg), S8))
    return op, x, weights, draw(tensors((groups * ocg,), S16)), dtype


@LADDER
@given(cases())
def test_loops_evaluate_and_infer_agree(case: tuple[Conv2d, IntArray, IntArray, IntArray, IntType]) -> None:
    op, x, w, b, dtype = case
    equal(climb(op, [(x, dtype)], [(w, S8), (b, S32)]), naive(op, x, w, b))


@LADDER
@given(cases())
def test_onnx_reference_agrees(case: tuple[Conv2d, IntArray, IntArray, IntArray, IntType]) -> None:
    """Conv in float64 is exact on these sums; ConvInteger of onnx.reference takes one group only."""
    op, x, w, b, _ = case
    top, left, bottom, right = op.padding
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=op.pad_value)
    expected = onnx_reference(
        "Conv",
        padded.transpose(0, 3, 1, 2).astype(np.float64),
        w.transpose(0, 3, 1, 2).astype(np.float64),
        b.astype(np.float64),
        strides=list(op.strides),
        dilations=list(op.dilations),
        group=op.groups,
    )
    equal(op.evaluate(x, w, b)[0], expected.transpose(0, 2, 3, 1).astype(np.int64))


@LADDER
@given(cases(), st.randoms(use_true_random=False))
def test_every_partial_sum_in_any_order_is_in_the_partial_range(case, random) -> None:  # type: ignore[no-untyped-def]
    op, x, w, b, dtype = case
    bounds = op.partial_range([operand(x, dtype, "whole"), constant(w, S8), constant(b, S32)])
    dropped = np.where(np.array([random.random() for _ in range(w.size)]).reshape(w.shape) < 0.5, w, 0)
    result = op.evaluate(x, dropped, b)[0]
    lo, hi = bounds.channels(w.shape[0])
    assert (result >= lo).all() and (result <= hi).all()


def test_the_bound_is_reached_by_the_worst_input() -> None:
    w = np.array([127, -128, 5]).reshape(1, 1, 1, 3)
    op = Conv2d(**fields("x", "w", "b"))
    x = np.array([127, -128, 127]).reshape(1, 1, 1, 3)
    (result,) = op.infer([operand(x, S8, "type"), constant(w, S8), constant(np.array([7]), S32)])
    assert result.range.max == op.evaluate(x, w, np.array([7]))[0].item() == 7 + 127 * 127 + 128 * 128 + 5 * 127


def test_the_type_holds_partial_sums_that_the_result_does_not_reach() -> None:
    """The terms cancel in the end; on the way the sum passes 32 bits."""
    x = Value("x", TensorType((1, 1, 1, 2), S32), Range.whole(2**30, 2**30 + 1))
    w = constant(np.array([4, -4]).reshape(1, 1, 1, 2), S8)
    (result,) = Conv2d(**fields("x", "w", "b")).infer([x, w, constant(np.array([0]), S32)])
    assert result.range == Range.whole(-4, 4)
    assert result.type.dtype.bits == 64


def test_what_is_wrong_is_said() -> None:
    x, b = operand(np.zeros((1, 4, 4, 2), np.int64), S8, "type"), constant(np.zeros(3, np.int64), S32)
    w = constant(np.zeros((3, 3, 3, 2), np.int64), S8)
    rejects(Conv2d(**fields("x", "w", "b"), groups=2), [x, w, b], "groups")
    rejects(Conv2d(**fields("x", "w", "b"), strides=(0, 1)), [x, w, b], "at least 1")
    rejects(Conv2d(**fields("x", "w", "b"), dilations=(2, 1)), [x, w, b], "larger than the padded input")
    rejects(Conv2d(**fields("x", "w", "b")), [x, w, constant(np.zeros(2, np.int64), S32)], "bias")
    rejects(Conv2d(**fields("x", "w", "b")), [x, operand(np.zeros((3, 3, 3, 2), np.int64), S8, "type"), b], "constant")
