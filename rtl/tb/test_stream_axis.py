"""The AXI4-Stream edges: byte lanes, tlast made and checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.targets.dataflow.modules import stream
from hwcomp.verify.cocotb_runner import run_cocotb
from rtl.tb.bench import LIB, Case, Stream, check, pack

FRAMES = 3
RNG = np.random.default_rng(3)
NO_MARKS = {"start_o": "", "frame_o": "", "error_o": ""}


def _in_case(width: int, lanes: int, beats: int) -> Case:
    edge = stream.byte_width(width)
    elements = RNG.integers(0, 1 << edge, (FRAMES, beats, lanes))
    spec = stream.axis_in(width=width, lanes=lanes, beats=beats)
    given = Stream(edge * lanes, pack(elements, lanes, edge))
    expected = Stream(width * lanes, pack(elements & ((1 << width) - 1), lanes, width))
    marks = NO_MARKS | {"in_last_i": "1'b0"}
    return Case(f"in_{width}_{lanes}_{beats}", spec, {"in": given}, {"out": expected}, FRAMES, marks)


def _out_case(width: int, lanes: int, beats: int, *, is_signed: bool) -> Case:
    edge, half = stream.byte_width(width), (1 << width) // 2
    elements = RNG.integers(-half, half, (FRAMES, beats, lanes)) + (0 if is_signed else half)
    spec = stream.axis_out(width=width, lanes=lanes, beats=beats, is_signed=is_signed)
    given, expected = (Stream(w * lanes, pack(elements, lanes, w)) for w in (width, edge))
    name = f"out_{width}_{lanes}_{beats}_{'s' if is_signed else 'u'}"
    return Case(name, spec, {"in": given}, {"out": expected}, FRAMES, {"out_last_o": "", "frame_o": ""})


def test_edges_carry_elements_in_byte_lanes(tmp_path: Path) -> None:
    cases = [_in_case(*shape) for shape in ((8, 1, 4), (8, 4, 1), (5, 3, 7), (12, 2, 5), (1, 1, 9), (40, 2, 3))]
    cases += [
        _out_case(*s, is_signed=signed)
        for s in ((8, 1, 4), (5, 3, 7), (12, 2, 1), (33, 2, 3))
        for signed in (True, False)
    ]
    check(cases, tmp_path)


@pytest.mark.slow
def test_tlast_is_checked(tmp_path: Path) -> None:
    parameters = {"Width": 8, "Lanes": 1, "Beats": 4}
    sources = [LIB / "hwc_axis_in.sv"]
    run_cocotb(sources, "hwc_axis_in", "rtl.tb.cocotb_axis", 3, tmp_path, parameters, library=LIB)
