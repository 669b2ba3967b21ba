"""The text form: names of any characters, large constants, certificates; what is no graph is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcomp.ir.builder import Builder
from hwcomp.ir.graph import Graph, Level, Quantizer, State
from hwcomp.ir.lexer import TextError
from hwcomp.ir.ops import Add, StateRead, StateWrite
from hwcomp.ir.parser import WORDS, parse
from hwcomp.ir.printer import PrintOptions, to_text
from hwcomp.ir.types import S8, IntType, Location, TensorType
from tests.random_graphs import random_graph

TYPE = TensorType((1, 3), S8)


def named(name: str, data: np.ndarray | None = None, dtype: IntType = S8) -> Graph:
    """A graph whose every name is `name`."""
    b = Builder(name, name)
    loc = Location(name, name, name)
    x = b.input(name, TYPE, Quantizer(1e-30, -3, name))
    b.state(State(name, TYPE, (1, 2, 3)))
    old = b.add1(StateRead(name=name, inputs=(), outputs=(name,), loc=loc, state=name, type=TYPE))
    b.add(StateWrite(name=name, inputs=(x,), outputs=(), loc=loc, state=name))
    k = b.constant(name, np.array([1, -2, 3]) if data is None else data, dtype)
    y = b.add1(Add(name=name, inputs=(x, k), outputs=(name,), loc=loc))
    b.output(name, y)
    b.output(name + "2", old, Quantizer(0.1, 0, "int8"))
    return b.finish(Level.INTEGER)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(min_size=1, max_size=12))
def test_names_of_any_characters_come_back(name: str) -> None:
    graph = named(name)
    assert parse(to_text(graph)) == graph


@pytest.mark.parametrize(
    "dtype", [S8, IntType(8, False), IntType(4, True), IntType(24, True), IntType(64, True), IntType(64, False)]
)
def test_constants_come_back_inline_and_as_base64(dtype: IntType) -> None:
    top = min(dtype.max, 2**63 - 1)
    data = np.array([dtype.min, top, 0])
    if dtype.bits == 64:
        data = np.array([max(dtype.min, -(2**62)), 2**62 - 1, 0])
    for inline in (0, 64):
        graph = named("n", data, dtype)
        text = to_text(graph, PrintOptions(inline=inline))
        assert ("b64" in text) == (inline == 0)
        assert parse(text) == graph


def test_elided_constants_are_short_and_do_not_parse() -> None:
    text = to_text(named("n"), PrintOptions(inline=0, elide=True))
    assert "dense<elided>" in text
    with pytest.raises(TextError):
        parse(text)


def test_locations_can_be_left_out() -> None:
    graph = named("n")
    text = to_text(graph, PrintOptions(locations=False))
    assert "loc(" not in text
    bare = tuple(replace(op, loc=Location("", "", "")) for op in graph.ops)
    assert parse(text) == replace(graph, ops=bare)


def test_quant_graphs_print_their_steps() -> None:
    """Steps print by class and fields; only the prover can make them, so such a text does not parse."""
    text = to_text(random_graph(0))
    assert "level = quant" in text and "// source: " in text and ("OrtQLinear(" in text or "TfliteDouble(" in text)
    with pytest.raises(TextError):
        parse(text)


def test_words_of_all_enumerations_are_distinct() -> None:
    assert len({id(word) for word in WORDS.values()}) == len(WORDS)


HEAD = 'graph @g {level = integer, reference = ""} {\n  input %x : s8[2] in [0, 1] {port = "x"}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'graph' wanted"),
        ("graph @g {} {}", "level and reference wanted"),
        (HEAD, "line 3"),
        (HEAD + "  %y = frobnicate(%x) : s8[2] in [0, 1]\n}", "no operator is named 'frobnicate'"),
        (HEAD + "  %y = add(%x, %x) {speed = 3} : s8[2] in [0, 1]\n}", "speed"),
        (HEAD + "  %y = add(%x, %x) : q8[2] in [0, 1]\n}", "not an integer type"),
        (HEAD + "  const @c : s8[2] in [0, 1] = dense<1>\n}", "1 elements do not fill"),
        (HEAD + '  const @c : s8[2] in [0, 1] = dense<b64 "!">\n}', "base64"),
        (HEAD + "  output %x\n}", "a port's name"),
        (HEAD + "  ; \n}", "line 3: cannot read"),
        (HEAD + "}\n}", "the end wanted"),
        (HEAD + "  %y = add(%x %x) : s8[2] in [0, 1]\n}", "','"),
        (HEAD + "  const @c : s8[2] in [0, 1.5] = dense<1>\n}", "1.5 is no integer"),
    ],
)
def test_what_is_no_graph_is_refused(text: str, words: str) -> None:
    with pytest.raises(TextError) as caught:
        parse(text)
    assert words in str(caught.value)
