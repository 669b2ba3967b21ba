"""Cases of the kernels whose weights take 4, 2 or 1 bits: every remainder of a word, type, finish and split."""

from __future__ import annotations

import numpy as np

from hwcomp.targets.mcu.packed import Coding
from tests.targets import kernels_cases as cases
from tests.targets import kernels_twins as twin
from tests.targets.kernels_program import Case

CODINGS = (Coding(4, -8), Coding(4, 0), Coding(2, -2), Coding(2, -1), Coding(1, -1))
"""s4, u4, s2, ternary or s2 without its least value, bipolar."""


def conv_cases(seed: int, coding: Coding) -> list[Case]:
    """Blocked convolutions of odd shapes, and what the generic kernel does."""
    rng = np.random.default_rng(seed)
    pick = rng.choice
    out: list[Case] = []
    for in_type in ("int8", "uint8"):
        for kind in (twin.HIGH, twin.NARROW, twin.GENERAL):
            for full in (True, False):
                kernel = (int(pick([1, 3])), int(pick([1, 2, 3])))
                channels = (int(pick([1, 3, 4, 8, 20, 36, 64])), int(pick([1, 3, 9, 17])))
                out.append(cases.conv2d_case(
                    rng, in_type=in_type, out_type=str(pick(["int8", "uint8"])), kernel=kernel, channels=channels,
                    pad=(int(rng.integers(0, kernel[0])), int(rng.integers(0, kernel[1]))), full_clamp=full,
                    size=(int(rng.integers(3, 6)), int(rng.integers(3, 7))), kind=kind, coding=coding,
                    stride=(int(pick([1, 2])), int(pick([1, 2]))), dilation=(int(pick([1, 2])), 1)))  # fmt: skip
        for rows in (1, 2):
            out.append(cases.conv2d_case(
                rng, in_type=in_type, out_type=str(pick(["int8", "int32"])), kernel=(3, 2), channels=(32, 5),
                pad=(1, 1), rows=rows, coding=coding))  # fmt: skip
    common = {"in_type": "int8", "out_type": "int8", "kernel": (2, 3), "coding": coding}
    out.append(cases.conv2d_case(rng, **common, channels=(6, 4), groups=2))
    out.append(cases.conv2d_case(rng, **common, channels=(3, 4), dilation=(1, 2)))
    out.append(cases.conv2d_case(rng, **(common | {"in_type": "uint16"}), channels=(3, 4)))
    return out


def remainder_cases(seed: int, coding: Coding) -> list[Case]:
    """1x1 convolutions and dense layers of every number of inputs up to a word and more."""
    rng = np.random.default_rng(seed)
    out: list[Case] = []
    for inputs in (*range(1, coding.inputs + 2), 2 * coding.inputs, 5 * coding.inputs + 3):
        in_type, out_type = str(rng.choice(["int8", "uint8"])), str(rng.choice(["int8", "uint8", "int32"]))
        outputs = int(rng.integers(1, 10))
        out.append(cases.conv2d_case(
            rng, in_type=in_type, out_type=out_type, kernel=(1, 1), channels=(inputs, outputs), coding=coding,
            size=(1, int(rng.integers(1, 14)))))  # fmt: skip
        out.append(cases.dense_case(
            rng, in_type=in_type, out_type=out_type, shape=(int(rng.integers(1, 3)), inputs, outputs),
            coding=coding))  # fmt: skip
    out.append(cases.dense_case(rng, in_type="int16", out_type="int8", shape=(2, 9, 5), coding=coding))
    return out
