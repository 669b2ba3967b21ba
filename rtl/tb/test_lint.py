"""Every module of `rtl/lib` is read without a warning by Verilator, Icarus, slang, verible and Yosys, and synthesises.

Each with its default parameters and with those of CONFIGURATIONS. Yosys also shows that there is no latch and no wire
from a valid to a ready or back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hwcomp.targets.dataflow.modules.spec import ModuleSpec, Parameter
from hwcomp.targets.dataflow.modules.stream import (
    Image,
    Kernel,
    axis_in,
    axis_out,
    concat,
    fifo,
    fork,
    pad,
    permute,
    state,
    take,
    width_converter,
    window,
)
from hwcomp.verify.toolchain import has_package
from rtl.tb import tools

_IMAGE = Image(width=5, lanes=2, channels=4, height=6, pixels=5)
_SPECS: list[ModuleSpec] = [
    fifo(width=70, depth=1, beats=1),
    fifo(width=3, depth=7, beats=1),
    width_converter(width=5, in_lanes=6, out_lanes=2, in_beats=4),
    width_converter(width=5, in_lanes=3, out_lanes=3, in_beats=4),
    width_converter(width=1, in_lanes=2, out_lanes=4, in_beats=4),
    fork(width=3, outputs=1, beats=1),
    fork(width=3, outputs=5, beats=1),
    take(width=3, period=1, start=0, count=1),
    take(width=3, period=9, start=4, count=5),
    pad(_IMAGE, top=0, left=0, bottom=0, right=0, value=0),
    pad(_IMAGE, top=2, left=0, bottom=1, right=3, value=-7),
    window(_IMAGE, Kernel((1, 1), (2, 2))),
    window(_IMAGE, Kernel((1, 3))),
    window(_IMAGE, Kernel((4, 1), (2, 1))),
    window(_IMAGE, Kernel((2, 2), (3, 1), (4, 3))),
    window(Image(8, 1, 1, 5, 1), Kernel((5, 1))),
    concat(width=8, lanes=2, bursts=(3, 1, 70000), rounds=1),
    concat(width=8, lanes=1, bursts=(2,), rounds=1),
    permute(width=7, lanes=3, in_beats=1, out_beats=5, address_file="zeros.hex"),
    permute(width=7, lanes=1, in_beats=6, out_beats=5, address_file="zeros.hex"),
    state(width=8, beats=1, init_file="zeros.hex"),
    state(width=8, beats=5, init_file="zeros.hex"),
    axis_in(width=5, lanes=3, beats=1),
    axis_out(width=12, lanes=2, beats=7, is_signed=False),
]
CONFIGURATIONS: list[tuple[str, Mapping[str, Parameter]]] = [
    *((Path(path).stem, {}) for path in tools.sources()),
    *((spec.name, spec.params) for spec in _SPECS),
    ("hwc_taps", {"Delay": 1, "Taps": 1}),
    ("hwc_load", {"Width": 7, "Depth": 1}),
    ("hwc_load", {"Width": 64, "Depth": 9, "Target": 3}),
]
_FILES = {"zeros.hex": "0 0 0 0 0\n"}
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


@pytest.mark.skipif(tools.program("verible-verilog-lint") is None, reason="verible is not installed")
@pytest.mark.parametrize("path", [*tools.LIB.glob("*.sv"), *tools.LIB.parent.glob("tb/*.sv")], ids=lambda p: p.stem)
def test_verible_finds_the_house_style(path: Path, tmp_path: Path) -> None:
    assert tools.lint_verible(path, tmp_path) == []


_needs_yosys = pytest.mark.skipif(not has_package("pyosys"), reason="pyosys is not installed")


@pytest.mark.slow
@_needs_yosys
@_every
def test_yosys_synthesises(module: str, parameters: Mapping[str, Parameter], tmp_path: Path) -> None:
    assert tools.synthesise(module, parameters, tmp_path, _FILES) == []


_BAD = {
    "ready_waits_for_valid": "assign in_ready_o = in_valid_i && out_ready_i; assign out_valid_o = q;",
    "valid_waits_for_ready": "assign in_ready_o = !q; assign out_valid_o = q && out_ready_i;",
    "latch": "always_latch if (in_valid_i) out_valid_o = q; assign in_ready_o = out_ready_i;",
}


@_needs_yosys
@pytest.mark.parametrize("fault", _BAD)
def test_yosys_refuses(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = "input logic clk_i, in_valid_i, out_ready_i, output logic in_ready_o, out_valid_o"
    body = f"logic q; always_ff @(posedge clk_i) q <= in_valid_i; {_BAD[fault]}"
    text = f"module hwc_bad ({ports});\n{body}\nendmodule\n"
    (tmp_path / "hwc_bad.sv").write_text(text, encoding="ascii")
    monkeypatch.setattr(tools, "LIB", tmp_path)
    said = tools.synthesise("hwc_bad", {}, tmp_path, {})
    assert any("ERROR: Assertion failed" in line for line in said)
