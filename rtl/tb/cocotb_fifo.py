"""cocotb tests of hwc_fifo, clock by clock: capacity, stability, no wire from valid to ready, reset in mid-stream."""

from __future__ import annotations

import os
import random
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, ReadOnly, RisingEdge, Timer

from hwcomp.targets.dataflow.modules.stream import fifo_capacity

DEPTH = int(os.environ["FIFO_DEPTH"])


async def _start(dut: Any) -> None:
    dut.in_valid_i.value = 0
    dut.in_data_i.value = 0
    dut.out_ready_i.value = 0
    Clock(dut.clk_i, 10, unit="ns").start()
    await _reset(dut)


async def _reset(dut: Any) -> None:
    await FallingEdge(dut.clk_i)
    dut.rst_ni.value = 0
    await ClockCycles(dut.clk_i, 3)
    await FallingEdge(dut.clk_i)
    dut.rst_ni.value = 1


@cocotb.test()
async def holds_as_many_as_the_model_says(dut: Any) -> None:
    await _start(dut)
    dut.in_valid_i.value = 1
    taken = 0
    for _ in range(3 * DEPTH + 10):
        await Timer(1, "ps")
        taken += int(dut.in_ready_o.value)
        await RisingEdge(dut.clk_i)
        await FallingEdge(dut.clk_i)
    assert taken == fifo_capacity(DEPTH) >= DEPTH


@cocotb.test()
async def valid_and_ready_wait_for_nobody(dut: Any) -> None:
    """Within a clock neither ready of the input follows its valid, nor valid of the output its ready."""
    await _start(dut)
    rng = random.Random(1)
    for _ in range(200):
        await FallingEdge(dut.clk_i)
        seen = []
        for valid, ready in ((0, 0), (1, 0), (1, 1), (0, 1), (rng.randrange(2), rng.randrange(2))):
            dut.in_valid_i.value, dut.out_ready_i.value = valid, ready
            dut.in_data_i.value = rng.randrange(256)
            await Timer(1, "ps")
            await ReadOnly()
            seen.append((int(dut.out_valid_o.value), int(dut.in_ready_o.value)))
            await Timer(1, "ps")
        assert len(set(seen)) == 1, f"a wire: {seen}"


@cocotb.test()
async def order_stability_and_reset(dut: Any) -> None:
    """Random traffic against a list; a reset in mid-stream empties the FIFO."""
    await _start(dut)
    rng = random.Random(2)
    for _ in range(5):
        model: list[int] = []
        held: int | None = None
        offered: int | None = None
        for _ in range(300):
            await FallingEdge(dut.clk_i)
            if offered is None and rng.random() < 0.6:
                offered = rng.randrange(256)
            ready = rng.random() < 0.5
            dut.in_valid_i.value = int(offered is not None)
            dut.in_data_i.value = 0 if offered is None else offered
            dut.out_ready_i.value = int(ready)
            await Timer(1, "ps")
            valid = int(dut.out_valid_o.value)
            data = int(dut.out_data_o.value)
            if held is not None:
                assert valid and data == held, "a beat that waits must stay"
            assert not valid or (model and data == model[0])
            held = data if valid and not ready else None
            takes = offered is not None and int(dut.in_ready_o.value)
            await RisingEdge(dut.clk_i)
            if valid and ready:
                model.pop(0)
            if takes:
                assert offered is not None
                model.append(offered)
                offered = None
        dut.in_valid_i.value = 0
        await _reset(dut)
        assert not int(dut.out_valid_o.value)
