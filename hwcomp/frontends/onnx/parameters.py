"""Scales and zero points of quantisation operators, checked."""

from __future__ import annotations

import numpy as np

from hwcomp.frontends.onnx.expressions import Constant, Quantization
from hwcomp.frontends.onnx.source import Array, Node
from hwcomp.frontends.onnx.walk import Walk, integer_type, type_named
from hwcomp.ir.types import U8, IntType

_REPEAT = "quantise the model again"
_SMALLEST_NORMAL = float(np.finfo(np.float32).tiny)
_OUTPUT_TYPES = {
    2: "UINT8",
    3: "INT8",
    4: "UINT16",
    5: "INT16",
    6: "INT32",
    21: "UINT4",
    22: "INT4",
    25: "UINT2",
    26: "INT2",
}


def scales(walk: Walk, node: Node, index: int) -> Array:
    """Input `index` as float32 scales of rank 0 or 1, each positive, finite and normal.

    Raises: HWC104 type, HWC101 blocks, HWC202 NaN, HWC203 zero, HWC204 negative, HWC205 infinite, HWC206 denormal.
    """
    array = walk.constant(node, index)
    name = node.inputs[index]
    if array.dtype != np.float32:
        raise node.fail("HWC104", f"the scale '{name}' is {array.dtype}, not float32", "quantise with float32 scales")
    if array.ndim > 1 or node.integer("block_size", 0):
        raise node.fail("HWC101", f"the scale '{name}' is given for blocks", "quantise per tensor or per channel")
    checks = (
        ("HWC202", np.isnan(array), "NaN"), ("HWC205", np.isinf(array), "infinite"), ("HWC203", array == 0, "zero"),
        ("HWC204", array < 0, "negative"), ("HWC206", array < _SMALLEST_NORMAL, "denormal"),
    )  # fmt: skip
    for code, wrong, word in checks:
        if bool(np.any(wrong)):
            raise node.fail(code, f"the scale '{name}' is {word}", _REPEAT)
    if array.size == 0:
        raise node.fail("HWC215", f"the scale '{name}' is empty", _REPEAT)
    return array


def zero_points(
    walk: Walk, node: Node, index: int, count: int, dtype: IntType | None
) -> tuple[tuple[int, ...], IntType]:
    """Input `index` as zero points, as many as scales (all 0 where it is absent), and their type.

    Raises: HWC207 type or range, HWC215 count.
    """
    if not walk.has(node, index):
        named = type_named(_OUTPUT_TYPES.get(node.integer("output_dtype", 0), ""))
        return (0,) * count, dtype or named or U8
    found = walk.tensor(node, index)
    name = node.inputs[index]
    if not isinstance(found, Constant):
        raise node.fail("HWC108", f"the zero point '{name}' is computed at run time", "export it as a constant")
    if found.array.dtype.kind not in "iu":
        raise node.fail("HWC207", f"the zero point '{name}' is {found.array.dtype}", _REPEAT)
    own = integer_type(found)
    if dtype is not None and own != dtype:
        raise node.fail("HWC207", f"the zero point '{name}' is {own}, its tensor {dtype}", _REPEAT)
    if found.array.ndim > 1 or found.array.size not in (1, count):
        raise node.fail("HWC215", f"{found.array.size} zero points for {count} scales", _REPEAT)
    values = tuple(int(v) for v in found.array.reshape(-1))
    return (values if len(values) == count else values * count), own


def quantization(
    walk: Walk, node: Node, scale_at: int, zero_at: int, shape: tuple[int, ...], dtype: IntType | None
) -> Quantization:
    """The parameters of Quantize- or DequantizeLinear of a tensor of `shape`; `dtype`: its integers' type, if known.

    Raises: HWC215 and HWC216, and as `scales` and `zero_points`.
    """
    found = scales(walk, node, scale_at)
    zeros, own = zero_points(walk, node, zero_at, found.size, dtype)
    if own.bits > 16 and dtype is None:
        raise node.fail("HWC104", f"QuantizeLinear to {own} is not supported", "quantise to 16 bits or fewer")
    if found.size == 1:
        return Quantization((float(found.reshape(-1)[0]),), zeros, None, own)
    axis = axis_in(node, node.integer("axis", 1), len(shape))
    if found.size != shape[axis]:
        raise node.fail("HWC215", f"{found.size} scales for axis {axis} of shape {list(shape)}", _REPEAT)
    values = tuple(float(v) for v in found)
    if len(set(values)) == 1 and len(set(zeros)) == 1:
        return Quantization(values[:1], zeros[:1], None, own)
    return Quantization(values, zeros, axis, own)


def axis_in(node: Node, axis: int, rank: int) -> int:
    """`axis` counted from the front.

    Raises: HWC216 it lies outside.
    """
    if not -rank <= axis < rank:
        raise node.fail("HWC216", f"axis {axis} lies outside rank {rank}", "export the model again")
    return axis % rank
