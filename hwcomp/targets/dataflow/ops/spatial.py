"""What convolutions and pools share: the border and the sliding window."""

from __future__ import annotations

from dataclasses import dataclass

from hwcomp.ir.op import Op
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.network import Stream
from hwcomp.targets.dataflow.ops.requant import holding


@dataclass(frozen=True, slots=True)
class Spatial:
    """A window over x [n, h, w, c]; padding is (top, left, bottom, right)."""

    shape: tuple[int, ...]
    kernel: tuple[int, int]
    strides: tuple[int, int]
    padding: tuple[int, int, int, int]
    dilations: tuple[int, int]

    @property
    def padded(self) -> tuple[int, int]:
        """Height and width with the border."""
        top, left, bottom, right = self.padding
        return self.shape[1] + top + bottom, self.shape[2] + left + right

    @property
    def padded_pixels(self) -> int:
        return self.shape[0] * self.padded[0] * self.padded[1]

    @property
    def output(self) -> tuple[int, int]:
        """Height and width of what the window gives."""
        (h, w), (kh, kw) = self.padded, self.kernel
        (sh, sw), (dh, dw) = self.strides, self.dilations
        return (h - (kh - 1) * dh - 1) // sh + 1, (w - (kw - 1) * dw - 1) // sw + 1

    @property
    def is_plain(self) -> bool:
        """Whether a window would give its input back."""
        return self.kernel == (1, 1) and self.strides == (1, 1)


def add_pad(b: NetworkBuilder, op: Op, stream: Stream, spatial: Spatial, value: int) -> Stream:
    """The stream with its border; itself where there is none."""
    if not any(spatial.padding):
        return stream
    stream = holding(b, op, stream, value, b.value(op.inputs[0]).range)
    channels = spatial.shape[3]
    beats = spatial.padded_pixels * (channels // stream.lanes)
    padded = b.stream(f"{op.name}_padded", stream.lanes, stream.element, beats)
    top, left, bottom, right = spatial.padding
    b.add(
        "hwc_pad",
        f"{op.name}_pad",
        {
            "Width": stream.element.bits,
            "Lanes": stream.lanes,
            "Channels": channels,
            "InHeight": spatial.shape[1],
            "InWidth": spatial.shape[2],
            "PadTop": top,
            "PadLeft": left,
            "PadBottom": bottom,
            "PadRight": right,
            "PadValue": value,
        },
        [stream],
        [padded],
    )
    return padded


def add_window(b: NetworkBuilder, op: Op, stream: Stream, spatial: Spatial) -> Stream:
    """Beats of all taps of a lane group, the tap the slower index; the stream itself for a kernel of one."""
    if spatial.is_plain:
        return stream
    channels, (height, width) = spatial.shape[3], spatial.output
    taps = spatial.kernel[0] * spatial.kernel[1]
    beats = spatial.shape[0] * height * width * (channels // stream.lanes)
    windows = b.stream(f"{op.name}_windows", taps * stream.lanes, stream.element, beats)
    b.add(
        "hwc_window",
        f"{op.name}_window",
        {
            "Width": stream.element.bits,
            "Lanes": stream.lanes,
            "Channels": channels,
            "InHeight": spatial.padded[0],
            "InWidth": spatial.padded[1],
            "KernelHeight": spatial.kernel[0],
            "KernelWidth": spatial.kernel[1],
            "StrideHeight": spatial.strides[0],
            "StrideWidth": spatial.strides[1],
            "DilationHeight": spatial.dilations[0],
            "DilationWidth": spatial.dilations[1],
        },
        [stream],
        [windows],
    )
    return windows
