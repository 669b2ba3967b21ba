"""Random and extreme cases of the dot, requant and softmax kernels, with what their numpy twins expect."""

from __future__ import annotations

import math

import numpy as np

from hwcomp.targets.mcu import packed, packing
from hwcomp.targets.mcu.packed import Coding
from tests.targets import kernels_twins as twin
from tests.targets.kernels_program import HWC_TYPES, Case, hwc_type

Rng = np.random.Generator
RANGES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "uint16": (0, 65535),
          "int32": (-(2**31), 2**31 - 1)}  # fmt: skip
NUMPY = {name: np.dtype(name) for name in RANGES}


def integers(rng: Rng, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """Values of the whole range, the extremes often."""
    lo, hi = RANGES[dtype]
    values = rng.integers(lo, hi, shape, np.int64, endpoint=True)
    extreme = rng.choice([lo, hi], shape)
    return np.where(rng.random(shape) < 0.1, extreme, values).astype(dtype)


def random_requant(rng: Rng, acc_max: int, channels: int, out: str, kind: int, inputs: int = 1) -> twin.Requant:
    """A requant that maps +-acc_max to about the range of `out`, with every field in play."""
    lo, hi = RANGES[out]
    scale = (hi - lo) / max(acc_max, 1) * rng.uniform(0.3, 2)
    shift = 32 if kind == twin.HIGH else int(rng.integers(20, 45) if rng.random() < 0.3 else rng.integers(32, 41))
    count = channels if rng.random() < 0.7 else 1
    mult = np.maximum(1, rng.uniform(0.2, 1, (inputs, count)) * min(scale * 2.0**shift, 2**31 - 1)).astype(np.int64)
    offset = np.array([1 << (shift - 1)], np.int64)
    if kind != twin.HIGH and rng.random() < 0.5:
        offset = offset + rng.integers(-(2**20), 2**20, channels)
    zero = int(rng.integers(-20, 20)) if rng.random() < 0.5 else (lo + hi + 1) // 2
    if rng.random() < 0.5:
        lo, hi = sorted(int(v) for v in rng.integers(lo, hi, 2, endpoint=True))
    tie, correction = twin.FLOOR, None
    if kind == twin.GENERAL:
        tie = int(rng.integers(0, 3))
        if rng.random() < 0.5:
            correction = (offset.copy(), (1 << (shift - 1)) + rng.integers(0, 1 << (shift - 1), offset.size))
    return twin.Requant(kind, mult, offset, shift, tie, zero, lo, hi, correction)


def _kind(rng: Rng, out: str) -> int:
    return twin.NONE if out == "int32" else int(rng.choice([twin.HIGH, twin.NARROW, twin.GENERAL]))


def coded(rng: Rng, shape: tuple[int, ...], coding: Coding) -> np.ndarray:
    """Weights of every code."""
    return rng.integers(0, 1 << coding.bits, shape) * coding.step + coding.offset


def packed_fields(words: np.ndarray, coding: Coding) -> dict[str, object]:
    """What stands in a layer's struct instead of int8 weights."""
    return {"weights": None, "packed": words, "weight_bits": coding.bits, "weight_offset": coding.offset}


def conv2d_case(rng: Rng, *, in_type: str, out_type: str, kernel: tuple[int, int], channels: tuple[int, int],
                groups: int = 1, size: tuple[int, int] = (6, 7), stride: tuple[int, int] = (1, 1),
                dilation: tuple[int, int] = (1, 1), pad: tuple[int, int] = (0, 0), weight_offset: int = 0,
                kind: int | None = None, rows: int | None = None, full_clamp: bool = False,
                coding: Coding | None = None) -> Case:  # fmt: skip
    """One convolution; depthwise when groups is the number of input channels (and then hwc_depthwise).

    `coding`: packed weights, with its offset for `weight_offset`.
    """
    ic, oc = channels
    out = tuple(max(1, (s + 2 * p - d * (k - 1) - 1) // t + 1)
                for s, p, d, k, t in zip(size, pad, dilation, kernel, stride, strict=True))  # fmt: skip
    x = integers(rng, in_type, (*size, ic))
    w = integers(rng, "int8", (oc, *kernel, ic // groups))
    if coding is not None:
        w, weight_offset = coded(rng, w.shape, coding), 0
    bias = rng.integers(-(2**16), 2**16, oc)
    lo, hi = RANGES[in_type]
    pad_value = int(rng.choice([lo, 0, hi]))
    acc = twin.conv2d(x, w, bias, pad, (out[0], out[1]), stride, dilation, groups, pad_value, weight_offset)
    rq = random_requant(rng, int(np.abs(acc).max()), oc, out_type, _kind(rng, out_type) if kind is None else kind)
    if full_clamp:
        rq = twin.Requant(rq.kind, rq.mult, rq.offset, rq.shift, rq.tie, rq.zero, *RANGES[out_type], rq.correction)
    if out_type == "int32":
        rq = twin.RAW
    depthwise = groups == ic and ic > 1 and coding is None
    rows = kernel[0] if rows is None else rows
    rows_of_weights = packing.pack_conv2d_weights(w)
    if depthwise:
        scratch = packing.depthwise_scratch_bytes(kernel, size, pad, (out[0], out[1]), stride[0])
    elif coding is not None:
        scratch = packed.conv2d_scratch_bytes(kernel, ic, oc, rows, coding)
    else:
        scratch = packing.conv2d_scratch_bytes(kernel, ic, oc, rows)
    fields: dict[str, object] = {
        "weights": rows_of_weights, "bias": bias.astype(np.int32), "requant": rq.fields(),
        "weight_stride": rows_of_weights.shape[1],
        "weight_offset": weight_offset, "pad_value": pad_value, "in_height": size[0], "in_width": size[1],
        "in_channels": ic, "out_height": out[0], "out_width": out[1], "out_channels": oc,
        "group_in_channels": ic // groups, "group_out_channels": oc // groups, "kernel_height": kernel[0],
        "kernel_width": kernel[1], "stride_height": stride[0], "stride_width": stride[1],
        "dilation_height": dilation[0], "dilation_width": dilation[1], "pad_top": pad[0], "pad_left": pad[1],
        "rows_per_pass": rows, "in_type": HWC_TYPES[in_type], "out_type": HWC_TYPES[out_type],
    }  # fmt: skip
    expected = twin.requant(rq, [acc]).astype(out_type)
    if coding is not None:
        words = packed.pack_conv2d(w, coding)
        fields |= packed_fields(words, coding) | {"weight_stride": words.shape[1] * 4}
        return Case(f"hwc_conv2d_w{coding.bits}", "hwc_conv2d_t", fields, (x,), expected, scratch)
    return Case("hwc_depthwise" if depthwise else "hwc_conv2d", "hwc_conv2d_t", fields, (x,), expected, scratch)


def dense_case(rng: Rng, *, in_type: str, out_type: str, shape: tuple[int, int, int], weight_offset: int = 0,
               kind: int | None = None, coding: Coding | None = None) -> Case:  # fmt: skip
    """One fully connected layer of shape (rows, in_features, out_features); `coding` as for `conv2d_case`."""
    rows, in_features, out_features = shape
    x, w = integers(rng, in_type, (rows, in_features)), integers(rng, "int8", (out_features, in_features))
    if coding is not None:
        w, weight_offset = coded(rng, w.shape, coding), 0
    bias = rng.integers(-(2**16), 2**16, out_features)
    acc = x.astype(np.int64) @ (w.astype(np.int64) + weight_offset).T + bias
    rq = random_requant(
        rng, int(np.abs(acc).max()), out_features, out_type, _kind(rng, out_type) if kind is None else kind
    )
    if out_type == "int32":
        rq = twin.RAW
    fields: dict[str, object] = {
        "weights": packing.pack_dense_weights(w), "bias": bias.astype(np.int32), "requant": rq.fields(),
        "weight_offset": weight_offset, "rows": rows, "in_features": in_features, "out_features": out_features,
        "in_type": HWC_TYPES[in_type], "out_type": HWC_TYPES[out_type],
    }  # fmt: skip
    expected = twin.requant(rq, [acc]).astype(out_type)
    if coding is not None:
        fields |= packed_fields(packed.pack_dense(w, coding), coding)
        scratch = packed.dense_scratch_bytes(in_features, coding)
        return Case(f"hwc_dense_w{coding.bits}", "hwc_dense_t", fields, (x,), expected, scratch)
    return Case("hwc_dense", "hwc_dense_t", fields, (x,), expected, packing.dense_scratch_bytes(in_features))


def rescale_case(rng: Rng, *, in_types: tuple[str, ...], out_type: str, shape: tuple[int, int, int], kind: int,
                 narrow: bool = False) -> Case:  # fmt: skip
    """Requant of several inputs of shape [outer, channels, inner]; `narrow` keeps all sums within int32."""
    xs = [integers(rng, t, shape) for t in in_types]
    acc_max = sum(max(abs(v) for v in RANGES[t]) for t in in_types)
    rq = random_requant(rng, acc_max, shape[1], out_type, kind, len(in_types))
    if narrow:
        shift = int(rng.integers(10, 18))
        mult = rng.integers(1, 2**14 if rng.random() < 0.5 else 2**shift, rq.mult.shape)
        rq = twin.Requant(kind, mult, np.array([1 << (shift - 1)], np.int64), shift, 0, 3, rq.lo, rq.hi)
    wide = [np.moveaxis(x.astype(np.int64), 1, 2) for x in xs]
    expected = np.moveaxis(twin.requant(rq, wide), 2, 1).astype(out_type)
    fields: dict[str, object] = {
        "requant": rq.fields(), "outer": shape[0], "channels": shape[1], "inner": shape[2], "inputs": len(xs),
        "acc_fits_int32": int(narrow), "in_types": np.array([hwc_type(x) for x in xs], np.uint8),
        "out_type": HWC_TYPES[out_type],
    }  # fmt: skip
    return Case("hwc_rescale", "hwc_rescale_t", fields, tuple(xs), expected, array_of_inputs=True)


def softmax_case(rng: Rng, *, in_type: str, out_type: str, shape: tuple[int, int], beta: float) -> Case:
    """Rows of softmax with TFLite-like tables: exp in Q0.31, its twelfth-bit rescale for the sum."""
    x = integers(rng, in_type, shape)
    exp = np.array([min(2**31 - 1, round(math.exp(-d * beta) * 2**31)) for d in range(256)], np.int64)
    exp[exp < 2**12] = 0
    total = (exp + (1 << 11)) >> 12
    bits = 16 if out_type == "int16" else 8
    lo, hi = RANGES[out_type]
    expected = twin.softmax(x, exp, total, 12, bits, lo, lo, hi).astype(out_type)
    fields: dict[str, object] = {
        "exp_table": exp.astype(np.int32), "sum_table": total.astype(np.int32), "rows": shape[0], "size": shape[1],
        "zero": lo, "lo": lo, "hi": hi, "accumulator_integer_bits": 12, "out_bits": bits,
        "in_type": HWC_TYPES[in_type], "out_type": HWC_TYPES[out_type],
    }  # fmt: skip
    return Case("hwc_softmax", "hwc_softmax_t", fields, (x,), expected)
