"""Names from the model become identifiers that every language takes; text from the model cannot leave its comment."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcomp.support.keywords import RESERVED
from hwcomp.support.naming import MAX_LENGTH, Namer, clean, comment, package_version

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
NASTY = ["", "\n", 'a"b', "*/ int x; /*", "1", "1/2", "été", "层/卷积", "int", "module", "always_ff", "INT8_MAX"]
NASTY += ["n/1", "n_1", "N_1", "__a__", "_", "x" * 500, "x" * 500 + "y", "\ud800", "a\\\nb", "??/", "int\x00"]


def is_legal(name: str) -> bool:
    return bool(IDENTIFIER.fullmatch(name)) and name.lower() not in RESERVED and "__" not in name


def test_nasty_names_are_legal_and_unique_and_stable() -> None:
    first, second = Namer(), Namer()
    names = [first.name(source) for source in NASTY]
    assert all(is_legal(name) for name in names), names
    assert len({name.lower() for name in names}) == len(NASTY)
    assert names == [second.name(source) for source in NASTY]
    assert names == [first.name(source) for source in NASTY], "asked again, a source keeps its name"


@given(st.lists(st.text(), unique=True, max_size=20))
def test_any_names_are_legal_and_unique(sources: list[str]) -> None:
    namer = Namer(["weights"])
    names = [namer.name(source) for source in sources]
    assert all(is_legal(name) and len(name) <= MAX_LENGTH + 3 for name in names)
    assert len({name.lower() for name in names}) == len(sources)
    assert "weights" not in names


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/layer1/conv2/Conv", "layer1_conv2_Conv"),
        ("model/dense;bias", "model_dense_bias"),
        ("été", "ete"),
        ("层", "u5c42"),
        ("12", "n12"),
        ("***", "unnamed"),
    ],
)
def test_names_are_recognisable(source: str, expected: str) -> None:
    assert clean(source) == expected


def test_collisions_and_keywords_get_numbers() -> None:
    namer = Namer(["arena"])
    assert [namer.name(s) for s in ("n/1", "n_1", "arena", "int")] == ["n_1", "n_1_2", "arena_2", "int_2"]


def test_a_number_never_meets_a_name_of_the_model() -> None:
    namer = Namer()
    assert [namer.name(s) for s in ("a_2", "a", "a/", "a//")] == ["a_2", "a", "a_3", "a_4"]


def test_long_names_keep_their_end_and_differ() -> None:
    one, two = clean("block/" * 40 + "conv_a"), clean("stage/" * 40 + "conv_a")
    assert one != two and one.endswith("conv_a") and len(one) <= MAX_LENGTH


@given(st.text(max_size=300))
def test_a_comment_stays_one_line_and_cannot_be_left(text: str) -> None:
    safe = comment(text)
    assert safe.isascii() and safe.isprintable() and len(safe) <= 160
    assert not any(mark in safe for mark in ("*/", "/*", "//", "\\", "?"))


def test_a_comment_is_readable() -> None:
    assert comment("Conv '/layer1/conv2'\n") == "Conv '/layer1/conv2'"
    assert comment("*/ evil(); /*") == "* / evil(); / *"


@pytest.mark.parametrize(
    ("version", "wanted"), [("0.1.0", "0.1.0"), ("1.2", "1.2.0"), ("3.4.5.dev1+g12", "3.4.5"), ("x", "0.0.0")]
)
def test_a_package_version_is_three_numbers(version: str, wanted: str) -> None:
    assert package_version(version) == wanted
