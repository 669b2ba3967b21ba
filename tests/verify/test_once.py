"""Folders that are made once: by two processes at a time, after a kill, after a failure."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from hwcomp.verify.once import make_once

CONTEXT = multiprocessing.get_context("spawn")
WAIT_SECONDS = 20.0


def _make_slowly(goal: Path, log: Path, seconds: float) -> None:
    def make(folder: Path) -> None:
        with log.open("a", encoding="ascii") as file:
            file.write("made\n")
        (folder / "half").write_text("x", encoding="ascii")
        time.sleep(seconds)
        (folder / "whole").write_text("x", encoding="ascii")

    make_once(goal, make)


def _fill(folder: Path) -> None:
    (folder / "whole").write_text("x", encoding="ascii")


def test_two_processes_make_it_once(tmp_path: Path) -> None:
    goal, log = tmp_path / "cache" / "bench", tmp_path / "log"
    processes = [CONTEXT.Process(target=_make_slowly, args=(goal, log, 0.5)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(WAIT_SECONDS)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert log.read_text("ascii").split() == ["made"]
    assert sorted(path.name for path in goal.iterdir()) == ["half", "whole"]
    assert sorted(path.name for path in goal.parent.iterdir()) == ["bench", "locks"]


@pytest.mark.parametrize("name", ["bench", "another"])
def test_what_a_killed_process_left_is_removed(name: str, tmp_path: Path) -> None:
    goal, log = tmp_path / "cache" / "bench", tmp_path / "log"
    process = CONTEXT.Process(target=_make_slowly, args=(goal, log, 60.0))
    process.start()
    until = time.monotonic() + WAIT_SECONDS
    while not list((tmp_path / "cache").glob("making.*/half")) and time.monotonic() < until:
        time.sleep(0.02)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(WAIT_SECONDS)
    assert not goal.exists() and len(list(goal.parent.glob("making.*"))) == 1
    made = make_once(goal.parent / name, _fill)
    assert [path.name for path in made.iterdir()] == ["whole"]
    assert sorted(path.name for path in goal.parent.iterdir()) == sorted([name, "locks"])


def test_a_living_maker_is_left_alone(tmp_path: Path) -> None:
    goal, log = tmp_path / "cache" / "bench", tmp_path / "log"
    process = CONTEXT.Process(target=_make_slowly, args=(goal, log, 1.5))
    process.start()
    until = time.monotonic() + WAIT_SECONDS
    while not list((tmp_path / "cache").glob("making.*/half")) and time.monotonic() < until:
        time.sleep(0.02)
    make_once(goal.parent / "another", _fill)
    process.join(WAIT_SECONDS)
    assert process.exitcode == 0
    assert (goal / "whole").is_file()


def test_a_failure_leaves_nothing_and_can_be_tried_again(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        _fill(folder)
        raise ValueError("no")

    goal = tmp_path / "bench"
    with pytest.raises(ValueError, match="no"):
        make_once(goal, fail)
    assert not goal.exists() and not list(tmp_path.glob("making.*"))
    assert (make_once(goal, _fill) / "whole").is_file()
    assert (make_once(goal, fail) / "whole").is_file()
