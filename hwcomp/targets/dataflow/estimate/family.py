"""Families of devices."""

from __future__ import annotations

from enum import Enum


class Family(Enum):
    """Families of devices, as Yosys names them."""

    ECP5 = "ecp5"
    XC7 = "xc7"
    XCUP = "xcup"
