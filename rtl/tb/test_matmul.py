"""hwc_matmul against `MatMul.evaluate`: foldings, zero points, signs, extremes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwcomp.ir.ops.dot import MatMul
from hwcomp.ir.types import Location
from hwcomp.targets.dataflow.modules.compute import Factor, matmul
from rtl.tb.bench import Case, Stream, check, pack

FRAMES = 4
RNG = np.random.default_rng(1)


def operand(factor: Factor, shape: tuple[int, ...]) -> np.ndarray:
    width = factor.width
    low, high = (-(1 << (width - 1)), (1 << (width - 1)) - 1) if factor.signed else (0, (1 << width) - 1)
    x = RNG.integers(low, high, (FRAMES, *shape), endpoint=True)
    x[0], x[1] = low, high
    return x


def case(name: str, size: tuple[int, int, int], pe: int, a: Factor, b: Factor, style: str = "dsp") -> Case:
    rows, inner, columns = size
    x, y = operand(a, (rows, inner)), operand(b, (inner, columns))
    op = MatMul(
        name="m", inputs=("a", "b"), outputs=("y",), loc=Location("bench", "", ""), a_zero=a.zero, b_zero=b.zero
    )
    (z,) = op.evaluate(x, y)
    acc = int(np.abs(z).max()).bit_length() + 1
    spec = matmul(a, b, rows=rows, inner=inner, columns=columns, pe=pe, acc_width=acc, mult_style=style)
    ins = {"in": Stream(a.width, pack(x, 1, a.width)), "in1": Stream(pe * b.width, pack(y, pe, b.width))}
    out = Stream(pe * acc, pack(z, pe, acc))
    return Case(name, spec, ins, {"out": out}, FRAMES, is_timed=False)


def test_products(tmp_path: Path) -> None:
    s8, u8, u4 = Factor(width=8, signed=True), Factor(width=8, signed=False), Factor(width=4, signed=False, zero=7)
    cases = [
        case("square", (4, 4, 4), 2, s8, s8),
        case("one_group", (3, 5, 3), 3, s8, u8),
        case("serial", (2, 3, 4), 1, u8, u4),
        case("zeros", (5, 6, 4), 2, Factor(width=8, signed=False, zero=255), Factor(width=8, signed=True, zero=-128)),
        case("lut", (4, 3, 4), 2, s8, u4, "lut"),
        case("vector", (1, 4, 2), 1, s8, s8),
        case("outer", (3, 1, 4), 2, s8, s8),
    ]
    traces = check(cases, tmp_path)
    for each in cases:
        spec, clocks = each.spec, traces[each.name].clocks
        arrival = clocks["in1"][spec.needs]  # a starts at the same time and its first row is not longer
        assert clocks["out"][0] - arrival == spec.latency, each.name
        beats = spec.out_beats[0]
        if spec.interval >= max(spec.in_beats):
            assert clocks["out"][-1] - clocks["out"][-1 - beats] == spec.interval, each.name
