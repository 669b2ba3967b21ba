"""Modules that move beats and compute nothing. One function a module; its arguments are the module's parameters.

`beats` is a frame's. Every formula is asserted by a bench in `rtl/tb`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.targets.dataflow.modules.spec import ModuleSpec, Parameter, pack_fields


def stream_reg(*, width: int, beats: int) -> ModuleSpec:
    """hwc_stream_reg: a register slice that holds two beats."""
    return ModuleSpec("hwc_stream_reg", {"Width": width}, 1, beats, (beats,), (beats,))


def fifo(*, width: int, depth: int, beats: int) -> ModuleSpec:
    """hwc_fifo: holds at least `depth` beats (in fact `fifo_capacity(depth)`)."""
    return ModuleSpec("hwc_fifo", {"Width": width, "Depth": depth}, fifo_latency(depth), beats, (beats,), (beats,))


def fifo_latency(depth: int) -> int:
    """Clocks through an empty FIFO: a register slice up to depth 2, else a RAM and its output register."""
    return 1 if depth <= 2 else 2


def fifo_capacity(depth: int) -> int:
    """Beats that a FIFO takes while its output waits."""
    return 2 if depth <= 2 else depth + 1


def cluster_entry(*, width: int, interval: int, beats: int) -> ModuleSpec:
    """hwc_cluster_entry: at most a beat in `interval` clocks."""
    return ModuleSpec(
        "hwc_cluster_entry", {"Width": width, "Interval": interval}, 0, interval * beats, (beats,), (beats,)
    )


def cluster_exit(*, width: int, depth: int, reserve: int, beats: int) -> ModuleSpec:
    """hwc_cluster_exit: a FIFO of `depth` beats, of which `reserve` are under way at most."""
    params = {"Width": width, "Depth": depth, "Reserve": reserve}
    return ModuleSpec("hwc_cluster_exit", params, fifo_latency(depth), beats, (beats,), (beats,))


def width_converter(*, width: int, in_lanes: int, out_lanes: int, in_beats: int) -> ModuleSpec:
    """hwc_width: `in_beats` of `in_lanes` elements a frame; one lane count divides the other, both the frame."""
    assert in_lanes % out_lanes == 0 or out_lanes % in_lanes == 0, "one lane count must divide the other"
    assert in_beats * in_lanes % out_lanes == 0, "a frame must be whole beats"
    out_beats = in_beats * in_lanes // out_lanes
    params = {"Width": width, "InLanes": in_lanes, "OutLanes": out_lanes}
    needs = max(1, out_lanes // in_lanes) - 1
    return ModuleSpec("hwc_width", params, 1, max(in_beats, out_beats), (in_beats,), (out_beats,), needs)


def fork(*, width: int, outputs: int, beats: int) -> ModuleSpec:
    """hwc_fork: every beat to every output."""
    return ModuleSpec("hwc_fork", {"Width": width, "Outputs": outputs}, 0, beats, (beats,), (beats,) * outputs)


def take(*, width: int, period: int, start: int, count: int, periods: int = 1) -> ModuleSpec:
    """hwc_take: beats [start, start + count) of each of a frame's `periods`."""
    params = {"Width": width, "Period": period, "Start": start, "Count": count}
    return ModuleSpec("hwc_take", params, 0, period * periods, (period * periods,), (count * periods,), start)


@dataclass(frozen=True, slots=True)
class Image:
    """A stream's tensor. lanes divides channels; width: bits of an element."""

    width: int
    lanes: int
    channels: int
    height: int
    pixels: int

    @property
    def groups(self) -> int:
        """Beats of a pixel."""
        return self.channels // self.lanes

    @property
    def beats(self) -> int:
        return self.height * self.pixels * self.groups

    def params(self) -> dict[str, int]:
        """The parameters that every module of an image has."""
        return {
            "Width": self.width,
            "Lanes": self.lanes,
            "Channels": self.channels,
            "InHeight": self.height,
            "InWidth": self.pixels,
        }


def pad(image: Image, *, top: int, left: int, bottom: int, right: int, value: int) -> ModuleSpec:
    """hwc_pad: the first image beat comes a clock after it was taken; the padding before it waits for nothing."""
    padded = left + image.pixels + right
    out_beats = (top + image.height + bottom) * padded * image.groups
    params = {"PadTop": top, "PadLeft": left, "PadBottom": bottom, "PadRight": right, "PadValue": value}
    first = (top * padded + left) * image.groups
    return ModuleSpec(
        "hwc_pad", image.params() | params, 1, out_beats, (image.beats,), (out_beats,), needs=0, gives=first
    )


