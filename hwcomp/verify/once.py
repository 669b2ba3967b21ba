"""Make a folder once, for all processes at once: it appears whole or not at all, and a kill leaves nothing for long.

A lock of the operating system goes with its process, however that ends. A maker works in a folder of its own and
renames it; who wants the same waits. Whoever makes anything beside it removes what dead makers left.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

_MAKING = "making."
_LOCKS = "locks"


def make_once(goal: Path, make: Callable[[Path], None]) -> Path:
    """`goal`, filled by `make(folder)` now or by any process before. A failed `make` leaves nothing."""
    if goal.is_dir():
        return goal
    locks = goal.parent / _LOCKS
    locks.mkdir(parents=True, exist_ok=True)
    with _locked(locks / goal.name):
        if goal.is_dir():
            return goal
        _sweep(goal.parent, locks, own=goal.name)
        fresh = Path(tempfile.mkdtemp(prefix=f"{_MAKING}{goal.name}.", dir=goal.parent))
        try:
            make(fresh)
            fresh.rename(goal)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return goal


def _sweep(parent: Path, locks: Path, own: str) -> None:
    """Remove the folders whose makers live no more: their locks are free, or we hold them."""
    for left in parent.glob(f"{_MAKING}*"):
        name = left.name.removeprefix(_MAKING).rpartition(".")[0]
        if name == own:
            shutil.rmtree(left, ignore_errors=True)
            continue
        with _try_lock(locks / name) as is_ours:
            if is_ours:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Wait for the lock of `path` and hold it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


@contextmanager
def _try_lock(path: Path) -> Generator[bool]:
    """Hold the lock of `path` if it is free; says whether."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)
