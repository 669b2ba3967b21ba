"""Runs a script of many bundles, each in a process forked from one that has TVM: `tvm_worker.py SCRIPT FOLDER...`.

Each leaves SCRIPT.log in its folder, whose last line says how it ended.
"""

from __future__ import annotations

import os
import runpy
import sys
import traceback
from pathlib import Path

import tvm
from tvm import s_tir, tirx

assert tvm and s_tir and tirx


def run(script: str, folder: Path) -> int:
    """The exit code of the script, in this process."""
    os.chdir(folder)
    sys.argv = [script]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  # it must not leave the forked process
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    script = sys.argv[1]
    for folder in map(Path, sys.argv[2:]):
        log = folder / f"{script}.log"
        child = os.fork()
        if child == 0:
            with log.open("w") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
                code = run(script, folder)
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        with log.open("a") as file:
            file.write(f"ended {os.waitstatus_to_exitcode(status)}\n")


if __name__ == "__main__":
    main()
