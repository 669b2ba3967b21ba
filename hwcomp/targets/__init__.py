"""The targets: what an integer graph can be turned into. The table is explicit; a target is imported when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hwcomp.support.errors import HwcompError

if TYPE_CHECKING:
    from hwcomp.targets.base import Target, TargetOptions

TARGETS: dict[str, str] = {
    "mcu": "hwcomp.targets.mcu.target",
    "fpga": "hwcomp.targets.fpga.target",
    "asic": "hwcomp.targets.asic.target",
    "hls": "hwcomp.targets.hls.target",
    "tvm": "hwcomp.targets.tvm.target",
}
"""Each target's name and the module whose TARGET it is."""


def load_target(name: str) -> Target[TargetOptions]:
    """The target of that name.

    Raises:
        HwcompError: HWC005 there is none.
    """
    if name not in TARGETS:
        raise HwcompError("HWC005", "no target has this name", name, f"use one of: {', '.join(TARGETS)}")
    found: Target[TargetOptions] = import_module(TARGETS[name]).TARGET
    return found
