"""What changed: each job against its own last results, so that a run of a few jobs is compared as well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from hwcomp.regress.history import History, Result
from hwcomp.regress.inputs import Inputs
from hwcomp.regress.matrix import Job
from hwcomp.regress.outcome import Outcome


class Kind(Enum):
    """BROKEN: it fails, and was green before; FAILING: it failed before; FIXED: it is green again; WORSE, BETTER: a
    figure of a green job; ADDED, GONE: a figure that the other run has not."""

    BROKEN = "newly failing"
    FAILING = "still failing"
    FIXED = "fixed"
    WORSE = "worse"
    BETTER = "better"
    ADDED = "new figure"
    GONE = "figure gone"


@dataclass(frozen=True, slots=True)
class Change:
    """since: the run that is compared with, the job's last green one where there is; 0 where there is none. cause: what
    of the inputs differs. figure, before, after: of a figure, else "" and None."""

    kind: Kind
    job: str
    since: int
    cause: str
    figure: str = ""
    before: int | None = None
    after: int | None = None

    def __str__(self) -> str:
        if not self.figure:
            last = f"last green in run {self.since}" if self.since else "never green"
            return f"{self.kind.value}: {self.job} ({last}; {self.cause})"
        before, after = ("none" if value is None else f"{value:,}" for value in (self.before, self.after))
        return f"{self.kind.value}: {self.job}: {self.figure} {before} to {after} (run {self.since}; {self.cause})"

    def fields(self) -> dict[str, object]:
        """Its fields as JSON values."""
        return {
            "kind": self.kind.value, "job": self.job, "since": self.since, "cause": self.cause,
            "figure": self.figure or None, "before": self.before, "after": self.after,
        }  # fmt: skip


def changes_of(history: History, run: int, job: Job, inputs: Inputs, outcome: Outcome) -> list[Change]:
    """The changes of one job of the run; none for a green job without a past."""
    last = history.previous(run, job.name, green=False)
    green = history.previous(run, job.name, green=True)
    since = 0 if green is None else green.run
    cause = _cause(green or last, inputs)
    if not outcome.is_green:
        was_green = last is None or last.outcome.is_green
        return [Change(Kind.BROKEN if was_green else Kind.FAILING, job.name, since, cause)]
    found = [Change(Kind.FIXED, job.name, since, cause)] if last is not None and not last.outcome.is_green else []
    return found if green is None else [*found, *_figures(job.name, green, outcome, cause)]


def _cause(before: Result | None, inputs: Inputs) -> str:
    if before is None:
        return "first run"
    if before.inputs == inputs.all:
        return "same inputs: a tool outside changed, or the history"
    return "another model" if before.model != inputs.model else "the same model; options or hwcomp changed"


def _figures(job: str, before: Result, outcome: Outcome, cause: str) -> Iterable[Change]:
    """Figures are counts, and less is better: any difference is one."""
    old, new = before.outcome.figures, outcome.figures
    for name in dict.fromkeys([*old, *new]):
        was, value = old.get(name), new.get(name)
        if was == value:
            continue
        if was is None or value is None:
            kind = Kind.ADDED if was is None else Kind.GONE
        else:
            kind = Kind.WORSE if value > was else Kind.BETTER
        yield Change(kind, job, before.run, cause, name, was, value)
