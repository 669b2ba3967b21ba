"""The benches are sharp: each of these mutants of a module is caught by its bench."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hwcomp.support.errors import HwcompError
from rtl.tb import test_dwu as depthwise
from rtl.tb import test_mvu as matrix
from rtl.tb import test_stream_basic as basic
from rtl.tb import test_stream_frame as frame
from rtl.tb.bench import LIB

pytestmark = pytest.mark.slow

Bench = Callable[[Path], None]
BASIC = basic.test_beats_pass_in_order_under_every_stall_pattern
# Module, what is replaced, by what, the bench that must fail.
MUTANTS: list[tuple[str, str, str, Bench]] = [
    ("hwc_width", "in_ready_o  = moves && is_none", "in_ready_o  = !valid_q && is_none", BASIC),
    ("hwc_fork", "{Outputs{in_valid_i}} & ~taken_q", "{Outputs{in_valid_i}}", BASIC),
    ("hwc_take", "33'(next) - 33'(Start)", "33'(count_q) - 33'(Start)", BASIC),
    ("hwc_fifo", "        valid_q <= 1'b0;\n", "", BASIC),
    ("hwc_pad", "valid_q <= steps;", "valid_q <= 1'b1;", frame.test_pad),
    ("hwc_taps", "addr_q == AddrWidth'(Delay - 1)", "addr_q == AddrWidth'(Delay - 2)", frame.test_window),
    ("hwc_window", "if (takes) ends_q", "ends_q", frame.test_window),
    ("hwc_window_count", "ColWaitWidth'(StrideWidth - 1)", "ColWaitWidth'(StrideWidth)", frame.test_window),
    ("hwc_concat", "count_q <= burst_ends ?", "count_q <= 1'b1 ?", frame.test_concat),
    ("hwc_permute", "in_ready_o = !full_q[write_frame_q]", "in_ready_o = full_q == 2'b00", frame.test_permute),
    ("hwc_mvu_core", "is_end && is_last_row ?", "is_end && is_last ?", matrix.test_sets),
    ("hwc_dwu_core", "+l/Multiplier)", "+l%InLanes)", depthwise.test_foldings),
    ("hwc_state", "      index_q      <= '0;\n", "", frame.test_state),
]


@pytest.mark.parametrize(("module", "old", "new", "bench"), MUTANTS, ids=[mutant[0] for mutant in MUTANTS])
def test_mutant_is_caught(
    module: str, old: str, new: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutants, work = tmp_path / "lib", tmp_path / "work"
    mutants.mkdir()
    work.mkdir()
    for path in LIB.glob("*.sv"):
        text = path.read_text(encoding="utf-8")
        if path.stem == module:
            assert text.count(old) == 1, "the mutant's text must stand once in the module"
            text = text.replace(old, new)
        (mutants / path.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr("rtl.tb.bench.LIB", mutants)
    with pytest.raises((AssertionError, HwcompError)) as caught:
        bench(work)
    assert not isinstance(caught.value, HwcompError) or caught.value.code == "HWC503", "the mutant must compile"
