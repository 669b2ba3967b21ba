"""How many instructions a run of Thumb code has."""

from __future__ import annotations

import struct


def instruction_count(code: bytes) -> int:
    """The number of instructions in `code`, which starts and ends at instruction boundaries.

    An instruction has 32 bits when bits 15 to 11 of its first halfword are 0b11101, 0b11110 or 0b11111, else 16.
    Each counts as one, also one that an IT block may skip, and IT itself: the emulators' convention (QEMU's
    plugins), and the Cortex-M4's, where a skipped instruction takes a cycle.
    Source: Armv7-M Architecture Reference Manual, A5.1.
    """
    halfwords = struct.unpack(f"<{len(code) // 2}H", code)
    count = position = 0
    while position < len(halfwords):
        position += 2 if halfwords[position] >> 11 >= 0b11101 else 1
        count += 1
    return count
