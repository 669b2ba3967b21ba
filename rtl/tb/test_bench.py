"""The bench itself: what it must catch, it catches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hwcomp.support.errors import HwcompError
from hwcomp.targets.dataflow.modules import stream
from hwcomp.verify import verilator
from rtl.tb.bench import LIB, NONE, STALLS, Case, Stream, assert_timing, check, pack

BEATS = list(range(1, 25))
SPEC = stream.fifo(width=8, depth=4, beats=8)
GOOD = Case("fifo", SPEC, {"in": Stream(8, BEATS)}, {"out": Stream(8, BEATS)}, 3)

FAULTS = [
    replace(GOOD, name="wrong_beat", outputs={"out": Stream(8, [*BEATS[:-1], 99])}),
    replace(GOOD, name="too_many", outputs={"out": Stream(8, BEATS[:-1])}),
    replace(GOOD, name="missing", outputs={"out": Stream(8, [*BEATS, 25])}),
]


def test_every_fault_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AssertionError) as caught:
        check(FAULTS, tmp_path, (NONE,))
    said = str(caught.value)
    assert "wrong_beat.out beat 23 is 18, expected 63" in said
    assert "too_many.out clock" in said and "a beat too many" in said
    assert "missing.out: (beats, errors) (24, 0), expected 25 beats" in said


def test_a_wrong_formula_is_an_error(tmp_path: Path) -> None:
    trace = check([GOOD], tmp_path, (NONE,))["fifo"]
    for wrong in (replace(SPEC, latency=3), replace(SPEC, interval=9), replace(SPEC, needs=1)):
        with pytest.raises(AssertionError, match="ModuleSpec says"):
            assert_timing(replace(GOOD, spec=wrong), trace)


UNSTABLE = """module hwc_unstable #(parameter int Width = 8) (input logic clk_i, input logic rst_ni,
  input logic in_valid_i, output logic in_ready_o, input logic [Width-1:0] in_data_i,
  output logic out_valid_o, input logic out_ready_i, output logic [Width-1:0] out_data_o);
  // Valid blinks while the beat waits: every beat arrives, but the protocol is broken.
  logic blink_q;
  always_ff @(posedge clk_i) blink_q <= rst_ni && !blink_q;
  assign out_valid_o = in_valid_i && blink_q;
  assign in_ready_o = out_ready_i && blink_q;
  assign out_data_o = in_data_i;
endmodule
"""


def test_a_beat_that_does_not_wait_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hwc_unstable.sv").write_text(UNSTABLE, encoding="ascii")
    monkeypatch.setattr("rtl.tb.bench.LIB", tmp_path)
    case = replace(GOOD, spec=replace(SPEC, name="hwc_unstable", params={"Width": 8}), is_timed=False)
    check([case], tmp_path, (NONE,))
    with pytest.raises(AssertionError, match="did not hold"):
        check([case], tmp_path, STALLS)


def test_pack_puts_lane_0_lowest_in_twos_complement() -> None:
    assert pack([[1, -1, 2], [-128, 0, 127]], 3, 8) == [0x02FF01, 0x7F0080]
    assert pack([-1, 1, 0, -2], 2, 40) == [(1 << 40) | ((1 << 40) - 1), ((1 << 40) - 2) << 40]


def test_a_lint_warning_is_an_error_with_verilators_words(tmp_path: Path) -> None:
    path = tmp_path / "narrow.sv"
    path.write_text("module narrow (input logic [7:0] a_i, output logic [3:0] b_o);\n  assign b_o = a_i;\nendmodule\n")
    with pytest.raises(HwcompError, match="WIDTHTRUNC") as caught:
        verilator.lint([path], "narrow")
    assert caught.value.code == "HWC502"


def test_a_missing_verilator_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWCOMP_VERILATOR", "/nowhere/verilator")
    with pytest.raises(HwcompError, match=r"5\.036 or newer is missing") as caught:
        verilator.find_verilator()
    assert caught.value.code == "HWC601"


def test_lint_takes_parameters() -> None:
    verilator.lint([LIB / "hwc_fifo.sv"], "hwc_fifo", {"Depth": 5}, options=("-y", str(LIB)))
    with pytest.raises(HwcompError, match="Depth must be at least 1"):
        verilator.lint([LIB / "hwc_fifo.sv"], "hwc_fifo", {"Depth": 0}, options=("-y", str(LIB)))
