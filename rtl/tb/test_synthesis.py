"""On an ECP5 the big stores become block RAM, and little else is left (Yosys `synth_ecp5`, the wheel pyosys)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hwcomp.targets.dataflow.modules.spec import ModuleSpec
from hwcomp.targets.dataflow.modules.stream import Image, Kernel, fifo, permute, window, window_storage_bits
from hwcomp.verify.toolchain import has_package
from rtl.tb import tools

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_package("pyosys"), reason="pyosys is not installed"),
]
_BLOCK_BITS = 18432
_SCRIPT = """import sys
from pyosys import libyosys
libyosys.run_pass("tee -q -o ecp5.log script " + sys.argv[1], libyosys.Design())
"""


def _cells(spec: ModuleSpec, folder: Path) -> dict[str, int]:
    """Cells of the mapped module by type."""
    given = " ".join(f"-set {name} {tools.literal(value)}" for name, value in spec.params.items())
    (folder / "zeros.hex").write_text("0\n" * 1000, encoding="ascii")
    (folder / "ecp5.ys").write_text(
        f"read_verilog -sv -defer {' '.join(tools.sources())}\nchparam {given} {spec.name}\n"
        f"synth_ecp5 -top {spec.name}\ntee -o stat.txt stat\n",
        encoding="ascii",
    )
    subprocess.run([sys.executable, "-c", _SCRIPT, "ecp5.ys"], cwd=folder, capture_output=True, timeout=600, check=True)
    lines = (folder / "stat.txt").read_text(encoding="utf-8")
    return {kind: int(count) for count, kind in re.findall(r"^\s+(\d+)\s+([A-Z]\w+)\s*$", lines, re.MULTILINE)}


def test_fifo(tmp_path: Path) -> None:
    cells = _cells(fifo(width=36, depth=1024, beats=1), tmp_path)
    assert cells["DP16KD"] == 2
    assert cells["TRELLIS_FF"] < 48


def test_window(tmp_path: Path) -> None:
    """MobileNet's middle: 3 by 3 over 64 channels of 8 bits, 8 lanes, 50 pixels a row."""
    image, kernel = Image(8, 8, 64, 50, 50), Kernel((3, 3))
    rows, _ = window_storage_bits(image, kernel)
    cells = _cells(window(image, kernel), tmp_path)
    # Two rows in block RAM; the pixels before, 8 groups deep, in distributed RAM.
    assert -(-rows // _BLOCK_BITS) <= cells["DP16KD"] <= 2 * -(-rows // _BLOCK_BITS)
    assert cells["TRELLIS_DPR16X4"] > 0
    assert cells["TRELLIS_FF"] < 1000


def test_permute(tmp_path: Path) -> None:
    spec = permute(width=8, lanes=4, in_beats=1000, out_beats=1000, address_file="zeros.hex")
    cells = _cells(spec, tmp_path)
    assert cells["DP16KD"] >= 4
    assert cells["TRELLIS_FF"] < 64
