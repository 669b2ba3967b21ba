"""Dense layers and convolutions by dot products: shapes that do not divide, signs, 9 bits, every requant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.dyadic import NegativeCorrection, Tie
from hwcomp.ir.graph import Graph
from hwcomp.ir.ops.dot import Conv2d, Dense
from hwcomp.ir.types import S8, S32, U8, IntType
from hwcomp.targets.tvm.machine import SDOT, VNNI
from hwcomp.targets.tvm.ops.packed import LANES, parts_of, tiles
from tests.targets.mcu_graphs import Maker
from tests.targets.tvm_bundles import problem_of, rendered, run_all, written

CONVOLUTIONS = 6
SEEDS = range(4)


def one(m: Maker, rng: np.random.Generator, x: str) -> str:
    """A convolution (or a dense layer) of x with some requant behind it, or none."""
    shape = m.b.value(x).shape
    channels = shape[-1]
    if rng.random() < 0.2:
        y = m.op(Dense, x, *m.weights((int(rng.choice([1, 10, 33, 200])), channels)))
    else:
        kernel, strides, dilations = rng.choice([1, 2, 3, 5], 2), rng.choice([1, 1, 2, 3], 2), rng.choice([1, 1, 2], 2)
        least = (kernel - 1) * dilations + 1
        padding = rng.integers(0, 3, 4)
        for axis in (0, 1):
            padding[axis] += max(0, least[axis] - shape[1 + axis] - padding[axis] - padding[axis + 2])
        depthwise = rng.random() < 0.5
        oc = channels if depthwise else int(rng.choice([1, 2, 10, 16, 33, 64]))
        lo, hi, dtype = (-200, 55, IntType(9, True)) if rng.random() < 0.25 else (-128, 127, S8)
        weights = m.weights((oc, *map(int, kernel), 1 if depthwise else channels), lo, hi, dtype)
        y = m.op(Conv2d, x, *weights, strides=tuple(map(int, strides)), dilations=tuple(map(int, dilations)),
                 padding=tuple(map(int, padding)), groups=channels if depthwise else 1,
                 pad_value=int(rng.integers(m.b.value(x).range.min, m.b.value(x).range.max + 1)))  # fmt: skip
    oc = m.b.value(y).shape[-1]
    dtype = U8 if rng.random() < 0.5 else S8
    divide = int(rng.integers(100, 3000))
    match int(rng.integers(0, 6)):
        case 0:
            return y
        case 1:
            return m.requant(y, divide=divide, shift=int(rng.choice([10, 12])), dtype=dtype)
        case 2:
            negative = NegativeCorrection(int(rng.integers(-3, 4)), tuple(map(int, rng.integers(0, 1 << 24, oc))))
            return m.requant(y, divide=divide, channels=oc, shift=30, negative=negative, zero=-5, dtype=S8)
        case 3:
            return m.requant(y, divide=divide, channels=oc, shift=25, tie=Tie.AWAY, dtype=dtype)
        case 4:
            return m.requant(y, divide=divide, channels=oc, shift=36, zero=3, lo=dtype.min + 2, dtype=dtype)
        case _:
            return m.requant(y, divide=divide, channels=oc, shift=31, dtype=dtype)


def graph_of(seed: int) -> Graph:
    """Pairs of convolutions over odd shapes; the values between have the sign that the instructions want, or not."""
    rng = np.random.default_rng(seed)
    m = Maker("odd")
    m.rng = rng
    outputs: dict[str, str] = {}
    for number in range(CONVOLUTIONS):
        n, size, channels = (
            int(rng.choice([1, 1, 2])),
            rng.choice([1, 2, 5, 7, 17, 31], 2),
            int(rng.choice([1, 3, 4, 5, 17, 32, 48])),
        )
        x = m.input(f"x{number}", (n, *map(int, size), channels), U8 if rng.random() < 0.5 else S8)
        y = one(m, rng, x)
        if m.b.value(y).type.dtype != S32:
            y = one(m, rng, y)
        outputs[f"y{number}"] = y
    return m.finish(**outputs)


@pytest.mark.parametrize("blocks", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("pixels", [1, 5, 13, 29, 100])
def test_tiles_cover_everything_once(pixels: int, blocks: int) -> None:
    for dot in (VNNI, SDOT):
        across, down = tiles(pixels, blocks, dot.registers)
        assert sum(s.count for s in across) == pixels and sum(s.count for s in down) == blocks
        assert all(s.count % s.tile == 0 for s in (*across, *down))
        assert max(a.tile for a in across) * max(d.tile for d in down) <= dot.registers
    covered = np.zeros((pixels, blocks * LANES - 3), np.int64)
    for part in parts_of(pixels, blocks * LANES - 3, VNNI.registers):
        for block in range(part.blocks.start, part.blocks.start + part.blocks.count):
            rows = slice(part.pixels.start, part.pixels.start + part.pixels.count)
            covered[rows, block * LANES : block * LANES + part.lanes] += 1
    assert (covered == 1).all()


@pytest.mark.slow
def test_odd_convolutions(tmp_path: Path) -> None:
    """Equal on every value, and no kernel asks a runtime for memory."""
    folders = [written(rendered(graph_of(seed), tvm_target="x86-vnni")[0], tmp_path / f"odd{seed}") for seed in SEEDS]
    assert run_all("build.py", folders) == {}
    for folder in folders:
        assert problem_of(folder) == ""
        assert all(b"AllocWorkspace" not in path.read_bytes() for path in (folder / "lib").glob("*.o"))
        assert "vpdpbusd" in next((folder / "lib").glob("*kernels.s")).read_text("utf-8")
