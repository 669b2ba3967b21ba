"""Print the instructions per multiply-accumulate of the kernels on a Cortex-M4, for layers of the MLPerf Tiny models.

    python -m bench.kernels_m4 [gcc|zig]

Counts are exact instructions executed in Unicorn, not cycles; each layer's output is checked against numpy first.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwcomp.targets.mcu.packed import Coding
from tests.targets import kernels_cases as cases
from tests.targets import kernels_m4 as m4
from tests.targets import kernels_twins as twin
from tests.targets import packed_cases
from tests.targets.kernels_program import Case

CMSIS_NN = {"int8 weights": 2.083, "int4 weights": 3.732}
"""Instructions per multiply-accumulate of arm_convolve_1x1_s8_fast and arm_convolve_1x1_s4_fast at 99f736a6, GCC 12.2
-O3, of a 1x1 convolution of 64 to 64 channels over 128 pixels."""
OURS = {"int8 weights": "conv 1x1 64-64", "int4 weights": "conv 1x1 64-64, 4 bits"}


@dataclass(frozen=True)
class Layer:
    """A layer, the units of its cost (multiply-accumulates, or elements), and how often its model has it."""

    model: str
    name: str
    unit: str
    units: int
    repeat: int
    case: Case


def conv(model: str, name: str, size: tuple[int, int], kernel: tuple[int, int], channels: tuple[int, int], *,
         stride: int = 1, pad: tuple[int, int] = (0, 0), depthwise: bool = False, repeat: int = 1,
         rows: int | None = None, kind: int = twin.HIGH, coding: Coding | None = None) -> Layer:  # fmt: skip
    """A convolution with uint8 activations; `coding`: packed weights."""
    case = cases.conv2d_case(
        np.random.default_rng(7), in_type="uint8", out_type="uint8", kernel=kernel, channels=channels, size=size,
        stride=(stride, stride), pad=pad, groups=channels[0] if depthwise else 1, kind=kind, full_clamp=True,
        rows=rows, coding=coding)  # fmt: skip
    depth = 1 if depthwise else channels[0]
    return Layer(model, name, "MAC", case.expected.size * kernel[0] * kernel[1] * depth, repeat, case)


def dense(model: str, inputs: int, outputs: int, repeat: int = 1, coding: Coding | None = None) -> Layer:
    """A fully connected layer of one row; `coding`: packed weights."""
    case = cases.dense_case(np.random.default_rng(7), in_type="uint8", out_type="uint8", shape=(1, inputs, outputs),
                            kind=twin.HIGH, coding=coding)  # fmt: skip
    return Layer(model, f"dense {inputs}-{outputs}{_bits(coding)}", "MAC", inputs * outputs, repeat, case)


def xnor(name: str, size: tuple[int, int], kernel: tuple[int, int], channels: tuple[int, int]) -> Layer:
    """A convolution of {-1, +1} with {-1, +1} to int8."""
    case = packed_cases.xnor_case(
        np.random.default_rng(7), values=(-1, 1), out_type="int8", kernel=kernel, channels=channels, size=size,
        pad=(kernel[0] // 2, kernel[1] // 2), kind=twin.HIGH)  # fmt: skip
    return Layer("low", name, "MAC", case.expected.size * kernel[0] * kernel[1] * channels[0], 1, case)


def _bits(coding: Coding | None) -> str:
    return "" if coding is None else f", {coding.bits} bits"


def low_bit() -> list[Layer]:
    """The layer of the published comparison of int8 with int4 weights, and a dense one, at every width."""
    codings = (None, Coding(4, -8), Coding(2, -1), Coding(1, -1))
    return [
        *(conv("low", f"conv 1x1 64-64{_bits(c)}", (8, 16), (1, 1), (64, 64), coding=c) for c in codings),
        *(conv("low", f"conv 3x3 64-64{_bits(c)}", (8, 8), (3, 3), (64, 64), pad=(1, 1), coding=c) for c in codings),
        *(dense("low", 640, 128, coding=c) for c in codings),
        xnor("conv 1x1 64-64, XOR", (8, 16), (1, 1), (64, 64)),
        xnor("conv 3x3 64-64, XOR", (8, 8), (3, 3), (64, 64)),
        xnor("dense 640-128, XOR", (1, 1), (1, 1), (640, 128)),
    ]


def add(model: str, count: int, repeat: int = 1) -> Layer:
    """A residual add whose sums fit int32."""
    rng = np.random.default_rng(7)
    case = cases.rescale_case(
        rng, in_types=("int8", "int8"), out_type="int8", shape=(1, 1, count), kind=twin.NARROW, narrow=True
    )
    # A case's fields are of many types; this one is a mapping.
    requant = dict(case.fields["requant"])  # type: ignore[call-overload]
    requant |= {"lo": -128, "hi": 127}
    xs = [x.astype(np.int64) for x in case.inputs]
    mult, offset, shift = requant["mult"].astype(np.int64), int(requant["offset"][0]), requant["shift"]
    y = np.clip((xs[0] * mult[0, 0] + xs[1] * mult[1, 0] + offset >> shift) + requant["zero"], -128, 127)
    whole = Case(
        case.kernel, case.struct, {**case.fields, "requant": requant}, case.inputs, y.astype(np.int8), None, True
    )
    return Layer(model, f"add {count}", "element", count, repeat, whole)


def layers() -> list[Layer]:
    """KWS DS-CNN, ResNet8 and the autoencoder, layer by layer."""
    return [
        conv("kws", "conv 10x4x1-64 /2", (49, 10), (10, 4), (1, 64), stride=2, pad=(4, 1)),
        conv("kws", "depthwise 3x3 64", (25, 5), (3, 3), (64, 64), pad=(1, 1), depthwise=True, repeat=4),
        conv("kws", "conv 1x1 64-64", (25, 5), (1, 1), (64, 64), repeat=4),
        dense("kws", 64, 12),
        conv("ic", "conv 3x3 3-16", (32, 32), (3, 3), (3, 16), pad=(1, 1)),
        conv("ic", "conv 3x3 16-16", (32, 32), (3, 3), (16, 16), pad=(1, 1), repeat=2),
        add("ic", 16384),
        conv("ic", "conv 3x3 16-32 /2", (32, 32), (3, 3), (16, 32), stride=2, pad=(1, 1)),
        conv("ic", "conv 3x3 32-32", (16, 16), (3, 3), (32, 32), pad=(1, 1)),
        conv("ic", "conv 1x1 16-32 /2", (32, 32), (1, 1), (16, 32), stride=2),
        add("ic", 8192),
        conv("ic", "conv 3x3 32-64 /2", (16, 16), (3, 3), (32, 64), stride=2, pad=(1, 1)),
        conv("ic", "conv 3x3 64-64, by kernel row", (8, 8), (3, 3), (64, 64), pad=(1, 1), rows=1),
        conv("ic", "conv 1x1 32-64 /2", (16, 16), (1, 1), (32, 64), stride=2),
        add("ic", 4096),
        dense("ad", 640, 128),
        dense("ad", 128, 128, 6),
        dense("ad", 128, 8),
        dense("ad", 8, 128),
        dense("ad", 128, 640),
        conv("other", "conv 1x1 64-64, any offset", (25, 5), (1, 1), (64, 64), kind=twin.NARROW),
        conv("other", "depthwise 3x3 64 /2", (24, 24), (3, 3), (64, 64), stride=2, pad=(1, 1), depthwise=True),
        *low_bit(),
    ]


def main() -> None:
    """Build, run, check, print."""
    compiler = sys.argv[1] if len(sys.argv) > 1 else "gcc"
    table = layers()
    with tempfile.TemporaryDirectory() as folder:
        result = m4.run(m4.build(Path(folder), compiler, [layer.case for layer in table]))
    if result.failures:
        sys.exit(f"outputs differ from numpy: {result.failures}")
    totals: dict[str, int] = {}
    for layer, count in zip(table, result.instructions, strict=True):
        cost = count / layer.units
        print(f"{layer.model:6} {layer.name:32} x{layer.repeat} {count:>10,} {cost:6.3f} /{layer.unit}"
              f"  scratch {layer.case.scratch or 0:,}")  # fmt: skip
        totals[layer.model] = totals.get(layer.model, 0) + count * layer.repeat
    for model, total in totals.items():
        if model not in ("other", "low"):
            print(f"{model:6} layers above: {total:,} instructions")
    _compare(dict(zip((layer.name for layer in table), result.instructions, strict=True)))


def _compare(counts: dict[str, int]) -> None:
    """The published layer beside CMSIS-NN, counted once with the same compiler on the same core."""
    macs = 128 * 64 * 64
    for name, peer in CMSIS_NN.items():
        print(f"1x1 conv, 128 pixels, 64-64, {name}: {counts[OURS[name]] / macs:.3f} /MAC, CMSIS-NN {peer:.3f}")


if __name__ == "__main__":
    main()
