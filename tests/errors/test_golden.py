"""Each code has a case that fails and says what `<code>.expected` holds (`pytest --update-golden` writes it)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hwcomp.cli.app import app
from hwcomp.support.codes import CODES
from hwcomp.support.errors import HwcompError, Problem
from tests.errors.case import Bench
from tests.errors.command_cases import COMMAND_CASES
from tests.errors.model_cases import MODEL_CASES

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "hwcomp"
CASES = {**COMMAND_CASES, **MODEL_CASES}
COMPILER = re.compile(r"\S+ failed with code \d+:(\n    .*)*")
FOLDING = re.compile(r"takes \d+, \d+ more\n  fix: ask for 'latency-us=\d+'")
ESTIMATE = re.compile(r"it needs [\d,]+ (LUTs|multipliers|block RAMs), [\d,]+ more")
ENOUGH = re.compile(r"give 'max-(lut|dsp|bram)=\d+'")


def command_said(arguments: list[str]) -> str:
    answer = CliRunner().invoke(app, arguments, env={"NO_COLOR": "1", "TERM": "dumb"})
    assert answer.exception is None or isinstance(answer.exception, SystemExit), repr(answer.exception)
    said = answer.stderr + answer.stdout
    shown = said[said.index("[HWC") :] if "[HWC" in said else said
    return f"$ hwcomp {' '.join(arguments)}\n{shown.rstrip()}\nexit code {answer.exit_code}\n"


def said(bench: Bench, code: str) -> str:
    """What the case's command prints from its first error on, and its exit code; what a compiler says and what the cost
    model estimates are left out."""
    asked = CASES[code](bench)
    if isinstance(asked, list):
        text = command_said(asked)
    else:
        with pytest.raises(HwcompError) as raised:
            asked()
        text = f"(called from Python)\n{raised.value}\nexit code {raised.value.exit_code}\n"
    text = FOLDING.sub("takes <estimate>\\n  fix: ask for <estimate>", text)
    text = ESTIMATE.sub(r"it needs <estimate> \1, <estimate> more", text)
    text = ENOUGH.sub(r"give 'max-\1=<estimate>'", text)
    return COMPILER.sub("<compiler> failed", text).replace(str(bench.folder), "<folder>")


@pytest.mark.parametrize("code", sorted(CASES))
def test_each_code_has_its_text(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    text = said(Bench(tmp_path, monkeypatch), code)
    assert f"[{code}]" in text, text
    assert f"exit code {Problem(code, '', '', '').exit_code}\n" in text
    assert "Traceback" not in text
    assert not (tmp_path / "out").exists() or (tmp_path / "out" / "thesis.txt").exists()
    assert not list(tmp_path.glob(".*"))
    golden = HERE / f"{code}.expected"
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_code_has_a_case_and_every_golden_a_code() -> None:
    assert sorted(CASES) == sorted(CODES)
    assert sorted(path.stem for path in HERE.glob("*.expected")) == sorted(CODES)


def test_every_code_is_raised_somewhere() -> None:
    tables = {PACKAGE / "support" / name for name in ("codes.py", "advice.py", "causes.py")}
    text = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path not in tables)
    assert [code for code in CODES if not re.search(rf"[\"\[]{code}[\"\]]", text)] == []
