"""hwc_dwu against `Conv2d.evaluate`: foldings, widths, styles, extremes, several results a channel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.ops.dot import Conv2d
from hwcomp.targets.dataflow.modules.compute import dwu
from hwcomp.targets.dataflow.weights import depthwise_rows, pack_words
from rtl.tb.bench import NONE, STALLS, Case, Stream, check, hex_file, pack
from rtl.tb.test_mvu import FRAMES, HERE, Folding, activations, extremes, shape_of


def dwu_case(f: Folding, kernel: tuple[int, int], folder: Path, rng: np.random.Generator, multiplier: int = 1) -> Case:
    """f.oc results, f.pe of them and f.simd taps at a time; f.k is the number of taps."""
    channels, lanes = f.oc // multiplier, f.pe // multiplier
    w = extremes(rng, (f.oc, *kernel, 1), -(1 << (f.weight - 1)), (1 << (f.weight - 1)) - 1)
    bias = extremes(rng, (f.oc,), -(1 << f.weight), 1 << f.weight)
    windows = activations(rng, f, (FRAMES * f.pixels, *kernel, channels))
    op = Conv2d(name="c", inputs=("x", "w", "b"), outputs=("y",), loc=HERE, groups=channels)
    (acc,) = op.evaluate(windows, w, bias)
    shape = shape_of(f, acc, bias)
    beats = windows.reshape(-1, f.k // f.simd, f.simd, channels // lanes, lanes).transpose(0, 3, 1, 2, 4)
    rows = depthwise_rows(w.reshape(f.oc, f.k), f.pe, f.simd)
    spec = dwu(
        shape,
        lanes=f.pe,
        channels=f.oc,
        taps=f.simd,
        kernel_taps=f.k,
        pixels=f.pixels,
        multiplier=multiplier,
        weights=hex_file(folder / f"{f.name}_w", pack_words(rows, f.weight)),
        bias=hex_file(folder / f"{f.name}_b", pack(bias, f.pe, shape.acc_width)),
    )
    ins = Stream(f.simd * lanes * f.width, pack(beats, f.simd * lanes, f.width))
    outs = Stream(f.pe * shape.acc_width, pack(acc, f.pe, shape.acc_width))
    return Case(f.name, spec, {"in": ins}, {"out": outs}, FRAMES)


def test_foldings(tmp_path: Path) -> None:
    """One tap or all, one channel or all, one result of a channel or several."""
    rng = np.random.default_rng(3)
    cases = [
        (Folding("serial", 4, 9, 1, 1), (3, 3), 1),
        (Folding("unrolled", 4, 9, 4, 9), (3, 3), 1),
        (Folding("rows", 6, 9, 2, 3, mults="lut", memory="distributed"), (3, 3), 1),
        (Folding("unsigned", 6, 4, 3, 2, 8, False), (2, 2), 1),
        (Folding("groups", 6, 4, 2, 4, 4, False, 4), (1, 4), 1),
        (Folding("single", 2, 1, 1, 1), (1, 1), 1),
        (Folding("double", 8, 9, 2, 3), (3, 3), 2),
        (Folding("double_lanes", 12, 6, 6, 2, mults="lut"), (2, 3), 2),
        (Folding("five_times", 5, 4, 5, 4, memory="distributed"), (2, 2), 5),
        (Folding("triple_single", 6, 1, 3, 1, 4, False), (1, 1), 3),
    ]
    check([dwu_case(f, kernel, tmp_path, rng, times) for f, kernel, times in cases], tmp_path)


@pytest.mark.parametrize("mults", ["dsp", "lut"])
def test_widths(mults: str, tmp_path: Path) -> None:
    """Every width of a weight."""
    rng = np.random.default_rng(4)
    kinds = ((8, True), (8, False), (16, True))
    foldings = [
        Folding(f"w{width}{'su'[not signed]}{weight}", 4, 6, 2, 3, width, signed, weight, mults)
        for weight in (1, 2, 3, 4, 5, 6, 7, 8, 16)
        for width, signed in kinds
    ]
    check([dwu_case(f, (2, 3), tmp_path, rng) for f in foldings], tmp_path, (NONE, STALLS[-1]))
