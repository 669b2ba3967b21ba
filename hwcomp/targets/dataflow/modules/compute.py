"""The computing modules of `rtl/lib`: parameters, latency and interval. `rtl/tb` asserts them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from pathlib import Path

from hwcomp.ir.dyadic import Tie
from hwcomp.targets.dataflow.modules.spec import Bits, ModuleSpec, Parameter


def levels(operands: int) -> int:
    """Registers of `hwc_tree`."""
    return ceil(log2(operands)) if operands > 1 else 0


def parts(width: int, chunk: int) -> int:
    """Into how many multiplier operands of `chunk` bits a signed number of `width` bits is cut."""
    return 1 if width <= chunk else ceil((width - 1) / (chunk - 1))


def product_latency(a_width: int, b_width: int, a_chunk: int = 18, b_chunk: int = 18) -> int:
    """Clocks of `hwc_product`; widths of signed operands."""
    return 1 + levels(parts(a_width, a_chunk) * parts(b_width, b_chunk))


def mul_latency(in_width: int, in_signed: bool, weight_width: int, style: str) -> int:
    """Clocks of `hwc_mul`: one, or two Booth digits of the narrower operand a clock; of `hwc_packed_mul`: three."""
    if style == "packed":
        return 3
    return 1 if style == "dsp" else ceil(min(in_width + (not in_signed), weight_width) / 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequantShape:
    """What sets the size of `hwc_requant`. Widths in bits, without a sign where not signed.

    chunks: bits of a multiplier block's operands, (x, mult). `acc_width` holds p, p + bias, p + offset and acc (see
    `hwc_requant_lane`); `negative_bias` is None where the requant has no `NegativeCorrection`.
    """

    in_width: int
    in_signed: bool
    mult_width: int
    mult_signed: bool
    offset_width: int
    acc_width: int
    shift: int
    tie: Tie
    zero: int
    lo: int
    hi: int
    out_width: int
    inputs: int = 1
    in1_width: int = 1
    in1_signed: bool = True
    amount_width: int = 1
    negative_bias: int | None = None
    chunks: tuple[int, int] = (18, 18)
    mult_style: str = "dsp"

    @property
    def latency(self) -> int:
        """[Join], input register and ROM, products and their sum, [sign], add, coarse clamp, fine clamp."""
        x = self.in_width + (not self.in_signed)
        if self.inputs > 1:
            x = max(x, self.in1_width + (not self.in1_signed))
        mult = self.mult_width + (not self.mult_signed)
        in_luts = self.mult_style == "lut"
        product = mul_latency(x, True, mult, "lut") if in_luts else product_latency(x, mult, *self.chunks)
        joined = 1 if self.inputs > 1 else 0
        return joined + 1 + product + levels(self.inputs) + (self.negative_bias is not None) + 3


def requant(
    shape: RequantShape, *, lanes: int, channels: int, beats: int, mult: Path, offset: Path, amount: Path | None = None
) -> ModuleSpec:
    """`hwc_requant`: `channels` 1 for constants that all share, `beats` a frame."""
    params: dict[str, Parameter] = {
        "Inputs": shape.inputs,
        "InWidth": shape.in_width,
        "InSigned": int(shape.in_signed),
        "In1Width": shape.in1_width,
        "In1Signed": int(shape.in1_signed),
        "MultWidth": shape.mult_width,
        "MultSigned": int(shape.mult_signed),
        "OffsetWidth": shape.offset_width,
        "AmountWidth": shape.amount_width,
        "AccWidth": shape.acc_width,
        "Lanes": lanes,
        "Channels": channels,
        "Shift": shape.shift,
        "HasNegative": int(shape.negative_bias is not None),
        "NegativeBias": Bits(64, (shape.negative_bias or 0) & (2**64 - 1)),
        "Zero": shape.zero,
        "Lo": shape.lo,
        "Hi": shape.hi,
        "OutWidth": shape.out_width,
        "XChunk": shape.chunks[0],
        "MultChunk": shape.chunks[1],
        "Tie": shape.tie.value,
        "MultStyle": shape.mult_style,
        "MultFile": str(mult),
        "OffsetFile": str(offset),
        "AmountFile": "" if amount is None else str(amount),
    }
    return ModuleSpec("hwc_requant", params, shape.latency, beats, (beats,) * shape.inputs, (beats,))


@dataclass(frozen=True, slots=True, kw_only=True)
class MacShape:
    """What `hwc_mvu` and `hwc_dwu` share: bits; memory "block", "distributed", "ram" (loadable); "dsp" or "lut", of
    `hwc_mvu` "packed" too."""

    in_width: int
    in_signed: bool
    weight_width: int
    acc_width: int
    weight_style: str = "block"
    mult_style: str = "dsp"

    def latency(self, terms: int) -> int:
        """Of `hwc_mac` with `terms` products a sum and a beat, and of the memory's two registers before it."""
        multiplier = mul_latency(self.in_width, self.in_signed, self.weight_width, self.mult_style)
        return 2 + multiplier + levels(terms) + 1

    def params(self, weights: Path, bias: Path) -> dict[str, Parameter]:
        return {
            "InWidth": self.in_width,
            "InSigned": int(self.in_signed),
            "WeightWidth": self.weight_width,
            "AccWidth": self.acc_width,
            "WeightStyle": self.weight_style,
            "MultStyle": self.mult_style,
            "WeightFile": str(weights),
            "BiasFile": str(bias),
        }


