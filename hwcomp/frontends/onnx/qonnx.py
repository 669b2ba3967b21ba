"""QONNX's quantisers, of constants and of float expressions: Quant, BipolarQuant, Trunc.

A quantiser gives floats again, so its result is `Dequantised` at once. The levels of a bipolar tensor are 0 and 1, in
one bit, with the zero point 1/2 and twice the scale: (b - 1/2) * 2s is -s or s, exactly. Constants are -1 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hwcomp.frontends.onnx import qonnx_terms
from hwcomp.frontends.onnx.expressions import Constant, Elementwise, Held, QuantConstant, Quantization
from hwcomp.frontends.onnx.qonnx_terms import Levels
from hwcomp.frontends.onnx.refusals import MINIFLOATS
from hwcomp.frontends.onnx.source import Array, Node
from hwcomp.frontends.onnx.walk import Walk
from hwcomp.ir.types import IntArray, IntType
from hwcomp.prove.rounding_qonnx import QonnxQuant
from hwcomp.prove.steps_qonnx import REFERENCE
from hwcomp.prove.terms_onnx import Dequantised
from hwcomp.support.border import Rounding

DOMAINS = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general", "")
"""Where exporters put the operators; some leave the domain out."""
MAX_BITS = 24
MAX_CONSTANT_BITS = 32
_REPEAT = "export the model again"
_ROUNDINGS: Mapping[str, Rounding] = {
    "ROUND": Rounding.EVEN, "HALF_EVEN": Rounding.EVEN, "CEIL": Rounding.CEIL, "FLOOR": Rounding.FLOOR,
    "UP": Rounding.UP, "DOWN": Rounding.DOWN, "ROUND_TO_ZERO": Rounding.DOWN, "HALF_UP": Rounding.HALF_UP,
    "HALF_DOWN": Rounding.HALF_DOWN,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Parameter:
    """A scale or zero point: its numbers, the axis along which they differ, and whether numpy computes in float64."""

    numbers: tuple[float, ...]
    axis: int | None
    wide: bool


def quant(walk: Walk, node: Node) -> None:
    """Quant, or IntQuant: (round(clamp(x / scale + zero)) - zero) * scale."""
    _check(walk, node)
    shape = walk.tensor(node, 0).shape
    scale, zero = _scale(walk, node, 1, shape), _parameter(walk, node, 2, shape)
    bits = _bits(walk, node, 3)
    signed = bool(node.integer("signed", 1))
    if bits == 1 and signed:
        found = QonnxQuant(scale.numbers, zero.numbers, 0, 1, Rounding.SIGN, None, scale.wide, zero.wide)
        _bipolar(walk, node, found, scale, zero)
        return
    lo, hi = limits(bits, signed, bool(node.integer("narrow", 0)))
    mode = _rounding(node, "ROUND")
    found = QonnxQuant(scale.numbers, zero.numbers, lo, hi, mode, None, scale.wide, zero.wide)
    _put(walk, node, found, IntType(bits, signed), scale, zero)


def bipolar_quant(walk: Walk, node: Node) -> None:
    """BipolarQuant: scale where x >= 0, else -scale."""
    _check(walk, node)
    scale = _scale(walk, node, 1, walk.tensor(node, 0).shape)
    none = _Parameter((0.0,), None, wide=False)
    _bipolar(walk, node, QonnxQuant((1.0,), (0.0,), 0, 1, Rounding.SIGN), scale, none)


def trunc(walk: Walk, node: Node) -> None:
    """Trunc: the lower bits are dropped. Version 1 keeps the scale, version 2 has one for the result, and clamps."""
    _check(walk, node)
    shape = walk.tensor(node, 0).shape
    scale, zero = _scale(walk, node, 1, shape), _parameter(walk, node, 2, shape)
    mode = _rounding(node, "FLOOR")
    if len(node.inputs) < 6:
        before, after = _bits(walk, node, 3), _bits(walk, node, 4)
        if after > before:
            raise node.fail("HWC207", f"it truncates {before} bits to {after}", _REPEAT)
        divisor = 2.0 ** (before - after)
        found = QonnxQuant(scale.numbers, zero.numbers, -(1 << 30), 1 << 30, mode, divisor, scale.wide, zero.wide)
        qonnx_terms.truncated(walk, node, Levels(found, _axis(node, scale, zero), None), scale.numbers, zero.numbers)
        return
    result, bits = _scale(walk, node, 4, shape), _bits(walk, node, 5)
    powers = {round(math.log2(r / s)) for r, s in zip(*_paired(result.numbers, scale.numbers), strict=True)}
    if len(powers) > 1:
        raise node.fail("HWC101", "it drops other bits in each channel", "truncate per tensor")
    divisor = 2.0 ** powers.pop()
    signed = bool(node.integer("signed", 1))
    lo, hi = limits(bits, signed, bool(node.integer("narrow", 0)))
    found = QonnxQuant(scale.numbers, zero.numbers, lo, hi, mode, divisor, scale.wide, zero.wide)
    to = Levels(found, _axis(node, scale, zero), IntType(bits, signed))
    qonnx_terms.truncated(walk, node, to, result.numbers, tuple(z / divisor for z in zero.numbers))


def float_quant(walk: Walk, node: Node) -> None:
    """Raises: HWC102, always: floats of 8 or 4 bits are no integers."""
    raise node.fail("HWC102", "FloatQuant (float8, float4 and other minifloats) is not read", MINIFLOATS)


def limits(bits: int, signed: bool, narrow: bool) -> tuple[int, int]:
    """The least and the greatest level. Source: qonnx.custom_op.general.intquant, min_int and max_int."""
    if signed:
        return -(1 << (bits - 1)) + int(narrow), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1 - int(narrow)


def _check(walk: Walk, node: Node) -> None:
    if walk.reference != REFERENCE:
        raise node.fail(
            "HWC304",
            f"reference '{walk.reference}' does not describe QONNX's {node.op_type}",
            "use '--reference qonnx'",
        )


def _put(walk: Walk, node: Node, found: QonnxQuant, dtype: IntType, scale: _Parameter, zero: _Parameter) -> None:
    x = walk.tensor(node, 0)
    axis = _axis(node, scale, zero)
    if isinstance(x, (Constant, QuantConstant)):
        levels = qonnx_terms.constant_levels(_floats(x), found, axis)
        walk.put(node, _quantised_constant(node, levels, axis, dtype, scale.numbers, zero.numbers))
        return
    if dtype.bits > MAX_BITS:
        raise node.fail("HWC104", f"activations of {dtype.bits} bits", f"quantise to {MAX_BITS} bits or fewer")
    y = qonnx_terms.quantised(walk, node, x, Levels(found, axis, dtype))
    walk.put(node, dequantised(y, zero.numbers, scale.numbers, axis))


def _bipolar(walk: Walk, node: Node, found: QonnxQuant, scale: _Parameter, zero: _Parameter) -> None:
    x = walk.tensor(node, 0)
    axis = _axis(node, scale, zero)
    if isinstance(x, (Constant, QuantConstant)):
        signs = 2 * qonnx_terms.constant_levels(_floats(x), found, axis if found.channels > 1 else None) - 1
        walk.put(node, _quantised_constant(node, signs, axis, IntType(2, True), scale.numbers, zero.numbers))
        return
    y = qonnx_terms.quantised(walk, node, x, Levels(found, axis, IntType(1, False)))
    zeros, doubled = tuple((1 + z) / 2 for z in zero.numbers), tuple(2 * s for s in scale.numbers)
    walk.put(node, dequantised(y, zeros, doubled, axis))


def dequantised(y: Held, zeros: tuple[float, ...], scales: tuple[float, ...], axis: int | None) -> Elementwise:
    """(y - zero) * scale."""
    term = Dequantised(0, qonnx_terms.whole_numbers(zeros), scales)
    return Elementwise(term, (y,), axis if term.channels > 1 else None)


def _quantised_constant(
    node: Node, levels: IntArray, axis: int | None, dtype: IntType, scales: tuple[float, ...], zeros: tuple[float, ...]
) -> QuantConstant:
    """(levels - zero) * scale with the zero point folded into the levels."""
    places = [math.log2(float(z).as_integer_ratio()[1]) for z in zeros]
    shift = round(max(places))
    if shift > MAX_BITS:
        raise node.fail("HWC101", "its zero point is no integer", "export with an integer zero point")
    shape = [1] * levels.ndim
    if axis is not None:
        shape[axis] = -1
    offsets = np.array([round(z * 2**shift) for z in zeros], np.int64)
    centred: IntArray = (levels << shift) - (offsets.reshape(shape) if offsets.size > 1 else int(offsets[0]))
    numbers = tuple(s / 2**shift for s in scales)
    kept = axis if len(numbers) > 1 else None
    return QuantConstant(centred, Quantization(numbers, (0,) * len(numbers), kept, dtype))


def _floats(x: Constant | QuantConstant) -> Array:
    return x.floats if isinstance(x, QuantConstant) else np.asarray(x.array, np.float32)


def _paired(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return (a * len(b) if len(a) == 1 else a), (b * len(a) if len(b) == 1 else b)


def _axis(node: Node, scale: _Parameter, zero: _Parameter) -> int | None:
    """The one axis along which the parameters differ."""
    axes = {p.axis for p in (scale, zero) if p.axis is not None}
    if len(axes) > 1:
        raise node.fail("HWC101", "its scales and zero points differ along different axes", "quantise per channel")
    return axes.pop() if axes else None


def _parameter(walk: Walk, node: Node, index: int, shape: tuple[int, ...]) -> _Parameter:
    """Constant input `index`, one number or one for each element along one axis of x.

    Raises: HWC101 it differs along several axes, HWC215 it does not fit the shape, HWC221 NaN or infinity.
    """
    array = walk.constant(node, index)
    name = node.inputs[index]
    if array.dtype.kind not in "fiu" or array.size == 0:
        raise node.fail("HWC207", f"the parameter '{name}' is {array.dtype}{list(array.shape)}", _REPEAT)
    if not np.isfinite(array).all():
        raise node.fail("HWC221", f"the parameter '{name}' holds NaN or infinity", _REPEAT)
    wide = np.result_type(np.float32, array.dtype) == np.float64
    flat = tuple(float(v) for v in array.reshape(-1))
    if len(set(flat)) == 1:
        return _Parameter(flat[:1], None, wide)
    sides = [axis + len(shape) - array.ndim for axis, size in enumerate(array.shape) if size > 1]
    if len(sides) > 1:
        raise node.fail("HWC101", f"the parameter '{name}' differs along several axes", "quantise per channel")
    if sides[0] < 0 or shape[sides[0]] != array.size:
        raise node.fail("HWC215", f"'{name}' of shape {list(array.shape)} for a tensor {list(shape)}", _REPEAT)
    return _Parameter(flat, sides[0], wide)


def _scale(walk: Walk, node: Node, index: int, shape: tuple[int, ...]) -> _Parameter:
    """As `_parameter`, of positive numbers.

    Raises: HWC203 a scale is zero, HWC204 negative; HWC202 and HWC205 NaN and infinity.
    """
    array, name = walk.constant(node, index), node.inputs[index]
    if array.dtype.kind in "fiu":
        checks = (
            ("HWC202", np.isnan(array), "NaN"), ("HWC205", np.isinf(array), "infinite"),
            ("HWC203", array == 0, "zero"), ("HWC204", array < 0, "negative"),
        )  # fmt: skip
        for code, wrong, word in checks:
            if bool(np.any(wrong)):
                raise node.fail(code, f"the scale '{name}' is {word}", "quantise the model again")
    return _parameter(walk, node, index, shape)


def _bits(walk: Walk, node: Node, index: int) -> int:
    """Constant input `index` as a number of bits.

    Raises: HWC104 more than 32, HWC207 no positive integer.
    """
    array = walk.constant(node, index)
    widths = {float(v) for v in array.reshape(-1)} if array.dtype.kind in "fiu" else set[float]()
    width = widths.pop() if len(widths) == 1 else 0.0
    if width < 1 or not width.is_integer():
        raise node.fail("HWC207", f"the bit width '{node.inputs[index]}' is no positive integer", _REPEAT)
    if width > MAX_CONSTANT_BITS:
        raise node.fail("HWC104", f"a quantiser of {int(width)} bits", f"use {MAX_CONSTANT_BITS} bits or fewer")
    return int(width)


def _rounding(node: Node, default: str) -> Rounding:
    mode = node.text("rounding_mode", default)
    found = _ROUNDINGS.get(mode.upper())
    if found is None:
        raise node.fail("HWC219", f"rounding_mode '{mode}' is unknown", f"use one of {', '.join(_ROUNDINGS)}")
    return found
