"""fold_rounding: the bias takes the rounding over, every output stays, and the proof moves with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from hwcomp.ir.builder import Builder
from hwcomp.ir.dyadic import Tie
from hwcomp.ir.graph import Graph, Interpreter
from hwcomp.ir.ops import Dense, Requant, Rescale
from hwcomp.ir.spec import require_valid
from hwcomp.ir.types import S8, S32, Location, TensorType
from hwcomp.passes.check_certificates import check_certificates
from hwcomp.passes.fold_rounding import fold_rounding
from hwcomp.passes.synthesize_requant import synthesize_requant
from hwcomp.prove.steps import OrtQLinear
from hwcomp.prove.synthesize import Policy

LOC = Location("net.onnx", "/q", "QuantizeLinear")
ROWS = [[-128, 127], [0, 0], [127, -128], [5, -7], [-1, 1], [64, 63]]


@dataclass(frozen=True)
class HalfUp:
    """floor(acc / 16 + 1/2), limited."""

    channels: int = 1
    lo: int = -8
    hi: int = 7
    reference: str = "half up"

    def __call__(self, acc: np.ndarray) -> np.ndarray:
        return np.clip((acc + 8) >> 4, self.lo, self.hi).astype(np.int64)


def graph(step: HalfUp | OrtQLinear, *, reads_sums: bool = False) -> Graph:
    """x -> Dense -> Rescale; reads_sums: the sums are an output too."""
    b = Builder("g", "test")
    x = b.input("x", TensorType((1, 2), S8))
    w = b.constant("w", np.array([[3, -2], [1, 5]]), S8)
    bias = b.constant("b", np.array([11, -40]), S32)
    acc = b.add1(Dense(name="d", inputs=(x, w, bias), outputs=("acc",), loc=LOC))
    y = b.add1(Rescale(name="/q", inputs=(acc,), outputs=("y",), loc=LOC, step=step, dtype=S8))
    b.output("y", y)
    if reads_sums:
        b.output("sums", acc)
    return synthesize_requant(b.finish(), Policy.STRICT)


def requant_of(made: Graph) -> Requant:
    (found,) = [op for op in made.ops if isinstance(op, Requant)]
    return found


def outputs(made: Graph) -> list[list[int]]:
    return [Interpreter(made).run({"x": np.array([row])})["y"].reshape(-1).tolist() for row in ROWS]


def test_half_up_at_a_power_of_two_becomes_a_shift() -> None:
    before = graph(HalfUp())
    after = fold_rounding(before)
    assert any(requant_of(before).offset) and not any(requant_of(after).offset)
    assert outputs(after) == outputs(before)
    require_valid(after, "a test")
    check_certificates(after)
    change = after.values[after.ops[0].inputs[2]].data - before.values["b"].data  # type: ignore[operator]
    assert (change == change[0]).all() and change[0] > 0


def test_a_tie_to_even_keeps_its_tie() -> None:
    before = graph(OrtQLinear((0.25, 0.125), 0, -128, 127))
    after = fold_rounding(before)
    assert requant_of(after).tie is requant_of(before).tie
    assert outputs(after) == outputs(before)
    check_certificates(after)


@pytest.mark.parametrize("scales", [(0.3, 0.7), (0.0123, 0.49), (1 / 3, 0.9)])
def test_each_channel_has_an_offset_of_its_own(scales: tuple[float, float]) -> None:
    """Whether it goes or stays, nothing that can be seen changes."""
    before = graph(OrtQLinear(scales, 3, -128, 127))
    after = fold_rounding(before)
    assert outputs(after) == outputs(before)
    assert after is before or not any(requant_of(after).offset)
    check_certificates(after)


def test_sums_that_somebody_reads_stay() -> None:
    before = graph(HalfUp(), reads_sums=True)
    assert fold_rounding(before) is before


def test_ties_away_from_zero_stay() -> None:
    """They depend on the sign of the product, which another bias would change."""
    b = Builder("g", "test")
    x = b.input("x", TensorType((1, 2), S8))
    w = b.constant("w", np.array([[3, -2]]), S8)
    acc = b.add1(Dense(name="d", inputs=(x, w, b.constant("b", np.array([0]), S32)), outputs=("acc",), loc=LOC))
    fields = {"mult": ((1,),), "offset": (8,), "shift": 4, "zero": 0, "lo": -128, "hi": 127, "dtype": S8}
    b.output("y", b.add1(Requant(name="/q", inputs=(acc,), outputs=("y",), loc=LOC, tie=Tie.AWAY, **fields)))  # type: ignore[arg-type]
    made = b.finish()
    assert fold_rounding(made) is made
