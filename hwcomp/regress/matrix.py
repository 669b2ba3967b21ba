"""The product of a suite's models, targets, options, references and policies: its jobs, each with a name of its own."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

from hwcomp.regress.suite import ModelEntry, Suite, TargetEntry
from hwcomp.support.errors import HwcompError, Problem, raise_all
from hwcomp.support.json_values import items, record, text, whole
from hwcomp.targets import load_target
from hwcomp.verify.ladder import rungs_of

_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Job:
    """One build with what follows it.

    name: unique in its suite, such as `kws/mcu:arch=generic/onnx/strict`; model: the path of its file; target: the
    target's name; options: sorted; reference, exact: "" for the default; rungs: () for all that the target has;
    seconds: the limit of its whole duration; inputs: how float inputs are quantised.
    """

    name: str
    model: str
    target: str
    options: tuple[tuple[str, str], ...]
    reference: str
    exact: str
    rungs: tuple[str, ...]
    figures: tuple[str, ...]
    seconds: int
    inputs: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def parse_job(line: str) -> Job:
    """Inverts `Job.to_json`. Raises ValueError or KeyError where it cannot."""
    found = record(json.loads(line))
    pairs = [[text(part) for part in items(pair)] for pair in items(found["options"])]
    return Job(
        name=text(found["name"]),
        model=text(found["model"]),
        target=text(found["target"]),
        reference=text(found["reference"]),
        exact=text(found["exact"]),
        options=tuple((key, value) for key, value in pairs),
        rungs=tuple(text(name) for name in items(found["rungs"])),
        figures=tuple(text(name) for name in items(found["figures"])),
        seconds=whole(found["seconds"]),
        inputs=tuple(text(form) for form in items(found["inputs"])),
    )


def jobs_of(suite: Suite) -> list[Job]:
    """All jobs that `only` and `skip` of the suite leave, models first.

    Raises:
        HwcompError: HWC006 options that a target does not take; HWC012 a rung that it has not; HWC014 none is left.
    """
    _check_targets(suite)
    found = [
        job
        for model, target in itertools.product(suite.models, suite.targets)
        for job in _jobs(suite, model, target)
        if (not suite.only or matches(job.name, suite.only)) and not matches(job.name, suite.skip)
    ]
    if not found:
        fix = "mend 'only' and 'skip' of its [matrix]"
        raise HwcompError("HWC014", "its patterns leave no job", str(suite.file), fix)
    return found


def chosen(jobs: Sequence[Job], patterns: Sequence[str], at: str) -> list[Job]:
    """The jobs that one of the patterns matches; all without a pattern.

    Raises:
        HwcompError: HWC014 there is none.
    """
    found = [job for job in jobs if not patterns or matches(job.name, patterns)]
    if not found:
        what = f"no job matches {', '.join(repr(pattern) for pattern in patterns)}"
        raise HwcompError("HWC014", what, at, f"'--list' prints the names, such as {jobs[0].name}")
    return found


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns is of `name`: with `*`, `?` or `[` the whole name, else any part of it."""
    return any(fnmatchcase(name, p) if _WILD & set(p) else p in name for p in patterns)


def _jobs(suite: Suite, model: ModelEntry, target: TargetEntry) -> Iterable[Job]:
    names = [name for name, _ in target.options]
    for values in itertools.product(*(values for _, values in target.options)):
        options = tuple(sorted(zip(names, values, strict=True)))
        varied = [f"{name}={value}" for name, value in options if len(dict(target.options)[name]) > 1]
        place = f"{target.label}:{','.join(varied)}" if varied else target.label
        exacts = model.exacts or suite.exacts
        for reference, exact in itertools.product(model.references or ("",), exacts or ("",)):
            yield Job(
                name="/".join(part for part in (model.name, place, reference, exact) if part),
                model=str(model.path),
                target=target.name,
                options=options,
                reference=reference,
                exact=exact,
                rungs=_rungs(suite, target),
                figures=target.figures or suite.figures,
                seconds=model.seconds or target.seconds or suite.seconds,
                inputs=model.inputs,
            )


def _rungs(suite: Suite, target: TargetEntry) -> tuple[str, ...]:
    """The target's own choice; of the suite's those that the target has."""
    offered = rungs_of(target.name)
    return target.rungs or tuple(name for name in suite.rungs if name in offered)


def _check_targets(suite: Suite) -> None:
    problems: list[Problem] = []
    for place, target in enumerate(suite.targets, 1):
        at = f"{suite.file}: [[target]] {place}"
        offered = rungs_of(target.name)
        unknown = [name for name in target.rungs if name not in offered]
        if unknown or (suite.rungs and not _rungs(suite, target)):
            what = f"target '{target.name}' has no rung '{(unknown or list(suite.rungs))[0]}'"
            problems.append(Problem("HWC012", what, at, f"set its 'rungs' to some of: {', '.join(offered)}"))
        for key, values in target.options:
            problems += _refused(target.name, key, values)
    raise_all(problems)


def _refused(target: str, key: str, values: Sequence[str]) -> list[Problem]:
    found: list[Problem] = []
    for value in values:
        try:
            load_target(target).parse_options({key: value})
        except HwcompError as error:
            found += error.problems
    return found
