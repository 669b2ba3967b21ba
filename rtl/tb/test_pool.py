"""hwc_pool, hwc_reduce and hwc_argmax against numpy: both reductions, both signs, extremes, ties."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwcomp.ir.ops.reduce import ArgMax
from hwcomp.ir.types import Location
from hwcomp.targets.dataflow.modules.elementwise import argmax, pool, reduce
from rtl.tb.bench import Case, Stream, check, pack

FRAMES = 3
RNG = np.random.default_rng(1)


def elements(shape: tuple[int, ...], width: int, signed: bool) -> np.ndarray:
    """Random elements; the first frame only the least, the second only the greatest."""
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)
    x = RNG.integers(low, high, shape, endpoint=True)
    x[0], x[1] = low, high
    return x


def result_width(x: np.ndarray, signed: bool) -> int:
    return max(int(x.max()).bit_length(), int(~x.min()).bit_length() if signed else 0, 1) + signed


def pool_case(lanes: int, taps: int, width: int, signed: bool, is_max: bool) -> Case:
    beats = 12
    x = elements((FRAMES, beats, taps, lanes), width, signed)
    y = x.max(axis=2) if is_max else x.sum(axis=2)
    out = width if is_max else result_width(y, signed)
    spec = pool(width=width, signed=signed, lanes=lanes, taps=taps, is_max=is_max, out_width=out, beats=beats)
    streams = Stream(taps * lanes * width, pack(x, taps * lanes, width)), Stream(lanes * out, pack(y, lanes, out))
    name = f"pool_l{lanes}_t{taps}_w{width}_{int(signed)}{int(is_max)}"
    return Case(name, spec, {"in": streams[0]}, {"out": streams[1]}, FRAMES)


def narrow_cases() -> list[Case]:
    """Signed elements whose maxima are never negative: the result's type has no sign and a bit less."""
    x = RNG.integers(-128, 127, (FRAMES, 12, 4), endpoint=True)
    x[:, :, 0] = np.abs(x[:, :, 0]) % 128
    pools = pool(width=8, signed=True, lanes=1, taps=4, is_max=True, out_width=7, beats=12)
    reduced = reduce(width=8, signed=True, lanes=1, channels=2, pixels=24, is_max=True, out_width=7)
    pairs = x.reshape(FRAMES, 24, 2)
    assert pairs.max(axis=1).min() >= 0
    pairs_in, pairs_out = Stream(8, pack(pairs, 1, 8)), Stream(7, pack(pairs.max(axis=1), 1, 7))
    ins, outs = Stream(32, pack(x, 4, 8)), Stream(7, pack(x.max(axis=2), 1, 7))
    return [
        Case("pool_narrow", pools, {"in": ins}, {"out": outs}, FRAMES),
        Case("reduce_narrow", reduced, {"in": pairs_in}, {"out": pairs_out}, FRAMES),
    ]


def reduce_case(lanes: int, channels: int, pixels: int, width: int, signed: bool, is_max: bool) -> Case:
    x = elements((FRAMES, pixels, channels), width, signed)
    y = x.max(axis=1) if is_max else x.sum(axis=1)
    out = width if is_max else result_width(y, signed)
    spec = reduce(
        width=width, signed=signed, lanes=lanes, channels=channels, pixels=pixels, is_max=is_max, out_width=out
    )
    streams = Stream(lanes * width, pack(x, lanes, width)), Stream(lanes * out, pack(y, lanes, out))
    name = f"reduce_l{lanes}_c{channels}_p{pixels}_w{width}_{int(signed)}{int(is_max)}"
    return Case(name, spec, {"in": streams[0]}, {"out": streams[1]}, FRAMES)


def argmax_case(channels: int, width: int, signed: bool, select_last: bool) -> Case:
    pixels = 4
    x = elements((FRAMES, pixels, channels), width, signed)
    op = ArgMax(name="a", inputs=("x",), outputs=("y",), loc=Location("bench", "", ""), axis=2, select_last=select_last)
    (y,) = op.evaluate(x)
    spec = argmax(width=width, signed=signed, channels=channels, select_last=select_last, out_width=32, pixels=pixels)
    name = f"argmax_c{channels}_w{width}_{int(signed)}{int(select_last)}"
    return Case(name, spec, {"in": Stream(width, pack(x, 1, width))}, {"out": Stream(32, pack(y, 1, 32))}, FRAMES)


def test_reductions(tmp_path: Path) -> None:
    pools = [(1, 4, 8, True, True), (2, 9, 8, False, True), (3, 9, 8, True, False), (1, 1, 8, True, True),
             (2, 5, 4, False, False), (1, 2, 16, True, False)]  # fmt: skip
    reductions = [(1, 4, 9, 8, True, False), (2, 4, 5, 8, False, False), (4, 4, 6, 8, True, False),
                  (1, 1, 7, 16, True, True), (1, 3, 4, 8, False, True), (2, 6, 1, 8, True, True),
                  (1, 2, 3, 8, True, False)]  # fmt: skip
    cases = [*(pool_case(*a) for a in pools), *(reduce_case(*a) for a in reductions), *narrow_cases()]
    cases += [argmax_case(*a) for a in [(10, 3, True, False), (10, 3, True, True), (7, 2, False, False),
                                        (5, 8, False, True), (1, 8, True, False)]]  # fmt: skip
    check(cases, tmp_path)
