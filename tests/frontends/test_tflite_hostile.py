"""Hostile and unsupported files: each fails with its own code, at once, and names its place."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcomp.frontends.tflite import read
from hwcomp.ir.graph import Graph
from hwcomp.support.errors import HwcompError
from tests.frontends.tflite_build import G, O, T, build, save

SECONDS = 2.0


def small(**changes: Any) -> G:
    """A convolution and a RELU; `changes` replace tensors by name (`x=T(...)`) or the operators (`ops=...`)."""
    rng = np.random.default_rng(0)
    tensors = {
        "x": T("x", (1, 4, 4, 2), "int8", 0.5, 3),
        "w": T("w", (3, 2, 2, 2), "int8", [0.1, 0.2, 0.3], 0, 0, rng.integers(-127, 128, (3, 2, 2, 2))),
        "b": T("b", (3,), "int32", [0.05, 0.1, 0.15], 0, 0, rng.integers(-9, 9, 3)),
        "c": T("c", (1, 3, 3, 3), "int8", 2.0, -4),
        "y": T("y", (1, 3, 3, 3), "int8", 2.0, -128),
    }
    conv = {"padding": 1, "strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    ops = (O("CONV_2D", ("x", "w", "b"), ("c",), "Conv2DOptions", conv), O("RELU", ("c",), ("y",)))
    ops = changes.pop("ops", ops)
    inputs, outputs = changes.pop("inputs", ("x",)), changes.pop("outputs", ("y",))
    tensors.update(changes)
    return G(tuple(tensors.values()), ops, inputs, outputs)


def base(name: str, **changes: Any) -> T:
    found = next(t for t in small().tensors if t.name == name)
    return replace(found, **changes)


def codes(path: Path, reference: str = "tflm") -> set[str]:
    start = time.monotonic()
    with pytest.raises(HwcompError) as raised:
        read(path, reference)
    assert time.monotonic() - start < SECONDS
    for problem in raised.value.problems:
        assert "net.tflite" in problem.at or problem.at == "--reference"
        assert problem.fix
    return {problem.code for problem in raised.value.problems}


def test_the_model_itself_is_read(tmp_path: Path) -> None:
    graph = read(save(tmp_path, build(small())), "tflm")
    assert [value for value in ("c", "y") if value in graph.values] == ["c", "y"]


SCALES = {"HWC202": float("nan"), "HWC203": 0.0, "HWC204": -0.5, "HWC205": float("inf"), "HWC206": 1e-40}


@pytest.mark.parametrize("code", SCALES)
@pytest.mark.parametrize("place", [0, 2])
def test_a_bad_scale(code: str, place: int, tmp_path: Path) -> None:
    scales = [0.1, 0.2, 0.3]
    scales[place] = SCALES[code]
    assert codes(save(tmp_path, build(small(w=base("w", scale=scales))))) == {code}


NO_STRIDE = O("CONV_2D", ("x", "w", "b"), ("c",), "Conv2DOptions", {"padding": 1})
WRONG_TABLE = O("CONV_2D", ("x", "w"), ("c",), "AddOptions")

MALFORMED: dict[str, tuple[str, dict[str, Any]]] = {
    "zero point": ("HWC207", {"c": base("c", zero=128)}),
    "zero dimension": ("HWC208", {"c": base("c", shape=(1, 0, 3, 3))}),
    "negative dimension": ("HWC105", {"x": base("x", shape=(-1, 4, 4, 2))}),
    "huge shape": ("HWC209", {"x": base("x", shape=(1, 1 << 20, 1 << 20, 2))}),
    "scales off the axis": ("HWC215", {"w": base("w", scale=[0.1, 0.2])}),
    "axis": ("HWC216", {"w": base("w", axis=7)}),
    "constant too short": ("HWC217", {"w": base("w", shape=(3, 2, 2, 20))}),
    "wrong output shape": ("HWC214", {"c": base("c", shape=(1, 3, 3, 4)), "y": base("y", shape=(1, 3, 3, 4))}),
    "weights of another depth": ("HWC214", {"x": base("x", shape=(1, 4, 4, 3))}),
    "undefined input": ("HWC212", {"inputs": ()}),
    "no output": ("HWC222", {"outputs": ()}),
    "output not computed": ("HWC222", {"ops": small().ops[:1]}),
    "used before": ("HWC210", {"ops": small().ops[::-1]}),
    "written twice": ("HWC213", {"ops": (*small().ops, small().ops[1])}),
    "several scales of an activation": ("HWC103", {"c": base("c", scale=[1.0, 2.0, 3.0], zero=0, axis=3)}),
    "no scale": ("HWC103", {"c": base("c", scale=None)}),
    "float": ("HWC103", {"c": base("c", dtype="float32", scale=None)}),
    "int16": ("HWC104", {"c": base("c", dtype="int16", zero=0)}),
    "weights computed": ("HWC108", {"w": base("w", data=None), "inputs": ("x", "w")}),
    "stride 0": ("HWC219", {"ops": (NO_STRIDE, small().ops[1])}),
    "missing weights": ("HWC218", {"ops": (O("CONV_2D", ("x",), ("c",), "Conv2DOptions"), small().ops[1])}),
    "unknown operator": ("HWC102", {"ops": (small().ops[0], O("COS", ("c",), ("y",)))}),
    "options of another operator": ("HWC201", {"ops": (WRONG_TABLE, small().ops[1])}),
    "tiny output scale": ("HWC302", {"c": base("c", scale=1e-30)}),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_model(case: str, tmp_path: Path) -> None:
    code, changes = MALFORMED[case]
    assert code in codes(save(tmp_path, build(small(**changes))))


def test_all_problems_are_raised_at_once(tmp_path: Path) -> None:
    names = ("c", "d", "e", "y")
    kinds = ("COS", "SIN", "RELU")
    extra = {n: replace(base("c"), name=n) for n in ("d", "e")}
    ops = (small().ops[0], *(O(k, (a,), (b,)) for k, a, b in zip(kinds, names, names[1:], strict=False)))
    with pytest.raises(HwcompError) as raised:
        read(save(tmp_path, build(small(ops=ops, **extra))), "tflm")
    assert [(p.code, p.at) for p in raised.value.problems] == [
        ("HWC102", "net.tflite: operator 1, COS 'd'"),
        ("HWC102", "net.tflite: operator 2, SIN 'e'"),
    ]


def test_no_tflite_file(tmp_path: Path) -> None:
    assert codes(save(tmp_path, b"PK\x03\x04 an archive")) == {"HWC201"}
    assert codes(save(tmp_path, b"")) == {"HWC201"}
    assert codes(save(tmp_path, build(small())), "onnx") == {"HWC005"}
    with pytest.raises(HwcompError, match="HWC001"):
        read(tmp_path / "none.tflite", "tflm")


def test_another_schema_version(tmp_path: Path) -> None:
    model = bytearray(build(small()))
    place = model.index((3).to_bytes(4, "little"))
    assert place < 64
    model[place] = 9
    assert codes(save(tmp_path, bytes(model))) <= {"HWC107", "HWC201"}


def survives(path: Path) -> None:
    """Reading ends in time, with a graph or with the user's error."""
    start = time.monotonic()
    try:
        assert isinstance(read(path, "litert"), Graph)
    except HwcompError as error:
        assert error.problems
    assert time.monotonic() - start < SECONDS


def test_every_truncation(tmp_path: Path) -> None:
    model = build(small())
    for length in range(0, len(model) - 1, 13):
        with pytest.raises(HwcompError):
            read(save(tmp_path, model[:length]), "tflm")


def test_random_damage(tmp_path: Path) -> None:
    model, rng = build(small()), np.random.default_rng(20261123)
    for _ in range(400):
        damaged = np.frombuffer(model, np.uint8).copy()
        places = rng.integers(8, damaged.size, rng.integers(1, 6))
        damaged[places] = rng.choice([0, 1, 127, 128, 255, int(rng.integers(0, 256))], places.size)
        survives(save(tmp_path, damaged.tobytes()))


def test_lengths_that_claim_too_much(tmp_path: Path) -> None:
    """Each aligned word becomes a huge number in turn."""
    model = build(small())
    for word in (0x7FFFFFFF, 0xFFFFFFFF, 0x00100000):
        for place in range(8, len(model) - 4, 4):
            survives(save(tmp_path, model[:place] + word.to_bytes(4, "little") + model[place + 4 :]))
