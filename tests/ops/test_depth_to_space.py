"""depth_to_space."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import DepthToSpace
from hwcomp.ir.ops.layout import DepthOrder
from hwcomp.ir.types import S8, IntType
from tests.ops.ladder import LADDER, climb, dtypes, equal, fields, loop, onnx_reference, operand, rejects, tensors


@LADDER
@given(st.data(), st.integers(1, 3), st.integers(1, 3), st.sampled_from(list(DepthOrder)), dtypes)
def test_loops_evaluate_reference_and_infer_agree(data, block: int, c: int, order: DepthOrder, dtype: IntType) -> None:  # type: ignore[no-untyped-def]
    n, h, w = (data.draw(st.integers(1, 3)) for _ in range(3))
    x = data.draw(tensors((n, h, w, c * block * block), dtype))
    got = climb(DepthToSpace(**fields("x"), block=block, order=order), [(x, dtype)])

    def element(m: int, i: int, j: int, k: int) -> int:
        inner = (i % block) * block + j % block
        depth = inner * c + k if order is DepthOrder.DCR else k * block * block + inner
        return int(x[m, i // block, j // block, depth])

    equal(got, loop((n, h * block, w * block, c), element))
    expected = onnx_reference("DepthToSpace", x.transpose(0, 3, 1, 2), blocksize=block, mode=order.name)
    equal(got, expected.transpose(0, 2, 3, 1))


def test_the_depth_must_divide() -> None:
    rejects(DepthToSpace(**fields("x"), block=2), [operand(np.zeros((1, 1, 1, 6), np.int64), S8, "type")], "divide")