def mvu(
    shape: MacShape,
    *,
    simd: int,
    pe: int,
    in_channels: int,
    out_channels: int,
    pixels: int,
    weights: Path,
    bias: Path,
    sets: int = 1,
    pack: int = 1,
) -> ModuleSpec:
    """`hwc_mvu`, or `hwc_mvu_core` with style "ram"; `pixels` vectors a frame, which meet `sets` matrices in turn.

    The vector buffer takes a clock, and so do the operands' registers of multiplier blocks that share them.
    """
    beats, groups = in_channels // simd, out_channels // pe
    params = shape.params(weights, bias)
    params |= {"Simd": simd, "Pe": pe, "InChannels": in_channels, "OutChannels": out_channels, "Sets": sets}
    params |= {"Pack": pack}
    own_operands = shape.mult_style == "dsp" and pe > 1
    latency = own_operands + shape.latency(simd) + (groups > 1)
    name = "hwc_mvu_core" if shape.weight_style == "ram" else "hwc_mvu"
    return ModuleSpec(name, params, latency, pixels * beats * groups, (pixels * beats,), (pixels * groups,), beats - 1)


def dwu(
    shape: MacShape,
    *,
    lanes: int,
    channels: int,
    taps: int,
    kernel_taps: int,
    pixels: int,
    weights: Path,
    bias: Path,
    multiplier: int = 1,
) -> ModuleSpec:
    """`hwc_dwu`; `taps` of the `kernel_taps` of a window at a time, `multiplier` of the `channels` results an input."""
    beats, groups = kernel_taps // taps, channels // lanes
    params = shape.params(weights, bias)
    params |= {"Lanes": lanes, "Channels": channels, "Multiplier": multiplier, "Taps": taps, "KernelTaps": kernel_taps}
    total = pixels * beats * groups
    return ModuleSpec("hwc_dwu", params, shape.latency(taps), total, (total,), (pixels * groups,), beats - 1)


def softmax(
    *,
    in_width: int,
    in_signed: bool,
    channels: int,
    entries: int,
    integer_bits: int,
    out_bits: int,
    zero: int,
    lo: int,
    hi: int,
    out_width: int,
    pixels: int,
    exp_table: Path,
    sum_table: Path,
) -> ModuleSpec:
    """`hwc_softmax` of `pixels` vectors a frame, one element at a time, one vector after the other."""
    params: dict[str, Parameter] = {
        "InWidth": in_width,
        "InSigned": int(in_signed),
        "Channels": channels,
        "Entries": entries,
        "IntegerBits": integer_bits,
        "OutBits": out_bits,
        "Zero": zero,
        "Lo": lo,
        "Hi": hi,
        "OutWidth": out_width,
        "ExpFile": str(exp_table),
        "SumFile": str(sum_table),
    }
    # The sum and its drain, the normalisation, seven products of six clocks.
    between = channels + 3 + 32 + levels(channels) + 42
    beats = pixels * channels
    interval = pixels * (2 * channels + between)
    return ModuleSpec("hwc_softmax", params, between + 12, interval, (beats,), (beats,), channels - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """An operand of `hwc_matmul`: bits, sign, zero point."""

    width: int
    signed: bool
    zero: int = 0

    @property
    def full(self) -> int:
        """Bits of the element less its zero point, signed."""
        return self.width + (not self.signed) + (self.zero != 0)


def matmul(
    a: Factor, b: Factor, *, rows: int, inner: int, columns: int, pe: int, acc_width: int, mult_style: str = "dsp"
) -> ModuleSpec:
    """`hwc_matmul` [rows, inner] times [inner, columns]: a frame is one such product; `pe` columns at a time.

    Latency: from the last beat of b and of the first row of a, whichever is later: of b where both start together.
    """
    params: dict[str, Parameter] = {
        "AWidth": a.width,
        "ASigned": int(a.signed),
        "AZero": a.zero,
        "BWidth": b.width,
        "BSigned": int(b.signed),
        "BZero": b.zero,
        "AccWidth": acc_width,
        "Rows": rows,
        "Inner": inner,
        "Columns": columns,
        "Pe": pe,
        "MultStyle": mult_style,
    }
    groups = columns // pe
    multiplier = mul_latency(a.full, True, b.full, mult_style)
    latency = 1 + 2 + multiplier + 1 + inner - 1
    return ModuleSpec(
        "hwc_matmul",
        params,
        latency,
        rows * inner * groups,
        (rows * inner, inner * groups),
        (rows * groups,),
        inner * groups - 1,
    )
