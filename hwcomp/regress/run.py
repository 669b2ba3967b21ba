"""A run of a suite: hash, leave out what an interrupted run did, run the rest, store each result, compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwcomp import __version__
from hwcomp.regress.changes import Change, changes_of
from hwcomp.regress.history import History
from hwcomp.regress.inputs import Inputs, inputs_of, source_hash
from hwcomp.regress.isolate import Task, task_of
from hwcomp.regress.matrix import Job
from hwcomp.regress.outcome import Outcome, worst_exit_code
from hwcomp.regress.pool import Backend


@dataclass(frozen=True, slots=True)
class Row:
    """A job and what became of it; is_reused: its result stood in the run that was interrupted."""

    job: Job
    inputs: Inputs
    outcome: Outcome
    is_reused: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A finished run: its number in the history, its rows in the suite's order, its changes."""

    suite: str
    run: int
    is_resumed: bool
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]

    @property
    def exit_code(self) -> int:
        return worst_exit_code(row.outcome for row in self.rows)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. chosen: the text of the choice, by which an interrupted run is known again; work: a folder for the
    jobs' own."""

    suite: str
    jobs: Sequence[Job]
    chosen: str
    work: Path
    resume: bool


@dataclass(frozen=True, slots=True)
class Observer:
    """Is told of each job: that it began, and its row when it is done."""

    started: Callable[[Job], None]
    done: Callable[[Row], None]


def run_suite(plan: Plan, history: History, backend: Backend, observer: Observer) -> Report:
    """Run the plan. Whatever ends this process, the results so far are stored."""
    interrupted = history.interrupted(plan.chosen) if plan.resume else None
    run = interrupted or history.begin(plan.chosen, __version__, source_hash())
    inputs = {job.name: inputs_of(job) for job in plan.jobs}
    rows: dict[str, Row] = {}
    for job in plan.jobs:
        known = _known(history, interrupted, job, inputs[job.name])
        if known is not None:
            rows[job.name] = Row(job, inputs[job.name], known, True)
            observer.done(rows[job.name])
    tasks = [task_of(job, inputs[job.name], plan.work) for job in plan.jobs if job.name not in rows]
    for task, outcome in backend(tasks, lambda task: observer.started(task.job)):
        rows[task.job.name] = _stored(history, run, task, outcome)
        observer.done(rows[task.job.name])
    ordered = tuple(rows[job.name] for job in plan.jobs)
    changes = tuple(c for row in ordered for c in changes_of(history, run, row.job, row.inputs, row.outcome))
    report = Report(plan.suite, run, interrupted is not None, ordered, changes)
    history.finish(run, report.exit_code)
    return report


def _known(history: History, run: int | None, job: Job, inputs: Inputs) -> Outcome | None:
    """The stored outcome of the same inputs, if running again would give it again."""
    result = None if run is None else history.result(run, job.name)
    if result is None or result.inputs != inputs.all or not result.outcome.status.is_repeatable:
        return None
    return result.outcome


def _stored(history: History, run: int, task: Task, outcome: Outcome) -> Row:
    history.store(run, task.job.name, task.inputs, outcome)
    return Row(task.job, task.inputs, outcome, False)
