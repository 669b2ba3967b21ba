"""Modules that know a frame's shape (pad, window, concat, permute, state), against numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from hwcomp.targets.dataflow.modules import stream
from hwcomp.targets.dataflow.modules.stream import Image, Kernel
from rtl.tb.bench import Case, Stream, check, hex_file, pack

FRAMES = 3
RNG = np.random.default_rng(2)
Ints = npt.NDArray[np.int64]


def _image(image: Image) -> Ints:
    """Frames [n, h, w, c] of signed elements; the first two hold only the least and the greatest."""
    least, most = -(1 << (image.width - 1)), (1 << (image.width - 1)) - 1
    shape = (FRAMES, image.height, image.pixels, image.channels)
    frames = RNG.integers(least, most + 1, shape)
    frames[0] = np.where(frames[0] & 1, least, most)
    return frames


def _stream(image: Image, frames: Ints) -> Stream:
    return Stream(image.lanes * image.width, pack(frames, image.lanes, image.width))


def _pad_case(name: str, image: Image, pads: tuple[int, int, int, int], value: int) -> Case:
    top, left, bottom, right = pads
    frames = _image(image)
    padded = np.pad(frames, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=value)
    spec = stream.pad(image, top=top, left=left, bottom=bottom, right=right, value=value)
    # The padding before the next frame's first beat comes without it.
    surplus = pack([value] * (image.lanes * spec.gives), image.lanes, image.width)
    expected = Stream(image.lanes * image.width, pack(padded, image.lanes, image.width) + surplus)
    return Case(name, spec, {"in": _stream(image, frames)}, {"out": expected}, FRAMES)


def test_pad(tmp_path: Path) -> None:
    cases = [
        _pad_case("same", Image(8, 2, 4, 5, 4), (1, 1, 1, 1), -128),
        _pad_case("asymmetric", Image(8, 1, 3, 4, 5), (0, 2, 1, 0), 127),
        _pad_case("none", Image(8, 1, 1, 3, 3), (0, 0, 0, 0), 0),
        _pad_case("left", Image(4, 3, 3, 2, 2), (0, 3, 0, 0), -1),
        _pad_case("bottom", Image(4, 1, 1, 1, 6), (0, 0, 4, 0), 7),
        _pad_case("pixel", Image(1, 1, 1, 1, 1), (2, 2, 2, 2), 0),
        _pad_case("wide", Image(40, 2, 2, 2, 3), (1, 1, 0, 1), -5),
    ]
    check(cases, tmp_path)


def _windows(image: Image, kernel: Kernel, frames: Ints) -> Ints:
    """[n, oh, ow, groups, ky, kx, lanes]: slow and obvious."""
    rows, cols = kernel.windows(image)
    shape = (FRAMES, rows, cols, image.groups, *kernel.size, image.lanes)
    taps = np.empty(shape, dtype=np.int64)
    for ky in range(kernel.size[0]):
        for kx in range(kernel.size[1]):
            y0, x0 = ky * kernel.dilation[0], kx * kernel.dilation[1]
            seen = frames[:, y0 :: kernel.stride[0], x0 :: kernel.stride[1]][:, :rows, :cols]
            taps[:, :, :, :, ky, kx] = seen.reshape(FRAMES, rows, cols, image.groups, image.lanes)
    return taps


def _window_case(name: str, image: Image, kernel: Kernel) -> Case:
    frames = _image(image)
    lanes = kernel.size[0] * kernel.size[1] * image.lanes
    expected = pack(_windows(image, kernel, frames), lanes, image.width)
    spec = stream.window(image, kernel)
    return Case(name, spec, {"in": _stream(image, frames)}, {"out": Stream(lanes * image.width, expected)}, FRAMES)


FAST_WINDOWS = [
    _window_case("k3", Image(8, 1, 1, 6, 5), Kernel((3, 3))),
    _window_case("k3_groups", Image(8, 2, 6, 5, 4), Kernel((3, 3))),
    _window_case("k3_stride2", Image(8, 4, 4, 7, 6), Kernel((3, 3), (2, 2))),
    _window_case("k2_pool", Image(8, 1, 3, 7, 7), Kernel((2, 2), (2, 2))),
    _window_case("row_kernel", Image(8, 1, 4, 1, 9), Kernel((1, 3))),
    _window_case("column_kernel", Image(8, 2, 2, 9, 1), Kernel((4, 1), (2, 1))),
    _window_case("one_tap_stride", Image(8, 1, 2, 5, 7), Kernel((1, 1), (2, 3))),
    _window_case("dilated", Image(8, 1, 2, 9, 8), Kernel((3, 3), (1, 1), (3, 2))),
    _window_case("dilated_stride", Image(5, 1, 1, 10, 11), Kernel((2, 3), (3, 2), (4, 3))),
    _window_case("whole_image", Image(8, 3, 3, 4, 3), Kernel((4, 3))),
    _window_case("stride_beyond_kernel", Image(8, 1, 1, 8, 8), Kernel((2, 2), (3, 5))),
]


def test_window(tmp_path: Path) -> None:
    check(FAST_WINDOWS, tmp_path)


@pytest.mark.slow
def test_random_windows(tmp_path: Path) -> None:
    """Many shapes: any size, stride and dilation that fits the image."""
    cases = []
    for number in range(24):
        lanes, groups, width = (int(RNG.integers(1, n)) for n in (4, 5, 10))
        size, dilation = ((int(RNG.integers(1, 5)), int(RNG.integers(1, 5))) for _ in range(2))
        stride = (int(RNG.integers(1, 4)), int(RNG.integers(1, 4)))
        extra = RNG.integers(0, 5, 2)
        row, col = Kernel(size, stride, dilation).first()
        image = Image(width, lanes, lanes * groups, row + 1 + int(extra[0]), col + 1 + int(extra[1]))
        cases.append(_window_case(f"random{number}", image, Kernel(size, stride, dilation)))
    check(cases, tmp_path)


def _concat_case(name: str, lanes: int, bursts: tuple[int, ...], rounds: int) -> Case:
    parts = [RNG.integers(-128, 128, (FRAMES * rounds, burst, lanes)) for burst in bursts]
    given = tuple(Stream(8 * lanes, pack(part, lanes, 8)) for part in parts)
    expected = Stream(8 * lanes, pack(np.concatenate(parts, axis=1), lanes, 8))
    spec = stream.concat(width=8, lanes=lanes, bursts=bursts, rounds=rounds)
    return Case(name, spec, {"in": given}, {"out": expected}, FRAMES)


def test_concat(tmp_path: Path) -> None:
    cases = [
        _concat_case("two", 2, (1, 1), 6),
        _concat_case("uneven", 1, (3, 1, 4), 5),
        _concat_case("rows", 1, (20, 7), 1),
        _concat_case("one", 1, (2,), 4),
        _concat_case("five", 3, (1, 2, 1, 2, 1), 4),
    ]
    check(cases, tmp_path)


def _permute_case(name: str, folder: Path, lanes: int, in_beats: int, order: list[int], parts: int = 1) -> Case:
    frames = RNG.integers(-128, 128, ((FRAMES + 2) * parts, in_beats, lanes))
    rom = hex_file(folder / f"{name}.rom", order)
    spec = stream.permute(
        width=8, lanes=lanes, in_beats=in_beats, out_beats=len(order), address_file=str(rom), parts=parts
    )
    given, expected = Stream(8 * lanes, pack(frames, lanes, 8)), Stream(8 * lanes, pack(frames[:, order], lanes, 8))
    return Case(name, spec, {"in": given}, {"out": expected}, FRAMES + 2)


def _depth_to_space(width: int, block: int, depth: int) -> list[int]:
    """Beats of a row, in the order of `block` rows: depth index (block_y, block_x, c), a beat per c."""
    row = np.arange(width * block * block * depth // depth).reshape(width, block, block)
    return [int(beat) for beat in row.transpose(1, 0, 2).reshape(-1)]


def test_permute(tmp_path: Path) -> None:
    cases = [
        _permute_case("transpose", tmp_path, 1, 12, np.arange(12).reshape(3, 4).T.reshape(-1).tolist()),
        _permute_case("reverse", tmp_path, 3, 7, list(range(6, -1, -1))),
        _permute_case("gather", tmp_path, 1, 10, [3, 3, 9, 0]),
        _permute_case("resize", tmp_path, 2, 4, [0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3]),
        _permute_case("one_of_many", tmp_path, 1, 5, [4]),
        _permute_case("one_to_many", tmp_path, 1, 1, [0, 0, 0]),
        _permute_case("one", tmp_path, 4, 1, [0]),
        _permute_case("two", tmp_path, 1, 2, [1, 0]),
        _permute_case("rows", tmp_path, 2, 12, _depth_to_space(3, 2, 2), 4),
        _permute_case("beats", tmp_path, 1, 1, [0], 9),
        _permute_case("pixels", tmp_path, 3, 2, [0, 1, 0, 1], 6),
        _permute_case("fewer", tmp_path, 1, 5, [4, 0], 3),
    ]
    check(cases, tmp_path)


def _state_case(folder: Path, beats: int) -> Case:
    initial, frames = RNG.integers(0, 256, beats).tolist(), RNG.integers(0, 256, beats * FRAMES).tolist()
    rom = hex_file(folder / f"state{beats}.rom", initial)
    spec = stream.state(width=8, beats=beats, init_file=str(rom))
    return Case(f"state{beats}", spec, {"in": Stream(8, frames)}, {"out": Stream(8, initial + frames)}, FRAMES)


def test_state(tmp_path: Path) -> None:
    """The initial state, then what was pushed."""
    check([_state_case(tmp_path, beats) for beats in (1, 2, 3, 8, 20)], tmp_path)
