"""hwc_binary against the operators' `evaluate`: every operation, mixed signs and widths, corners."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwcomp.ir.op import Op
from hwcomp.ir.ops.elementwise import Add, Max, Min, Mul, Sub
from hwcomp.ir.types import Location
from hwcomp.targets.dataflow.modules.elementwise import binary
from rtl.tb.bench import Case, Stream, check, pack

FRAMES = 3
RNG = np.random.default_rng(1)
AT = Location("bench", "", "")


def limits(width: int, signed: bool) -> tuple[int, int]:
    return (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed else (0, (1 << width) - 1)


def operator(op: str, zeros: tuple[int, int]) -> Op:
    if op == "mul":
        return Mul(name="b", inputs=("a", "b"), outputs=("y",), loc=AT, a_zero=zeros[0], b_zero=zeros[1])
    kinds = {"add": Add, "sub": Sub, "min": Min, "max": Max}
    return kinds[op](name="b", inputs=("a", "b"), outputs=("y",), loc=AT)


def case(op: str, a: tuple[int, bool], b: tuple[int, bool], lanes: int, zeros: tuple[int, int] = (0, 0)) -> Case:
    beats = 20
    x, y = (RNG.integers(*limits(*t), (FRAMES, beats, lanes), endpoint=True) for t in (a, b))
    corners = [(u, v) for u in limits(*a) for v in limits(*b)]
    x[0, :4], y[0, :4] = (np.array(c)[:, None] for c in zip(*corners, strict=True))
    (z,) = operator(op, zeros).evaluate(x, y)
    out = max(int(z.max()).bit_length(), int(~z.min()).bit_length()) + 1
    spec = binary(
        op=op,
        a_width=a[0],
        a_signed=a[1],
        b_width=b[0],
        b_signed=b[1],
        out_width=out,
        lanes=lanes,
        beats=beats,
        a_zero=zeros[0],
        b_zero=zeros[1],
    )
    name = f"{op}_{a[0]}{int(a[1])}_{b[0]}{int(b[1])}_l{lanes}"
    ins = {"in": Stream(lanes * a[0], pack(x, lanes, a[0])), "in1": Stream(lanes * b[0], pack(y, lanes, b[0]))}
    return Case(name, spec, ins, {"out": Stream(lanes * out, pack(z, lanes, out))}, FRAMES)


def test_operations(tmp_path: Path) -> None:
    s8, u8, s16, u4 = (8, True), (8, False), (16, True), (4, False)
    cases = [case(op, a, b, lanes) for op in ("add", "sub", "mul", "min", "max")
             for a, b, lanes in ((s8, s8, 1), (u8, s16, 2), (u4, u8, 3))]  # fmt: skip
    cases += [case("mul", u8, u8, 1, (128, 255)), case("mul", s8, u8, 2, (-128, 3))]
    check(cases, tmp_path)
