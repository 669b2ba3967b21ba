"""The Cortex-M DSP kernels equal the numpy twins on an emulated Cortex-M4, built by GCC and by zig."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.targets import kernels_cases as cases
from tests.targets import kernels_m4 as m4
from tests.targets import kernels_twins as twin
from tests.targets.kernels_program import Case


def check(folder: Path, compiler: str, batch: Sequence[Case]) -> None:
    """Fail with each differing case's kernel and fields."""
    m4.need(compiler)
    result = m4.run(m4.build(folder, compiler, batch))
    lines = []
    for number, at, got, want in result.failures:
        shape = {k: v for k, v in batch[number].fields.items() if isinstance(v, int)}
        lines.append(f"{number} {batch[number].kernel} at {at}: got {got}, want {want}; {shape}")
    assert not lines, "\n".join(lines)
    assert len(result.instructions) == len(batch)


def conv_cases(seed: int) -> list[Case]:
    """Block convolution: types, all finishes, odd sizes, few pixels, row passes, channels that are no whole words."""
    rng = np.random.default_rng(seed)
    out: list[Case] = []
    for in_type in ("int8", "uint8"):
        for out_type in ("int8", "uint8"):
            for kind in (twin.HIGH, twin.NARROW, twin.GENERAL):
                for full in (True, False):
                    kernel = (int(rng.choice([1, 3])), int(rng.choice([1, 2, 3])))
                    channels = (int(rng.choice([1, 3, 4, 8, 36])), int(rng.choice([1, 3, 9, 17])))
                    out.append(cases.conv2d_case(
                        rng, in_type=in_type, out_type=out_type, kernel=kernel, channels=channels, kind=kind,
                        pad=(int(rng.integers(0, kernel[0])), int(rng.integers(0, kernel[1]))), full_clamp=full,
                        size=(int(rng.integers(3, 6)), int(rng.integers(3, 7))),
                        rows=int(rng.integers(1, kernel[0] + 1)) if channels[0] % 4 == 0 else None,
                        stride=(int(rng.choice([1, 2])), int(rng.choice([1, 2]))),
                        dilation=(int(rng.choice([1, 2])), 1)))  # fmt: skip
    out.append(cases.conv2d_case(rng, in_type="int8", out_type="int32", kernel=(3, 3), channels=(4, 5), pad=(1, 1)))
    out.append(cases.conv2d_case(rng, in_type="uint8", out_type="int16", kernel=(3, 3), channels=(4, 5), rows=1))
    out.append(cases.conv2d_case(rng, in_type="int8", out_type="int8", kernel=(1, 1), channels=(4, 5), weight_offset=9))
    return out


@pytest.mark.parametrize("compiler", ["gcc", pytest.param("zig", marks=pytest.mark.slow)])
def test_conv2d(tmp_path: Path, compiler: str) -> None:
    check(tmp_path, compiler, conv_cases(11))


def depthwise_cases(seed: int) -> list[Case]:
    """Planar 3x3 of strides 1 and 2, all finishes, multipliers, borders; other shapes fall back."""
    rng = np.random.default_rng(seed)
    out: list[Case] = []
    for in_type in ("int8", "uint8"):
        for out_type in ("int8", "uint8"):
            for kind in (twin.HIGH, twin.NARROW, twin.GENERAL):
                for full in (True, False):
                    groups, stride = int(rng.choice([2, 3, 5])), int(rng.choice([1, 2]))
                    out.append(cases.conv2d_case(
                        rng, in_type=in_type, out_type=out_type, kernel=(3, 3), kind=kind, full_clamp=full,
                        channels=(groups, groups * int(rng.choice([1, 2]))), groups=groups, stride=(stride, stride),
                        size=(int(rng.integers(3, 7)), int(rng.integers(3, 8))),
                        pad=(int(rng.integers(0, 2)), int(rng.integers(0, 2)))))  # fmt: skip
    out.append(cases.conv2d_case(rng, in_type="int8", out_type="int8", kernel=(5, 3), channels=(4, 4), groups=4))
    return out


def dense_cases(seed: int) -> list[Case]:
    """Dense layers of every remainder of inputs and outputs, several rows, and inputs that are not 8 bits."""
    rng = np.random.default_rng(seed)
    out = [
        cases.dense_case(rng, in_type=in_type, out_type=out_type, shape=(int(rng.choice([1, 2])), k, n))
        for in_type in ("int8", "uint8")
        for out_type in ("int8", "uint8", "int32")
        for k, n in ((1, 1), (4, 4), (7, 5), (32, 6), (33, 8), (70, 3))
    ]
    out.append(cases.dense_case(rng, in_type="int16", out_type="int8", shape=(1, 9, 5)))
    out.append(cases.dense_case(rng, in_type="int8", out_type="int8", shape=(1, 9, 5), weight_offset=-7))
    return out


def rescale_cases(seed: int) -> list[Case]:
    """Two inputs within int32 (the fast path), whole and partial clamps; and what falls back."""
    rng = np.random.default_rng(seed)
    out = []
    for a in ("int8", "uint8"):
        for b in ("int8", "uint8"):
            for out_type in ("int8", "uint8"):
                for narrow in (True, True, True, False):
                    out.append(cases.rescale_case(rng, in_types=(a, b), out_type=out_type, shape=(1, 1, 29),
                                                  kind=twin.NARROW, narrow=narrow))  # fmt: skip
    return out


@pytest.mark.parametrize("compiler", ["gcc", pytest.param("zig", marks=pytest.mark.slow)])
def test_depthwise(tmp_path: Path, compiler: str) -> None:
    check(tmp_path, compiler, depthwise_cases(12))


@pytest.mark.parametrize("compiler", ["gcc", pytest.param("zig", marks=pytest.mark.slow)])
def test_dense_and_rescale(tmp_path: Path, compiler: str) -> None:
    check(tmp_path, compiler, dense_cases(13) + rescale_cases(14))
