"""hwc_softmax against `Softmax.evaluate`: int8 and uint8, one element and many, flat and peaked vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwcomp.ir.ops.softmax import Softmax
from hwcomp.ir.types import S8, Location
from hwcomp.targets.dataflow.modules.compute import softmax
from rtl.tb.bench import Case, Stream, check, hex_file, pack

RNG = np.random.default_rng(1)
FRAMES, PIXELS = 3, 2


def softmax_case(
    folder: Path, channels: int, signed: bool, beta: float, integer_bits: int, out: tuple[int, int, int, int]
) -> Case:
    """out: out_bits, zero, lo, hi."""
    out_bits, zero, lo, hi = out
    low, high = (-128, 127) if signed else (0, 255)
    distance = np.arange(256)
    exp = np.minimum(np.floor(np.exp(-beta * distance) * 2**31), 2**31 - 1).astype(np.int64)
    total = np.floor(np.exp(-beta * distance) * 2 ** (31 - integer_bits)).astype(np.int64)
    x = RNG.integers(low, high, (FRAMES * PIXELS, channels), endpoint=True)
    x[0], x[1] = low, high  # flat
    x[2, 1:], x[2, 0] = low, high  # a peak
    x[3] = high - np.arange(channels) % 3
    op = Softmax(
        name="s", inputs=("x", "e", "t"), outputs=("y",), loc=Location("bench", "", ""),
        integer_bits=integer_bits, out_bits=out_bits, zero=zero, lo=lo, hi=hi, dtype=S8,
    )  # fmt: skip
    (y,) = op.evaluate(x, exp, total)
    name = f"softmax_c{channels}_{int(signed)}_b{out_bits}"
    width = max(hi.bit_length(), (~lo).bit_length() if lo < 0 else 0) + (lo < 0)
    spec = softmax(
        in_width=8,
        in_signed=signed,
        channels=channels,
        entries=256,
        integer_bits=integer_bits,
        out_bits=out_bits,
        zero=zero,
        lo=lo,
        hi=hi,
        out_width=width,
        pixels=PIXELS,
        exp_table=hex_file(folder / f"{name}_e", pack(exp, 1, 31)),
        sum_table=hex_file(folder / f"{name}_s", pack(total, 1, 32)),
    )
    return Case(name, spec, {"in": Stream(8, pack(x, 1, 8))}, {"out": Stream(width, pack(y, 1, width))}, FRAMES)


def test_softmax(tmp_path: Path) -> None:
    int8, uint8, int16 = (8, -128, -128, 127), (8, 0, 0, 255), (15, 0, -32768, 32767)
    cases = [
        softmax_case(tmp_path, 10, True, 0.1, 12, int8),
        softmax_case(tmp_path, 3, False, 0.02, 12, uint8),
        softmax_case(tmp_path, 1, True, 0.5, 12, int8),
        softmax_case(tmp_path, 33, True, 0.003, 12, int16),
        softmax_case(tmp_path, 2, True, 1.0, 1, int8),
    ]
    check(cases, tmp_path)
