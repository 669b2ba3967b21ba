"""Estimates against what Yosys 0.70 made of the same instances for ECP5 (`bench/fpga_cost.py`, the CNN)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hwcomp.targets.fpga.cost import Resources, cost_of
from hwcomp.targets.fpga.modules.spec import Parameter
from hwcomp.targets.fpga.network import Instance, Network

EMPTY = Network("net", {}, (), (), ())


def window(lanes: int, channels: int, width: int, kernel: int) -> dict[str, Parameter]:
    return {
        "Width": 8, "Lanes": lanes, "Channels": channels, "InHeight": width, "InWidth": width, "KernelHeight": kernel,
        "KernelWidth": kernel, "StrideHeight": 1, "StrideWidth": 1, "DilationHeight": 1, "DilationWidth": 1,
    }  # fmt: skip


SYNTHESISED = [
    ("hwc_fifo", {"Width": 8, "Depth": 23}, Resources(101, 24)),
    ("hwc_fifo", {"Width": 72, "Depth": 23}, Resources(357, 88)),
    ("hwc_fifo", {"Width": 288, "Depth": 22}, Resources(1221, 304)),
    ("hwc_fifo", {"Width": 96, "Depth": 77}, Resources(70, 22, 0, 3)),
    ("hwc_pool", {"Lanes": 4, "Taps": 4, "OutWidth": 8}, Resources(210, 227)),
    ("hwc_pool", {"Lanes": 16, "Taps": 4, "OutWidth": 8}, Resources(771, 899)),
    ("hwc_width", {"Width": 16, "InLanes": 8, "OutLanes": 4}, Resources(139, 130)),
    ("hwc_width", {"Width": 8, "InLanes": 36, "OutLanes": 12}, Resources(392, 290)),
    ("hwc_width", {"Width": 18, "InLanes": 8, "OutLanes": 2}, Resources(454, 147)),
    ("hwc_window", window(1, 1, 30, 3), Resources(124, 124)),
    ("hwc_window", window(4, 8, 28, 2), Resources(146, 192, 0, 1)),
    ("hwc_window", window(4, 8, 16, 3), Resources(587, 414)),
    ("hwc_window", window(16, 16, 14, 2), Resources(256, 792)),
]


@pytest.mark.parametrize(("module", "parameters", "real"), SYNTHESISED)
def test_an_estimate_is_within_15_percent(module: str, parameters: Mapping[str, Parameter], real: Resources) -> None:
    found = cost_of(Instance(module, "u_alone", dict(parameters), (), (), 0), EMPTY)
    assert (found.dsp, found.bram) == (real.dsp, real.bram)
    assert abs(found.lut - real.lut) <= 0.15 * real.lut
    assert abs(found.ff - real.ff) <= 0.15 * real.ff
