"""Printing: text for people, JSON for programs; errors to the same places; progress bars only on a terminal."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

import typer

from hwcomp.support.errors import HwcompError, Problem

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[str, int, int], None]
# Where there is no terminal, lines are not wrapped: a pipe has no width.
_PIPE_COLUMNS = 400
# Of a float model every operator is a problem: the first ones tell.
_SHOWN_PROBLEMS = 20
_STYLES = {
    "equal": "green",
    "ok": "green",
    "found": "green",
    "green": "green",
    "mismatch": "bold red",
    "refused": "red",
    "unusable": "red",
    "timeout": "red",
    "crashed": "red",
    "unverified": "yellow",
    "missing": "yellow",
    "skipped": "yellow",
}


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPE_COLUMNS
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=width)


def say(text: str = "", style: str | None = None) -> None:
    """Print a line for people on stdout."""
    _console().print(text, style=style, soft_wrap=True)


def warn(text: str) -> None:
    """Print a line for people on stderr."""
    _console(stderr=True).print(text, style="yellow", soft_wrap=True)


def say_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on stdout; keys keep their order."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_enum_value))


def _enum_value(value: object) -> object:
    """Enums, which `dataclasses.asdict` leaves as they are, become their values."""
    assert isinstance(value, Enum), f"{type(value).__name__} is not JSON"
    return value.value


def say_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; integers stand to the right with thousands separated, verdicts in their colours."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for position, column in enumerate(columns):
        kinds = {type(row[position]) for row in rows}
        numeric = int in kinds and kinds <= {int, type(None)}
        table.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(cell), style=_STYLES.get(_cell(cell), "")) for cell in row))
    if title:
        say(title, style="bold")
    _console().print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value.value if isinstance(value, Enum) else value)


@contextmanager
def reporting(as_json: bool) -> Generator[None]:
    """Turn an `HwcompError` into its text (or JSON) and the exit code of its range; what is logged goes to stderr."""
    _log_to_stderr()
    try:
        yield
    except HwcompError as error:
        if as_json:
            say_json({"errors": [problem_json(problem) for problem in error.problems]})
        else:
            _print_problems(error.problems)
        raise typer.Exit(error.exit_code) from None


class _Warnings(logging.Handler):
    """Shows warnings and worse of hwcomp's own loggers to people, on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        warn(f"{record.levelname.lower()}: {record.getMessage()}")


def _log_to_stderr() -> None:
    logger = logging.getLogger("hwcomp")
    if not any(isinstance(handler, _Warnings) for handler in logger.handlers):
        logger.addHandler(_Warnings(logging.WARNING))


def problem_json(problem: Problem) -> dict[str, str]:
    """A problem's fields."""
    return {"code": problem.code, "at": problem.at, "what": problem.what, "fix": problem.fix}


def _print_problems(problems: Sequence[Problem]) -> None:
    from rich.text import Text

    console = _console(stderr=True)
    for problem in problems[:_SHOWN_PROBLEMS]:
        line = Text.assemble((f"[{problem.code}]", "bold red"), " ", (problem.at, "bold"), f": {problem.what}")
        console.print(line, soft_wrap=True)
        console.print(Text.assemble(("  fix:", "green"), f" {problem.fix}"), soft_wrap=True)
    if len(problems) > _SHOWN_PROBLEMS:
        warn(f"and {len(problems) - _SHOWN_PROBLEMS:,} problems more; '--json' lists all")


@contextmanager
def progress_bar(as_json: bool) -> Generator[Progress | None]:
    """A callback `(stage, done, total)` that draws one bar a stage on stderr; None where nobody would see it."""
    if as_json or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=_console(stderr=True), transient=True) as bars:
        tasks = {"": bars.add_task("", total=None, visible=False)}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield update
