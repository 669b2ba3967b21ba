"""The README's quick start on the bundled model, through the command line: build, verify, run, report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from hwcomp.cli.app import app
from hwcomp.support.files import is_bundle
from hwcomp.support.resources import models

LEAST_ACCURACY = 0.97


def invoke(*arguments: str) -> Result:
    answer = CliRunner().invoke(app, list(arguments), env={"NO_COLOR": "1"})
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("quick_start") / "digits"
    answer = invoke("build", str(models() / "digits_qdq.onnx"), "--target", "mcu", "-o", str(out))
    assert answer.exit_code == 0, answer.output
    assert is_bundle(out)
    return out


def test_the_proofs_and_the_host_agree(bundle: Path) -> None:
    answer = invoke("verify", str(bundle), "--on", "proof,evaluate,host", "--json")
    assert answer.exit_code == 0, answer.output
    assert [rung["verdict"] for rung in json.loads(answer.stdout)["rungs"]] == ["equal"] * 3


def test_a_tampered_weight_is_a_mismatch_with_the_operator_named(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "digits"
    shutil.copytree(bundle, copy)
    weights = next(copy.glob("src/*_weights.c"))
    text = weights.read_text("utf-8")
    start = text.index("{", text.index("int8_t"))
    digit = next(i for i in range(start, len(text)) if text[i] in "123456789" and text[i + 1] in ",} \n")
    weights.write_text(text[:digit] + ("0" if text[digit] != "0" else "1") + text[digit + 1 :], "utf-8")
    answer = invoke("verify", str(copy), "--on", "host", "--json")
    assert answer.exit_code == 3, answer.output
    mismatch = json.loads(answer.stdout)["rungs"][0]["mismatch"]
    assert mismatch["first_op"].startswith("digits_qdq.onnx: ") and mismatch["reproduce"].endswith("--on host")
    assert mismatch["expected"] != mismatch["got"]


def test_the_emitted_code_reads_digits(bundle: Path, tmp_path: Path) -> None:
    data, outputs = models() / "digits_test.npz", tmp_path / "logits.npz"
    answer = invoke("run", str(bundle), "--inputs", str(data), "--outputs", str(outputs))
    assert answer.exit_code == 0, answer.output
    with np.load(data) as given, np.load(outputs) as got:
        assert (got["logits"].argmax(1) == given["labels"]).mean() >= LEAST_ACCURACY


def test_a_single_input_may_have_any_name(bundle: Path, tmp_path: Path) -> None:
    with np.load(models() / "digits_test.npz") as arrays:
        images = arrays["image"][:3]
    for name in ("image", "x"):
        np.savez(tmp_path / f"{name}.npz", **{name: images})
        answer = invoke(
            "run", str(bundle), "--inputs", str(tmp_path / f"{name}.npz"), "--outputs", str(tmp_path / name)
        )
        assert answer.exit_code == 0, answer.output
    with np.load(tmp_path / "image") as named, np.load(tmp_path / "x") as unnamed:
        assert np.array_equal(named["logits"], unnamed["logits"])


def test_the_report_speaks_of_every_layer_and_proof(bundle: Path) -> None:
    found = json.loads(invoke("report", str(bundle), "--json").stdout)
    text = invoke("report", str(bundle)).stdout
    assert found["manifest"]["macs"] == sum(layer["macs"] for layer in found["manifest"]["layers"]) == 45_632
    assert len(found["proofs"]) == 8
    assert all(proof["reference"] == "onnx" and proof["node"] in text for proof in found["proofs"])
    assert f"{found['manifest']['arena_bytes']:,}" in text


def test_a_second_build_writes_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    assert invoke("build", str(models() / "digits_qdq.onnx"), "--target", "mcu", "-o", str(out)).exit_code == 0
    names = sorted(path.relative_to(bundle) for path in bundle.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    assert [str(name) for name in names if (bundle / name).read_bytes() != (out / name).read_bytes()] == []


def test_every_rescale_of_the_bundled_model_is_proved(tmp_path: Path) -> None:
    answer = invoke("build", str(models() / "digits_qdq.onnx"), "-o", str(tmp_path / "out"), "--exact", "strict")
    assert answer.exit_code == 0, answer.stderr
    rows = json.loads(invoke("inspect", str(models() / "digits_qdq.onnx"), "--json").stdout)["rescales"]
    assert {row["verdict"] for row in rows} == {"proved"}
