"""Runs `hwcomp` on many files, each in a child of its own with limits: `python -m tests.errors.sandbox < jobs.json`.

Standard input: [{"folder": F, "arguments": [...]}]. Standard output: for each job {"exit", "cpu_seconds", "rss_bytes",
"said"}; exit is negative where a signal ended the child. The packages are imported once, before the children.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile

CPU_SECONDS = 4
MEMORY_BYTES = 1 << 30
"""What a child may ask for beyond what the imports hold."""


def own_memory_bytes() -> int:
    """Virtual memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  no path object before the fork
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def run_one(folder: str, arguments: list[str]) -> dict[str, object]:
    """Fork, limit, run; the child's output is what it said."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            _in_child(folder, arguments, said.fileno())
        _, status, usage = os.wait4(child, 0)
        said.seek(0)
        return {
            "exit": os.waitstatus_to_exitcode(status),
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "rss_bytes": usage.ru_maxrss * 1024,
            "said": said.read().decode("utf-8", "replace"),
        }


def _in_child(folder: str, arguments: list[str], said: int) -> None:
    import traceback

    from hwcomp.cli.app import app

    code = 70
    try:
        os.chdir(folder)
        os.dup2(said, 1)
        os.dup2(said, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        limit = own_memory_bytes() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        app(arguments, standalone_mode=True)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    except BaseException:  # noqa: BLE001  whatever happens, the child reports and ends
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    import onnx  # noqa: F401  imported before the children are made
    import rich.console
    import rich.text  # noqa: F401
    import tflite  # noqa: F401

    import hwcomp.cli.build
    import hwcomp.driver
    import hwcomp.frontends.onnx
    import hwcomp.frontends.tflite
    import hwcomp.targets.mcu.target  # noqa: F401

    jobs = json.load(sys.stdin)
    json.dump([run_one(job["folder"], job["arguments"]) for job in jobs], sys.stdout)


if __name__ == "__main__":
    main()
