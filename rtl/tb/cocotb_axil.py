"""cocotb tests of hwc_axil with hwc_load behind it (hwc_tb_axil.sv), clock by clock. Run by test_axil.py."""

from __future__ import annotations

import random
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge

from hwcomp.targets.dataflow.modules.control import ID, Register, load_words

BUILD_ID = 0x1234ABCD
SHAPE_ID = 0x5AFE0001
OKAY, SLVERR = 0, 2
WIDTHS = (40, 32, 7, 96)  # of the RAMs in hwc_tb_axil.sv
DEPTH = 5
# Every input of the bench's top.
INPUTS = (
    *("aw_valid_i", "aw_addr_i", "w_valid_i", "w_data_i", "w_strb_i", "b_ready_i"),
    *("ar_valid_i", "ar_addr_i", "r_ready_i", "in_start_i", "out_frame_i", "in_stall_i", "out_stall_i", "error_i"),
    *("ram_select_i", "ram_addr_i"),
)


async def _start(dut: Any) -> None:
    for name in INPUTS:
        getattr(dut, name).value = 0
    Clock(dut.clk_i, 10, unit="ns").start()
    dut.rst_ni.value = 0
    await ClockCycles(dut.clk_i, 3)
    dut.rst_ni.value = 1
    await ClockCycles(dut.clk_i, 12)


async def _send(dut: Any, channel: str, values: dict[str, int], wait: int) -> None:
    """One beat of a channel from the master; `wait` clocks late."""
    await ClockCycles(dut.clk_i, wait + 1)
    for name, value in values.items():
        getattr(dut, f"{channel}_{name}_i").value = value
    getattr(dut, f"{channel}_valid_i").value = 1
    await RisingEdge(dut.clk_i)
    while not int(getattr(dut, f"{channel}_ready_o").value):
        await RisingEdge(dut.clk_i)
    getattr(dut, f"{channel}_valid_i").value = 0


async def _receive(dut: Any, channel: str, names: tuple[str, ...], wait: int) -> tuple[int, ...]:
    """One beat to the master, which waits `wait` clocks with its ready: the beat must stay."""
    ready = getattr(dut, f"{channel}_ready_i")
    while not int(getattr(dut, f"{channel}_valid_o").value):
        await RisingEdge(dut.clk_i)
    seen = tuple(int(getattr(dut, f"{channel}_{name}_o").value) for name in names)
    await ClockCycles(dut.clk_i, wait + 1)
    assert int(getattr(dut, f"{channel}_valid_o").value), f"{channel} dropped its answer"
    assert seen == tuple(int(getattr(dut, f"{channel}_{name}_o").value) for name in names)
    ready.value = 1
    await RisingEdge(dut.clk_i)
    ready.value = 0
    await RisingEdge(dut.clk_i)
    return seen


async def _write(dut: Any, address: int, value: int, waits: tuple[int, int, int] = (0, 0, 0), strobe: int = 15) -> int:
    """The response. waits: clocks before address, data and acceptance of the answer."""
    address_sent = cocotb.start_soon(_send(dut, "aw", {"addr": address}, waits[0]))
    await _send(dut, "w", {"data": value, "strb": strobe}, waits[1])
    await address_sent
    await RisingEdge(dut.clk_i)
    return (await _receive(dut, "b", ("resp",), waits[2]))[0]


async def _read(dut: Any, address: int, wait: int = 0) -> tuple[int, int]:
    """Data and response."""
    await _send(dut, "ar", {"addr": address}, wait)
    await RisingEdge(dut.clk_i)
    data, resp = await _receive(dut, "r", ("data", "resp"), wait)
    return data, resp


async def _pulse(dut: Any, name: str) -> None:
    getattr(dut, name).value = 1
    await RisingEdge(dut.clk_i)
    getattr(dut, name).value = 0


@cocotb.test()
async def identity_and_refusals(dut: Any) -> None:
    """What is read-only, unknown or partial answers SLVERR and changes nothing."""
    await _start(dut)
    assert await _read(dut, Register.ID) == (ID, OKAY)
    assert await _read(dut, Register.BUILD, 3) == (BUILD_ID, OKAY)
    assert await _write(dut, Register.ID, 0) == SLVERR
    assert await _write(dut, 0x80, 1) == SLVERR
    assert await _write(dut, Register.CONTROL, 1, strobe=7) == SLVERR
    assert await _write(dut, Register.LOAD_TARGET, 3) == SLVERR
    assert await _read(dut, 0xFC) == (0, SLVERR)
    assert await _read(dut, Register.LOAD_TARGET) != (3, OKAY)
    assert await _read(dut, Register.ID) == (ID, OKAY)


