"""hwc_mvu against `Dense.evaluate`: foldings, widths, styles, extremes, several matrices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.ops.dot import Dense
from hwcomp.ir.types import Location
from hwcomp.targets.dataflow.modules.compute import MacShape, mvu
from hwcomp.targets.dataflow.weights import dot_rows, pack_words
from rtl.tb.bench import NONE, STALLS, Case, Stream, check, hex_file, pack

FRAMES = 3
HERE = Location("bench", "", "")


@dataclass(frozen=True)
class Folding:
    """`sets` matrices [oc, k], how they are folded, their numbers' types; for each set `pixels` vectors a frame."""

    name: str
    oc: int
    k: int
    pe: int
    simd: int
    width: int = 8
    signed: bool = True
    weight: int = 8
    mults: str = "dsp"
    memory: str = "block"
    pixels: int = 3
    sets: int = 1
    pack: int = 1


def extremes(rng: np.random.Generator, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
    """A third of the elements at the ends of the type."""
    values = rng.integers(low, high, shape, endpoint=True)
    return np.where(rng.random(shape) < 0.34, rng.choice([low, high], shape), values)


def activations(rng: np.random.Generator, f: Folding, shape: tuple[int, ...]) -> np.ndarray:
    low, high = (-(1 << (f.width - 1)), (1 << (f.width - 1)) - 1) if f.signed else (0, (1 << f.width) - 1)
    x = extremes(rng, shape, low, high)
    x[0], x[1] = low, high
    return x


def shape_of(f: Folding, acc: np.ndarray, bias: np.ndarray) -> MacShape:
    """The accumulator as narrow as the results allow."""
    reach = max(int(np.abs(acc).max()), int(np.abs(bias).max()), 1)
    return MacShape(
        in_width=f.width,
        in_signed=f.signed,
        weight_width=f.weight,
        acc_width=reach.bit_length() + 1,
        weight_style=f.memory,
        mult_style=f.mults,
    )


def mvu_case(f: Folding, folder: Path, rng: np.random.Generator) -> Case:
    w = extremes(rng, (f.sets, f.oc, f.k), -(1 << (f.weight - 1)), (1 << (f.weight - 1)) - 1)
    w[0, 0] = w.min()
    bias = extremes(rng, (f.sets, f.oc), -(1 << f.weight), 1 << f.weight)
    x = activations(rng, f, (FRAMES * f.pixels, f.sets, f.k))
    op = Dense(name="d", inputs=("x", "w", "b"), outputs=("y",), loc=HERE)
    acc = np.stack([op.evaluate(x[:, i], w[i], bias[i])[0] for i in range(f.sets)], axis=1)
    shape = shape_of(f, acc, bias)
    words = pack_words(np.concatenate([dot_rows(own, f.pe, f.simd) for own in w]), f.weight)
    spec = mvu(
        shape,
        simd=f.simd,
        pe=f.pe,
        in_channels=f.k,
        out_channels=f.oc,
        pixels=f.pixels * f.sets,
        sets=f.sets,
        pack=f.pack,
        weights=hex_file(folder / f"{f.name}_w", words),
        bias=hex_file(folder / f"{f.name}_b", pack(bias, f.pe, shape.acc_width)),
    )
    ins = Stream(f.simd * f.width, pack(x, f.simd, f.width))
    outs = Stream(f.pe * shape.acc_width, pack(acc, f.pe, shape.acc_width))
    return Case(f.name, spec, {"in": ins}, {"out": outs}, FRAMES)


def test_foldings(tmp_path: Path) -> None:
    """Every corner of the folding: one beat or many, one group or many, all in parallel, one multiplier."""
    rng = np.random.default_rng(1)
    foldings = [
        Folding("serial", 4, 6, 1, 1),
        Folding("unrolled", 4, 6, 4, 6),
        Folding("one_group", 4, 12, 4, 3),
        Folding("one_beat", 6, 4, 2, 4),
        Folding("middle", 6, 15, 3, 5, memory="distributed"),
        Folding("two_groups", 4, 8, 2, 4),
        Folding("one_result", 1, 8, 1, 2),
        Folding("scalar", 3, 1, 1, 1),
        Folding("one_product", 1, 1, 1, 1),
    ]
    foldings += [replace(f, name=f"{f.name}_lut", mults="lut") for f in foldings[:5]]
    check([mvu_case(f, tmp_path, rng) for f in foldings], tmp_path)


@pytest.mark.parametrize("mults", ["dsp", "lut"])
def test_widths(mults: str, tmp_path: Path) -> None:
    """Every width of a weight with narrow and wide, signed and unsigned activations."""
    rng = np.random.default_rng(2)
    foldings = [
        Folding(f"w{width}{'su'[not signed]}{weight}", 6, 12, 2, 3, width, signed, weight, mults)
        for weight in (1, 2, 3, 4, 5, 6, 7, 8, 16)
        for width, signed in ((1, False), (8, True), (16, bool(weight % 2)))
    ]
    check([mvu_case(f, tmp_path, rng) for f in foldings], tmp_path, (NONE, STALLS[-1]))


def test_sets(tmp_path: Path) -> None:
    """Convolutions in groups: vectors meet several matrices in turn, with and without a vector buffer."""
    rng = np.random.default_rng(5)
    foldings = [
        Folding("two", 4, 6, 2, 3, sets=2, pixels=4),
        Folding("three", 2, 5, 2, 5, sets=3, memory="distributed"),
        Folding("five", 3, 4, 1, 2, sets=5, pixels=5, mults="lut"),
        Folding("products", 1, 1, 1, 1, sets=3),
        Folding("pairs", 2, 1, 1, 1, sets=3, signed=False),
    ]
    check([mvu_case(f, tmp_path, rng) for f in foldings], tmp_path)


def test_packed(tmp_path: Path) -> None:
    """Two to five products a block, all widths; the weights' ends beside each other borrow from field to field."""
    rng = np.random.default_rng(6)
    packed = partial(Folding, mults="packed")
    foldings = [
        packed("int8", 8, 12, 4, 3, pack=2),
        packed("uint8", 4, 6, 4, 6, signed=False, pack=2),
        packed("serial", 4, 6, 2, 1, pack=2),
        packed("int4", 6, 8, 3, 2, 4, weight=4, pack=3),
        packed("int4_4", 4, 8, 4, 2, 4, weight=4, pack=4),
        packed("uint4_4", 8, 8, 8, 2, 4, signed=False, weight=4, pack=4),
        packed("uint4", 12, 8, 6, 4, 4, signed=False, weight=4, pack=3),
        packed("w4a8", 4, 6, 2, 2, weight=4, pack=2),
        packed("w2a4", 10, 4, 5, 2, 4, signed=False, weight=2, pack=5),
        packed("w1a1", 8, 4, 4, 2, 1, signed=False, weight=1, pack=4),
        packed("one_beat", 4, 4, 4, 4, pack=4, width=3, weight=3),
        packed("sets", 4, 6, 2, 3, sets=2, pixels=4, pack=2),
        packed("wide", 4, 6, 4, 2, 16, weight=8, pack=4),
    ]
    check([mvu_case(f, tmp_path, rng) for f in foldings], tmp_path)


def test_loaded_weights(tmp_path: Path) -> None:
    """The RAMs hold zeros; the ports write the weights while the bench is still in reset."""
    rng = np.random.default_rng(4)
    f = Folding("loaded", 6, 4, 3, 2, memory="ram")
    case = mvu_case(f, tmp_path, rng)
    files = {name: Path(str(case.spec.params[name])) for name in ("WeightFile", "BiasFile")}
    acc = int(str(case.spec.params["AccWidth"]))
    connections: dict[str, str] = {}
    for prefix, name, width in (("weight", "WeightFile", 3 * 2 * 8), ("bias", "BiasFile", 3 * acc)):
        words = [int(word, 16) for word in files[name].read_text(encoding="ascii").split()]
        every = sum(word << (i * width) for i, word in enumerate(words))
        connections |= {
            f"{prefix}_write_i": f"clock < {len(words)}",
            f"{prefix}_addr_i": "clock",
            f"{prefix}_data_i": f"{len(words) * width}'h{every:x} >> (clock * {width})",
        }
        hex_file(files[name], [0] * len(words))
    check([replace(case, connections=connections)], tmp_path)
