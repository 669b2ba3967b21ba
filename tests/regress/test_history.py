"""The history: results and figures come back, damage and other versions are refused, one run at a time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hwcomp.regress.changes import Kind, changes_of
from hwcomp.regress.history import MIGRATIONS, open_history
from hwcomp.regress.inputs import Inputs
from hwcomp.regress.matrix import Job
from hwcomp.regress.outcome import Outcome, Rung, Status, worst_exit_code
from hwcomp.support.errors import HwcompError

JOB = Job("net/mcu", "net.onnx", "mcu", (), "", "", (), (), 9)
INPUTS = Inputs("m", "s", "all")
GREEN = Outcome(Status.GREEN, 0, 1200, "", (Rung("host", "equal", "x"),), {"arena_bytes": 100, "lut": 7}, "here")
RED = Outcome(Status.MISMATCH, 3, message="first difference")


def test_results_come_back(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "h.sqlite"
    with open_history(file, "s") as history:
        run = history.begin("", "1", "abc")
        history.store(run, JOB.name, INPUTS, RED)
        history.store(run, JOB.name, INPUTS, GREEN)
        assert history.interrupted("") == run
        assert history.interrupted("other") is None
    with open_history(file, "s") as history:
        found = history.result(run, JOB.name)
        assert found is not None and (found.outcome, found.model, found.inputs) == (GREEN, "m", "all")
        history.finish(run, 0)
        assert history.interrupted("") is None
        assert history.previous(run, JOB.name, green=False) is None
    with open_history(file, "another suite") as history:
        assert history.previous(99, JOB.name, green=False) is None
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("SELECT finished IS NOT NULL, exit_code FROM run").fetchall() == [(1, 0)]
    connection.close()


def test_a_transaction_that_fails_leaves_what_was(tmp_path: Path) -> None:
    with open_history(tmp_path / "h.sqlite", "s") as history:
        run = history.begin("", "1", "abc")
        history.store(run, JOB.name, INPUTS, GREEN)
        huge = Outcome(Status.GREEN, 0, figures={"arena_bytes": 5, "lut": 1 << 80})
        with pytest.raises(OverflowError):
            history.store(run, JOB.name, INPUTS, huge)
        found = history.result(run, JOB.name)
        assert found is not None and found.outcome == GREEN


def test_only_one_run_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "h.sqlite"
    with open_history(file, "s"), pytest.raises(HwcompError, match="another run"), open_history(file, "s"):
        pass
    with open_history(file, "s"):
        pass


@pytest.mark.parametrize("damage", ["newer", "no database"])
def test_what_cannot_be_used_is_refused(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "h.sqlite"
    if damage == "newer":
        connection = sqlite3.connect(file)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        connection.close()
    else:
        file.write_text("a history of the world, in ten volumes" * 99)
    with pytest.raises(HwcompError) as raised, open_history(file, "s"):
        pass
    assert raised.value.code == "HWC013"


def kinds(tmp_path: Path, *outcomes: Outcome, inputs: Inputs = INPUTS) -> list[tuple[Kind, str, int]]:
    """The changes of the last of some runs of one job: kind, figure and the run compared with."""
    with open_history(tmp_path / "h.sqlite", "s") as history:
        for outcome in outcomes:
            run = history.begin("", "1", "abc")
            history.store(run, JOB.name, INPUTS, outcome)
        return [(c.kind, c.figure, c.since) for c in changes_of(history, run, JOB, inputs, outcomes[-1])]


def test_changes(tmp_path: Path) -> None:
    other = Outcome(Status.GREEN, 0, figures={"arena_bytes": 101, "lut": 6, "dsp": 1})
    cases: list[tuple[tuple[Outcome, ...], list[tuple[Kind, str, int]]]] = [
        ((GREEN,), []),
        ((RED,), [(Kind.BROKEN, "", 0)]),
        ((GREEN, GREEN), []),
        ((GREEN, RED), [(Kind.BROKEN, "", 1)]),
        ((GREEN, RED, RED), [(Kind.FAILING, "", 1)]),
        ((RED, GREEN), [(Kind.FIXED, "", 0)]),
        ((GREEN, RED, other), [
            (Kind.FIXED, "", 1), (Kind.WORSE, "arena_bytes", 1), (Kind.BETTER, "lut", 1), (Kind.ADDED, "dsp", 1),
        ]),
        ((other, GREEN), [(Kind.BETTER, "arena_bytes", 1), (Kind.GONE, "dsp", 1), (Kind.WORSE, "lut", 1)]),
    ]  # fmt: skip
    for number, (outcomes, expected) in enumerate(cases):
        assert kinds(tmp_path / str(number), *outcomes) == expected, number


def test_the_cause_is_named(tmp_path: Path) -> None:
    with open_history(tmp_path / "h.sqlite", "s") as history:
        history.store(history.begin("", "1", "abc"), JOB.name, INPUTS, GREEN)
        run = history.begin("", "1", "abc")
        causes = [
            changes_of(history, run, JOB, inputs, RED)[0].cause
            for inputs in (INPUTS, Inputs("other", "s", "x"), Inputs("m", "t", "y"))
        ]
    assert [cause.split(":")[0].split(";")[0] for cause in causes] == ["same inputs", "another model", "the same model"]


def test_exit_codes() -> None:
    tool, model = Outcome(Status.UNVERIFIED, 4), Outcome(Status.REFUSED, 1)
    assert [worst_exit_code(o) for o in ([], [GREEN], [GREEN, tool], [tool, model], [tool, model, RED])] == [
        0, 0, 4, 1, 3,
    ]  # fmt: skip