@cocotb.test()
async def another_shape_is_refused(dut: Any) -> None:
    """Loads answer SLVERR until SHAPE was written as it reads, and again after another number."""
    await _start(dut)
    assert await _read(dut, Register.SHAPE) == (SHAPE_ID, OKAY)
    for shape, answer in ((None, SLVERR), (SHAPE_ID, OKAY), (SHAPE_ID ^ 1, SLVERR)):
        if shape is not None:
            assert await _write(dut, Register.SHAPE, shape) == answer
        assert await _write(dut, Register.LOAD_TARGET, 2) == answer
        assert await _write(dut, Register.LOAD_DATA, 7) == answer
    assert await _read(dut, Register.SHAPE) == (SHAPE_ID, OKAY)


@cocotb.test()
async def counters(dut: Any) -> None:
    """Frames, latency of a lonely frame, interval, stalls, busy, error; CONTROL clears them and resets the core."""
    await _start(dut)
    await _pulse(dut, "in_start_i")
    await ClockCycles(dut.clk_i, 6)
    assert (await _read(dut, Register.STATUS))[0] == 1
    start = (await _read(dut, Register.CYCLES_LOW))[0]
    await _pulse(dut, "in_start_i")
    await _pulse(dut, "out_frame_i")
    await ClockCycles(dut.clk_i, 41)
    await _pulse(dut, "out_frame_i")
    dut.in_stall_i.value = 1
    await ClockCycles(dut.clk_i, 3)
    dut.in_stall_i.value = 0
    dut.out_stall_i.value = 1
    await ClockCycles(dut.clk_i, 4)
    dut.out_stall_i.value = 0
    dut.error_i.value = 1
    await RisingEdge(dut.clk_i)
    names = ("STATUS", "FRAMES_IN", "FRAMES_OUT", "INTERVAL", "STALL_IN", "STALL_OUT")
    assert [(await _read(dut, Register[name]))[0] for name in names] == [2, 2, 2, 42, 3, 4]
    latency = (await _read(dut, Register.LATENCY))[0]
    assert 7 < latency < 40, "of the first frame alone: the second found the core busy"
    assert (await _read(dut, Register.CYCLES_LOW))[0] > start + 42
    dut.error_i.value = 0
    assert await _write(dut, Register.CONTROL, 1) == OKAY
    assert not int(dut.core_rst_no.value)
    await ClockCycles(dut.clk_i, 12)
    assert int(dut.core_rst_no.value)
    assert [(await _read(dut, Register[name]))[0] for name in names] == [0, 0, 0, 0, 0, 0]


@cocotb.test()
async def weights_reach_their_ram(dut: Any) -> None:
    """Words of four widths, loaded in two goes with random waits, arrive in their RAM and in no other."""
    await _start(dut)
    assert await _write(dut, Register.SHAPE, SHAPE_ID) == OKAY
    rng = random.Random(5)
    for go in range(2):
        contents = [[rng.getrandbits(width) for _ in range(DEPTH)] for width in WIDTHS]
        for target in rng.sample(range(len(WIDTHS)), len(WIDTHS)):
            assert await _write(dut, Register.LOAD_TARGET, target) == OKAY
            half = [0xFFFFFFFF] if go else []  # a word that is abandoned: choosing the target again rewinds
            for word in half:
                assert await _write(dut, Register.LOAD_DATA, word) == OKAY
            assert await _write(dut, Register.LOAD_TARGET, target) == OKAY
            for word in load_words(contents[target], WIDTHS[target]):
                waits = (rng.randrange(4), rng.randrange(4), rng.randrange(4))
                assert await _write(dut, Register.LOAD_DATA, word, waits) == OKAY
        await ClockCycles(dut.clk_i, 3)
        for target, words in enumerate(contents):
            for address, word in enumerate(words):
                dut.ram_select_i.value = target
                dut.ram_addr_i.value = address
                await ClockCycles(dut.clk_i, 2)
                assert int(dut.ram_data_o.value) == word, f"RAM {target} word {address}"
