"""`hwcomp verify`, `build` and `run`: what is printed and which exit code is given, whatever the compiler did."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from hwcomp import driver
from hwcomp.cli.app import app
from hwcomp.support import manifest as manifests
from hwcomp.support.errors import HwcompError, Mismatch, Problem
from hwcomp.verify import ladder
from hwcomp.verify import run as runs
from hwcomp.verify.ladder import RungResult

EQUAL = RungResult("host", "equal", "3 inputs, 8 values each")
SKIPPED = RungResult("cortex-m4", "skipped", "the package unicorn is missing")
WRONG = RungResult(
    "host", "mismatch", "", Mismatch("conv1", (0, 2), 7, 8, "Conv '/conv1'", "hwcomp verify out --on host")
)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"NO_COLOR": "1"})


@pytest.fixture
def climb(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `hwcomp verify out`, with rungs that come out as given."""

    def run(results: list[RungResult], *arguments: str) -> Result:
        monkeypatch.setattr(ladder, "verify_bundle", lambda bundle, rungs, progress: results)
        return invoke("verify", "out", *arguments)

    return run


@pytest.mark.parametrize(
    ("results", "arguments", "code", "verdict"),
    [
        ([EQUAL], (), 0, "equal"),
        ([EQUAL, SKIPPED], (), 0, "equal"),
        ([EQUAL, SKIPPED], ("--on", "host,cortex-m4"), 4, "not verified"),
        ([SKIPPED], (), 4, "not verified"),
        ([WRONG, EQUAL], (), 3, "mismatch"),
        ([WRONG, SKIPPED], ("--on", "host,cortex-m4"), 3, "mismatch"),
    ],
)
def test_the_verdict_decides_the_exit_code(
    climb: Callable[..., Result], results: list[RungResult], arguments: tuple[str, ...], code: int, verdict: str
) -> None:
    assert climb(results, *arguments).exit_code == code
    answer = climb(results, "--json", *arguments)
    assert (answer.exit_code, json.loads(answer.stdout)["verdict"]) == (code, verdict)


def test_a_mismatch_is_told_in_full(climb: Callable[..., Result]) -> None:
    text = climb([WRONG]).stdout
    assert "first difference at Conv '/conv1': conv1[0, 2] is 8, expected 7" in text
    assert "reproduce: hwcomp verify out --on host" in text
    assert "verdict: MISMATCH" in text


def test_json_carries_the_mismatch(climb: Callable[..., Result]) -> None:
    rung = json.loads(climb([WRONG], "--json").stdout)["rungs"][0]
    assert rung["mismatch"]["index"] == [0, 2] and rung["mismatch"]["got"] == 8


def test_without_rungs_all_are_climbed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def verify_bundle(bundle: Path, rungs: tuple[str, ...], progress: object) -> list[RungResult]:
        asked.append(rungs)
        return [EQUAL]

    monkeypatch.setattr(ladder, "verify_bundle", verify_bundle)
    assert invoke("verify", "out").exit_code == 0
    assert invoke("verify", "out", "--on", "host, cortex-m4").exit_code == 0
    assert asked == [(), ("host", "cortex-m4")]


def test_build_hands_over_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[object, ...]] = []

    def build(*given: object) -> SimpleNamespace:
        seen.append(given)
        return SimpleNamespace(files={"b.c": b"", "a.h": b""})

    monkeypatch.setattr(driver, "build", build)
    answer = invoke(
        "build", "m.tflite", "-o", "out", "--exact", "strict", "--reference", "litert", "-O", "arch=generic", "--json"
    )
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["files"] == ["a.h", "b.c"]
    options = driver.BuildOptions(reference="litert", exact="strict", target_options={"arch": "generic"})
    assert seen == [(Path("m.tflite"), "mcu", Path("out"), options, None, None)]


def test_every_problem_of_a_model_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*arguments: object) -> None:
        raise HwcompError.of(
            [Problem("HWC203", "it is 0", "m.onnx: 'x'", "f1"), Problem("HWC102", "no", "m.onnx: 'y'", "f2")]
        )

    monkeypatch.setattr(driver, "build", build)
    answer = invoke("build", "m.onnx", "-o", "out")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr == "[HWC203] m.onnx: 'x': it is 0\n  fix: f1\n[HWC102] m.onnx: 'y': no\n  fix: f2\n"


@pytest.fixture
def echo_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle with one input `image`, whose output is its input."""
    monkeypatch.setattr(
        manifests,
        "read_manifest",
        lambda bundle: SimpleNamespace(target="mcu", inputs=(SimpleNamespace(name="image"),)),
    )

    def run_bundle(bundle: Path, inputs: dict[str, np.ndarray], on: str) -> runs.RunResult:
        return runs.RunResult(outputs={"logits": inputs["image"]}, instructions=(1200, 1300) if on != "host" else None)

    monkeypatch.setattr(runs, "run_bundle", run_bundle)


@pytest.mark.usefixtures("echo_model")
def test_run_writes_the_outputs_and_leaves_labels_out_aloud(tmp_path: Path) -> None:
    image = np.arange(6, dtype=np.int8).reshape(2, 3)
    np.savez(tmp_path / "x.npz", image=image, labels=np.arange(2))
    answer = invoke(
        "run", "out", "--inputs", str(tmp_path / "x.npz"), "--outputs", str(tmp_path / "y.npz"), "--on", "cortex-m4"
    )
    assert answer.exit_code == 0, answer.output
    assert "no input is named 'labels': left out" in answer.stderr
    assert "instructions of one run: 1,200 to 1,300 over 2 runs" in answer.stdout
    with np.load(tmp_path / "y.npz") as written:
        assert written.files == ["logits"] and np.array_equal(written["logits"], image)


@pytest.mark.usefixtures("echo_model")
def test_run_refuses_pickled_objects(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", image=np.array([{"a": 1}], dtype=object))
    answer = invoke("run", "out", "--inputs", str(tmp_path / "x.npz"))
    assert answer.exit_code == 2
    assert answer.stderr.startswith("[HWC009]")
