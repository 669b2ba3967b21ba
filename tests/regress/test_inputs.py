"""`input` of a suite's model: a job quantises float inputs as `hwcomp build --input` does."""

from __future__ import annotations

from pathlib import Path

from tests.frontends.test_qonnx import jet
from tests.regress.digits import QUICK, jobs, ran, write_suite


def test_a_job_quantises_a_float_input(tmp_path: Path) -> None:
    place = jet(tmp_path).name
    said = f'\n[[model]]\nname = "said"\npath = "{place}"\ninput = "s8:2^-5"\n'
    suite = write_suite(tmp_path, said, f'[[model]]\nname = "open"\npath = "{place}"\n', QUICK)
    code, report = ran(suite)
    found = jobs(report)
    assert (code, found["said/quick"]["status"], found["open/quick"]["status"]) == (1, "green", "refused")
    assert "HWC103" in str(found["open/quick"]["message"])
