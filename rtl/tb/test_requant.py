"""hwc_requant against `apply_requant`: widths, ties, shifts, corrections, saturation, several inputs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hwcomp.ir.dyadic import NegativeCorrection, Tie, apply_requant
from hwcomp.targets.dataflow.modules.compute import RequantShape, requant
from rtl.tb.bench import Case, Stream, check, hex_file, pack

IntRows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Setting:
    """A requant and the beats it is fed with."""

    name: str
    widths: tuple[tuple[int, bool], ...]  # (bits, signed) of each input
    mult: IntRows
    offset: tuple[int, ...]
    shift: int
    tie: Tie = Tie.FLOOR
    negative: NegativeCorrection | None = None
    zero: int = 0
    lo: int = -128
    hi: int = 127
    out_width: int = 8
    lanes: int = 1
    chunks: tuple[int, int] = (18, 18)
    mult_style: str = "dsp"


def limits(bits: int, signed: bool) -> tuple[int, int]:
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)


def signed_bits(*values: int) -> int:
    return 1 + max((v if v >= 0 else ~v).bit_length() for v in values)


def inputs_of(s: Setting, channels: int, pixels: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Extremes, values around ties and clamp bounds, and random ones: int64 [channels, pixels] each."""
    made = []
    for i, (bits, signed) in enumerate(s.widths):
        low, high = limits(bits, signed)
        rows = rng.integers(low, high, (channels, pixels), endpoint=True)
        for c in range(channels):
            m, r = s.mult[i][c % len(s.mult[i])], s.offset[c % len(s.offset)]
            aims = [t << s.shift for t in (s.lo - s.zero - 1, s.lo - s.zero, 0, 1, s.hi - s.zero, s.hi - s.zero + 1)]
            near = [(aim - r) // m + d for aim in aims for d in (-1, 0, 1)] if m else []
            special = [low, high, 0, 1, -1, *near]
            special = [min(max(v, low), high) for v in special]
            rows[c, : len(special)] = special if i == 0 else rng.permutation(special)
        made.append(rows)
    return made


def case_of(s: Setting, folder: Path, rng: np.random.Generator) -> Case:
    channels, pixels, frames = len(s.offset), 32, 4
    groups = max(channels // s.lanes, 1)
    rows = max(channels, s.lanes)
    xs = inputs_of(s, rows, pixels * frames, rng)
    expected = apply_requant(
        xs if channels > 1 else [x.reshape(1, -1) for x in xs],
        s.mult, s.offset, s.shift, s.tie, s.negative, s.zero, s.lo, s.hi,
    ).reshape(rows, -1)  # fmt: skip
    sets = 1 if channels == 1 else s.lanes
    mult_signed = any(m < 0 for row in s.mult for m in row)
    mult_width = max(signed_bits(*itertools.chain(*s.mult)) - (not mult_signed), 1)
    reach = sum(max(abs(b) for b in limits(*w)) * max(map(abs, row)) for w, row in zip(s.widths, s.mult, strict=True))
    reach += max(map(abs, s.offset)) + (abs(s.negative.bias) + max(s.negative.amount) if s.negative else 0)
    amounts = s.negative.amount * (channels // len(s.negative.amount)) if s.negative else (0,)
    shape = RequantShape(
        in_width=s.widths[0][0],
        in_signed=s.widths[0][1],
        mult_width=mult_width,
        mult_signed=mult_signed,
        offset_width=signed_bits(*s.offset),
        acc_width=signed_bits(reach),
        shift=s.shift,
        tie=s.tie,
        zero=s.zero,
        lo=s.lo,
        hi=s.hi,
        out_width=s.out_width,
        inputs=len(s.widths),
        in1_width=s.widths[-1][0],
        in1_signed=s.widths[-1][1],
        amount_width=max(max(amounts).bit_length(), 1),
        negative_bias=s.negative.bias if s.negative else None,
        chunks=s.chunks,
        mult_style=s.mult_style,
    )
    mults = np.array(s.mult, object).reshape(len(s.mult), groups if channels > 1 else 1, sets).transpose(1, 0, 2)
    spec = requant(
        shape,
        lanes=s.lanes,
        channels=channels,
        beats=pixels * groups,
        mult=hex_file(folder / f"{s.name}_m", pack(mults, len(s.mult) * sets, mult_width)),
        offset=hex_file(folder / f"{s.name}_o", pack(s.offset, sets, shape.offset_width)),
        amount=hex_file(folder / f"{s.name}_a", pack(amounts, sets, shape.amount_width)) if s.negative else None,
    )
    streams = tuple(Stream(w * s.lanes, pack(x.T, s.lanes, w)) for x, (w, _) in zip(xs, s.widths, strict=True))
    out = Stream(s.lanes * s.out_width, pack(expected.T, s.lanes, s.out_width))
    return Case(s.name, spec, {"in": streams}, {"out": out}, frames)


def test_rounding_and_saturation(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    s24, u8, s8 = (24, True), (8, False), (8, True)
    half = 1 << 19
    settings = [
        Setting("floor", (s24,), ((1000003,),), (half,), 40, zero=-3),
        Setting("even", (s24,), ((3,),), (4,), 3, Tie.EVEN, zero=5),
        Setting("even_wide", (s24,), ((1 << 12,),), (half,), 20, Tie.EVEN, lanes=4),
        Setting("away", (s24,), ((1 << 12, 5, 77, 1 << 13),), (half,) * 4, 20, Tie.AWAY, lanes=2),
        Setting("away_all", ((8, True),), ((1,),), (1,), 1, Tie.AWAY, lo=-60, hi=60),
        Setting("unsigned", ((16, False),), ((65535,),), (7,), 24, zero=3, lo=0, hi=255),
        Setting("shift0", ((12, True),), ((1, 2, 0),), (0, -5, 9), 0, Tie.FLOOR, lo=-100, hi=90, lanes=3),
        Setting("shift62", ((32, True),), (((1 << 31) - 1,),), (1 << 61,), 62, Tie.EVEN),
        Setting("beyond", ((8, True),), ((3,),), (-2,), 30, lo=-1, hi=0, out_width=2),
        Setting("wide_out", ((32, True),), ((1 << 15,),), (1 << 14,), 15, Tie.EVEN, lo=-(2**31), hi=2**31 - 1,
                out_width=32),
        Setting("channels", (s24,), ((9000, 1, 77, 123456, 5, 600),), (half, 0, -1, 5, -half, 9), 20, lanes=2),
        Setting("relu6", (s24,), ((12345,),), (1 << 23,), 24, zero=-128, lo=-128, hi=100),
    ]  # fmt: skip
    settings += [
        Setting("negative", (s24,), ((30000, 40000),), (1 << 20, 1 << 21), 22, Tie.FLOOR,
                NegativeCorrection(0, (1, 1 << 20)), zero=1),
        Setting("negative_bias", (s24,), ((30000,),), (1 << 20,), 22, Tie.EVEN, NegativeCorrection(-70000, (12345,))),
    ]  # fmt: skip
    for lanes in (1, 2):
        settings.append(Setting(f"two_{lanes}", (s8, u8), ((1000, -3000), (-777, 50)), (512, 100), 11, lanes=lanes))
    settings.append(Setting("three", (s8, u8, u8), ((100,), (-77,), (3,)), (512,), 6, Tie.EVEN, zero=9))
    settings.append(Setting("deep", ((40, True),), ((1 << 35,),), (1 << 50,), 60, Tie.EVEN, chunks=(18, 18)))
    settings.append(Setting("dsp48", ((30, True),), ((123457,),), (1 << 30,), 31, chunks=(27, 18)))
    luts = [replace(s, name=f"{s.name}_lut", mult_style="lut") for s in settings]
    check([case_of(s, tmp_path, rng) for s in [*settings, *luts]], tmp_path)
