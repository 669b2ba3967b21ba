"""How the elements of a tensor are stored in C."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwcomp.ir.types import IntArray, IntType, Value
from hwcomp.support.errors import HwcompError


@dataclass(frozen=True, slots=True)
class Element:
    """A stored element type: the kernels' name of it (firmware/include/hwc_types.h), C's and its bytes."""

    constant: str
    c_type: str
    bytes: int
    lo: int
    hi: int

    def array(self, data: IntArray) -> npt.NDArray[np.integer]:
        """`data` as the bytes in memory stand for it."""
        return data.astype(np.dtype(self.c_type.removesuffix("_t")).newbyteorder("<"))


ELEMENTS = (
    Element("HWC_S8", "int8_t", 1, -128, 127),
    Element("HWC_U8", "uint8_t", 1, 0, 255),
    Element("HWC_S16", "int16_t", 2, -32768, 32767),
    Element("HWC_U16", "uint16_t", 2, 0, 65535),
    Element("HWC_S32", "int32_t", 4, -(1 << 31), (1 << 31) - 1),
)


def stored(dtype: IntType) -> Element | None:
    """The element that has the bytes of `dtype`; None above 32 bits. Unsigned ones over 16 bits are stored signed."""
    if dtype.bits > 32:
        return None
    for element in ELEMENTS:
        if 8 * element.bytes >= dtype.bits and (element.bytes == 4 or (element.lo < 0) == dtype.signed):
            return element
    return None


def element_of(value: Value, at: str) -> Element:
    """The stored element type of a value.

    Raises:
        HwcompError: HWC402 the value needs more than a signed 32-bit integer.
    """
    element = stored(value.type.dtype)
    if element is None or value.range.min < element.lo or value.range.max > element.hi:
        raise HwcompError(
            "HWC402",
            f"'{value.name}' lies in [{value.range.min}, {value.range.max}], which 32 signed bits do not hold",
            at,
            "quantise its inputs more coarsely, or split the operator",
        )
    return element
