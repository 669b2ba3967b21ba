"""hwc_lstm against `Lstm.evaluate`: foldings, both kinds of tables, scales, clips, extremes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hwcomp.ir.ops.lstm import Lstm, Scale
from hwcomp.ir.types import IntArray, Location
from hwcomp.targets.dataflow.modules.lstm import INTERPOLATED, Curve, LstmShape, lstm, rescales
from rtl.tb.bench import Case, Stream, check, hex_file, pack

RNG = np.random.default_rng(1)
FRAMES, INPUTS = 3, 3
LOGISTIC = np.round(65536 / (1 + np.exp(-np.arange(256) / 24))).astype(np.int64).clip(0, 65535)
WIDE = np.arange(-32768, 32768)
DIRECT = [np.clip(WIDE * k // 3, lo, 32767) for k, lo in ((2, 0), (5, -32768), (-4, -32768))]
SCALES: tuple[Scale, Scale, Scale, Scale] = ((1 << 30, -1), (1518500250, 0), (1 << 30, -2), (0, -3))


@dataclass(frozen=True)
class Form:
    """One case: sizes, folding, style, scales, tables; `op` changes the operator."""

    units: int
    simd: int
    steps: int
    op: dict[str, object]
    style: str = "dsp"
    is_direct: bool = False
    sequences: int = 1


def operator(**changes: object) -> Lstm:
    base: dict[str, object] = {
        "x_scales": SCALES,
        "h_scales": ((1 << 30, 0), (1 << 30, 1), (1518500250, -2), (0, -1)),
        "forget_scale": (1 << 30, -14),
        "input_scale": (0, -15),
        "hidden_scale": (1500000000, -22),
        "hidden_zero": -7,
    }
    names = ("x", "h", "c", "w", "b", "wh", "bh", "logistic", "tanh", "tanh_c")
    location = Location("bench", "", "")
    return Lstm(name="l", inputs=names, outputs=("y", "h1", "c1"), loc=location, **{**base, **changes})  # type: ignore[arg-type]


def curve_words(table: IntArray, is_direct: bool) -> list[int]:
    if is_direct:
        return pack(table, 1, 17)
    return [int(v) | (int(d) & 0x1FFFF) << 16 for v, d in zip(table, np.append(np.diff(table), 0), strict=True)]


def by_unit(rows: IntArray) -> IntArray:
    return rows.reshape(4, -1, *rows.shape[1:]).swapaxes(0, 1).reshape(rows.shape)


def case(folder: Path, name: str, form: Form) -> Case:
    units, steps, batch = form.units, form.steps, FRAMES * form.sequences
    op = operator(**form.op)
    x, w = RNG.integers(-128, 128, (batch, steps, INPUTS)), RNG.integers(-128, 128, (4 * units, INPUTS))
    h, c = RNG.integers(-128, 128, (batch, units)), RNG.integers(-32768, 32768, (batch, units))
    h[0], c[0], x[0] = -128, -32768, 127
    h[1], c[1] = 127, 32767
    wh = RNG.integers(-128, 128, (4 * units, units))
    b, bh = RNG.integers(-30000, 30000, 4 * units), RNG.integers(-9000, 9000, 4 * units)
    tables = DIRECT if form.is_direct else [LOGISTIC] * 3
    y, _, last = op.evaluate(x, h, c, w, b, wh, bh, *tables)
    sums = by_unit(np.moveaxis(x @ w.T + b, 2, 0))
    sums = np.moveaxis(sums, 0, 2)
    bound = int((np.abs(wh).sum(axis=1) * 128 + np.abs(bh)).max())
    clip = op.cell_clip
    curve = Curve(is_direct=True, width=17) if form.is_direct else INTERPOLATED
    shape = LstmShape(
        in_width=int(np.abs(sums).max()).bit_length() + 1,
        acc_width=bound.bit_length() + 1,
        weight_width=8,
        units=units,
        simd=form.simd,
        steps=steps,
        x=rescales(op.x_scales),
        h=rescales(op.h_scales),
        forget=rescales([op.forget_scale]),
        input=rescales([op.input_scale]),
        hidden=rescales([op.hidden_scale]),
        hidden_zero=op.hidden_zero,
        cell_range=(-clip, clip) if clip else (-32768, 32767),
        gate=curve,
        cell=curve,
        tanh=(op.tanh_multiplier, op.tanh_shift),
        saturate=op.saturate_recurrent,
        mult_style=form.style,
    )
    spec = lstm(
        shape,
        sequences=form.sequences,
        weights=str(hex_file(folder / f"{name}_w", pack(by_unit(wh), form.simd, 8))),
        bias=str(hex_file(folder / f"{name}_b", pack(by_unit(bh), 1, shape.acc_width))),
        gate=str(hex_file(folder / f"{name}_g", [w for t in tables[:2] for w in curve_words(t, form.is_direct)])),
        cell=str(hex_file(folder / f"{name}_c", curve_words(tables[2], form.is_direct))),
    )
    ins = {
        "in": Stream(shape.in_width, pack(sums, 1, shape.in_width)),
        "in1": Stream(8, pack(h, 1, 8)),
        "in2": Stream(16, pack(c, 1, 16)),
    }
    outs = {"out": Stream(8, pack(y, 1, 8)), "out1": Stream(16, pack(last, 1, 16))}
    return Case(name, spec, ins, outs, FRAMES)


FORMS = {
    "folded": Form(4, 2, 3, {"input_scale": (0, -14), "forget_scale": (1 << 30, -13)}),
    "serial": Form(3, 1, 2, {"cell_clip": 20000, "saturate_recurrent": False}),
    "whole": Form(6, 6, 4, {"tanh_multiplier": 24, "hidden_scale": (1 << 30, -21)}),
    "luts": Form(4, 2, 3, {"hidden_zero": 127}, style="lut"),
    "direct": Form(5, 5, 2, {"forget_scale": (0, -15), "x_scales": ((1 << 30, 5),) * 4}, is_direct=True),
    "one": Form(1, 1, 1, {"hidden_zero": -128}),
    "steps": Form(2, 2, 7, {"tanh_shift": 2, "cell_clip": 900}, sequences=2),
    "batch": Form(2, 1, 2, {"saturate_recurrent": False, "h_scales": ((1 << 30, 9),) * 4}, sequences=3),
}


def test_lstm(tmp_path: Path) -> None:
    cases = [case(tmp_path, name, form) for name, form in FORMS.items()]
    traces = check(cases, tmp_path)
    for each in cases:
        spec, clocks = each.spec, traces[each.name].clocks
        interval = clocks["out1"][-1] - clocks["out1"][-1 - spec.out_beats[1]]
        assert interval == spec.interval, each.name


def test_a_wrong_clip_is_seen(tmp_path: Path) -> None:
    """The bench is sharp: a cell state that is clipped at another place differs."""
    good = case(tmp_path, "folded", FORMS["folded"])
    bad = replace(good, spec=replace(good.spec, params={**good.spec.params, "CellMax": 32766}))
    try:
        check([bad], tmp_path)
    except AssertionError as error:
        assert "HWC_TB_ERROR" in str(error)
    else:
        raise AssertionError("the clip is not in the bench's values")
