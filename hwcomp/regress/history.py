"""The history of all runs: one SQLite file beside the suite, written job by job, so that a killed run loses nothing.

A row of `result` is a job's outcome in a run. The schema's version is `PRAGMA user_version`; older files are brought up
to date when they are opened, newer ones are refused.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hwcomp.regress.inputs import Inputs
from hwcomp.regress.outcome import Outcome, parse_outcome
from hwcomp.support.errors import HwcompError

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY, suite TEXT NOT NULL, chosen TEXT NOT NULL, hwcomp TEXT NOT NULL, source TEXT NOT NULL,
        started TEXT NOT NULL, finished TEXT, exit_code INTEGER
    );
    CREATE TABLE result (
        run INTEGER NOT NULL REFERENCES run(id), suite TEXT NOT NULL, job TEXT NOT NULL, model TEXT NOT NULL,
        inputs TEXT NOT NULL, green INTEGER NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (run, job)
    ) WITHOUT ROWID;
    CREATE TABLE figure (
        run INTEGER NOT NULL, job TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,
        PRIMARY KEY (run, job, name), FOREIGN KEY (run, job) REFERENCES result(run, job)
    ) WITHOUT ROWID;
    CREATE INDEX result_of_job ON result (suite, job, run);
    """,
)
"""Step i brings a file of version i to i + 1. A step is never edited; a new one is added."""
_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Result:
    """A job's outcome as stored. model, inputs: hashes, as in `Inputs`."""

    run: int
    model: str
    inputs: str
    outcome: Outcome


class History:
    """An open history; made by `open_history`."""

    def __init__(self, connection: sqlite3.Connection, suite: str) -> None:
        self._connection = connection
        self._suite = suite

    def begin(self, chosen: str, version: str, source: str) -> int:
        """The number of a new run of the jobs that the text `chosen` stands for."""
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT INTO run (suite, chosen, hwcomp, source, started) VALUES (?, ?, ?, ?, ?)",
                (self._suite, chosen, version, source, _now()),
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def interrupted(self, chosen: str) -> int | None:
        """The last run of the same choice, if it did not finish."""
        row: tuple[int, str | None] | None = self._connection.execute(
            "SELECT id, finished FROM run WHERE suite = ? AND chosen = ? ORDER BY id DESC LIMIT 1",
            (self._suite, chosen),
        ).fetchone()
        return row[0] if row is not None and row[1] is None else None

    def store(self, run: int, job: str, inputs: Inputs, outcome: Outcome) -> None:
        """Write a result and its figures; an earlier one of the same run and job is replaced."""
        text = replace(outcome, figures={}).to_json()
        with self._transaction() as cursor:
            cursor.execute("DELETE FROM figure WHERE run = ? AND job = ?", (run, job))
            cursor.execute(
                "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run, self._suite, job, inputs.model, inputs.all, int(outcome.is_green), text),
            )
            cursor.executemany(
                "INSERT INTO figure VALUES (?, ?, ?, ?)",
                [(run, job, name, value) for name, value in outcome.figures.items()],
            )

    def finish(self, run: int, exit_code: int) -> None:
        with self._transaction() as cursor:
            cursor.execute("UPDATE run SET finished = ?, exit_code = ? WHERE id = ?", (_now(), exit_code, run))

    def result(self, run: int, job: str) -> Result | None:
        """The job's result in that run."""
        return self._one("run = ? AND suite = ? AND job = ?", (run, self._suite, job))

    def previous(self, run: int, job: str, *, green: bool) -> Result | None:
        """The job's last result in the runs before `run`; with `green`, its last green one."""
        return self._one(
            "run < ? AND suite = ? AND job = ? AND green >= ? ORDER BY run DESC LIMIT 1",
            (run, self._suite, job, int(green)),
        )

    def _one(self, where: str, values: tuple[int | str, ...]) -> Result | None:
        row: tuple[int, str, str, str, str] | None = self._connection.execute(
            f"SELECT run, model, inputs, outcome, job FROM result WHERE {where}", values
        ).fetchone()
        if row is None:
            return None
        number, model, inputs, outcome, job = row
        figures: list[tuple[str, int]] = self._connection.execute(
            "SELECT name, value FROM figure WHERE run = ? AND job = ? ORDER BY name", (number, job)
        ).fetchall()
        try:
            return Result(number, model, inputs, replace(parse_outcome(outcome), figures=dict(figures)))
        except (ValueError, KeyError) as error:
            raise sqlite3.DataError(f"the outcome of '{job}' in run {number} cannot be read") from error

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Cursor]:
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")


@contextmanager
def open_history(file: Path, suite: str) -> Generator[History]:
    """The history in `file`, made if it is missing, for one run of hwcomp alone: a second one is refused.

    Raises:
        HwcompError: HWC004 its folder cannot be written; HWC013 another run holds it, it is damaged, or it is newer.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        what = f"the history cannot be written: {error.strerror}"
        raise HwcompError("HWC004", what, str(file), "give another file with '--history'") from error
    try:
        _hold(lock, file)
        connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
        with closing(connection):
            _prepare(connection, file)
            yield History(connection, suite)
    except sqlite3.Error as error:
        what = f"the history cannot be used: {type(error).__name__}: {error}"
        raise HwcompError("HWC013", what, str(file), "move the file away, or give another with '--history'") from error
    finally:
        os.close(lock)


def _hold(lock: int, file: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        fix = "wait for its end, or give another file with '--history'"
        raise HwcompError("HWC013", "another run writes this history", str(file), fix) from error


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        what = f"its schema is version {version}, this hwcomp knows {len(MIGRATIONS)}"
        raise HwcompError("HWC013", what, str(file), "use a newer hwcomp, or give another file with '--history'")
    for step in range(version, len(MIGRATIONS)):
        connection.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[step]} PRAGMA user_version = {step + 1}; COMMIT;")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
