"""A job in a process group of its own, with a limit of time: whatever becomes of it, there is an outcome."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from hwcomp.regress.inputs import Inputs
from hwcomp.regress.matrix import Job
from hwcomp.regress.outcome import Outcome, Status, parse_outcome
from hwcomp.support.errors import EXIT_MISMATCH, EXIT_MODEL
from hwcomp.support.naming import clean

_POLL_SECONDS = 0.2
_TAIL_LINES = 6
_TAIL_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Task:
    """A job with the hashes of its inputs and its own folder, where its bundle is kept after a mismatch."""

    job: Job
    inputs: Inputs
    folder: Path

    def to_json(self) -> str:
        """A line for the child."""
        expected = {"model": self.inputs.model, "source": self.inputs.source}
        return json.dumps(expected | {"job": self.job.to_json(), "bundle": str(self.folder / "bundle")})


def task_of(job: Job, inputs: Inputs, work: Path) -> Task:
    """The task of a job whose folder lies in `work`, which exists on the machine that runs it."""
    name = clean(job.name)
    return Task(job, inputs, (work / f"{name}_{inputs.all[:8]}").resolve())


def run_isolated(task: Task, stop: threading.Event | None = None) -> Outcome:
    """Run the job in a child and wait for it; `stop` ends it early, which counts as crashed.

    The child's compilers and simulators are in its process group and end with it. The child itself ends when this
    process does, however that ends: its standard input closes.
    """
    started = time.monotonic()
    shutil.rmtree(task.folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="hwc-regress-", ignore_cleanup_errors=True) as holder:
        outcome = _waited(task, Path(holder), stop or threading.Event())
    if outcome.status is not Status.MISMATCH:
        shutil.rmtree(task.folder, ignore_errors=True)
    milliseconds = round((time.monotonic() - started) * 1000)
    return replace(outcome, milliseconds=milliseconds, host=socket.gethostname())


def _waited(task: Task, holder: Path, stop: threading.Event) -> Outcome:
    environment = os.environ | {"TMPDIR": str(holder), **_checkout_path()}
    said, errors = holder / "said", holder / "errors"
    with said.open("wb") as out, errors.open("wb") as err:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "hwcomp.regress.child"],
            stdin=subprocess.PIPE, stdout=out, stderr=err, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            _tell(child, task)
            limit = _wait(child, task.job.seconds, stop)
        finally:
            _end(child)
    return _outcome(task, child.returncode, limit, said, errors)


def _checkout_path() -> dict[str, str]:
    """PYTHONPATH with the checkout that this module is in; nothing where hwcomp is installed."""
    folder = Path(__file__).resolve().parent.parent.parent
    if not (folder / "pyproject.toml").is_file():
        return {}
    return {"PYTHONPATH": os.pathsep.join(part for part in (str(folder), os.environ.get("PYTHONPATH", "")) if part)}


def _tell(child: subprocess.Popen[bytes], task: Task) -> None:
    """Send the task; the pipe stays open, and a child that is gone already shows by its exit code."""
    assert child.stdin is not None
    with suppress(BrokenPipeError):
        child.stdin.write(f"{task.to_json()}\n".encode())
        child.stdin.flush()


def _wait(child: subprocess.Popen[bytes], seconds: int, stop: threading.Event) -> str:
    """Wait for the end; "" if it came by itself, else why it did not."""
    deadline = time.monotonic() + seconds
    while child.poll() is None:
        if stop.is_set():
            return "stopped"
        left = deadline - time.monotonic()
        if left <= 0:
            return "timeout"
        try:
            child.wait(min(left, _POLL_SECONDS))
        except subprocess.TimeoutExpired:
            continue
    return ""


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child's group, and reap it."""
    with suppress(ProcessLookupError, PermissionError):  # nobody is left, or (macOS) none but zombies
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()


def _outcome(task: Task, code: int, limit: str, said: Path, errors: Path) -> Outcome:
    lines = said.read_text(encoding="utf-8", errors="replace").splitlines()
    stages = [line.removeprefix("stage ") for line in lines if line.startswith("stage ")]
    results = [line.removeprefix("outcome ") for line in lines if line.startswith("outcome ")]
    if results and not limit:
        return parse_outcome(results[-1])
    stage = stages[-1] if stages else "start"
    exit_code = EXIT_MODEL if stage in ("start", "build") else EXIT_MISMATCH
    if limit == "timeout":
        return Outcome(Status.TIMEOUT, exit_code, message=f"not done after {task.job.seconds} s, in stage '{stage}'")
    what = f"killed by {_signal(-code)}" if code < 0 else f"exit code {code}"
    tail = errors.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace").strip().splitlines()[-_TAIL_LINES:]
    return Outcome(Status.CRASHED, exit_code, message="\n".join([f"{what} in stage '{stage}'", *tail]))


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
