"""hwc_log_softmax against `LogSoftmax.evaluate` and `WideLogSoftmax.evaluate`: flat, peaked and random vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwcomp.ir.ops.log_softmax import LogSoftmax
from hwcomp.ir.ops.wide_log_softmax import WideLogSoftmax
from hwcomp.ir.types import S8, IntArray, Location
from hwcomp.targets.dataflow.modules.log_softmax import LogSoftmaxShape, log_softmax
from rtl.tb.bench import Case, Stream, check, hex_file, pack

RNG = np.random.default_rng(1)
FRAMES, PIXELS = 3, 4
DISTANCE = np.arange(256)


def vectors(channels: int, low: int, high: int) -> IntArray:
    x = RNG.integers(low, high, (FRAMES * PIXELS, channels), endpoint=True)
    x[0], x[1] = low, high  # flat
    x[2, 1:], x[2, 0] = low, high  # a peak
    x[3] = high - np.arange(channels) % 3
    x[4] = high - np.arange(channels) % 60
    return x


def case(folder: Path, name: str, x: IntArray, y: IntArray, shape: LogSoftmaxShape, *tables: IntArray) -> Case:
    diff, sums = tables
    files = hex_file(folder / f"{name}_d", pack(diff, 1, 32)), hex_file(folder / f"{name}_s", pack(sums, 1, 31))
    spec = log_softmax(shape, pixels=PIXELS, diff=files[0], sums=files[1])
    ins = {"in": Stream(shape.in_width, pack(x, 1, shape.in_width))}
    return Case(name, spec, ins, {"out": Stream(shape.out_width, pack(y, 1, shape.out_width))}, FRAMES)


def narrow(
    folder: Path, channels: int, signed: bool, scale: float, radius: int, reverse: tuple[int, int], scaled: int = 19
) -> Case:
    """reverse: as the operator has it, with a shift up to 0; scaled: fraction bits of the exponentials."""
    lo, hi = (-128, 127) if signed else (0, 255)
    x = vectors(channels, lo, hi)
    diff = -np.rint(DISTANCE * scale * 2**26).astype(np.int64)
    sums = np.rint(np.exp(-scale * DISTANCE) * 2.0**scaled).astype(np.int64)
    op = LogSoftmax(
        name="s", inputs=("x", "d", "e"), outputs=("y",), loc=Location("bench", "", ""),
        radius=radius, reverse=reverse, lo=lo, hi=hi, dtype=S8,
    )  # fmt: skip
    (y,) = op.evaluate(x, diff, sums)
    shape = LogSoftmaxShape(
        in_width=8, in_signed=signed, channels=channels, entries=256, is_wide=False, out_width=8,
        radius=radius, reverse=(reverse[0], -reverse[1]), lo=lo, hi=hi,
    )  # fmt: skip
    return case(folder, f"narrow_{channels}_{int(signed)}_{radius}_{scaled}", x, y, shape, diff, sums)


def wide(folder: Path, channels: int, signed: bool, scale: float, bits: int) -> Case:
    x = vectors(channels, *((-128, 127) if signed else (0, 255)))
    exact = -scale * DISTANCE
    diff = np.rint(exact * 2.0**bits).astype(np.int64)
    exps = np.minimum(np.rint(np.exp(exact) * 2.0**31), 2**31 - 1).astype(np.int64)
    op = WideLogSoftmax(
        name="s", inputs=("x", "d", "e"), outputs=("y",), loc=Location("bench", "", ""), fraction_bits=bits
    )
    (y,) = op.evaluate(x, diff, exps)
    shape = LogSoftmaxShape(
        in_width=8, in_signed=signed, channels=channels, entries=256, is_wide=True,
        out_width=int(-y.min()).bit_length() + 1, log_shift=26 - bits,
    )  # fmt: skip
    return case(folder, f"wide_{channels}_{bits}", x, y, shape, diff, exps)


def test_log_softmax(tmp_path: Path) -> None:
    cases = [
        narrow(tmp_path, 10, True, 0.0625, 255, (1 << 30, -21)),
        narrow(tmp_path, 3, False, 0.03, 40, (2000000000, -20)),
        narrow(tmp_path, 1, True, 0.1, 100, (1 << 30, -21)),
        narrow(tmp_path, 33, True, 0.005, 255, (1717986918, -19)),
        narrow(tmp_path, 7, True, 0.004, 200, (1717986918, 0), 3),
        wide(tmp_path, 10, True, 0.0471, 26),
        wide(tmp_path, 1, False, 0.3, 24),
        wide(tmp_path, 100, True, 0.01, 23),
        wide(tmp_path, 5, False, 0.001, 26),
    ]
    check(cases, tmp_path)
