"""One model for several targets: options, all or nothing, one table with equal outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hwcomp import driver
from hwcomp.cli.app import app
from hwcomp.side_by_side import compare
from hwcomp.support.errors import HwcompError
from hwcomp.support.manifest import bundles_in, read_manifest
from hwcomp.support.resources import models

DIGITS = models() / "digits_qdq.onnx"
TARGETS = ("mcu", "fpga", "hls", "tvm")
OPTIONS = {"fpga.interval": "16384", "hls.interval": "16384", "tvm.tvm-target": "x86"}


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


def test_options_go_to_the_targets_that_have_them() -> None:
    given = {"vectors": "2", "fpga.interval": "100", "optimise": "size"}
    assert driver.options_of(("mcu", "fpga"), "mcu", given) == {"vectors": "2", "optimise": "size"}
    assert driver.options_of(("mcu", "fpga"), "fpga", given) == {"vectors": "2", "interval": "100"}


def test_an_option_that_no_target_has_is_refused() -> None:
    with pytest.raises(HwcompError, match="no option 'colour'"):
        driver.options_of(("mcu", "fpga"), "mcu", {"colour": "red"})


def test_a_failing_target_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = driver.BuildOptions(target_options={"fpga.max-lut": "10"})
    with pytest.raises(HwcompError, match="HWC421"):
        driver.build_several(DIGITS, ("mcu", "fpga"), out, options)
    assert not list(tmp_path.iterdir())


def test_a_folder_of_bundles_is_no_bundle_and_says_so(tmp_path: Path) -> None:
    driver.build_several(DIGITS, ("mcu", "hls"), tmp_path / "out", driver.BuildOptions())
    assert bundles_in(tmp_path / "out") == ("mcu", "hls")
    assert bundles_in(tmp_path / "out" / "mcu") == ()
    with pytest.raises(HwcompError, match="several targets: mcu, hls"):
        read_manifest(tmp_path / "out")


@pytest.mark.slow
def test_one_table_for_all_targets(tmp_path: Path) -> None:
    out = tmp_path / "out"
    given = [text for pair in OPTIONS.items() for text in ("-O", "=".join(pair))]
    built = invoke("build", str(DIGITS), "--target", ",".join(TARGETS), "-o", str(out), *given)
    assert built.exit_code == 0, built.output
    rows = compare(out)
    assert [row.target for row in rows] == list(TARGETS)
    assert len({row.outputs for row in rows}) == 1
    assert all(row.place and row.speed and row.size for row in rows), rows
    answer = invoke("report", str(out), "--json")
    assert answer.exit_code == 0
    assert json.loads(answer.output)["outputs_equal"] is True


@pytest.mark.slow
def test_different_outputs_are_said(tmp_path: Path) -> None:
    out = tmp_path / "out"
    driver.build_several(DIGITS, ("mcu", "hls"), out, driver.BuildOptions())
    source = next((out / "mcu" / "src").glob("*_weights.c"))
    changed, count = re.subn(r"(_mult\[\d*\] ALIGNED = \{\s*)(\d+)", r"\g<1>1", source.read_text("utf-8"), count=1)
    assert count == 1
    source.write_text(changed, "utf-8")
    answer = invoke("report", str(out))
    assert answer.exit_code == 3
    assert "DIFFERENT" in answer.output
