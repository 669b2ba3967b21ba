"""Compile kernels and cases for this machine, sanitizers on, and run them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.targets import kernels_program as program
from tests.targets.kernels_program import FIRMWARE, WARNINGS, Case

MAIN = r"""
#include <stdio.h>
int run_cases(void);
void report(int number, long at, long got, long want);
void roi(int on);
void report(int number, long at, long got, long want) {
  printf("case %d at %ld: got %ld, want %ld\n", number, at, got, want);
}
void roi(int on) { (void)on; }
int main(void) { return run_cases() ? 1 : 0; }
"""

SANITIZE = {
    "gcc": ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    # Debian's clang comes without the sanitizers' runtime: trap instead of reporting.
    "clang": ["-fsanitize=undefined", "-fsanitize-trap=undefined"],
}


def run_host(folder: Path, compiler: str, batch: Sequence[Case]) -> None:
    """Compile kernels and cases with sanitizers, run them, and fail with the first differences."""
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed: the kernels were not tested with it")
    (folder / "cases.c").write_text(program.render(batch))
    (folder / "main.c").write_text(MAIN)
    sanitize = SANITIZE[compiler]
    files = [*program.sources(), folder / "cases.c", folder / "main.c"]
    command = [compiler, *WARNINGS, "-O1", *sanitize, f"-I{FIRMWARE / 'include'}", *map(str, files)]
    built = subprocess.run([*command, "-o", str(folder / "t")], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    ran = subprocess.run([str(folder / "t")], capture_output=True, text=True, check=False)
    names = "; ".join(f"{i}:{c.kernel}" for i, c in enumerate(batch) if f"case {i} at" in ran.stdout)
    assert ran.returncode == 0, f"{names}\n{ran.stdout}{ran.stderr}"
