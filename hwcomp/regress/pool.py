"""Tasks on this machine, some at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

from hwcomp.regress.isolate import Task, run_isolated
from hwcomp.regress.outcome import Outcome

Started = Callable[[Task], None]
Backend = Callable[[Sequence[Task], Started], Iterator[tuple[Task, Outcome]]]
"""Runs tasks: gives each with its outcome as it ends, and calls `Started` as it begins (in the caller's thread)."""


def local(workers: int) -> Backend:
    """At most `workers` jobs at once, each in a process of its own."""

    def run(tasks: Sequence[Task], started: Started) -> Iterator[tuple[Task, Outcome]]:
        events: SimpleQueue[tuple[Task, Outcome | BaseException | None]] = SimpleQueue()
        stop = threading.Event()

        def one(task: Task) -> None:
            events.put((task, None))
            try:
                events.put((task, run_isolated(task, stop)))
            except BaseException as error:  # noqa: BLE001  it is raised again in the caller's thread
                events.put((task, error))

        executor = ThreadPoolExecutor(workers)
        try:
            for task in tasks:
                executor.submit(one, task)
            left = len(tasks)
            while left:
                task, outcome = events.get()
                if outcome is None:
                    started(task)
                    continue
                if isinstance(outcome, BaseException):
                    raise outcome
                left -= 1
                yield task, outcome
        finally:
            stop.set()
            executor.shutdown(cancel_futures=True)

    return run
