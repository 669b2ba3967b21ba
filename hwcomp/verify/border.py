"""The border between floats and the model's integers, as ONNX defines QuantizeLinear and DequantizeLinear."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hwcomp.prove.rounding import float32_of_product
from hwcomp.prove.rounding_qonnx import rounded
from hwcomp.support.border import BorderOperator, BorderStep, Rounding
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Port, Quantizer, element_type
from hwcomp.verify.protocol import IntArray, joined_shape, storage_type

FloatArray = NDArray[np.float32]


def integer_limits(port: Port) -> tuple[int, int]:
    """The least and greatest value of the port's type, which may have fewer bits than its storage."""
    kind = element_type(port.dtype)
    return (-(1 << (kind.bits - 1)), (1 << (kind.bits - 1)) - 1) if kind.signed else (0, (1 << kind.bits) - 1)


def quantize(values: FloatArray, port: Port) -> IntArray:
    """saturate(round_half_even(x / scale) + zero_point), the division in float32, x through the border's steps first.

    Other roundings come after the zero point, as QONNX has it; SIGN takes x itself.
    Source: ONNX operators, QuantizeLinear-21 (float32 input); infinities saturate.

    Raises:
        HwcompError: HWC008 a value is NaN.
    """
    assert port.quantizer is not None
    if bool(np.isnan(values).any()):
        raise HwcompError("HWC008", "it holds NaN", f"input '{port.name}'", "give finite numbers")
    border = port.quantizer
    least, most = integer_limits(port)
    low, high = least if border.lo is None else border.lo, most if border.hi is None else border.hi
    with np.errstate(over="ignore"):
        real = through(values.astype(np.float32), border.steps)
        if border.rounding is not Rounding.LINEAR:
            return _rounded(real, border, low, high).astype(storage_type(port))
        steps = np.rint(real / np.float32(border.scale)).astype(np.float64)
    # Clamped first to a range that is exact in float64 and saturates after the zero point is added.
    wide = np.clip(steps, -(2.0**52), 2.0**52).astype(np.int64) + port.quantizer.zero_point
    quantized: IntArray = np.clip(wide, low, high).astype(storage_type(port))
    return quantized


def _rounded(real: FloatArray, border: Quantizer, low: int, high: int) -> IntArray:
    """QONNX's Quant: clamp(real / scale + zero_point), rounded, the sum in float64 as numpy has it of integers."""
    if border.rounding is Rounding.SIGN:
        return (real >= 0).astype(np.int64)
    value = (real / np.float32(border.scale)).astype(np.float64) + border.zero_point
    value = np.clip(value, low, high)
    if border.zero_point == 0:
        value = value.astype(np.float32)  # where nothing is added, the package rounds the float32 quotient itself
    return rounded(value, border.rounding).astype(np.int64)


def dequantize(values: IntArray, port: Port) -> FloatArray:
    """(q - zero_point) * scale: the difference exact in integers, the product in float32; then the border's steps.

    A scale that is no float32 is a product of two: there the exact product is rounded once, as `onnx` and `qonnx` have
    it of a dot product. Source: ONNX operators, DequantizeLinear-21.
    """
    border = port.quantizer
    assert border is not None
    difference = values.astype(np.int64) - border.zero_point
    if float(np.float32(border.scale)) == border.scale:
        return through(difference.astype(np.float32) * np.float32(border.scale), border.steps)
    exact = float32_of_product(difference, np.array(border.scale, np.float64).reshape((1,) * difference.ndim))
    return through(exact, border.steps)


def through(x: FloatArray, steps: Sequence[BorderStep]) -> FloatArray:
    """x after the steps, each in float32."""
    for step in steps:
        x = _step(x, step)
    return x


def _step(x: FloatArray, step: BorderStep) -> FloatArray:
    shape = [1] * x.ndim
    if len(step.values) > 1:
        shape[step.axis] = len(step.values)
    v = np.array(step.values, np.float32).reshape(shape) if step.values else np.float32(0)
    with np.errstate(all="ignore"):
        match step.operator:
            case BorderOperator.SOFTMAX | BorderOperator.LOG_SOFTMAX:
                return _softmax(x, step.axis, log=step.operator is BorderOperator.LOG_SOFTMAX)
            case operator:
                return np.asarray(_FUNCTIONS[operator](x, v), np.float32)


_FUNCTIONS: Mapping[BorderOperator, Callable[[FloatArray, FloatArray | np.float32], FloatArray]] = {
    BorderOperator.ADD: lambda x, v: x + v,
    BorderOperator.SUB: lambda x, v: x - v,
    BorderOperator.MUL: lambda x, v: x * v,
    BorderOperator.DIV: lambda x, v: x / v,
    BorderOperator.RSUB: lambda x, v: v - x,
    BorderOperator.RDIV: lambda x, v: v / x,
    BorderOperator.MAX: np.maximum,
    BorderOperator.MIN: np.minimum,
}


def _softmax(x: FloatArray, axis: int, log: bool) -> FloatArray:
    """exp(x - max) / sum, or its logarithm, in float64, rounded to float32 once."""
    apart = x.astype(np.float64) - x.max(axis=axis, keepdims=True)
    total = np.exp(apart).sum(axis=axis, keepdims=True)
    return np.asarray(apart - np.log(total) if log else np.exp(apart) / total, np.float32)


def to_integers(array: NDArray[np.generic], port: Port) -> IntArray:
    """An input as the model's integers: floats by the border's quantiser, integers (and booleans) only if they fit.

    Raises:
        HwcompError: HWC008 floats without a quantiser, values outside the type, or another kind of array.
    """
    at = f"input '{port.name}'"
    if array.dtype.kind == "f":
        if port.border is None:
            raise HwcompError("HWC008", f"it is {array.dtype}, but the model takes {port.dtype}", at, "give integers")
        return quantize(array.astype(np.float32), port)
    if array.dtype.kind not in "iub":
        raise HwcompError("HWC008", f"it is {array.dtype}, but the model takes {port.dtype}", at, "give integers")
    low, high = integer_limits(port)
    if array.size and (int(array.min()) < low or int(array.max()) > high):
        raise HwcompError(
            "HWC008", f"a value lies outside {low}..{high} ({port.dtype})", at, "give values of this type"
        )
    return array.astype(storage_type(port))


def count_runs(array: NDArray[np.generic], port: Port) -> int:
    """How many tensors of the port's shape are joined along axis 0 of `array`.

    Raises:
        HwcompError: HWC008 the shapes do not agree.
    """
    batch = port.shape[0] if port.shape else 1
    runs = array.shape[0] // batch if array.ndim else 0
    if runs < 1 or array.shape != joined_shape(port.shape, runs):
        wanted = ("N" if batch == 1 else f"N*{batch}", *(str(size) for size in port.shape[1:]))
        raise HwcompError(
            "HWC008",
            f"its shape is {list(array.shape)}, not [{', '.join(wanted)}]",
            f"input '{port.name}'",
            f"give an array [{', '.join(wanted)}]: N is 1 or more, inputs are joined along axis 0",
        )
    return runs
