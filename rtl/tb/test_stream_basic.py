"""Register slice, FIFO, width converter, fork and take, against lists of Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.targets.dataflow.modules import stream
from hwcomp.verify.cocotb_runner import run_cocotb
from rtl.tb.bench import LIB, Case, Stream, check, pack

FRAMES = 4
RNG = np.random.default_rng(1)


def _beats(count: int, width: int) -> list[int]:
    """Random beats of `width` bits; the corners (all zeros, all ones, alternating) come first."""
    corners = [0, (1 << width) - 1, int("10" * 64, 2) & ((1 << width) - 1)]
    words = [int.from_bytes(RNG.bytes((width + 7) // 8), "little") & ((1 << width) - 1) for _ in range(count)]
    return (corners + words)[:count]


def _one_to_one() -> list[Case]:
    cases = []
    for width in (1, 8, 70):
        beats = _beats(24 * FRAMES, width)
        spec = stream.stream_reg(width=width, beats=24)
        cases.append(Case(f"reg_w{width}", spec, {"in": Stream(width, beats)}, {"out": Stream(width, beats)}, FRAMES))
    for depth in (1, 2, 3, 4, 5, 8, 33):
        beats = _beats(24 * FRAMES, 9)
        spec = stream.fifo(width=9, depth=depth, beats=24)
        cases.append(Case(f"fifo_d{depth}", spec, {"in": Stream(9, beats)}, {"out": Stream(9, beats)}, FRAMES))
    return cases


def _width_converters() -> list[Case]:
    cases = []
    for width, in_lanes, out_lanes in (
        (8, 1, 4),
        (8, 4, 1),
        (3, 2, 6),
        (5, 6, 2),
        (8, 1, 1),
        (1, 1, 16),
        (7, 24, 1),
        (4, 3, 9),
    ):
        elements = RNG.integers(-(1 << (width - 1)), 1 << (width - 1), 144 * FRAMES)
        spec = stream.width_converter(width=width, in_lanes=in_lanes, out_lanes=out_lanes, in_beats=144 // in_lanes)
        given = Stream(width * in_lanes, pack(elements, in_lanes, width))
        expected = Stream(width * out_lanes, pack(elements, out_lanes, width))
        cases.append(Case(f"width_{width}_{in_lanes}_{out_lanes}", spec, {"in": given}, {"out": expected}, FRAMES))
    return cases


def _forks() -> list[Case]:
    cases = []
    for outputs in (1, 2, 3):
        every = Stream(8, _beats(30 * FRAMES, 8))
        spec = stream.fork(width=8, outputs=outputs, beats=30)
        cases.append(Case(f"fork_{outputs}", spec, {"in": every}, {"out": (every,) * outputs}, FRAMES))
    return cases


def _takes() -> list[Case]:
    cases = []
    for period, start, count in ((6, 0, 6), (6, 0, 2), (6, 5, 1), (6, 2, 3), (1, 0, 1)):
        given = _beats(period * 5 * FRAMES, 8)
        kept = np.array(given).reshape(-1, period)[:, start : start + count].reshape(-1).tolist()
        spec = stream.take(width=8, period=period, start=start, count=count, periods=5)
        name = f"take_{period}_{start}_{count}"
        cases.append(Case(name, spec, {"in": Stream(8, given)}, {"out": Stream(8, kept)}, FRAMES))
    return cases


def test_beats_pass_in_order_under_every_stall_pattern(tmp_path: Path) -> None:
    check([*_one_to_one(), *_width_converters(), *_forks(), *_takes()], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 5])
def test_fifo_clock_by_clock(tmp_path: Path, depth: int) -> None:
    parameters = {"Width": 8, "Depth": depth}
    run_cocotb(
        [LIB / "hwc_fifo.sv"],
        "hwc_fifo",
        "rtl.tb.cocotb_fifo",
        3,
        tmp_path,
        parameters,
        library=LIB,
        extra_env={"FIFO_DEPTH": str(depth)},
    )
