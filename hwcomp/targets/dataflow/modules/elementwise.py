"""The smaller computing modules of `rtl/lib`, one element or window at a time: parameters, latency, interval."""

from __future__ import annotations

from pathlib import Path

from hwcomp.targets.dataflow.modules.compute import levels
from hwcomp.targets.dataflow.modules.spec import ModuleSpec, Parameter


def pool(*, width: int, signed: bool, lanes: int, taps: int, is_max: bool, out_width: int, beats: int) -> ModuleSpec:
    """`hwc_pool`; `beats` windows of `lanes` channels a frame."""
    params: dict[str, Parameter] = {
        "Width": width,
        "Signed": int(signed),
        "Lanes": lanes,
        "Taps": taps,
        "IsMax": int(is_max),
        "OutWidth": out_width,
    }
    return ModuleSpec("hwc_pool", params, 1 + levels(taps), beats, (beats,), (beats,))


def reduce(
    *, width: int, signed: bool, lanes: int, channels: int, pixels: int, is_max: bool, out_width: int
) -> ModuleSpec:
    """`hwc_reduce` over the `pixels` of a frame."""
    groups = channels // lanes
    params: dict[str, Parameter] = {
        "Width": width,
        "Signed": int(signed),
        "Lanes": lanes,
        "Channels": channels,
        "Pixels": pixels,
        "IsMax": int(is_max),
        "OutWidth": out_width,
    }
    beats = pixels * groups
    return ModuleSpec("hwc_reduce", params, 2, beats, (beats,), (groups,), beats - groups)


def argmax(*, width: int, signed: bool, channels: int, select_last: bool, out_width: int, pixels: int) -> ModuleSpec:
    """`hwc_argmax` of `pixels` vectors a frame."""
    params: dict[str, Parameter] = {
        "Width": width,
        "Signed": int(signed),
        "Channels": channels,
        "SelectLast": int(select_last),
        "OutWidth": out_width,
    }
    beats = pixels * channels
    return ModuleSpec("hwc_argmax", params, 1, beats, (beats,), (pixels,), channels - 1)


def clamp(
    *,
    in_width: int,
    in_signed: bool,
    lanes: int,
    shift: int,
    zero: int,
    lo: int,
    hi: int,
    out_width: int,
    beats: int,
) -> ModuleSpec:
    """`hwc_clamp`."""
    params: dict[str, Parameter] = {
        "InWidth": in_width,
        "InSigned": int(in_signed),
        "Lanes": lanes,
        "Shift": shift,
        "Zero": zero,
        "Lo": lo,
        "Hi": hi,
        "OutWidth": out_width,
    }
    return ModuleSpec("hwc_clamp", params, 1, beats, (beats,), (beats,))


def lut(
    *,
    in_width: int,
    in_signed: bool,
    input_min: int,
    entries: int,
    channels: int,
    lanes: int,
    out_width: int,
    beats: int,
    table: Path,
    style: str = "auto",
) -> ModuleSpec:
    """`hwc_lut`; `channels` tables of `entries` words, or 1 for all."""
    params: dict[str, Parameter] = {
        "InWidth": in_width,
        "InSigned": int(in_signed),
        "InputMin": input_min,
        "Entries": entries,
        "Channels": channels,
        "Lanes": lanes,
        "OutWidth": out_width,
        "Style": style,
        "TableFile": str(table),
    }
    return ModuleSpec("hwc_lut", params, 2, beats, (beats,), (beats,))


def threshold(
    *,
    in_width: int,
    in_signed: bool,
    lanes: int,
    channels: int,
    thresholds: int,
    base: int,
    out_width: int,
    beats: int,
    file: Path,
) -> ModuleSpec:
    """`hwc_threshold` with `thresholds` comparisons an element."""
    params: dict[str, Parameter] = {
        "InWidth": in_width,
        "InSigned": int(in_signed),
        "Lanes": lanes,
        "Channels": channels,
        "Levels": thresholds,
        "Base": base,
        "OutWidth": out_width,
        "ThresholdFile": str(file),
    }
    return ModuleSpec("hwc_threshold", params, 2 + levels(thresholds), beats, (beats,), (beats,))


def binary(
    *,
    op: str,
    a_width: int,
    a_signed: bool,
    b_width: int,
    b_signed: bool,
    out_width: int,
    lanes: int,
    beats: int,
    a_zero: int = 0,
    b_zero: int = 0,
) -> ModuleSpec:
    """`hwc_binary`; op "add", "sub", "mul", "min" or "max"."""
    params: dict[str, Parameter] = {
        "AWidth": a_width,
        "ASigned": int(a_signed),
        "BWidth": b_width,
        "BSigned": int(b_signed),
        "OutWidth": out_width,
        "Lanes": lanes,
        "AZero": a_zero,
        "BZero": b_zero,
        "Op": op,
    }
    return ModuleSpec("hwc_binary", params, 3, beats, (beats, beats), (beats,))
