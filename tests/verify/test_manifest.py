"""Manifests come back as they were written; what is wrong in one is said with the field's name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hwcomp.support.border import BorderOperator, BorderStep, Rounding
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import Manifest, Port, Quantizer, TracedValue, element_type, parse_manifest, read_manifest

DATA = Path(__file__).parent / "data"
MANIFEST = Manifest(
    hwcomp="0.1.0",
    target="mcu",
    c_name="net",
    sources=("src/net.c", "kernels/a.c"),
    include_dirs=("include",),
    inputs=(Port("x", (2, 3), "u4", 6, Quantizer(0.1, 3)), Port("s", (), "int64", 8)),
    outputs=(Port("y", (1,), "s16", 2),),
    arena_bytes=64,
    states_bytes=4,
    values=(TracedValue(0, "h", (2,), "s32", 8),),
    header="net.h",
    extra={"model_hash": "ab", "options": {"k": [1, None]}},
)


def test_manifests_come_back_equal() -> None:
    assert parse_manifest(MANIFEST.to_json(), "m") == MANIFEST
    assert parse_manifest(MANIFEST.to_json(), "m").to_json() == MANIFEST.to_json()


def test_borders_with_steps_come_back_equal() -> None:
    steps = (BorderStep(BorderOperator.MUL, (2.0,)), BorderStep(BorderOperator.ADD, (0.5, -1.0, 3.0), 1))
    border = Quantizer(0.1, 3, "float32", steps, Rounding.HALF_UP, -7, 7)
    manifest = replace(MANIFEST, inputs=(Port("x", (2, 3), "s4", 6, border),))
    assert parse_manifest(manifest.to_json(), "m") == manifest
    broken = manifest.to_json().replace('"times"', '"twice"')
    with pytest.raises(HwcompError, match="operator: 'twice' is none of plus"):
        parse_manifest(broken, "m")


def test_optional_fields_have_defaults() -> None:
    counter = read_manifest(DATA / "counter")
    assert (counter.target, counter.header, counter.inputs[0].quantizer) == ("mcu", "", None)
    assert dict(read_manifest(DATA / "dense_net").extra) == {"model_hash": "none: written by hand"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"c_name": "9net"}, "c_name: '9net' is no C identifier"),
        ({"c_name": None}, "c_name: it is missing or not a text"),
        ({"sources": []}, "sources: there is none"),
        ({"sources": ["../x.c"]}, "sources: '../x.c' lies outside the bundle"),
        ({"sources": ["/etc/x.c"]}, "sources: '/etc/x.c' lies outside the bundle"),
        ({"sources": ["-o"]}, "sources: '-o' is no relative path"),
        ({"header": 'a.h" -DX'}, "header: "),
        ({"arena_bytes": -1}, "arena_bytes: -1 lies outside"),
        ({"arena_bytes": True}, "arena_bytes: it is missing or not an integer"),
        ({"inputs": []}, "inputs: there is none"),
        ({"inputs": [7]}, r"inputs\[0\]: it is not a JSON object"),
        ({"inputs": [{"name": "x", "shape": [0], "dtype": "s8", "bytes": 0}]}, r"inputs\[0\].shape: 0 is no positive"),
        ({"inputs": [{"name": "x", "shape": [2], "dtype": "f32", "bytes": 8}]}, r"inputs\[0\].dtype: 'f32' is no"),
        ({"inputs": [{"name": "x", "shape": [2], "dtype": "s16", "bytes": 2}]}, r"inputs\[0\].bytes: 2, but .* make 4"),
        (
            {"values": [{"index": 0, "name": "h", "shape": [], "dtype": "u8", "bytes": 1}] * 2},
            "values: a name or index",
        ),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], message: str) -> None:
    text = json.dumps(json.loads(MANIFEST.to_json()) | change)
    with pytest.raises(HwcompError, match=message) as caught:
        parse_manifest(text, "m")
    assert caught.value.code == "HWC007"


@pytest.mark.parametrize("scale", [0, -1.0, "1", True, float("nan"), float("inf"), None])
def test_a_scale_is_positive_and_finite(scale: object) -> None:
    document = json.loads(MANIFEST.to_json())
    document["inputs"][0]["quantizer"]["scale"] = scale
    with pytest.raises(HwcompError, match=r"inputs\[0\].quantizer.scale"):
        parse_manifest(json.dumps(document), "m")


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(HwcompError) as caught:
        parse_manifest(text, "m")
    assert caught.value.code == "HWC007"


def test_a_missing_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HwcompError) as caught:
        read_manifest(tmp_path)
    assert caught.value.code == "HWC007"


@pytest.mark.parametrize(("text", "storage"), [("s1", "int8"), ("u9", "uint16"), ("int32", "int32"), ("u64", "uint64")])
def test_types_are_stored_in_the_least_bytes(text: str, storage: str) -> None:
    assert element_type(text).storage == storage


@pytest.mark.parametrize("text", ["s0", "s65", "int", "float32", "s8 ", "S8"])
def test_other_types_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no integer type"):
        element_type(text)
