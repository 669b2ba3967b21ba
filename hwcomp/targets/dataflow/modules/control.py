"""The AXI4-Lite registers of hwc_axil and the parts around them."""

from __future__ import annotations

from enum import IntEnum

ID = 0x48574331  # "HWC1"


class Register(IntEnum):
    """Byte addresses; rtl/lib/hwc_axil.sv says what each holds."""

    ID = 0x00
    BUILD = 0x04
    CONTROL = 0x08
    STATUS = 0x0C
    CYCLES_LOW = 0x10
    CYCLES_HIGH = 0x14
    FRAMES_IN = 0x18
    FRAMES_OUT = 0x1C
    LATENCY = 0x20
    INTERVAL = 0x24
    STALL_IN = 0x28
    STALL_OUT = 0x2C
    LOAD_TARGET = 0x30
    LOAD_DATA = 0x34
    SHAPE = 0x38


def load_words(words: list[int], width: int) -> list[int]:
    """What is written to LOAD_DATA for RAM words of `width` bits: 32 bits each, the lowest first."""
    chunks = (width + 31) // 32
    return [(word >> (32 * chunk)) & 0xFFFFFFFF for word in words for chunk in range(chunks)]
