"""The ladder that every operator climbs: loops == evaluate == a reference, and infer holds what evaluate gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from hwcomp.ir.op import Op
from hwcomp.ir.spec import contains
from hwcomp.ir.types import S8, S16, U8, IntArray, IntType, Location, Range, TensorType, Value

LOC = Location("test.onnx", "node", "Op")
LADDER = settings(max_examples=40, deadline=None, derandomize=True)

dtypes = st.sampled_from([S8, U8, S16, IntType(4, True), IntType(2, False), IntType(1, False)])


@st.composite
def tensors(draw: st.DrawFn, shape: Sequence[int], dtype: IntType = S8) -> IntArray:
    """Values of a type: uniform, extremes alone, near zero, or all one value."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    way = draw(st.sampled_from(["uniform", "extremes", "small", "constant"]))
    if way == "extremes":
        return np.where(rng.random(tuple(shape)) < 0.5, dtype.min, dtype.max).astype(np.int64)
    if way == "constant":
        return np.full(tuple(shape), rng.integers(dtype.min, dtype.max + 1), np.int64)
    low, high = (dtype.min, dtype.max) if way == "uniform" else (max(dtype.min, -3), min(dtype.max, 3))
    return rng.integers(low, high + 1, tuple(shape)).astype(np.int64)


def fields(*inputs: str, outputs: Sequence[str] = ("y",)) -> dict[str, object]:
    """The fields that every operator has."""
    return {"name": "op", "inputs": inputs, "outputs": tuple(outputs), "loc": LOC}


def constant(array: IntArray, dtype: IntType) -> Value:
    return Value("constant", TensorType(array.shape, dtype), Range.whole(array.min(), array.max()), array)


def operand(array: IntArray, dtype: IntType, known: str) -> Value:
    """An activation that holds `array`, its range known as its type, as one interval, or for each channel."""
    bounds = Range.of_type(dtype)
    if known == "whole":
        bounds = Range.whole(array.min(), array.max())
    elif known == "channels" and array.ndim:
        rows = array.reshape(-1, array.shape[-1])
        bounds = Range.of_arrays(rows.min(axis=0), rows.max(axis=0))
    return Value("x", TensorType(array.shape, dtype), bounds)


def climb(
    op: Op, arrays: Sequence[tuple[IntArray, IntType]], constants: Sequence[tuple[IntArray, IntType]] = ()
) -> IntArray:
    """Evaluate `op`; assert that it verifies and that infer contains the result, whatever is known of its operands."""
    fixed = [constant(array, dtype) for array, dtype in constants]
    (result,) = op.evaluate(*(array for array, _ in (*arrays, *constants)))
    assert result.dtype == np.int64
    for known in ("type", "whole", "channels"):
        operands = [*(operand(array, dtype, known) for array, dtype in arrays), *fixed]
        assert op.verify(operands) == []
        (inferred,) = op.infer(operands)
        assert inferred.type.shape == result.shape
        assert inferred.range.fits(inferred.type.dtype)
        assert len(inferred.range.lo) in (1, result.shape[-1] if result.shape else 1)
        if result.ndim:
            rows = result.reshape(-1, result.shape[-1])
            seen = Range.of_arrays(rows.min(axis=0), rows.max(axis=0))
        else:
            seen = Range.whole(int(result), int(result))
        assert contains(inferred.range, seen, result.shape), f"{inferred.range} does not hold {seen}"
    return result


def loop(shape: Sequence[int], element: Callable[..., int]) -> IntArray:
    """An array whose element at each index is `element(*index)`."""
    result = np.zeros(tuple(shape), np.int64)
    for index in np.ndindex(*shape):
        result[index] = element(*index)
    return result


def equal(got: IntArray, expected: IntArray) -> None:
    assert got.shape == expected.shape
    np.testing.assert_array_equal(got, expected)


def onnx_reference(kind: str, *arrays: np.ndarray, opset: int = 21, **attributes: object) -> np.ndarray:
    """One operator by onnx.reference."""
    names = [f"x{i}" for i in range(len(arrays))]
    inputs = [
        helper.make_tensor_value_info(name, numpy_helper.from_array(array).data_type, array.shape)
        for name, array in zip(names, arrays, strict=True)
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.UNDEFINED, None)]
    graph = helper.make_graph([helper.make_node(kind, names, ["y"], **attributes)], "g", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    result: np.ndarray = ReferenceEvaluator(model).run(None, dict(zip(names, arrays, strict=True)))[0]
    return result


def rejects(op: Op, operands: Sequence[Value], words: str) -> None:
    """`op.verify` finds fault, and says so."""
    problems = op.verify(operands)
    assert problems and words in " ".join(problems), problems
