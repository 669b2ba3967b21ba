"""The border between floats and the model's integers, as ONNX defines QuantizeLinear and DequantizeLinear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Port, element_type
from hwcomp.verify.protocol import IntArray, joined_shape, storage_type

FloatArray = NDArray[np.float32]


def integer_limits(port: Port) -> tuple[int, int]:
    """The least and greatest value of the port's type, which may have fewer bits than its storage."""
    kind = element_type(port.dtype)
    return (-(1 << (kind.bits - 1)), (1 << (kind.bits - 1)) - 1) if kind.signed else (0, (1 << kind.bits) - 1)


def quantize(values: FloatArray, port: Port) -> IntArray:
    """saturate(round_half_even(x / scale) + zero_point), the division in float32.

    Source: ONNX operators, QuantizeLinear-21 (float32 input); infinities saturate.

    Raises:
        HwcompError: HWC008 a value is NaN.
    """
    assert port.quantizer is not None
    if bool(np.isnan(values).any()):
        raise HwcompError("HWC008", "it holds NaN", f"input '{port.name}'", "give finite numbers")
    with np.errstate(over="ignore"):
        steps = np.rint(values.astype(np.float32) / np.float32(port.quantizer.scale)).astype(np.float64)
    low, high = integer_limits(port)
    # Clamped first to a range that is exact in float64 and saturates after the zero point is added.
    wide = np.clip(steps, -(2.0**52), 2.0**52).astype(np.int64) + port.quantizer.zero_point
    quantized: IntArray = np.clip(wide, low, high).astype(storage_type(port))
    return quantized


def dequantize(values: IntArray, port: Port) -> FloatArray:
    """(q - zero_point) * scale: the difference exact in integers, the product in float32.

    Source: ONNX operators, DequantizeLinear-21.
    """
    assert port.quantizer is not None
    difference = values.astype(np.int64) - port.quantizer.zero_point
    return difference.astype(np.float32) * np.float32(port.quantizer.scale)


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
