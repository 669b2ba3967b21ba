"""fast_dot: the same integers as `evaluate` where the bound allows it, and no answer where it does not."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from hwcomp.ir.fast_dot import EXACT_BELOW, evaluate_fast
from hwcomp.ir.ops import Add, Conv2d, Dense, MatMul
from hwcomp.ir.types import S8, S32, S64, IntArray, IntType, Range, TensorType, Value
from tests.ops.ladder import LADDER, constant, equal, fields, operand
from tests.ops.test_conv2d import cases


@LADDER
@given(cases())
def test_convolutions_agree(case: tuple[Conv2d, IntArray, IntArray, IntArray, IntType]) -> None:
    op, x, w, b, dtype = case
    found = evaluate_fast(op, [operand(x, dtype, "type"), constant(w, S8), constant(b, S32)], [x, w, b])
    assert (found is None) == (op.groups > 1)
    if found is not None:
        equal(found[0], op.evaluate(x, w, b)[0])


def test_the_last_bit_below_2_to_the_53_is_right_and_beyond_it_is_refused() -> None:
    """w * x + b = 2^53 - 1, and one more."""
    w, b = np.array([[1 << 26]]), np.array([(1 << 26) - 1])
    op = Dense(**fields("x", "w", "b"))
    for most, works in (((1 << 27) - 1, True), (1 << 27, False)):
        x = Value("x", TensorType((1, 1), S64), Range.whole(0, most))
        found = evaluate_fast(op, [x, constant(w, S64), constant(b, S64)], [np.array([[most]]), w, b])
        assert (found is not None) == works
        if found is not None:
            assert found[0].item() == EXACT_BELOW - 1


def test_a_wide_pad_value_counts() -> None:
    op = Conv2d(**fields("x", "w", "b"), padding=(1, 0, 0, 0), pad_value=1 << 52)
    x, w, b = np.ones((1, 1, 1, 1), np.int64), np.full((1, 1, 1, 1), 2), np.zeros(1, np.int64)
    assert evaluate_fast(op, [operand(x, S8, "type"), constant(w, S8), constant(b, S32)], [x, w, b]) is None


def test_matmul_agrees_and_other_operators_have_no_fast_path() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(-128, 128, (3, 5, 7)), rng.integers(-128, 128, (7, 4))
    op = MatMul(**fields("a", "b"), a_zero=-128, b_zero=127)
    operands = [operand(a, S8, "type"), operand(b, S8, "type")]
    found = evaluate_fast(op, operands, [a, b])
    assert found is not None
    equal(found[0], op.evaluate(a, b)[0])
    assert evaluate_fast(Add(**fields("a", "b")), operands, [a, a]) is None
