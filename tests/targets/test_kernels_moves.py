"""Generic kernels that pool, reduce, compute exactly, look up and move: equal to numpy under sanitizers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.targets import kernels_cases as cases
from tests.targets import kernels_twins as twin
from tests.targets.kernels_cases import integers
from tests.targets.kernels_host import run_host
from tests.targets.kernels_program import HWC_TYPES, Case

DTYPES = ("int8", "uint8", "int16", "uint16", "int32")
Rng = np.random.Generator


def pool_case(rng: Rng, *, dtype: str, summed: bool, raw: bool) -> Case:
    """A pooling of random window, stride, dilation and padding."""
    size, kernel = (
        (int(rng.integers(4, 8)), int(rng.integers(4, 8))),
        (int(rng.integers(1, 4)), int(rng.integers(1, 4))),
    )
    stride, dilation = (int(rng.integers(1, 3)), int(rng.integers(1, 3))), (int(rng.integers(1, 3)), 1)
    pad, channels, pad_value = (int(rng.integers(0, kernel[0])), int(rng.integers(0, kernel[1]))), 3, 5
    x = integers(rng, dtype, (*size, channels))
    out = tuple((s + 2 * p - d * (k - 1) - 1) // t + 1
                for s, p, d, k, t in zip(size, pad, dilation, kernel, stride, strict=True))  # fmt: skip
    fill = pad_value if summed else np.iinfo(np.int64).min
    padded = np.pad(x.astype(np.int64), ((pad[0], pad[0]), (pad[1], pad[1]), (0, 0)), constant_values=fill)
    y = np.zeros((*out, channels), np.int64)
    for h, w in np.ndindex(*out):
        window = padded[h * stride[0] :: dilation[0], w * stride[1] :: dilation[1]][: kernel[0], : kernel[1]]
        y[h, w] = window.sum((0, 1)) if summed else window.max((0, 1))
    pool: dict[str, object] = {
        "in_height": size[0], "in_width": size[1], "channels": channels, "out_height": out[0], "out_width": out[1],
        "kernel_height": kernel[0], "kernel_width": kernel[1], "stride_height": stride[0], "stride_width": stride[1],
        "dilation_height": dilation[0], "dilation_width": dilation[1], "pad_top": pad[0], "pad_left": pad[1],
        "in_type": HWC_TYPES[dtype], "out_type": HWC_TYPES["int32" if raw else dtype]}  # fmt: skip
    if not summed:
        return Case("hwc_max_pool", "hwc_pool_t", pool, (x,), y.astype("int32" if raw else dtype))
    rq = twin.RAW if raw else cases.random_requant(rng, int(np.abs(y).max()), channels, dtype, twin.GENERAL)
    fields = {"pool": pool, "requant": rq.fields(), "pad_value": pad_value}
    return Case("hwc_sum_pool", "hwc_sum_pool_t", fields, (x,), twin.requant(rq, [y]).astype("int32" if raw else dtype))


def reduce_cases(rng: Rng, dtype: str) -> list[Case]:
    """Sum, greatest and its index, with many ties."""
    x = integers(rng, dtype, (2, 7, 3)) if rng.random() < 0.5 else rng.integers(0, 3, (2, 7, 3)).astype(dtype)
    shape: dict[str, object] = {"outer": 2, "size": 7, "inner": 3, "in_type": HWC_TYPES[dtype]}
    last = 6 - x[:, ::-1].argmax(1)
    wide = shape | {"out_type": HWC_TYPES["int32"]}
    rq = cases.random_requant(rng, 7 * 255, 3, "int8", twin.GENERAL)
    sums = x.astype(np.int64).sum(1)
    out = [
        Case("hwc_reduce_max", "hwc_reduce_t", shape | {"out_type": HWC_TYPES[dtype]}, (x,), x.max(1)),
        Case("hwc_argmax", "hwc_argmax_t", {"reduce": wide, "select_last": 0}, (x,), x.argmax(1).astype(np.int32)),
        Case("hwc_argmax", "hwc_argmax_t", {"reduce": wide, "select_last": 1}, (x,), last.astype(np.int32)),
    ]
    if dtype != "int32":
        fields: dict[str, object] = {"reduce": shape | {"out_type": 0}, "requant": rq.fields()}
        out.append(Case("hwc_reduce_sum", "hwc_reduce_sum_t", fields, (x,), twin.requant(rq, [sums]).astype(np.int8)))
        raw: dict[str, object] = {"reduce": wide, "requant": twin.RAW.fields()}
        out.append(Case("hwc_reduce_sum", "hwc_reduce_sum_t", raw, (x,), sums.astype(np.int32)))
    return out


def binary_cases(rng: Rng) -> list[Case]:
    """Every operation, with and without broadcasting, ranks 1 to 4."""
    functions = [np.add, np.subtract, np.multiply, np.minimum, np.maximum]
    shapes = [((5,), (5,)), ((2, 3), (1, 3)), ((2, 1, 4), (1, 3, 1)), ((2, 3, 1, 2), (2, 3, 4, 2))]
    out = []
    for op, function in enumerate(functions):
        for shape_a, shape_b in shapes:
            a, b = integers(rng, "int16", shape_a), integers(rng, "uint8", shape_b)
            y = function(a.astype(np.int32), b.astype(np.int32))
            strides = [
                tuple(0 if n == 1 else s // v.itemsize for n, s in zip(v.shape, v.strides, strict=True)) for v in (a, b)
            ]
            fields: dict[str, object] = {
                "op": op, "rank": y.ndim, "a_type": 2, "b_type": 1, "out_type": 4, "dims": y.shape,
                "a_strides": strides[0], "b_strides": strides[1]}  # fmt: skip
            out.append(Case("hwc_binary", "hwc_binary_t", fields, (a, b), y))
    return out


def lut_cases(rng: Rng) -> list[Case]:
    """Tables shared and per channel, of 8 and 16 bits, indexed by 8 and by 16 bits."""
    out = []
    for in_type, out_type, length in (("int8", "int8", 256), ("uint8", "int16", 256), ("int16", "uint8", 65536)):
        for per_channel in (False, True):
            x = integers(rng, in_type, (2, 3, 4))
            tables = integers(rng, out_type, (3 if per_channel else 1, length))
            offset = -cases.RANGES[in_type][0]
            index = x.astype(np.int64) + offset
            y = np.stack([tables[c if per_channel else 0][index[:, c]] for c in range(3)], 1)
            fields: dict[str, object] = {
                "table": tables, "index_offset": offset, "table_step": length if per_channel else 0, "outer": 2,
                "channels": 3, "inner": 4, "in_type": HWC_TYPES[in_type], "out_type": HWC_TYPES[out_type]}  # fmt: skip
            out.append(Case("hwc_lut", "hwc_lut_t", fields, (x,), y))
    return out


def strided(x: np.ndarray, view: np.ndarray, out: np.ndarray, target: np.ndarray) -> dict[str, object]:
    """Fields of a copy from `view` (of x) to `target` (a view of out, of the same shape)."""
    size = x.itemsize

    def offset(base: np.ndarray, part: np.ndarray) -> int:
        return int(part.__array_interface__["data"][0] - base.__array_interface__["data"][0]) // size

    return {"dims": view.shape, "src_strides": tuple(s // size for s in view.strides),
            "dst_strides": tuple(s // size for s in target.strides), "src_offset": offset(x, view),
            "dst_offset": offset(out, target), "rank": view.ndim, "element_size": size}  # fmt: skip


def copy_cases(rng: Rng) -> list[Case]:
    """Transpose of 6 axes, slices with negative steps, depth to space, padding."""
    out = []
    for dtype in ("int8", "uint16", "int32"):
        x = integers(rng, dtype, (2, 3, 1, 2, 3, 2))
        for view in (x.transpose(5, 3, 1, 0, 2, 4), x[:, ::-2, :, :, 1:], x[1], x.reshape(-1)[3:50:4]):
            y = np.ascontiguousarray(view)
            out.append(Case("hwc_strided_copy", "hwc_strided_t", strided(x, view, y, y), (x,), y))
        y = np.full((4, 6), 77, dtype)
        part = integers(rng, dtype, (2, 3))
        y[1:3, 2:5] = part
        fields: dict[str, object] = {"inside": strided(part, part, y, y[1:3, 2:5]), "elements": y.size, "value": 77,
                                     "type": HWC_TYPES[dtype]}  # fmt: skip
        out.append(Case("hwc_pad", "hwc_pad_t", fields, (part,), y))
    return out


def gather_cases(rng: Rng) -> list[Case]:
    """Concat of unequal rows, gather with repeats, nearest resize."""
    parts = [integers(rng, "int16", (4, n)) for n in (1, 3, 2)]
    joined = np.concatenate(parts, 1)
    concat: dict[str, object] = {"row_bytes": np.array([2, 6, 4], np.uint32), "inputs": 3, "rows": 4}
    x = integers(rng, "int8", (2, 5, 3))
    indices = np.array([4, 0, 0, 2], np.uint32)
    gather: dict[str, object] = {"indices": indices, "outer": 2, "size": 5, "count": 4, "inner_bytes": 3}
    rows, columns = np.array([0, 0, 1, 1], np.uint16), np.array([0, 1, 1, 2, 4], np.uint16)
    resize: dict[str, object] = {"rows": rows, "columns": columns, "in_width": 5, "out_height": 4, "out_width": 5,
                                 "pixel_bytes": 3}  # fmt: skip
    return [
        Case("hwc_concat", "hwc_concat_t", concat, tuple(parts), joined, array_of_inputs=True),
        Case("hwc_gather", "hwc_gather_t", gather, (x,), np.ascontiguousarray(x[:, indices])),
        Case("hwc_resize_nearest", "hwc_resize_t", resize, (x,), np.ascontiguousarray(x[rows][:, columns])),
    ]


def matmul_cases(rng: Rng) -> list[Case]:
    """Both orders of b, a broadcast batch, zero points at the ends."""
    out = []
    for transposed in (0, 1):
        for a_zero, b_zero, out_type in ((0, 0, "int32"), (-128, 255, "int8"), (127, 0, "int16")):
            a, b = integers(rng, "int8", (3, 4, 7)), integers(rng, "uint8", (1, 7, 5))
            acc = (a.astype(np.int64) - a_zero) @ (b.astype(np.int64) - b_zero)
            rq = twin.RAW if out_type == "int32" else cases.random_requant(rng, 10**5, 5, out_type, twin.GENERAL)
            stored = np.ascontiguousarray(b.transpose(0, 2, 1)) if transposed else b
            fields: dict[str, object] = {
                "requant": rq.fields(), "a_zero": a_zero, "b_zero": b_zero, "batch": 3, "rows": 4, "depth": 7,
                "columns": 5, "a_batch_stride": 28, "b_batch_stride": 0, "b_transposed": transposed, "a_type": 0,
                "b_type": 1, "out_type": HWC_TYPES[out_type]}  # fmt: skip
            out.append(
                Case("hwc_matmul", "hwc_matmul_t", fields, (a, stored), twin.requant(rq, [acc]).astype(out_type))
            )
    return out


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_moves_equal_numpy(tmp_path: Path, compiler: str) -> None:
    rng = np.random.default_rng(21)
    batch = [pool_case(rng, dtype=d, summed=s, raw=r) for d in DTYPES[:4] for s in (True, False) for r in (True, False)]
    for dtype in DTYPES:
        batch += reduce_cases(rng, dtype)
    batch += binary_cases(rng) + copy_cases(rng) + gather_cases(rng) + matmul_cases(rng)
    run_host(tmp_path, compiler, batch)


def test_tables_equal_numpy(tmp_path: Path) -> None:
    run_host(tmp_path, "gcc", lut_cases(np.random.default_rng(22)))
