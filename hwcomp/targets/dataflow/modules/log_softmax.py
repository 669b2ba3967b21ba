"""`hwc_log_softmax` of `rtl/lib`: parameters, latency and interval. `rtl/tb/test_log_softmax.py` asserts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwcomp.targets.dataflow.modules.compute import levels
from hwcomp.targets.dataflow.modules.spec import ModuleSpec, Parameter

PRODUCT_CLOCKS = 6
_PIPELINE = 7
"""Clocks from the first element that is asked for to the beat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSoftmaxShape:
    """The parameters of `hwc_log_softmax` but for its files. reverse: multiplier and right shift, 0 where wide."""

    in_width: int
    in_signed: bool
    channels: int
    entries: int
    is_wide: bool
    out_width: int
    radius: int = 0
    reverse: tuple[int, int] = (0, 0)
    log_shift: int = 0
    lo: int = 0
    hi: int = 0

    def params(self) -> dict[str, Parameter]:
        return {
            "InWidth": self.in_width,
            "InSigned": int(self.in_signed),
            "Channels": self.channels,
            "Entries": self.entries,
            "IsWide": int(self.is_wide),
            "Radius": self.radius,
            "Reverse": self.reverse[0],
            "ReverseShift": self.reverse[1],
            "LogShift": self.log_shift,
            "Lo": self.lo,
            "Hi": self.hi,
            "OutWidth": self.out_width,
        }


def log_softmax_latency(params: Mapping[str, Parameter]) -> int:
    """From a vector's last element to its first result: sum, normalisation, logarithm, the subtraction."""
    channels, is_wide, reverse = (params[name] for name in ("Channels", "IsWide", "Reverse"))
    assert isinstance(channels, int)
    bits = 31 + (levels(channels) if is_wide else 0)
    return channels + 3 + bits + PRODUCT_CLOCKS * (19 if reverse else 18) + 4 + _PIPELINE


def log_softmax_clocks(params: Mapping[str, Parameter]) -> int:
    """Between vectors: they come and go one element a clock."""
    channels = params["Channels"]
    assert isinstance(channels, int)
    return 2 * channels + log_softmax_latency(params) - _PIPELINE


def log_softmax(shape: LogSoftmaxShape, *, pixels: int, diff: Path, sums: Path) -> ModuleSpec:
    """`hwc_log_softmax` of `pixels` vectors a frame, one after the other."""
    params = shape.params() | {"DiffFile": str(diff), "SumFile": str(sums)}
    beats = pixels * shape.channels
    interval = pixels * log_softmax_clocks(params)
    return ModuleSpec(
        "hwc_log_softmax", params, log_softmax_latency(params), interval, (beats,), (beats,), shape.channels - 1
    )
