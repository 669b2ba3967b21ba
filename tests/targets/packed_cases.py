"""Cases of the kernels whose weights take 4, 2 or 1 bits: every remainder of a word, type, finish and split."""

from __future__ import annotations

import numpy as np

from hwcomp.targets.mcu import packed
from hwcomp.targets.mcu.packed import Coding
from tests.targets import kernels_cases as cases
from tests.targets import kernels_twins as twin
from tests.targets.kernels_program import HWC_TYPES, Case

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


def xnor_case(rng: np.random.Generator, *, values: tuple[int, int], out_type: str, kernel: tuple[int, int],
              channels: tuple[int, int], size: tuple[int, int], stride: tuple[int, int] = (1, 1),
              dilation: tuple[int, int] = (1, 1), pad: tuple[int, int] = (0, 0),
              kind: int | None = None) -> Case:  # fmt: skip
    """A convolution of inputs of two values with weights -1 and +1."""
    ic, oc = channels
    out = [max(1, (s + 2 * p - d * (k - 1) - 1) // t + 1)
           for s, p, d, k, t in zip(size, pad, dilation, kernel, stride, strict=True)]  # fmt: skip
    two = packed.TwoValues.of(*values)
    x, w = rng.choice(values, (*size, ic)), rng.choice([-1, 1], (oc, *kernel, ic))
    bias, pad_value = rng.integers(-500, 500, oc), int(rng.choice(values))
    acc = twin.conv2d(x, w, bias, pad, (out[0], out[1]), stride, dilation, 1, pad_value, 0)
    kind = int(rng.choice([twin.HIGH, twin.NARROW, twin.GENERAL])) if kind is None else kind
    rq = twin.RAW if out_type == "int32" else cases.random_requant(rng, int(np.abs(acc).max()), oc, out_type, kind)
    words = packed.pack_xnor(w)
    pairs = {"in": size, "out": out, "kernel": kernel, "stride": stride, "dilation": dilation}
    fields: dict[str, object] = {f"{k}_{axis}": v[i] for k, v in pairs.items() for i, axis in
                                 enumerate(("height", "width"))}  # fmt: skip
    fields |= {
        "weights": words, "start": two.start(bias, w).astype(np.int32), "requant": rq.fields(), "step": two.step,
        "words": words.shape[1], "bit": two.bit, "in_channels": ic, "out_channels": oc, "pad_top": pad[0],
        "pad_left": pad[1], "pad_bit": pad_value >> two.bit & 1, "out_type": HWC_TYPES[out_type],
    }  # fmt: skip
    stored = x.astype(np.int8 if min(values) < 0 else np.uint8)
    expected = twin.requant(rq, [acc]).astype(out_type)
    return Case("hwc_xnor", "hwc_xnor_t", fields, (stored,), expected, words.shape[1] * 4)


def xnor_cases(seed: int) -> list[Case]:
    """Every remainder of a word, of three words, and all sorts of windows and pairs of values."""
    rng = np.random.default_rng(seed)
    pick = rng.choice
    pairs = ((0, 1), (-1, 1), (-7, 5), (100, 255), (-128, 127))
    out: list[Case] = []
    for n in range(40):
        kernel = (int(pick([1, 1, 2, 3])), int(pick([1, 1, 3])))
        out.append(xnor_case(
            rng, values=pairs[n % len(pairs)], out_type=str(pick(["int8", "uint8", "int32"])), kernel=kernel,
            channels=(int(pick([1, 3, 31, 32, 33, 64, 100])), int(rng.integers(1, 8))), stride=(int(pick([1, 2])), 1),
            size=(int(rng.integers(3, 6)), int(rng.integers(3, 6))), dilation=(1, int(pick([1, 2]))),
            pad=(int(rng.integers(0, kernel[0])), 2 * int(rng.integers(0, 2)))))  # fmt: skip
    return out
