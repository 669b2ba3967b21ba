"""Whole runs of `hwcomp regress`: workers, JUnit, changed figures, crashes, time limits, kill -9 and resume."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hwcomp.cli.app import app
from tests.regress.digits import COMPILED, HEAD, MODEL, QUICK, command, compiler, environment, jobs, ran, write_suite
from tests.resources import program

LOST = '[[model]]\nname = "lost"\npath = "gone.onnx"\n'


def statuses(report: dict[str, object]) -> dict[str, object]:
    return {name: job["status"] for name, job in jobs(report).items()}


def test_two_workers_and_junit(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, HEAD, LOST, QUICK, QUICK.replace("quick", "again"))
    junit, saved = tmp_path / "junit.xml", tmp_path / "report.json"
    code, report = ran(suite, "-j", "2", "--junit", str(junit), "--json-file", str(saved))
    assert code == 2
    good = {"digits/quick": "green", "digits/again": "green"}
    assert statuses(report) == good | {"lost/quick": "unusable", "lost/again": "unusable"}
    figures = jobs(report)["digits/quick"]["figures"]
    assert isinstance(figures, dict) and figures["arena_bytes"] > 0 and figures["exceptions"] == 0
    root = ElementTree.parse(junit).getroot()
    (found,) = root.findall("testsuite")
    assert (found.get("tests"), found.get("errors"), found.get("failures")) == ("4", "2", "0")
    cases = {case.get("name"): case for case in found.findall("testcase")}
    assert list(cases) == list(jobs(report))
    properties = {p.get("name"): p.get("value") for p in cases["digits/quick"].iter("property")}
    assert properties == {name: str(value) for name, value in figures.items()}
    error = cases["lost/quick"].find("error")
    assert error is not None and "HWC001" in (error.get("message") or "")
    assert saved.read_text("utf-8").startswith("{") and not list((tmp_path / ".hwcomp").glob("jobs/*"))


def test_a_changed_figure_is_told(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, HEAD, QUICK)
    assert ran(suite)[1]["changes"] == []
    with sqlite3.connect(tmp_path / ".hwcomp" / "regress.sqlite") as connection:
        connection.execute("UPDATE figure SET value = value - 16 WHERE name = 'arena_bytes'")
        connection.execute("UPDATE figure SET value = value + 4 WHERE name = 'constant_bytes'")
    connection.close()
    answer = CliRunner().invoke(app, ["regress", str(suite)])
    assert answer.exit_code == 0
    assert "worse: digits/quick: arena_bytes" in answer.stdout
    assert "better: digits/quick: constant_bytes" in answer.stdout
    assert "same inputs" in answer.stdout
    assert ran(suite)[1]["changes"] == []


def test_a_failure_is_new_then_old_then_fixed(tmp_path: Path) -> None:
    model = tmp_path / "net.onnx"
    model.write_bytes(MODEL.read_bytes())
    suite = write_suite(tmp_path, f'[[model]]\npath = "{model}"\n', QUICK)
    assert ran(suite)[0] == 0
    model.write_bytes(MODEL.read_bytes()[:-100])
    told = [ran(suite), ran(suite)]
    model.write_bytes(MODEL.read_bytes())
    told.append(ran(suite))
    assert [code for code, _ in told] == [1, 1, 0]
    changes = [[(c["kind"], c["since"]) for c in report["changes"]] for _, report in told]  # type: ignore[attr-defined]
    assert changes == [[("newly failing", 1)], [("still failing", 1)], [("fixed", 1)]]


@pytest.mark.slow
def test_crashes_and_limits_are_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = write_suite(tmp_path, HEAD.replace("= 60", "= 3"), COMPILED, QUICK)
    monkeypatch.setenv("HWCOMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HWCOMP_CC", str(compiler(tmp_path, "kill -9 $PPID")))
    code, report = ran(suite)
    crashed = jobs(report)["digits/compiled"]
    assert (code, crashed["status"], crashed["message"]) == (3, "crashed", "killed by SIGKILL in stage 'verify'")
    assert jobs(report)["digits/quick"]["status"] == "green"
    compiler(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 100")
    code, report = ran(suite, "--only", "compiled")
    assert (code, jobs(report)["digits/compiled"]["status"]) == (3, "timeout")
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_missing_tool_is_exit_code_4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_CC", "no-such-compiler")
    code, report = ran(write_suite(tmp_path, HEAD, COMPILED))
    assert (code, statuses(report)) == (4, {"digits/compiled": "unverified"})


def is_gone(process: int) -> bool:
    """Whether the process ends within a second or two; what nobody reaps counts as ended."""
    state = Path(f"/proc/{process}/stat")
    return waited(lambda: not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z", 3)


def waited(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def green_rows(file: Path) -> list[tuple[int, str]]:
    if not file.exists():
        return []
    connection = sqlite3.connect(file, timeout=10)
    try:
        return connection.execute("SELECT run, job FROM result WHERE green ORDER BY job").fetchall()
    except sqlite3.OperationalError:  # not made yet
        return []
    finally:
        connection.close()


@pytest.mark.slow
def test_kill_9_then_resume(tmp_path: Path) -> None:
    real = program("cc")
    block, history = tmp_path / "block", tmp_path / ".hwcomp" / "regress.sqlite"
    block.touch()
    script = f'echo $$ > {tmp_path}/pid; while [ -e {block} ]; do sleep 0.05; done; exec {real} "$@"'
    variables = {"HWCOMP_CC": str(compiler(tmp_path, script)), "HWCOMP_CACHE": str(tmp_path / "cache")}
    suite = write_suite(tmp_path, HEAD, QUICK, COMPILED)
    running = subprocess.Popen(
        command(suite, "-j", "2"), env=environment(**variables), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert waited(lambda: bool(green_rows(history)) and (tmp_path / "pid").exists(), 30)
    blocked = int((tmp_path / "pid").read_text())
    running.send_signal(signal.SIGKILL)
    assert running.wait(10) == -signal.SIGKILL
    assert is_gone(blocked), "the killed run's compiler is still there"
    block.unlink()
    assert green_rows(history) == [(1, "digits/quick")]

    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        code, report = ran(suite, "--resume")
        assert (code, report["run"], report["resumed"]) == (0, 1, True)
        assert {name: job["reused"] for name, job in jobs(report).items()} == {
            "digits/quick": True,
            "digits/compiled": False,
        }
        assert green_rows(history) == [(1, "digits/compiled"), (1, "digits/quick")]
        code, report = ran(suite, "--resume")
    assert (code, report["run"], report["resumed"]) == (0, 2, False), "a finished run is not resumed"
    assert not any(job["reused"] for job in jobs(report).values())


def test_resume_repeats_what_has_other_inputs(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, HEAD, QUICK, QUICK.replace("quick", "other"))
    assert ran(suite)[0] == 0
    history = tmp_path / ".hwcomp" / "regress.sqlite"
    with sqlite3.connect(history) as connection:
        connection.execute("UPDATE run SET finished = NULL")
    connection.close()
    write_suite(tmp_path, HEAD, QUICK, QUICK.replace("quick", "other").replace("vectors = 1", "vectors = 2"))
    _, report = ran(suite, "--resume")
    assert {name: job["reused"] for name, job in jobs(report).items()} == {"digits/quick": True, "digits/other": False}


def test_interrupt_leaves_a_run_to_resume(tmp_path: Path) -> None:
    script = compiler(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 100")
    suite = write_suite(tmp_path, HEAD, COMPILED)
    running = subprocess.Popen(
        command(suite), env=environment(HWCOMP_CC=str(script)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert waited((tmp_path / "pid").exists, 30)
    os.kill(running.pid, signal.SIGINT)
    said, _ = running.communicate(timeout=10)
    assert (running.returncode, b"--resume" in said) == (130, True)
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_list(tmp_path: Path) -> None:
    suite = write_suite(tmp_path, HEAD, QUICK, COMPILED)
    code, report = ran(suite, "--list", "--only", "quick")
    assert (code, report) == (0, {"jobs": ["digits/quick"]})
    assert not (tmp_path / ".hwcomp").exists()
