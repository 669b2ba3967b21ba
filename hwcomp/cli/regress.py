"""`hwcomp regress SUITE`: build, verify and measure a matrix of jobs, and say what changed since it was last green."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwcomp.cli.options import Json
from hwcomp.cli.output import reporting, say, say_json, say_table
from hwcomp.cli.regress_output import report_json, say_report, watching
from hwcomp.support.errors import HwcompError

if TYPE_CHECKING:
    from hwcomp.regress.matrix import Job
    from hwcomp.regress.pool import Backend
    from hwcomp.regress.run import Plan, Report

_INTERRUPTED = 130
_HISTORY = Path(".hwcomp") / "regress.sqlite"


def regress(
    suite: Annotated[Path, typer.Argument(metavar="SUITE", help="A suite.toml: docs/regress.md has its form.")],
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, metavar="N", help="How many jobs run at once.")] = 1,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="PATTERN", help="Part of a job's name, or a glob for the whole of it."),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Print the names of the jobs and stop.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last run, if it was interrupted.")] = False,
    history: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Default: .hwcomp/regress.sqlite beside the suite.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write JUnit XML.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json-file", metavar="FILE", help="Also write JSON.")] = None,
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS", help="Run on the workers of this Dask scheduler.")
    ] = None,
    dask_jobqueue: Annotated[
        str | None, typer.Option("--dask-jobqueue", metavar="slurm|lsf", help="Run on N workers of a batch system.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run every job of SUITE: build, verify, take figures; keep the results and compare them with the last ones."""
    with reporting(as_json):
        from hwcomp.regress.matrix import chosen, jobs_of
        from hwcomp.regress.run import Plan
        from hwcomp.regress.suite import read_suite

        found = read_suite(suite)
        picked = chosen(jobs_of(found), only or (), str(suite))
        if listing:
            _list(picked, as_json)
            return
        backend = _backend(jobs, dask, dask_jobqueue)
        file = history or suite.parent / _HISTORY
        plan = Plan(found.name, picked, "\n".join(only or ()), file.parent / "jobs", resume)
        report = _run(plan, file, backend, as_json)
        _write(report, junit, json_file)
    if as_json:
        say_json(report_json(report))
    else:
        say_report(report)
    raise typer.Exit(report.exit_code)


def _list(jobs: Sequence[Job], as_json: bool) -> None:
    if as_json:
        say_json({"jobs": [job.name for job in jobs]})
        return
    rows = [(job.name, job.target, ", ".join(job.rungs) or "all", job.seconds) for job in jobs]
    say_table(f"{len(jobs)} jobs", ("job", "target", "rungs", "seconds at most"), rows)


def _backend(jobs: int, address: str | None, queue: str | None) -> Backend:
    if address is not None and queue is not None:
        fix = "give '--dask' or '--dask-jobqueue', not both"
        raise HwcompError("HWC011", "two places to run on are given", "--dask-jobqueue", fix)
    if address is None and queue is None:
        from hwcomp.regress.pool import local

        return local(jobs)
    from hwcomp.regress.cluster import batch, scheduler

    return batch(queue, jobs) if queue is not None else scheduler(address or "")


def _run(plan: Plan, file: Path, backend: Backend, as_json: bool) -> Report:
    from hwcomp.regress.history import open_history
    from hwcomp.regress.run import run_suite

    try:
        with open_history(file, plan.suite) as history, watching(len(plan.jobs), as_json) as observer:
            return run_suite(plan, history, backend, observer)
    except KeyboardInterrupt:
        say("interrupted; '--resume' goes on from here", style="yellow")
        raise typer.Exit(_INTERRUPTED) from None


def _write(report: Report, junit: Path | None, json_file: Path | None) -> None:
    import json

    from hwcomp.regress.junit import junit_xml

    if junit is not None:
        _save(junit, junit_xml(report))
    if json_file is not None:
        _save(json_file, (json.dumps(report_json(report), indent=2, ensure_ascii=False) + "\n").encode())


def _save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HwcompError("HWC004", f"it cannot be written: {reason}", str(path), "give another file") from error
