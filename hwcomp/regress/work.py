"""A job from its start to its end, in the process that calls: build, verify, figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hwcomp import driver
from hwcomp.frontends.input_form import input_forms
from hwcomp.regress.figures import figures_of
from hwcomp.regress.matrix import Job
from hwcomp.regress.outcome import OF_EXIT, Outcome, Rung, Status
from hwcomp.support.errors import EXIT_MISMATCH, EXIT_TOOL, HwcompError
from hwcomp.verify.ladder import RungResult, verify_bundle

Say = Callable[[str], None]
"""Called with each stage as it begins: "build", "verify", "figures"."""


def run_job(job: Job, bundle: Path, say: Say) -> Outcome:
    """Build the job's model into the folder `bundle`, verify it and take its figures."""
    rungs: tuple[Rung, ...] = ()
    try:
        say("build")
        driver.build(Path(job.model), job.target, bundle, _options(job))
        say("verify")
        results = verify_bundle(bundle, job.rungs)
        rungs = tuple(Rung(result.name, result.verdict, result.reason) for result in results)
        bad = _bad(results, named=bool(job.rungs))
        if bad is not None:
            return Outcome(bad[0], bad[1], message=bad[2], rungs=rungs)
        say("figures")
        figures = figures_of(bundle, job.target, job.figures, rungs)
    except HwcompError as error:
        return Outcome(OF_EXIT[error.exit_code], error.exit_code, message=str(error), rungs=rungs)
    return Outcome(Status.GREEN, 0, rungs=rungs, figures=figures)


def _options(job: Job) -> driver.BuildOptions:
    return driver.BuildOptions(
        reference=job.reference or None,
        exact=job.exact or "listed",
        target_options=dict(job.options),
        force=True,
        inputs=input_forms(job.inputs),
    )


def _bad(results: Sequence[RungResult], *, named: bool) -> tuple[Status, int, str] | None:
    """What is wrong with the ladder, by the rules of `hwcomp verify`: a rung that was named must run."""
    for result in results:
        if result.mismatch is not None or result.verdict == "mismatch":
            return Status.MISMATCH, EXIT_MISMATCH, f"[HWC501] {result.name}: {result.mismatch or result.reason}"
    skipped = [result for result in results if result.verdict == "skipped"]
    if skipped and (named or len(skipped) == len(results)):
        return Status.UNVERIFIED, EXIT_TOOL, f"{skipped[0].name} cannot run: {skipped[0].reason}"
    return None
