"""transpose."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Transpose
from hwcomp.ir.types import S8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, loop, onnx_reference, operand, rejects, tensors

permutations = st.sampled_from([p for rank in (1, 2, 3, 4) for p in itertools.permutations(range(rank))])


@LADDER
@given(st.data(), permutations, dtypes)
def test_loops_evaluate_reference_and_infer_agree(data, permutation, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    x = data.draw(tensors((1, 3, 2, 5)[-len(permutation) :], dtype))
    got = climb(Transpose(**fields("x"), permutation=permutation), [(x, dtype)])

    def element(*index: int) -> int:
        source = [0] * len(index)
        for axis, i in zip(permutation, index, strict=True):
            source[axis] = i
        return int(x[tuple(source)])

    equal(got, loop([x.shape[axis] for axis in permutation], element))
    equal(got, onnx_reference("Transpose", x, perm=list(permutation)))


def test_permutations_are_checked() -> None:
    rejects(Transpose(**fields("x"), permutation=(0, 0)), [operand(np.zeros((2, 3), np.int64), S8, "type")], "permute")
