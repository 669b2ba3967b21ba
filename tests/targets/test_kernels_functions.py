"""Thresholds and both forms of LogSoftmax in C: equal to the operators' `evaluate`, under sanitizers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwcomp.ir.ops import LogSoftmax, Thresholds, WideLogSoftmax
from hwcomp.ir.ops.log_softmax import LOG_FRACTION_BITS
from hwcomp.ir.types import S8, S32, IntType, Location
from tests.targets.kernels_cases import RANGES, integers
from tests.targets.kernels_host import run_host
from tests.targets.kernels_program import HWC_TYPES, Case

Rng = np.random.Generator
COMMON = {"name": "op", "inputs": ("x", "t"), "outputs": ("y",), "loc": Location("net.onnx", "op", "Op")}


def thresholds_cases(rng: Rng) -> list[Case]:
    """Rows shared and for each channel; no level, one, many; the ends of 32 bits."""
    out = []
    for in_type, out_type in (("int32", "int8"), ("int32", "uint8"), ("int16", "int16"), ("int8", "int32")):
        lo, hi = RANGES[in_type]
        for levels in (1, 2, 100):
            for channels in (1, 3):
                x = integers(rng, in_type, (2, 3, 4))
                rows = np.sort(rng.integers(lo, hi, (channels, levels), endpoint=True), axis=1)
                rows[:, -1], x.flat[0] = hi, rows.flat[0]
                least = max(RANGES[out_type][0], -7)
                dtype = IntType(32 if out_type == "int32" else int(out_type.strip("uint")), out_type[0] != "u")
                op = Thresholds(**COMMON, lo=least, dtype=dtype, axis=1)
                (y,) = op.evaluate(x.astype(np.int64), rows if channels > 1 else rows[0])
                fields: dict[str, object] = {
                    "thresholds": rows.astype(np.int32), "levels": levels, "lo": least,
                    "threshold_step": levels if channels > 1 else 0, "outer": 2 if channels > 1 else 1,
                    "channels": channels, "inner": 4 if channels > 1 else x.size, "in_type": HWC_TYPES[in_type],
                    "out_type": HWC_TYPES[out_type]}  # fmt: skip
                out.append(Case("hwc_thresholds", "hwc_thresholds_t", fields, (x,), y.astype(out_type)))
    return out


def exponentials(scale: float, bits: int) -> np.ndarray:
    """exp(-distance * scale) in 2^-bits, below 2^31."""
    exact = np.exp(-scale * np.arange(256)) * 2.0**bits
    return np.minimum(np.rint(exact), 2**31 - 1).astype(np.int64)


def log_softmax_cases(rng: Rng) -> list[Case]:
    """TFLite's: rows of one and of many classes, with and without a cut-off; way back by several shifts."""
    out = []
    for in_type, size, scale, radius, reverse in (
        ("int8", 1, 0.0625, 255, (1 << 30, -21)), ("uint8", 10, 0.0625, 255, (1 << 30, -21)),
        ("int8", 300, 0.12, 250, (1118481067, -22)), ("int8", 7, 0.02, 40, (1677721600, -20)),
    ):  # fmt: skip
        x = integers(rng, in_type, (40, size))
        diff = np.maximum(np.rint(-scale * np.arange(256) * 2.0**26), -(2**31)).astype(np.int64)
        sums = exponentials(scale, 19)
        op = LogSoftmax(**COMMON, radius=radius, reverse=reverse, lo=-128, hi=127, dtype=S8)
        (y,) = op.evaluate(x.astype(np.int64), diff, sums)
        fields: dict[str, object] = {
            "diff_table": diff.astype(np.int32), "sum_table": sums.astype(np.int32), "rows": 40, "size": size,
            "radius": radius, "reverse_multiplier": reverse[0], "reverse_shift": -reverse[1], "lo": -128, "hi": 127,
            "in_type": HWC_TYPES[in_type], "out_type": HWC_TYPES["int8"]}  # fmt: skip
        out.append(Case("hwc_log_softmax", "hwc_log_softmax_t", fields, (x,), y.astype(np.int8)))
    return out


def wide_log_softmax_cases(rng: Rng) -> list[Case]:
    """Sums below and far past 32 bits, every number of fraction bits."""
    out = []
    for in_type, size, scale, bits in (
        ("int8", 1, 0.0471, 26), ("uint8", 10, 0.0471, 26), ("int8", 3000, 0.001, 26), ("uint8", 77, 0.9, 20),
    ):  # fmt: skip
        x = integers(rng, in_type, (9, size))
        diff = np.rint(-scale * np.arange(256) * 2.0**bits).astype(np.int64)
        exps = exponentials(scale, 31)
        (y,) = WideLogSoftmax(**COMMON, fraction_bits=bits).evaluate(x.astype(np.int64), diff, exps)
        assert S32.min <= y.min()
        fields: dict[str, object] = {
            "diff_table": diff.astype(np.int32), "exp_table": exps.astype(np.int32), "rows": 9, "size": size,
            "log_shift": LOG_FRACTION_BITS - bits, "in_type": HWC_TYPES[in_type], "out_type": HWC_TYPES["int32"],
        }  # fmt: skip
        out.append(Case("hwc_wide_log_softmax", "hwc_wide_log_softmax_t", fields, (x,), y.astype(np.int32)))
    return out


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_functions_equal_evaluate(tmp_path: Path, compiler: str) -> None:
    rng = np.random.default_rng(23)
    run_host(tmp_path, compiler, thresholds_cases(rng) + log_softmax_cases(rng) + wide_log_softmax_cases(rng))
