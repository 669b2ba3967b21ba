"""How a run of `hwcomp regress` looks: while it runs, its table, its JSON."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hwcomp.cli.output import say, say_table, warn
from hwcomp.support.errors import EXIT_GOOD

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from hwcomp.regress.matrix import Job
    from hwcomp.regress.outcome import Outcome
    from hwcomp.regress.run import Observer, Report, Row

_FIGURES = {
    "arena_bytes": "arena",
    "flash_bytes": "flash",
    "instructions": "instructions",
    "latency_cycles": "latency",
    "interval_cycles": "interval",
    "lut": "LUT",
    "dsp": "DSP",
    "bram": "BRAM",
}
"""The figures that have a column, where a job has them; the others are in the JSON."""
_SHOWN_RUNNING = 8


@contextmanager
def watching(total: int, as_json: bool) -> Generator[Observer]:
    """An observer that draws what runs on a terminal; else prints a line a job on stderr; silent for JSON."""
    from hwcomp.regress.run import Observer

    if as_json:
        yield Observer(lambda job: None, lambda row: None)
        return
    view = _View(total)
    if not sys.stderr.isatty():
        yield Observer(view.started, lambda row: warn(view.done(row)))
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    with Live(view, console=console, transient=True, refresh_per_second=4) as live:
        yield Observer(view.started, lambda row: live.console.print(view.done(row), soft_wrap=True))


class _View:
    """What runs now, since when, and how many are done; rich draws it."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._bad = 0
        self._running: dict[str, float] = {}

    def started(self, job: Job) -> None:
        self._running[job.name] = time.monotonic()

    def done(self, row: Row) -> str:
        """The line of a job that is done."""
        self._running.pop(row.job.name, None)
        self._done += 1
        self._bad += not row.outcome.is_green
        took = "from the interrupted run" if row.is_reused else _seconds(row.outcome)
        return f"[{self._done}/{self._total}] {row.outcome.status.value}: {row.job.name}, {took}"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        now = time.monotonic()
        yield Text(f"{self._done} of {self._total} jobs, {self._bad} not green")
        yield ProgressBar(total=self._total, completed=self._done, width=40)
        running = list(self._running.items())
        for name, since in running[:_SHOWN_RUNNING]:
            yield Text(f"  {name}  {now - since:.0f} s", style="cyan")
        if len(running) > _SHOWN_RUNNING:
            yield Text(f"  and {len(running) - _SHOWN_RUNNING} more")


def say_report(report: Report) -> None:
    """Print the table, what went wrong, and what changed."""
    for target in dict.fromkeys(row.job.target for row in report.rows):
        title = f"suite '{report.suite}', run {report.run}, {target}"
        _say_rows(title, [row for row in report.rows if row.job.target == target])
    for row in report.rows:
        if not row.outcome.is_green:
            say(f"{row.job.name}: {row.outcome.status.value}: {row.outcome.message}", style="red")
    _say_changes(report)
    green = sum(row.outcome.is_green for row in report.rows)
    style = "bold green" if report.exit_code == EXIT_GOOD else "bold red"
    say(f"verdict: {green} of {len(report.rows)} jobs are green", style=style)


def _say_rows(title: str, rows: Sequence[Row]) -> None:
    """The table of one target's jobs; its columns are the figures that they have."""
    names = [name for name in _FIGURES if any(name in row.outcome.figures for row in rows)]
    columns = ("job", "status", "rungs", *(_FIGURES[name] for name in names), "time")
    cells = [
        (row.job.name, row.outcome.status, _rungs(row.outcome), *(row.outcome.figures.get(name) for name in names),
         "resumed" if row.is_reused else _seconds(row.outcome))
        for row in rows
    ]  # fmt: skip
    say_table(title, columns, cells)


def _say_changes(report: Report) -> None:
    styles = {"newly failing": "red", "still failing": "red", "worse": "yellow", "fixed": "green", "better": "green"}
    if report.changes:
        say("changes since each job was last green:", style="bold")
    else:
        say("nothing changed since each job was last green")
    for change in report.changes:
        say(f"  {change}", style=styles.get(change.kind.value))


def _rungs(outcome: Outcome) -> str:
    """`4 equal`, and what else there is."""
    verdicts = [rung.verdict for rung in outcome.rungs]
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts)) or "-"


def _seconds(outcome: Outcome) -> str:
    return f"{outcome.milliseconds / 1000:.1f} s"


def report_json(report: Report) -> dict[str, object]:
    """The whole report as JSON values."""
    rows: Sequence[dict[str, object]] = [
        {
            "name": row.job.name, "model": row.job.model, "target": row.job.target, "options": dict(row.job.options),
            "reference": row.job.reference or None, "exact": row.job.exact or None, "model_sha256": row.inputs.model,
            "inputs": row.inputs.all, "reused": row.is_reused, **row.outcome.fields(),
        }
        for row in report.rows
    ]  # fmt: skip
    return {
        "suite": report.suite,
        "run": report.run,
        "resumed": report.is_resumed,
        "verdict": "green" if report.exit_code == EXIT_GOOD else "not green",
        "exit_code": report.exit_code,
        "jobs": rows,
        "changes": [change.fields() for change in report.changes],
    }
