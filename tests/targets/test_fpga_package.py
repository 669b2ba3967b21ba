"""The fpga bundle as a product: its commands work with the tools alone, its files name one another, its C compiles."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from hwcomp.targets.dataflow.options import WeightMemory
from hwcomp.targets.fpga.options import FpgaOptions
from hwcomp.verify.verilator import environment, find_verilator
from tests.resources import package, program
from tests.targets.fpga_bundles import bundle_of, write_bundle
from tests.targets.mcu_graphs import GRAPHS

OPTIONS = FpgaOptions(interval=4000, vectors=2)
LOADED = FpgaOptions(interval=4000, weights=WeightMemory.RAM, max_lut=10**6, max_dsp=10**4)
BUNDLE = bundle_of(GRAPHS["convolutions"](), OPTIONS)
SECONDS = 600

DRIVER = """
#include "net.h"
#include "net_weights.h"

int main(void) {
    static volatile uint32_t registers[64];
    if (net_load(registers) != -1) { return 1; }
    registers[NET_SHAPE / 4u] = NET_SHAPE_VALUE;
    registers[NET_ID / 4u] = NET_ID_VALUE;
    if (net_load(registers) != 0) { return 2; }
    /* The last write stands in LOAD_DATA, the RAM it went to in LOAD_TARGET. */
    if (registers[NET_LOAD_DATA / 4u] != NET_LOAD[NET_LOAD_COUNT - 1u][1]) { return 3; }
    return NET_LOAD[0][0] == NET_SHAPE && NET_LOAD[0][1] == NET_SHAPE_VALUE ? 0 : 4;
}
"""


def text(path: str) -> str:
    return BUNDLE.files[path].decode("utf-8")


def make(folder: Path, *words: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`make` in a bundle, without anything of this project in reach."""
    given = dict(environ or os.environ)
    given.pop("PYTHONPATH", None)
    command = [program("make"), *words, f"PYTHON={sys.executable}"]
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_scripts_name_files_that_are_there() -> None:
    named = re.compile(r"\b(?:rtl|mem|constraints|tb)/[\w./]+\.(?:sv|hex|xdc|sdc|lpf)\b")
    for script in ("scripts/vivado.tcl", "scripts/quartus.tcl", "net.core", "ip/component.xml", "Makefile"):
        found = set(named.findall(text(script)))
        assert found <= set(BUNDLE.files), script
        assert found >= set(BUNDLE.manifest.sources), script


def test_every_memory_and_vector_is_packed() -> None:
    memories = {path for path in BUNDLE.files if path.startswith("mem/")}
    for script in ("scripts/vivado.tcl", "net.core", "ip/component.xml"):
        assert all(path in text(script) for path in memories), script
    vectors = [path for path in BUNDLE.files if path.startswith("tb/vectors/")]
    assert vectors and all(path in text("net.core") for path in vectors)


@pytest.mark.parametrize(("compiler", "standard"), [("gcc", "c99"), ("g++", "c++11")])
def test_the_headers_compile_and_load(compiler: str, standard: str, tmp_path: Path) -> None:
    files = bundle_of(GRAPHS["convolutions"](), LOADED).files
    for name in ("net.h", "net_weights.h"):
        (tmp_path / name).write_bytes(files[f"sw/{name}"])
    source = tmp_path / ("driver.c" if compiler == "gcc" else "driver.cpp")
    source.write_text(DRIVER, encoding="ascii")
    flags = [f"-std={standard}", "-Wall", "-Wextra", "-pedantic", "-Wconversion", "-Werror"]
    subprocess.run([program(compiler), *flags, str(source), "-o", str(tmp_path / "driver")], check=True)
    subprocess.run([str(tmp_path / "driver")], check=True)
    writes = re.findall(r"\{0x(\w+)u, 0x(\w+)u\}", files["sw/net_weights.h"].decode("ascii"))
    assert [" ".join(write) for write in writes] == files["mem/load.hex"].decode("ascii").split("\n")[:-1]


@pytest.mark.slow
def test_make_with_icarus_alone(tmp_path: Path) -> None:
    """Its verdict is make's: a wrong word in a memory ends it with an error."""
    program("iverilog")
    folder = write_bundle(BUNDLE, tmp_path)
    bare = {"PATH": os.defpath}
    for goal in ("sim", "stalls"):
        done = make(folder, goal, "SIM=icarus", environ=bare)
        assert done.returncode == 0, done.stdout + done.stderr
        assert '"verdict": "equal", "frames": 2' in done.stdout
    weights = sorted(folder.glob("mem/*weights.hex"))[0]
    words = weights.read_text("ascii").split()
    words[0] = f"{int(words[0], 16) ^ 1:0{len(words[0])}x}"
    weights.write_text("\n".join(words), "ascii")
    broken = make(folder, "sim", "SIM=icarus", environ=bare)
    assert broken.returncode != 0 and '"verdict": "different"' in broken.stdout


@pytest.mark.slow
def test_make_with_verilator_alone(tmp_path: Path) -> None:
    package("verilator")
    folder, environ = write_bundle(BUNDLE, tmp_path), environment(find_verilator())
    for goal in ("lint", "sim", "stalls"):
        done = make(folder, goal, environ=environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "%Warning" not in done.stdout + done.stderr
        assert goal == "lint" or '"verdict": "equal", "frames": 2' in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("options", [OPTIONS, LOADED], ids=["rom", "ram"])
def test_cocotb(options: FpgaOptions, tmp_path: Path) -> None:
    package("cocotb")
    program("iverilog")
    done = make(write_bundle(bundle_of(GRAPHS["convolutions"](), options), tmp_path), "cocotb", "SIM=icarus")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 tests, 0 failed" in done.stdout
