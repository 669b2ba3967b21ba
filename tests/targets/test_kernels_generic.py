"""The firmware's generic kernels equal their numpy twins, under gcc and clang, sanitizers on, warnings as errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.targets import kernels_cases as cases
from tests.targets import kernels_twins as twin
from tests.targets.kernels_host import run_host
from tests.targets.kernels_program import Case


def dot_cases(seed: int) -> list[Case]:
    """Convolutions, depthwise and dense layers of every type, odd sizes, and all requant kinds."""
    rng = np.random.default_rng(seed)
    pick = rng.choice
    out: list[Case] = []
    for in_type in ("int8", "uint8", "int16", "uint16"):
        for out_type in ("int8", "uint8", "int16", "int32"):
            groups = int(pick([1, 1, 2, 4]))
            out.append(cases.conv2d_case(
                rng, in_type=in_type, out_type=out_type, kernel=(int(pick([1, 2, 3])), int(pick([1, 3]))),
                channels=(groups * int(pick([1, 2, 3])), groups * int(pick([1, 3]))), groups=groups,
                stride=(int(pick([1, 2])), int(pick([1, 3]))), dilation=(int(pick([1, 2])), 1),
                pad=(int(pick([0, 1])), int(pick([0, 2]))), weight_offset=int(pick([0, 0, 128, -255]))))  # fmt: skip
            shape = (int(pick([1, 3])), int(pick([1, 5, 8])), int(pick([1, 4, 7])))
            out.append(cases.dense_case(rng, in_type=in_type, out_type=out_type, shape=shape,
                                        weight_offset=int(pick([0, 128]))))  # fmt: skip
    return out


def rescale_cases(seed: int) -> list[Case]:
    """One, two and three inputs; shift 0 and 62; all kinds."""
    rng = np.random.default_rng(seed)
    out = []
    for kind in (twin.HIGH, twin.NARROW, twin.GENERAL, twin.GENERAL, twin.GENERAL):
        for types in (("int32",), ("int8", "uint8"), ("int16", "int8", "uint16")):
            out.append(cases.rescale_case(rng, in_types=types, out_type=str(rng.choice(["int8", "uint8", "int16"])),
                                          shape=(2, 5, 3), kind=kind))  # fmt: skip
    return out


def ties_case(tie: int, shift: int) -> Case:
    """Every value of 8 bits times one: with shift 1 half of them are ties; the widest shift maps all to few."""
    x = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
    offset = 1 << (shift - 1) if shift else 0
    mult = 1 if shift < 31 else 2**31 - 1
    rq = twin.Requant(twin.GENERAL, np.array([[mult]]), np.array([offset]), shift, tie, 1, -128, 127)
    fields: dict[str, object] = {
        "requant": rq.fields(), "outer": 1, "channels": 1, "inner": 256, "inputs": 1, "acc_fits_int32": 0,
        "in_types": np.zeros(1, np.uint8), "out_type": 0}  # fmt: skip
    expected = twin.requant(rq, [x.astype(np.int64)]).astype(np.int8)
    return Case("hwc_rescale", "hwc_rescale_t", fields, (x,), expected, array_of_inputs=True)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_dot_kernels_equal_numpy(tmp_path: Path, compiler: str) -> None:
    run_host(tmp_path, compiler, dot_cases(1) + dot_cases(2))


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_requant_and_softmax_equal_numpy(tmp_path: Path, compiler: str) -> None:
    rng = np.random.default_rng(3)
    batch = rescale_cases(4) + [ties_case(tie, shift) for tie in range(3) for shift in (0, 1, 2, 5, 31, 62)]
    for in_type, out_type in (("int8", "int8"), ("uint8", "uint8"), ("int8", "int16")):
        for beta in (0.001, 0.1, 1.0):
            batch += [
                cases.softmax_case(rng, in_type=in_type, out_type=out_type, shape=(3, n), beta=beta) for n in (1, 2, 12)
            ]
    run_host(tmp_path, compiler, batch)
