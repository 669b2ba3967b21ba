"""Windows of convolutions and pools: strides, dilations and padding from the attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcomp.frontends.onnx.source import Node

MAX_WINDOW = 1 << 20
_REPEAT = "export the model again"


@dataclass(frozen=True, slots=True)
class Window:
    """A window over an image, in 1-D of one row. `padding` is (top, left, bottom, right), `output` (height, width).

    `overhang`: how much of the padding at the bottom and at the right ceil_mode added to what the node declares.
    """

    kernel: tuple[int, int]
    strides: tuple[int, int]
    dilations: tuple[int, int]
    padding: tuple[int, int, int, int]
    output: tuple[int, int]
    overhang: tuple[int, int] = (0, 0)


def window_of(node: Node, kernel: Sequence[int], size: Sequence[int]) -> Window:
    """The window of a node over spatial dimensions `size` (1 or 2).

    Raises: HWC208 an attribute out of range, HWC214 their count, HWC219 auto_pad.
    """
    count = len(size)
    strides = _each(node, "strides", count, 1)
    dilations = _each(node, "dilations", count, 1)
    if len(kernel) != count or any(not 1 <= k <= MAX_WINDOW for k in kernel):
        raise node.fail("HWC214", f"kernel {list(kernel)} for {count} spatial dimensions", _REPEAT)
    pads = _pads(node, kernel, strides, dilations, size)
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    output = [(n + pads[i] + pads[i + count] - spans[i]) // strides[i] + 1 for i, n in enumerate(size)]
    declared = list(pads)
    if node.integer("ceil_mode", 0):
        pads, output = _ceiled(pads, output, spans, strides, size)
    if min(output) < 1:
        raise node.fail("HWC214", f"kernel {list(kernel)} is larger than the padded input {list(size)}", _REPEAT)
    extra = [grown - own for grown, own in zip(pads, declared, strict=True)]
    if count == 1:
        return Window(
            (1, kernel[0]), (1, strides[0]), (1, dilations[0]), (0, pads[0], 0, pads[1]), (1, output[0]), (0, extra[1])
        )
    return Window(
        (kernel[0], kernel[1]), (strides[0], strides[1]), (dilations[0], dilations[1]),
        (pads[0], pads[1], pads[2], pads[3]), (output[0], output[1]), (extra[2], extra[3]),
    )  # fmt: skip


def whole_window(node: Node, shape: Sequence[int]) -> Window:
    """The window that holds all of x [n, c, (h,) w].

    Raises: HWC101 another rank.
    """
    if len(shape) not in (3, 4):
        raise node.fail("HWC101", f"a pool over rank {len(shape)}", "pool over 1 or 2 spatial dimensions")
    kernel = (1, shape[2]) if len(shape) == 3 else (shape[2], shape[3])
    return Window(kernel, (1, 1), (1, 1), (0, 0, 0, 0), (1, 1))


def _each(node: Node, name: str, count: int, least: int) -> tuple[int, ...]:
    values = node.integers(name) or (1,) * count
    if len(values) != count or any(not least <= v <= MAX_WINDOW for v in values):
        raise node.fail("HWC208", f"{name} {list(values)} for {count} spatial dimensions", _REPEAT)
    return values


def _pads(
    node: Node, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int], size: Sequence[int]
) -> list[int]:
    """Padding before each dimension, then after each."""
    count = len(size)
    mode = node.text("auto_pad", "NOTSET")
    if mode in ("NOTSET", ""):
        pads = node.integers("pads") or (0,) * (2 * count)
        if len(pads) != 2 * count or any(not 0 <= p <= MAX_WINDOW for p in pads):
            raise node.fail("HWC208", f"pads {list(pads)} for {count} spatial dimensions", _REPEAT)
        return list(pads)
    if mode == "VALID":
        return [0] * (2 * count)
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        raise node.fail("HWC219", f"auto_pad is '{mode}'", _REPEAT)
    before: list[int] = []
    after: list[int] = []
    for k, s, d, n in zip(kernel, strides, dilations, size, strict=True):
        total = max(((n + s - 1) // s - 1) * s + (k - 1) * d + 1 - n, 0)
        small, large = total // 2, total - total // 2
        before.append(small if mode == "SAME_UPPER" else large)
        after.append(large if mode == "SAME_UPPER" else small)
    return before + after


def _ceiled(
    pads: list[int], output: list[int], spans: Sequence[int], strides: Sequence[int], size: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Output sizes rounded up; the last window starts inside the input or its left padding, more padding fills it."""
    count = len(size)
    for i, n in enumerate(size):
        total = n + pads[i] + pads[i + count] - spans[i]
        up = -(-total // strides[i]) + 1
        if (up - 1) * strides[i] >= n + pads[i]:
            up -= 1
        if up > output[i]:
            pads[i + count] += (up - 1) * strides[i] - total
            output[i] = up
    return pads, output
