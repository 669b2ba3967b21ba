"""The process of one job: `python -m hwcomp.regress.child`, with the task on standard input, which stays open.

It says `stage NAME` as each stage begins and `outcome JSON` at the end. When its input closes, its parent is gone: it
kills its own process group.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from hwcomp.regress.inputs import model_hash, source_hash
from hwcomp.regress.matrix import parse_job
from hwcomp.regress.outcome import Outcome, Status
from hwcomp.regress.work import run_job
from hwcomp.support.errors import EXIT_USAGE
from hwcomp.support.json_values import record, text

_OTHER_SOURCE = "hwcomp's own files changed since the run began, or differ on this machine"


def main() -> None:
    parent = os.fdopen(os.dup(0), "rb", buffering=0)  # not inherited by compilers and simulators
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    task = record(json.loads(_line(parent.fileno())))
    threading.Thread(target=_die_with, args=(parent.fileno(),), daemon=True).start()
    job = parse_job(text(task["job"]))
    outcome = _stale(job.model, text(task["model"]), text(task["source"]))
    if outcome is None:
        outcome = run_job(job, Path(text(task["bundle"])), lambda stage: _say(f"stage {stage}"))
    _say(f"outcome {outcome.to_json()}")


def _stale(model: str, model_expected: str, source_expected: str) -> Outcome | None:
    """On another machine, or after an edit, the inputs may not be those that the result would be stored under."""
    if source_hash() != source_expected:
        return Outcome(Status.UNUSABLE, EXIT_USAGE, message=_OTHER_SOURCE)
    if model_hash(Path(model)) != model_expected:
        return Outcome(Status.UNUSABLE, EXIT_USAGE, message=f"{model} is not the file that the run started with")
    return None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _line(source: int) -> bytes:
    found = b""
    while not found.endswith(b"\n") and (more := os.read(source, 1 << 16)):
        found += more
    return found


def _die_with(source: int) -> None:
    while os.read(source, 1):
        continue
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
