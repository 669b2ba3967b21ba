"""What became of a job, and its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum

from hwcomp.support.errors import EXIT_GOOD, EXIT_MISMATCH, EXIT_MODEL, EXIT_TOOL, EXIT_USAGE
from hwcomp.support.json_values import items, record, text, whole


class Status(Enum):
    """GREEN alone is good. REFUSED: the model can't be built; UNUSABLE: a file or an option is wrong; UNVERIFIED: a
    tool is missing; TIMEOUT, CRASHED: its process did not end by itself."""

    GREEN = "green"
    MISMATCH = "mismatch"
    REFUSED = "refused"
    UNUSABLE = "unusable"
    UNVERIFIED = "unverified"
    TIMEOUT = "timeout"
    CRASHED = "crashed"

    @property
    def is_repeatable(self) -> bool:
        """Whether the same inputs give it again, whatever the machine is doing."""
        return self in (Status.GREEN, Status.MISMATCH, Status.REFUSED)


OF_EXIT = {
    EXIT_GOOD: Status.GREEN,
    EXIT_MODEL: Status.REFUSED,
    EXIT_USAGE: Status.UNUSABLE,
    EXIT_MISMATCH: Status.MISMATCH,
    EXIT_TOOL: Status.UNVERIFIED,
}
_WORST_FIRST = (EXIT_MISMATCH, EXIT_MODEL, EXIT_USAGE, EXIT_TOOL)


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung that was climbed: verdict as in `hwcomp.verify.ladder`."""

    name: str
    verdict: str
    note: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """exit_code: what the job alone would give; milliseconds: of its whole duration; message: what went wrong, "" where
    nothing did; figures: the less the better, all of them exact counts; host: where it ran."""

    status: Status
    exit_code: int
    milliseconds: int = 0
    message: str = ""
    rungs: tuple[Rung, ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict[str, int])
    host: str = ""

    @property
    def is_green(self) -> bool:
        return self.status is Status.GREEN

    def fields(self) -> dict[str, object]:
        """Its fields as JSON values."""
        found: dict[str, object] = asdict(self)
        return found | {"status": self.status.value, "figures": dict(self.figures)}

    def to_json(self) -> str:
        return json.dumps(self.fields())


def parse_outcome(line: str) -> Outcome:
    """Inverts `Outcome.to_json`. Raises ValueError or KeyError where it cannot."""
    found = record(json.loads(line))
    rungs = [record(item) for item in items(found["rungs"])]
    return Outcome(
        status=Status(text(found["status"])),
        exit_code=whole(found["exit_code"]),
        milliseconds=whole(found["milliseconds"]),
        message=text(found["message"]),
        rungs=tuple(Rung(text(r["name"]), text(r["verdict"]), text(r["note"])) for r in rungs),
        figures={name: whole(value) for name, value in record(found["figures"]).items()},
        host=text(found["host"]),
    )


def worst_exit_code(outcomes: Iterable[Outcome]) -> int:
    """0 if all are green; else a mismatch before a model that can't be built, wrong usage, a missing tool."""
    codes = {outcome.exit_code for outcome in outcomes}
    return next((code for code in _WORST_FIRST if code in codes), EXIT_GOOD)
