"""hwc_axil and hwc_load: cocotb_axil.py on Verilator, clock by clock."""

from __future__ import annotations

from pathlib import Path

from hwcomp.verify.cocotb_runner import run_cocotb
from rtl.tb.bench import HERE, LIB


def test_axil_and_weight_loading(tmp_path: Path) -> None:
    run_cocotb([HERE / "hwc_tb_axil.sv"], "hwc_tb_axil", "rtl.tb.cocotb_axil", 4, tmp_path, library=LIB)
