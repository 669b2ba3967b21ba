"""Tasks on many machines, through Dask. The suite's folder and the models lie at the same paths on all of them."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Protocol

from hwcomp.regress.isolate import Task, run_isolated
from hwcomp.regress.outcome import Outcome, Status
from hwcomp.regress.pool import Backend, Started
from hwcomp.support.errors import EXIT_MODEL, HwcompError

QUEUES = {"slurm": "SLURMCluster", "lsf": "LSFCluster"}
"""The batch systems by their name, and their class in dask-jobqueue."""
_CONNECT_SECONDS = 30


class _Future(Protocol):
    def exception(self) -> BaseException | None: ...
    def result(self) -> Outcome: ...
    def __hash__(self) -> int: ...


class _Client(Protocol):
    """What is used of `distributed.Client`, which is imported late."""

    @property
    def loop(self) -> object: ...
    def submit(self, function: Callable[[Task], Outcome], task: Task, *, pure: bool) -> _Future: ...


def scheduler(address: str) -> Backend:
    """The workers of the Dask scheduler at `address`, such as tcp://head:8786.

    Raises:
        HwcompError: HWC602 no Dask here; when it runs, HWC601 the scheduler does not answer.
    """
    distributed = _package("distributed", "dask[distributed]")

    def run(tasks: Sequence[Task], started: Started) -> Iterator[tuple[Task, Outcome]]:
        try:
            client = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:  # TimeoutError is an OSError
            what = f"the Dask scheduler does not answer: {type(error).__name__}"
            raise HwcompError(
                "HWC601", what, address, "start 'dask scheduler' there, or correct the address"
            ) from error
        with client:
            yield from _run(distributed, client, tasks, started)

    return run


def batch(queue: str, jobs: int) -> Backend:
    """`jobs` workers that dask-jobqueue asks of a batch system, by the user's `jobqueue.yaml`.

    Raises:
        HwcompError: HWC005 no such system; HWC602 no dask-jobqueue here.
    """
    if queue not in QUEUES:
        fix = f"use one of: {', '.join(QUEUES)}"
        raise HwcompError("HWC005", f"there is no batch system '{queue}'", "--dask-jobqueue", fix)
    distributed = _package("distributed", "dask[distributed]")
    jobqueue = _package("dask_jobqueue", "dask-jobqueue")

    def run(tasks: Sequence[Task], started: Started) -> Iterator[tuple[Task, Outcome]]:
        try:
            cluster = getattr(jobqueue, QUEUES[queue])()
        except ValueError as error:  # cores or memory are in no configuration
            fix = "set them in ~/.config/dask/jobqueue.yaml, as dask-jobqueue says"
            raise HwcompError("HWC601", f"the queue is not set up: {error}", "--dask-jobqueue", fix) from error
        with cluster:
            cluster.scale(jobs=jobs)
            with distributed.Client(cluster, set_as_default=False) as client:
                yield from _run(distributed, client, tasks, started)

    return run


def _run(
    distributed: ModuleType, client: _Client, tasks: Sequence[Task], started: Started
) -> Iterator[tuple[Task, Outcome]]:
    """Dask does not say when a task begins: all begin when they are given to it."""
    futures: dict[_Future, Task] = {client.submit(run_isolated, task, pure=False): task for task in tasks}
    for task in tasks:
        started(task)
    ended: Iterator[_Future] = distributed.as_completed(list(futures), loop=client.loop)
    for future in ended:
        error = future.exception()
        if error is None:
            yield futures[future], future.result()
        else:
            what = f"lost on the cluster: {type(error).__name__}: {error}"
            yield futures[future], Outcome(Status.CRASHED, EXIT_MODEL, message=what)


def _package(name: str, install: str) -> ModuleType:
    if importlib.util.find_spec(name) is None:
        fix = f"pip install 'hwcomp[dask]' (or {install})"
        raise HwcompError("HWC602", f"the Python package {name} is missing", "--dask", fix)
    return importlib.import_module(name)
