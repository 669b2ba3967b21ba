"""lstm."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.ir.ops import Lstm
from hwcomp.ir.ops.lstm import Scale
from hwcomp.ir.types import S8, S16, S32, IntArray, IntType
from tests.ops.ladder import LADDER, constant, equal, fields, operand, rejects, tensors

Q15 = 1 << 15


def direct(tanh: bool) -> IntArray:
    """The function of each 16-bit value in Q3.12, Q0.15."""
    x = np.arange(-(2**15), 2**15) / 4096.0
    y = np.tanh(x) if tanh else 1 / (1 + np.exp(-x))
    return np.clip(np.rint(y * Q15), -Q15, Q15 - 1).astype(np.int64)


TABLES = (direct(False), direct(True), direct(True))
LOGISTIC_256 = np.array([round(65536 / (1 + math.exp(-i / 24))) for i in range(256)]).clip(0, 65535)


def layer(**changes: object) -> Lstm:
    base: dict[str, object] = {
        "x_scales": ((1 << 30, 1), (1518500250, 0), (1 << 30, 2), (0, 0)),
        "h_scales": ((1 << 30, 0), (1 << 30, 1), (1518500250, -2), (0, -1)),
        "forget_scale": (0, -15),
        "input_scale": (0, -15),
        "hidden_scale": (1 << 30, -21),
        "hidden_zero": -7,
    }
    names = ("x", "h", "c", "w", "b", "wh", "bh", "logistic", "tanh", "tanh_c")
    return Lstm(**fields(*names, outputs=("y", "h1", "c1")), **{**base, **changes})


def scaled(value: int, scale: Scale) -> int:
    """Half up at 31 bits, then half away from zero: TFLite's double rounding."""
    multiplier, shift = scale
    if multiplier:
        value = ((value << max(shift, 0)) * multiplier + 2**30) >> 31
        shift = min(shift, 0)
    if shift == 0:
        return value
    half = 1 << (-shift - 1)
    return (value + half) >> -shift if value >= 0 else -((-value + half) >> -shift)


def sat(value: int, bits: int = 16) -> int:
    return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, value))


def naive(op: Lstm, arrays: list[IntArray], tables: tuple[IntArray, ...]) -> tuple[IntArray, IntArray, IntArray]:
    """Gate by gate and cell by cell, in Python integers; batch first."""
    x, h, c, w, b, wh, bh = arrays
    hidden, cell = h.tolist(), c.tolist()
    size, outputs = h.shape[1], np.zeros((*x.shape[:2], h.shape[1]), np.int64)
    for n in range(x.shape[0]):
        for t in range(x.shape[1]):
            before = list(hidden[n])
            for s in range(size):
                gate = []
                for g in range(4):
                    row = g * size + s
                    of_x = int(b[row]) + sum(int(u) * int(v) for u, v in zip(w[row], x[n, t], strict=True))
                    of_h = int(bh[row]) + sum(int(u) * v for u, v in zip(wh[row], before, strict=True))
                    recurrent = scaled(of_h, op.h_scales[g])
                    recurrent = sat(recurrent) if op.saturate_recurrent else recurrent
                    total = sat(sat(scaled(of_x, op.x_scales[g])) + recurrent)
                    gate.append(int(tables[1 if g == 2 else 0][total + Q15]))
                kept = sat(scaled(gate[1] * cell[n][s], op.forget_scale))
                new = sat(kept + sat(scaled(gate[0] * gate[2], op.input_scale)))
                new = max(-op.cell_clip, min(op.cell_clip, new)) if op.cell_clip else new
                cell[n][s] = new
                squashed = int(tables[2][new + Q15])
                hidden[n][s] = sat(scaled(squashed * gate[3], op.hidden_scale) + op.hidden_zero, 8)
                outputs[n, t, s] = hidden[n][s]
    return outputs, np.array(hidden), np.array(cell)


@st.composite
def operands(draw: st.DrawFn) -> list[IntArray]:
    """x, h, c, w, b, wh, bh."""
    n, t, i, s = (draw(st.integers(1, 3)) for _ in range(4))
    shapes: list[tuple[tuple[int, ...], IntType]] = [
        ((n, t, i), S8),
        ((n, s), S8),
        ((n, s), S16),
        ((4 * s, i), S8),
        ((4 * s,), S16),
        ((4 * s, s), S8),
        ((4 * s,), S16),
    ]
    return [draw(tensors(shape, dtype)) for shape, dtype in shapes]


@LADDER
@given(operands(), st.sampled_from([0, 900]), st.booleans(), st.booleans())
def test_loops_evaluate_and_infer_agree(arrays: list[IntArray], clip: int, saturate: bool, time_major: bool) -> None:
    op = layer(cell_clip=clip, saturate_recurrent=saturate, time_major=time_major)
    expected = naive(op, arrays, TABLES)
    x, h, c, w, b, wh, bh = arrays
    x = np.swapaxes(x, 0, 1) if time_major else x
    got = op.evaluate(x, h, c, w, b, wh, bh, *TABLES)
    equal(np.swapaxes(got[0], 0, 1) if time_major else got[0], expected[0])
    equal(got[1], expected[1])
    equal(got[2], expected[2])
    types = [S8, S32, S8, S32, S32, S16, S16]
    fixed = [constant(array, dtype) for array, dtype in zip((w, b, wh, bh, *TABLES), types, strict=False)]
    values = [operand(x, S8, "type"), operand(h, S8, "type"), operand(c, S16, "type"), *fixed[:4]]
    values += [constant(table, S16) for table in TABLES]
    assert op.verify(values) == []
    for result, array in zip(op.infer(values), got, strict=True):
        assert result.type.shape == array.shape
        assert result.range.min <= array.min() and array.max() <= result.range.max


@pytest.mark.parametrize("time", [1, 4])
def test_interpolated_tables_follow_the_functions(time: int) -> None:
    """256 entries instead of 65536: within three levels of 8 bits of the direct tables on every step."""
    rng = np.random.default_rng(time)
    arrays = [
        rng.integers(-128, 128, (1, time, 3)),
        rng.integers(-128, 128, (1, 2)),
        rng.integers(-9999, 9999, (1, 2)),
        rng.integers(-99, 99, (8, 3)),
        rng.integers(-999, 999, 8),
        rng.integers(-99, 99, (8, 2)),
        rng.integers(-999, 999, 8),
    ]
    small = (LOGISTIC_256,) * 3
    coarse, fine = layer().evaluate(*arrays, *small)[0], layer().evaluate(*arrays, *TABLES)[0]
    assert np.abs(coarse - fine).max() <= 3


def test_what_is_wrong_is_said() -> None:
    x, h, c = (operand(np.zeros(shape, np.int64), S8, "type") for shape in ((1, 1, 2), (1, 1), (1, 1)))
    w, b, wh = (constant(np.zeros(shape, np.int64), S8) for shape in ((4, 2), (4,), (4, 1)))
    tables = [constant(table, S16) for table in TABLES]
    rejects(layer(), [x, h, c, w, b, wh, b, *tables], "s8 and s16")
    rejects(layer(), [x, h, c, wh, b, wh, b, *tables], "do not agree")
    rejects(layer(), [x, h, c, w, b, wh, b, *tables[:2]], "three constant tables")
    rejects(layer(), [x, h, c, w, b, wh, b, *tables[:2], b], "65536 or 256")
