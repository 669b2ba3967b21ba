"""Weights of 4 bits, two a byte, unpacked where they are multiplied: which layers have them, and how they lie.

A byte holds a weight and the one four values behind it in the same row. Moved to the upper half of their bytes they are
16 times the weights as signed 8 bits, with no sign to mend, so sums are 16 times too large and lose nothing by a shift.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.targets.tvm.context import Context, constant
from hwcomp.targets.tvm.expression import Term
from hwcomp.targets.tvm.kernel import Argument, Constant
from hwcomp.targets.tvm.machine import VNNI
from hwcomp.targets.tvm.options import Int4

SHIFT = 4
"""Sums of unpacked weights are 2**SHIFT times the sums."""

_LEAST, _MOST = -8, 7
_INT32 = 1 << 31
_RULE = ((1 << 16, 4), (1 << 21, 8))
"""Of AUTO, measured by bench/tvm_int4.py: (least bytes, most pixels) of weights that come from the second cache or from
behind it and are read again for every few pixels. Elsewhere the multiplications take as long as the reading."""


def fits(weights: npt.NDArray[np.integer], reach: int = 0) -> bool:
    """Whether these weights are of 4 bits, and `reach`, a bound of the sums, leaves room for 4 bits more."""
    small = int(weights.min(initial=0)) >= _LEAST and int(weights.max(initial=0)) <= _MOST
    return small and reach << SHIFT < _INT32 and weights.size > 0


def wanted(context: Context, op: Conv2d | Dense, pixels: int) -> bool:
    """Whether the option, or its rule, asks for weights of 4 bits where all weights are read once for `pixels`."""
    data = context.value(op.inputs[1]).data
    assert data is not None
    if context.int4 is not Int4.AUTO:
        return context.int4 is Int4.ALWAYS
    return context.machine.dot is VNNI and any(data.size >= least and pixels <= most for least, most in _RULE)


def pairs(low: npt.NDArray[np.integer], high: npt.NDArray[np.integer]) -> npt.NDArray[np.int8]:
    """Bytes of two arrays of 4 bits each."""
    return ((low & 15) | (high & 15) << 4).astype(np.uint8).view(np.int8)


def stored(context: Context, op: Conv2d | Dense, index: tuple[str, ...]) -> tuple[Constant, Term]:
    """The weights W of plain loops, and the one at `index`: of 4 bits where the option asks for it."""
    w = context.value(op.inputs[1])
    assert w.data is not None
    if context.int4 is not Int4.ALWAYS or w.shape[-1] == 1 or not fits(w.data):
        made = constant("W", w.data, context.storage(op.inputs[1]))
        return made, made.argument.load(index)
    made = constant("W", packed_rows(w.data), "int8")
    return made, unpacked(made.argument, index)


def packed_rows(weights: npt.NDArray[np.integer]) -> npt.NDArray[np.int8]:
    """The last axis two a byte, its even elements in the lower halves; one more 0 where its length is odd."""
    even = np.pad(weights, [(0, 0)] * (weights.ndim - 1) + [(0, weights.shape[-1] % 2)])
    return pairs(even[..., ::2], even[..., 1::2])


def unpacked(packed: Argument, index: tuple[str, ...]) -> Term:
    """An element of `packed_rows`: its half moves to the top of a word, and back with its sign."""
    word = packed.load((*index[:-1], f"{index[-1]} // 2"))
    return Term(f"T.shift_right(T.shift_left({word.text}, 28 - {index[-1]} % 2 * 4), 28)")
