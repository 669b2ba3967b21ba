"""Synthesis by an HLS tool, where one is on PATH. hwcomp's own tests compile and run the C++ only, and say so."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hwcomp.targets.hls.options import HlsOptions
from tests.targets.hls_bundles import bundle_in, prepared, roomy
from tests.targets.mcu_graphs import GRAPHS

SECONDS = 3600


def written(folder: Path, options: HlsOptions) -> Path:
    bundle_in(folder, prepared(GRAPHS["convolutions"](), options), options)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("vitis_hls") is None, reason="no vitis_hls on PATH: the C++ is not synthesised")
def test_vitis_simulates_and_synthesises(tmp_path: Path) -> None:
    folder = written(tmp_path / "bundle", roomy(4000))
    command = ["vitis_hls", "-f", "scripts/vitis_hls.tcl"]
    steps = os.environ | {"HWC_STEPS": "csim csynth cosim"}
    done = subprocess.run(command, cwd=folder, env=steps, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert list(folder.glob("build/vitis_net/solution/syn/verilog/*.v"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bambu") is None, reason="no bambu on PATH: the C++ is not synthesised")
def test_bambu_synthesises(tmp_path: Path) -> None:
    folder = written(tmp_path / "bundle", roomy(4000))
    headers = os.environ.get("HWCOMP_HLS_HEADERS", "")
    flags = ["-Iinclude", "-Isrc", "-DHWC_AC", f"-I{headers}/catapult/ac_types/include", "-D__SYNTHESIS__"]
    command = ["bambu", "src/net.cpp", "--top-fname=net", "-std=c++14", *flags, "--generate-interface=INFER"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert list(folder.glob("*.v"))
