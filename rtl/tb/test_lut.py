"""hwc_lut and hwc_threshold against `Lut.evaluate` and numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.ops.lut import Lut
from hwcomp.ir.types import Location
from hwcomp.targets.dataflow.modules.elementwise import clamp, lut, threshold
from rtl.tb.bench import Case, Stream, check, hex_file, pack

FRAMES = 3
RNG = np.random.default_rng(1)


def lut_case(
    folder: Path, width: int, signed: bool, input_min: int, entries: int, channels: int, lanes: int, style: str
) -> Case:
    pixels, out = 40, 9
    columns = max(channels, lanes)
    name = f"lut_w{width}{int(signed)}_c{channels}_l{lanes}_{style}"
    table = RNG.integers(-256, 256, (channels, entries) if channels > 1 else (entries,))
    x = RNG.integers(input_min, input_min + entries, (FRAMES * pixels, columns))
    x[0], x[1] = input_min, input_min + entries - 1
    op = Lut(name="l", inputs=("x", "t"), outputs=("y",), loc=Location("bench", "", ""), input_min=input_min)
    (y,) = op.evaluate(x, table)
    spec = lut(
        in_width=width,
        in_signed=signed,
        input_min=input_min,
        entries=entries,
        channels=channels,
        lanes=lanes,
        out_width=out,
        beats=pixels * columns // lanes,
        table=hex_file(folder / name, pack(table, 1, out)),
        style=style,
    )
    ins, outs = Stream(lanes * width, pack(x, lanes, width)), Stream(lanes * out, pack(y, lanes, out))
    return Case(name, spec, {"in": ins}, {"out": outs}, FRAMES)


def threshold_case(folder: Path, width: int, signed: bool, channels: int, lanes: int, count: int, base: int) -> Case:
    pixels = 40
    columns, name = max(channels, lanes), f"threshold_w{width}{int(signed)}_c{channels}_l{lanes}_n{count}"
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    bounds = np.sort(RNG.integers(low, high + 1, (channels, count), endpoint=True), axis=1)
    bounds[0, 0], bounds[-1, -1] = low, high + 1  # always reached, never reached
    x = RNG.integers(low, high, (FRAMES * pixels, columns), endpoint=True)
    x[0], x[1] = low, high
    near = np.minimum(bounds[:, RNG.integers(0, count, pixels)].T - RNG.integers(0, 2, (pixels, 1)), high)
    x[2 : 2 + pixels] = np.clip(np.broadcast_to(near, (pixels, columns)), low, high)
    y = base + (x[:, :, None] >= np.broadcast_to(bounds, (columns, count))[None]).sum(axis=2)
    out = max(int(np.abs(y).max()).bit_length() + 1, 2)
    spec = threshold(
        in_width=width,
        in_signed=signed,
        lanes=lanes,
        channels=channels,
        thresholds=count,
        base=base,
        out_width=out,
        beats=pixels * columns // lanes,
        file=hex_file(folder / name, pack(bounds, count * (1 if channels == 1 else lanes), width + 1)),
    )
    ins, outs = Stream(lanes * width, pack(x, lanes, width)), Stream(lanes * out, pack(y, lanes, out))
    return Case(name, spec, {"in": ins}, {"out": outs}, FRAMES)


def test_tables_and_thresholds(tmp_path: Path) -> None:
    cases = [
        lut_case(tmp_path, 8, True, -128, 256, 1, 1, "auto"),
        lut_case(tmp_path, 8, False, 0, 256, 1, 2, "block"),
        lut_case(tmp_path, 8, True, -5, 13, 1, 1, "distributed"),
        lut_case(tmp_path, 4, True, -8, 16, 6, 1, "auto"),
        lut_case(tmp_path, 5, False, 3, 20, 6, 2, "auto"),
        lut_case(tmp_path, 5, True, -16, 32, 2, 2, "auto"),
        threshold_case(tmp_path, 16, True, 1, 1, 3, 0),
        threshold_case(tmp_path, 12, False, 4, 2, 7, -8),
        threshold_case(tmp_path, 8, True, 3, 1, 1, -1),
        threshold_case(tmp_path, 8, True, 1, 2, 15, -8),
    ]
    check(cases, tmp_path)


@pytest.mark.parametrize(
    ("width", "signed", "lanes", "shift", "zero", "bounds"),
    [
        (16, True, 3, 4, 0, (0, 63)),
        (9, False, 1, 0, -5, (-8, 7)),
        (12, True, 2, 11, 1, (-1, 1)),
        (6, True, 4, 1, 100, (90, 127)),
        (8, True, 1, 2, 0, (-128, 127)),
        (10, False, 2, 3, 3, (3, 3)),
    ],
)
def test_clamp(
    width: int, signed: bool, lanes: int, shift: int, zero: int, bounds: tuple[int, int], tmp_path: Path
) -> None:
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    x = RNG.integers(low, high, (FRAMES * 64, lanes), endpoint=True)
    x[0], x[1] = low, high
    y = np.clip((x >> shift) + zero, *bounds)
    out = max(abs(bounds[0]), abs(bounds[1])).bit_length() + 1
    spec = clamp(
        in_width=width, in_signed=signed, lanes=lanes, shift=shift, zero=zero, lo=bounds[0], hi=bounds[1],
        out_width=out, beats=64,
    )  # fmt: skip
    ins, outs = Stream(lanes * width, pack(x, lanes, width)), Stream(lanes * out, pack(y, lanes, out))
    check([Case("clamp", spec, {"in": ins}, {"out": outs}, FRAMES)], tmp_path)