@dataclass(frozen=True, slots=True)
class Kernel:
    """Taps, stride and dilation in rows and pixels: (vertical, horizontal)."""

    size: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)

    def first(self) -> tuple[int, int]:
        """The row and the column in which the first window ends."""
        return (self.size[0] - 1) * self.dilation[0], (self.size[1] - 1) * self.dilation[1]

    def windows(self, image: Image) -> tuple[int, int]:
        """Rows and columns of windows in the (padded) image."""
        row, col = self.first()
        return (image.height - row - 1) // self.stride[0] + 1, (image.pixels - col - 1) // self.stride[1] + 1


def window(image: Image, kernel: Kernel) -> ModuleSpec:
    """hwc_window: an output beat has all taps of a group; it comes behind the window's last input beat."""
    params = {
        "KernelHeight": kernel.size[0],
        "KernelWidth": kernel.size[1],
        "StrideHeight": kernel.stride[0],
        "StrideWidth": kernel.stride[1],
        "DilationHeight": kernel.dilation[0],
        "DilationWidth": kernel.dilation[1],
    }
    rows, cols = kernel.windows(image)
    assert rows > 0 and cols > 0, "the kernel must fit the image"
    latency = max(1, (kernel.size[0] > 1) + (kernel.size[1] > 1))
    row, col = kernel.first()
    needs = (row * image.pixels + col) * image.groups
    out_beats = rows * cols * image.groups
    return ModuleSpec("hwc_window", image.params() | params, latency, image.beats, (image.beats,), (out_beats,), needs)


def window_storage_bits(image: Image, kernel: Kernel) -> tuple[int, int]:
    """Bits of the row delay lines and of the pixel delay lines of hwc_window."""
    beat = image.lanes * image.width
    rows = (kernel.size[0] - 1) * kernel.dilation[0] * image.pixels * image.groups * beat
    cols = (kernel.size[1] - 1) * kernel.dilation[1] * image.groups * kernel.size[0] * beat
    return rows, cols


def concat(*, width: int, lanes: int, bursts: Sequence[int], rounds: int) -> ModuleSpec:
    """hwc_concat: in each of a frame's rounds bursts[i] beats of input i in turn."""
    packed = pack_fields(tuple(bursts))
    params: dict[str, Parameter] = {"Width": width, "Lanes": lanes, "Inputs": len(bursts), "Bursts": packed}
    beats = sum(bursts) * rounds
    return ModuleSpec("hwc_concat", params, 1, beats, tuple(b * rounds for b in bursts), (beats,))


def permute(*, width: int, lanes: int, in_beats: int, out_beats: int, address_file: str, parts: int = 1) -> ModuleSpec:
    """hwc_permute: out beat o is in beat ROM[o], of each of a frame's `parts`; `address_file` is for $readmemh."""
    params: dict[str, Parameter] = {"Width": width, "Lanes": lanes, "InBeats": in_beats, "OutBeats": out_beats}
    params["AddressFile"] = address_file
    interval = parts * max(in_beats, out_beats)
    frame_in, frame_out = (parts * in_beats,), (parts * out_beats,)
    return ModuleSpec("hwc_permute", params, 2, interval, frame_in, frame_out, needs=in_beats - 1)


def state(*, width: int, beats: int, init_file: str) -> ModuleSpec:
    """hwc_state: a frame behind, the first one out is `init_file`'s; latency from a beat pushed to the same one out."""
    params: dict[str, Parameter] = {"Width": width, "Beats": beats, "InitFile": init_file}
    return ModuleSpec("hwc_state", params, fifo_latency(beats), beats, (beats,), (beats,), gives=beats)


def axis_in(*, width: int, lanes: int, beats: int) -> ModuleSpec:
    """hwc_axis_in: byte lanes to elements."""
    return ModuleSpec("hwc_axis_in", {"Width": width, "Lanes": lanes, "Beats": beats}, 1, beats, (beats,), (beats,))


def axis_out(*, width: int, lanes: int, beats: int, is_signed: bool) -> ModuleSpec:
    """hwc_axis_out: elements to byte lanes, and tlast."""
    params = {"Width": width, "Lanes": lanes, "Beats": beats, "Signed": int(is_signed)}
    return ModuleSpec("hwc_axis_out", params, 1, beats, (beats,), (beats,))


def byte_width(width: int) -> int:
    """Bits of an element on an AXI4-Stream edge: the next multiple of 8."""
    return (width + 7) // 8 * 8
