"""`Lstm`, a macro: an 8-bit LSTM with 16-bit cell state, integers throughout; one inference runs all its time steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.softmax import rounding_shift
from hwcomp.ir.types import S8, S16, IntArray, Range, Result, TensorType, Value

GATES = ("input", "forget", "cell", "output")
"""The order of the gates in weights, biases and scales."""

DIRECT_ENTRIES = 1 << 16
INTERPOLATED_ENTRIES = 256

Scale = tuple[int, int]
"""(multiplier, shift) of MultiplyByQuantizedMultiplier with double rounding; multiplier 0 is a plain rounding shift."""


def rescaled(x: IntArray, scale: Scale) -> IntArray:
    """x * multiplier * 2^(shift - 31) for a multiplier in Q0.31, else x * 2^shift with shift <= 0.

    Source: tensorflow/tflite-micro `tensorflow/lite/kernels/internal/common.cc`.
    """
    multiplier, shift = scale
    if multiplier == 0:
        return rounding_shift(x, np.array(-shift, np.int64))
    high = ((x << max(shift, 0)) * multiplier + (1 << 30)) >> 31
    return rounding_shift(high, np.array(max(-shift, 0), np.int64))


def clip16(x: IntArray) -> IntArray:
    """Saturated to 16 bits."""
    return np.clip(x, S16.min, S16.max)


def interpolated(x: IntArray, table: IntArray, tanh: bool) -> IntArray:
    """logistic(x) or tanh(x) in Q0.15 from 256 values of the logistic function of i / 24 in Q0.16.

    x is the argument times 3 * 4096; tanh(x) = 2 * logistic(2 x) - 1.
    Source: tensorflow/tflite-micro `reference/integer_ops/logistic.h`, `tanh.h`.
    """
    bits = 8 if tanh else 9
    magnitude = np.abs(x)
    place = np.minimum(magnitude >> bits, INTERPOLATED_ENTRIES - 2)
    fraction = magnitude & ((1 << bits) - 1)
    between = (table[place] << bits) + fraction * (table[place + 1] - table[place])
    if tanh:
        between = np.where(magnitude >> 8 >= INTERPOLATED_ENTRIES - 1, 0xFFFF << 8, between) - (1 << 23)
        return np.where(x >= 0, between + (1 << 7), -between + (1 << 7) - 1) >> 8
    between = np.where(magnitude >> 9 >= INTERPOLATED_ENTRIES - 1, 0x7FFF << 10, between)
    return np.where(x >= 0, between + (1 << 9), (1 << 25) - between + (1 << 9) - 1) >> 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Lstm(Op):
    """One LSTM layer over a sequence; its states are operands and results.

    Inputs: x [n, t, i] ([t, n, i] with `time_major`); h [n, s], s8; c [n, s], s16; w [4 s, i] and b [4 s] for x;
    wh [4 s, s] and bh [4 s] for h, both biases with the zero points folded in; three tables: logistic, tanh of the cell
    gate, tanh of the cell state. Outputs: y [n, t, s] (or [t, n, s]), and h, c after the last step.

    For each step, gates g in the order of `GATES`, a = clip16(rescaled(w x + b, x_scales[g])), r = rescaled(wh h + bh,
    h_scales[g]), saturated too where `saturate_recurrent`:

        i, f, o = logistic(clip16(a + r));   g = tanh(clip16(a + r))
        c = clip16(clip16(rescaled(f c, forget_scale)) + clip16(rescaled(i g, input_scale)))
        c = clip(c, -cell_clip, cell_clip)
        h = clip8(rescaled(tanh(c) o, hidden_scale) + hidden_zero)

    `cell_clip` 0 is none. A table of 65536 entries holds the function of each 16-bit value; one of 256 is read by
    `interpolated` at 3 x, for tanh(c) at (c * tanh_multiplier + half) >> tanh_shift.
    """

    x_scales: tuple[Scale, Scale, Scale, Scale]
    h_scales: tuple[Scale, Scale, Scale, Scale]
    forget_scale: Scale
    input_scale: Scale
    hidden_scale: Scale
    hidden_zero: int
    cell_clip: int = 0
    tanh_multiplier: int = 3
    tanh_shift: int = 0
    saturate_recurrent: bool = True
    time_major: bool = False

    def verify(self, operands: Sequence[Value]) -> list[str]:
        x, h, c, w, b, wh, bh, *tables = operands
        constants = (w, b, wh, bh, *tables)
        if len(tables) != 3 or any(v.data is None for v in constants):
            return ["lstm wants constant weights, biases and three constant tables"]
        if len(x.shape) != 3 or len(h.shape) != 2 or h.shape != c.shape:
            return [f"lstm wants x [n,t,i] and states [n,s], not {x.shape}, {h.shape}, {c.shape}"]
        batch, size = h.shape
        shapes = (w.shape, b.shape, wh.shape, bh.shape)
        if x.shape[1 if self.time_major else 0] != batch or shapes != (
            (4 * size, x.shape[2]),
            (4 * size,),
            (4 * size, size),
            (4 * size,),
        ):
            return [f"lstm shapes do not agree: x {x.shape}, states {h.shape}, weights {shapes}"]
        if any(table.shape not in ((DIRECT_ENTRIES,), (INTERPOLATED_ENTRIES,)) for table in tables):
            return ["lstm tables have 65536 or 256 entries"]
        if (h.type.dtype, c.type.dtype) != (S8, S16):
            return [f"lstm states are s8 and s16, not {h.type.dtype} and {c.type.dtype}"]
        return []

    def infer(self, operands: Sequence[Value]) -> tuple[Result, ...]:
        x, h = operands[0], operands[1]
        y = TensorType((x.shape[0], x.shape[1], h.shape[1]), S8)
        hidden, cell = TensorType(h.shape, S8), TensorType(h.shape, S16)
        bytes_, words = Range.of_type(S8), Range.of_type(S16)
        return Result(y, bytes_), Result(hidden, bytes_), Result(cell, words)

    def evaluate(self, *operands: IntArray) -> tuple[IntArray, ...]:
        x, h, c, w, b, wh, bh, *tables = operands
        steps = x if self.time_major else np.swapaxes(x, 0, 1)
        outputs: list[IntArray] = []
        for step in steps:
            h, c = self._step(step @ w.T + b, h @ wh.T + bh, c, tables)
            outputs.append(h)
        y = np.stack(outputs)
        return (y if self.time_major else np.swapaxes(y, 0, 1)), h, c

    def _step(
        self, of_x: IntArray, of_h: IntArray, c: IntArray, tables: Sequence[IntArray]
    ) -> tuple[IntArray, IntArray]:
        """The states after one time step, from both accumulators [n, 4 s]."""
        size = c.shape[1]
        gates: list[IntArray] = []
        for g, (x_scale, h_scale) in enumerate(zip(self.x_scales, self.h_scales, strict=True)):
            part = slice(g * size, (g + 1) * size)
            recurrent = rescaled(of_h[:, part], h_scale)
            if self.saturate_recurrent:
                recurrent = clip16(recurrent)
            gates.append(clip16(clip16(rescaled(of_x[:, part], x_scale)) + recurrent))
        logistic, tanh_gate, tanh_cell = tables
        i, f, o = (_function(gates[g], logistic, False, 3, 0) for g in (0, 1, 3))
        candidate = _function(gates[2], tanh_gate, True, 3, 0)
        kept = clip16(rescaled(f * c, self.forget_scale))
        c = clip16(kept + clip16(rescaled(i * candidate, self.input_scale)))
        if self.cell_clip:
            c = np.clip(c, -self.cell_clip, self.cell_clip)
        squashed = _function(c, tanh_cell, True, self.tanh_multiplier, self.tanh_shift)
        h = np.clip(rescaled(squashed * o, self.hidden_scale) + self.hidden_zero, S8.min, S8.max)
        return h, c


def _function(x: IntArray, table: IntArray, tanh: bool, multiplier: int, shift: int) -> IntArray:
    if len(table) == DIRECT_ENTRIES:
        return table[x - S16.min]
    half = (1 << shift) >> 1
    return interpolated((x * multiplier + half) >> shift, table, tanh)
