"""`hwcomp report` of a streaming design: layers with their folding, predicted clocks, estimated resources."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from hwcomp import driver
from hwcomp.cli.app import app
from hwcomp.report.bundle import read_report
from hwcomp.support.resources import models


def test_a_design_reports_its_folding(tmp_path: Path) -> None:
    options = driver.BuildOptions(target_options={"interval": "4096"})
    driver.build(models() / "digits_qdq.onnx", "fpga", tmp_path / "out", options)
    found = read_report(tmp_path / "out")
    assert found.layers == ()
    assert found.design is not None
    assert found.design.interval_cycles <= 4096
    assert found.design.interval_cycles >= max(fold.interval_cycles for fold in found.design.folds)
    assert set(found.design.estimate) == {"lut", "ff", "dsp", "bram"}
    assert 0 < float(found.design.rate) <= 1
    for fold in found.design.folds:
        assert fold.instances and set(fold.estimate) == {"lut", "ff", "dsp", "bram"}
        assert (fold.kernel == "-") == (not fold.others)
        assert fold.kernel not in {other.kernel for other in fold.others}
        assert all((other.interval_cycles <= 4096) == (other.note == "") for other in fold.others)
    rates = {fold.what.split()[0]: fold.rate for fold in found.design.folds}
    assert rates["Requant"] == "-" and 0 < float(rates["Dense"]) <= 1
    assert {other.kind for other in found.design.others} <= {"cheaper", "faster", "faster, does not fit"}
    answer = CliRunner().invoke(app, ["report", str(tmp_path / "out")])
    assert answer.exit_code == 0
    assert "clocks between frames" in answer.stdout
    assert f"MACs a multiplier and clock: {found.design.rate}" in answer.stdout
    assert "other designs, estimated" in answer.stdout
