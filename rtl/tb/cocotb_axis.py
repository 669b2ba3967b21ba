"""cocotb tests of hwc_axis_in: tlast at the right place and at wrong ones, a frame's pulses. By test_stream_axis.py."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

BEATS = 4


async def _play(dut: Any, lasts: list[int]) -> tuple[int, int, int]:
    """Send a beat for each of `lasts`, a pause after every third. Pulses of start and frame counted, and the error."""
    Clock(dut.clk_i, 10, unit="ns").start()
    dut.rst_ni.value = 0
    dut.in_valid_i.value = 0
    dut.out_ready_i.value = 1
    dut.in_data_i.value = 5
    await ClockCycles(dut.clk_i, 3)
    await FallingEdge(dut.clk_i)
    dut.rst_ni.value = 1
    starts = frames = 0
    for index, last in enumerate([*lasts, None, None]):
        for pause in (False, True)[: 1 + (index % 3 == 2)]:
            dut.in_valid_i.value = int(last is not None and not pause)
            dut.in_last_i.value = int(bool(last))
            await RisingEdge(dut.clk_i)
            await FallingEdge(dut.clk_i)
            starts += int(dut.start_o.value)
            frames += int(dut.frame_o.value)
    return starts, frames, int(dut.error_o.value)


@cocotb.test()
async def right_marks(dut: Any) -> None:
    assert await _play(dut, [0, 0, 0, 1] * 3) == (3, 3, 0)


@cocotb.test()
async def early_mark(dut: Any) -> None:
    assert await _play(dut, [0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1]) == (3, 3, 1)


@cocotb.test()
async def missing_mark(dut: Any) -> None:
    assert await _play(dut, [0, 0, 0, 0, 0, 0, 0, 1]) == (2, 2, 1)
