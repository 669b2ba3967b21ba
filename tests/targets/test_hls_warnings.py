"""The C++ of hls bundles has no warning of GCC or Clang, and its headers no long line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hwcomp.support.resources import templates
from tests.resources import program
from tests.targets.coded_graphs import CODED_GRAPHS
from tests.targets.fpga_graphs import FPGA_GRAPHS
from tests.targets.hls_bundles import bundle_in, prepared, roomy
from tests.targets.mcu_graphs import GRAPHS

FLAGS = ("-std=c++14", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-Wno-unknown-pragmas")
MADE = {**GRAPHS, **FPGA_GRAPHS, **CODED_GRAPHS}
INTERVAL = 3000
MAX_COLUMNS = 120


def said(compiler: str, name: str, folder: Path) -> str:
    """What a compiler says of the design of a graph and its bench."""
    program(compiler)
    options = roomy(INTERVAL)
    bundle_in(folder, prepared(MADE[name](), options), options)
    places = ("-Iinclude", "-Isrc", "-Itb", "src/net.cpp", "tb/net_tb.cpp")
    command = [compiler, *FLAGS, "-DHWC_TRACE", "-fsyntax-only", *places]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr or f"code {done.returncode}" * bool(done.returncode)


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_recurrent_designs_have_no_warning(compiler: str, tmp_path: Path) -> None:
    assert said(compiler, "cut_cell", tmp_path) == ""


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["g++", "clang++"])
@pytest.mark.parametrize("name", MADE)
def test_no_design_has_a_warning(name: str, compiler: str, tmp_path: Path) -> None:
    assert said(compiler, name, tmp_path) == ""


CODE = sorted(path for path in (templates() / "hls").rglob("*.[ch]pp*") if path.is_file())


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_lines_are_short(path: Path) -> None:
    assert [line for line in path.read_text("utf-8").splitlines() if len(line) > MAX_COLUMNS] == []
