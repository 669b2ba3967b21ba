"""The verifier: each rule of ir/spec.py is broken once, and said so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hwcomp.ir.dyadic import NegativeCorrection
from hwcomp.ir.graph import Graph, Level, Port
from hwcomp.ir.op import Op
from hwcomp.ir.parser import parse
from hwcomp.ir.spec import InvalidGraph, find_problems, require_valid
from hwcomp.ir.types import S8, S16, Location, Range, TensorType, Value
from hwcomp.passes.base import Pass, Pipeline

GOOD = """
graph @g {level = integer, reference = "none"} {
  input %x : s8[1,2,2,2] in [-128, 127] {port = "x"}
  const @w : s8[2,1,1,2] in [-4, 3] = dense<1, 2, 3, -4>
  const @b : s32[2] in [5, 6] = dense<5, 6>
  %acc = conv2d(%x, @w, @b) {name = "conv", padding = [1, 0, 0, 0], pad_value = 3} : s32[1,3,2,2] in [-1000, 1000]
  %y = requant(%acc)
    {name = "r", mult = [[3]], offset = [8], shift = 4, zero = 0, lo = -128, hi = 127, dtype = s8}
    : s8[1,3,2,2] in [-128, 127]
  output %y {port = "y"}
}
"""


def value(name: str, **changes: object) -> Callable[[Graph], Graph]:
    """The graph with a value changed."""
    return lambda g: replace(g, values={**g.values, name: replace(g.values[name], **changes)})


def op(name: str, **changes: object) -> Callable[[Graph], Graph]:
    """The graph with an operator changed."""
    return lambda g: replace(g, ops=tuple(replace(o, **changes) if o.name == name else o for o in g.ops))


class Unknown(Op):
    """Not in the table."""


CASES: dict[str, tuple[Callable[[Graph], Graph], str]] = {
    "order": (lambda g: replace(g, ops=g.ops[::-1]), "reads 'acc' before it is defined"),
    "twice": (lambda g: replace(g, ops=(*g.ops, g.ops[-1])), "'y' is defined twice"),
    "unknown operand": (op("r", inputs=("nobody",)), "reads 'nobody' that is unknown"),
    "undefined": (
        lambda g: replace(g, values={**g.values, "z": Value("z", TensorType((1,), S8), Range.whole(0, 0))}),
        "nothing defines 'z'",
    ),
    "unknown output": (lambda g: replace(g, outputs=(Port("y", "nobody"),)), "names the unknown value 'nobody'"),
    "port names": (lambda g: replace(g, outputs=g.outputs * 2), "2 outputs are named 'y'"),
    "key": (lambda g: replace(g, values={**g.values, "k": g.values["w"]}), "is kept under the name 'k'"),
    "shape": (value("x", type=TensorType((1, 0, 2, 2), S8)), "is not positive"),
    "range of type": (value("y", range=Range.whole(-129, 127)), "does not fit s8"),
    "range channels": (value("y", range=Range((0,) * 3, (1,) * 3)), "3 channels of range"),
    "data range": (value("w", range=Range.whole(0, 3)), "data leaves the range"),
    "data type": (value("w", data=np.zeros((2, 1, 1, 2), np.float64)), "not int64"),
    "constant input": (value("x", data=np.zeros((1, 2, 2, 2), np.int64)), "input 'x' is a constant"),
    "range too tight": (value("acc", range=Range.whole(0, 7)), "does not contain"),
    "result type": (
        value("acc", type=TensorType((1, 3, 2, 2), S16), range=Range.whole(-1000, 1000)),
        "narrower than s32",
    ),
    "result shape": (value("y", type=TensorType((1, 2, 2, 2), S8)), "has shape (1, 2, 2, 2), not (1, 3, 2, 2)"),
    "pad value": (op("conv", pad_value=200), "pad value 200 does not fit s8"),
    "verify": (op("conv", strides=(0, 1)), "at least 1"),
    "operand count": (op("conv", inputs=("x", "w")), "2 operands"),
    "shift": (op("r", shift=63), "shift 63"),
    "64 bits": (op("r", mult=((2**60,),), shift=62), "more than 64 bits"),
    "amounts": (op("r", negative=NegativeCorrection(0, (-1,))), "amounts below 0"),
    "float": (op("r", zero=0.0), "a float or a function is reachable: zero"),
    "float inside": (op("r", mult=((np.float64(3),),)), "a float or a function is reachable: mult"),
    "function": (op("r", negative=lambda: 1), "a float or a function is reachable: negative"),
    "table": (
        lambda g: replace(
            g, ops=(Unknown(name="u", inputs=("x",), outputs=("y",), loc=Location("", "", "")), *g.ops[:1])
        ),
        "the operator is not in the table",
    ),
}


def test_the_good_graph_is_good() -> None:
    assert find_problems(parse(GOOD), certificates=False) == []
    assert find_problems(parse(GOOD)) == ["requant 'r': no certificate"]


@pytest.mark.parametrize("case", CASES)
def test_each_broken_rule_is_said(case: str) -> None:
    breaks, words = CASES[case]
    problems = find_problems(breaks(parse(GOOD)), certificates=False)
    assert any(words in problem for problem in problems), problems


def test_partial_sums_must_fit_the_accumulator() -> None:
    """The terms cancel, so the result is small; an s8 accumulator still overflows on the way."""
    text = """
    graph @g {level = integer, reference = "none"} {
      input %x : s64[1,2] in [2147483647, 2147483647] {port = "x"}
      const @w : s8[1,2] in [-4, 4] = dense<4, -4>
      const @b : s32[1] in [0, 0] = dense<0>
      %y = dense(%x, @w, @b) {name = "d"} : s32[1,1] in [0, 0]
      output %y {port = "y"}
    }"""
    assert any("partial sums" in problem or "narrower" in problem for problem in find_problems(parse(text)))


def test_all_problems_are_collected() -> None:
    broken = op("r", shift=63)(op("conv", strides=(0, 1))(parse(GOOD)))
    with pytest.raises(InvalidGraph) as caught:
        require_valid(broken, "break-things")
    assert caught.value.pass_name == "break-things"
    assert len(caught.value.problems) >= 3


def test_the_pipeline_names_the_pass_that_broke_the_graph() -> None:
    breaking = Pass("break-things", "drops an operator", lambda g: replace(g, ops=g.ops[1:]))
    with pytest.raises(InvalidGraph, match="after break-things"):
        Pipeline((breaking,), certificates=False).run(parse(GOOD))
    with pytest.raises(InvalidGraph, match="after the front end"):
        Pipeline(()).run(replace(parse(GOOD), level=Level.INTEGER, ops=()))
