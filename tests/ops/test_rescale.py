"""rescale."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Rescale
from hwcomp.ir.types import S8, S16, S32, Range, TensorType, Value
from hwcomp.prove.steps import OrtQLinear, QdqAdd
from tests.ops.ladder import LADDER, climb, equal, fields, loop, operand, rejects, tensors


@LADDER
@given(st.data(), st.sampled_from([(), (4,), (2, 3), (1, 2, 3, 4)]), st.booleans())
def test_loops_of_the_step_evaluate_and_infer_agree(data, shape, per_channel: bool) -> None:  # type: ignore[no-untyped-def]
    axis = data.draw(st.integers(-len(shape), len(shape) - 1)) if shape else -1
    channels = shape[axis] if shape and per_channel else 1
    scales = tuple(data.draw(st.sampled_from([1.0, 0.5, 0.0123, 0.31])) for _ in range(channels))
    step = OrtQLinear(scales, data.draw(st.integers(-128, 127)), data.draw(st.integers(-128, 0)), 127)
    x = data.draw(tensors(shape, S16))
    got = climb(Rescale(**fields("x"), step=step, dtype=S8, axis=axis), [(x, S16)])

    def element(*index: int) -> int:
        rows = np.full((channels, 1), int(x[index]), np.int64)
        return int(step(rows)[index[axis] if channels > 1 else 0, 0])

    equal(got, loop(shape, element))


def test_two_inputs() -> None:
    step = QdqAdd(0.02, 3, 0.017, -5, 0.031, 7, -128, 127)
    a, b = np.array([[-128, 0, 127]]), np.array([[127, 3, 127]])
    got = climb(Rescale(**fields("a", "b"), step=step, dtype=S8), [(a, S8), (b, S8)])
    equal(got, step(a, b))


def test_the_range_is_the_step_at_each_channel() -> None:
    x = Value("x", TensorType((1, 2), S32), Range((-100, 0), (-50, 7)))
    step = OrtQLinear((0.5, 2.0), 1, -128, 127)
    assert Rescale(**fields("x"), step=step, dtype=S8).infer([x])[0].range == Range((-49, 1), (-24, 15))


def test_what_is_wrong_is_said() -> None:
    x, y = (operand(np.zeros(shape, np.int64), S8, "type") for shape in ((2, 3), (3, 2)))
    rejects(Rescale(**fields("x"), step=OrtQLinear((1.0, 1.0), 0, 0, 1), dtype=S8), [x], "2 channels")
    pair = QdqAdd(0.02, 3, 0.017, -5, 0.031, 7, -128, 127)
    rejects(Rescale(**fields("x", "y"), step=pair, dtype=S8), [x, y], "one shape")
