"""find_papercuts: each warning, with its consequence."""

from __future__ import annotations

import logging

import pytest

from hwcomp.ir.parser import parse
from hwcomp.passes.find_papercuts import find_papercuts, log_papercuts

TEXT = """
graph @g {level = integer, reference = "none"} {
  input %x : s8[1,2] in [-128, 127] {port = "x"}
  input %idle : s8[1,2] in [-128, 127] {port = "idle"}
  const @w : s8[2,2] in [0, 1] = dense<0, 0, 0, 1>
  const @b : s32[2] in [0, 900] = dense<900, 0>
  %a = dense(%x, @w, @b) {name = "fc"} : s32[1,2] in [900..900, -128..127]
  %r = requant(%a)
    {name = "r", mult = [[1]], offset = [0], shift = 0, zero = 0, lo = -128, hi = 127, dtype = s8}
    : s8[1,2] in [127..127, -128..127] loc("m.onnx", "/r", "Q")
  %s = requant(%a)
    {name = "s", mult = [[0]], offset = [0], shift = 0, zero = 9, lo = -128, hi = 127, dtype = s8}
    : s8[1,2] in [9, 9] loc("m.onnx", "/s", "Q")
  %class = argmax(%r) {name = "c", axis = 1} : s32[1] in [0, 1]
  output %a {port = "wide"}
  output %r {port = "r"}
  output %s {port = "s"}
  output %class {port = "class"}
}
"""


def test_each_warning_says_where_what_and_the_consequence() -> None:
    assert [str(papercut) for papercut in find_papercuts(parse(TEXT))] == [
        "input 'idle': nothing reads it; the emitted code takes it and leaves it alone",
        "output 'wide': it is not quantised and stays 32 bits wide; it takes several times the memory and has no scale",
        "m.onnx: Q '/r': 1 of 2 channels hold one value; training may have killed them",
        "m.onnx: Q '/s': its output can only be [9, 9]; its scale or zero point is probably wrong",
    ]


def test_warnings_are_logged_and_the_graph_stays(caplog: pytest.LogCaptureFixture) -> None:
    graph = parse(TEXT)
    with caplog.at_level(logging.WARNING):
        assert log_papercuts(graph) is graph
    assert len(caplog.records) == 4
