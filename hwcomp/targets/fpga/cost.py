"""What an instance costs: LUTs, flip-flops, multipliers and blocks of memory, by formulas per module.

The coefficients are those of a 4-input LUT fabric; `bench/fpga_cost.py` compares them with what Yosys makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hwcomp.targets.fpga.choice import MultStyle, WeightStyle
from hwcomp.targets.fpga.network import Instance, Network

BLOCK_SHAPES = ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384))
"""Width and depth of an 18-kbit block RAM (ECP5 DP16KD, 7-series RAMB18)."""

_RAM_BITS = 1024
"""Memories of fewer bits are in LUTs."""

_LUT_WORDS = 32
"""Memories of as many words are in LUTs, however wide."""

_DSP_BITS = 18


@dataclass(frozen=True, slots=True)
class Resources:
    """lut: 4-input LUTs; ff: flip-flops; dsp: multipliers of 18 by 18 bits; bram: blocks of 18 kbit."""

    lut: int = 0
    ff: int = 0
    dsp: int = 0
    bram: int = 0

    def of(self, name: str) -> int:
        """The count of "lut", "ff", "dsp" or "bram"."""
        return {"lut": self.lut, "ff": self.ff, "dsp": self.dsp, "bram": self.bram}[name]

    def __add__(self, other: Resources) -> Resources:
        return Resources(self.lut + other.lut, self.ff + other.ff, self.dsp + other.dsp, self.bram + other.bram)


def total(parts: Iterable[Resources]) -> Resources:
    """The sum."""
    result = Resources()
    for part in parts:
        result += part
    return result


def cost_of(instance: Instance, network: Network) -> Resources:
    """The estimate for one instance."""
    return _FORMULAS.get(instance.module, _handshake)(instance, network)


def network_cost(network: Network) -> Resources:
    """The estimate for all instances."""
    return total(cost_of(instance, network) for instance in network.instances)


def blocks(width: int, depth: int) -> int:
    """The fewest blocks that hold `depth` words of `width` bits."""
    return min(-(-width // w) * -(-depth // d) for w, d in BLOCK_SHAPES)


def memory_cost(width: int, depth: int, distributed: bool | None = None) -> Resources:
    """A memory of one read port; small ones, or those asked for, are in LUTs (16 bits each)."""
    small = width * depth <= _RAM_BITS or depth < 16
    if distributed if distributed is not None else small:
        return Resources(lut=width * -(-depth // 16))
    return Resources(bram=blocks(width, depth))


def ram_cost(width: int, depth: int) -> Resources:
    """A memory that is written too: up to 32 words are in LUTs (16 x 4 bits take 6, with the write port's)."""
    if depth <= _LUT_WORDS or width * depth <= _RAM_BITS:
        rows = -(-depth // 16)
        return Resources(lut=3 * width * rows // 2 + width * (rows - 1))
    return Resources(bram=blocks(width, depth))


def _handshake(instance: Instance, network: Network) -> Resources:
    """A registered stage: data and its spare copy."""
    width = sum(network.streams[name].width for name in instance.outputs)
    return Resources(lut=width // 4 + 12, ff=width + 16)


def _multiplier(a: int, b: int, style: MultStyle) -> Resources:
    if style is MultStyle.LUT:
        return Resources(lut=3 * a * b // 2 + min(a, b), ff=3 * (a + b))
    return Resources(dsp=-(-a // _DSP_BITS) * -(-b // _DSP_BITS))


def _mvu(instance: Instance, network: Network) -> Resources:
    n = instance.number
    style = MultStyle(str(instance.parameters["MultStyle"]))
    pe, simd, acc = n("Pe"), n("Simd"), n("AccWidth")
    return _dot(instance, pe, simd, acc, style) + ram_cost(simd * n("InWidth"), 2 * (n("InChannels") // simd))


def _dwu(instance: Instance, network: Network) -> Resources:
    n = instance.number
    style = MultStyle(str(instance.parameters["MultStyle"]))
    return _dot(instance, n("Lanes"), n("Taps"), n("AccWidth"), style)


def _dot(instance: Instance, sums: int, terms: int, acc: int, style: MultStyle) -> Resources:
    n = instance.number
    one = _multiplier(n("InWidth") + 1 - n("InSigned"), n("WeightWidth"), style)
    count = sums * terms
    product = n("InWidth") + n("WeightWidth")
    trees = sums * ((terms - 1) * (product + 2) + 2 * acc)
    distributed = WeightStyle(str(instance.parameters["WeightStyle"])) is WeightStyle.DISTRIBUTED
    weights, *others = instance.memories
    memories = memory_cost(weights.width, weights.depth, distributed) + total(
        memory_cost(m.width, m.depth) for m in others
    )
    registers = count * (one.ff + product) + sums * 2 * acc + 60
    return Resources(one.lut * count + trees + 80, registers, one.dsp * count) + memories


def _matmul(instance: Instance, network: Network) -> Resources:
    n = instance.number
    one = _multiplier(n("AWidth") + 1, n("BWidth") + 1, MultStyle(str(instance.parameters["MultStyle"])))
    pe = n("Pe")
    logic = Resources(pe * (one.lut + 2 * n("AccWidth")) + 150, pe * (one.ff + 2 * n("AccWidth")) + 100, pe * one.dsp)
    return logic + memory_cost(pe * n("BWidth"), 2 * n("Inner") * n("Columns") // pe)


def _requant(instance: Instance, network: Network) -> Resources:
    n = instance.number
    lanes, product = n("Lanes"), n("InWidth") + n("MultWidth")
    style = MultStyle(str(instance.parameters["MultStyle"]))
    one = _multiplier(n("InWidth") + 1 - n("InSigned"), n("MultWidth") + 1 - n("MultSigned"), style)
    count = lanes * n("Inputs")
    logic = Resources(lanes * 2 * product + count * one.lut + 30, lanes * 6 * product + count * one.ff, one.dsp * count)
    return logic + total(memory_cost(m.width, m.depth) for m in instance.memories)


def _window(instance: Instance, network: Network) -> Resources:
    n = instance.number
    height, width = n("KernelHeight"), n("KernelWidth")
    beat, groups = n("Lanes") * n("Width"), n("Channels") // n("Lanes")
    line, gap = n("DilationHeight") * n("InWidth") * groups, n("DilationWidth") * groups
    rows = ram_cost((height - 1) * beat, line) if height > 1 and line > 1 else Resources()
    columns = ram_cost((width - 1) * height * beat, gap) if width > 1 and gap > 1 else Resources()
    return rows + columns + Resources(lut=45, ff=height * (width + 1) * beat + 25)


def _width(instance: Instance, network: Network) -> Resources:
    """Wide to narrow, each bit is loaded or shifted; narrow to wide, it only moves."""
    n = instance.number
    ratio = n("InLanes") // n("OutLanes")
    if ratio <= 1:
        return Resources(lut=12, ff=n("Width") * n("OutLanes") + 4)
    bits = n("Width") * n("InLanes")
    return Resources(bits * {2: 110, 3: 136}.get(ratio, 315) // 100, bits + 3)


def _pad(instance: Instance, network: Network) -> Resources:
    return Resources(lut=104, ff=instance.number("Width") * instance.number("Lanes") + 13)


def _buffer(instance: Instance, network: Network) -> Resources:
    n = instance.number
    frames = memory_cost(n("Width") * n("Lanes"), 2 * n("InBeats"))
    return frames + total(memory_cost(m.width, m.depth) for m in instance.memories) + Resources(lut=80, ff=80)


def _fifo(instance: Instance, network: Network) -> Resources:
    n = instance.number
    store = ram_cost(n("Width"), n("Depth"))
    return store + Resources(lut=68, ff=22 if store.bram else n("Width") + 16)


def _state(instance: Instance, network: Network) -> Resources:
    n = instance.number
    return memory_cost(n("Width"), n("Beats")) + Resources(lut=40, ff=n("Width") + 30)


def _lut(instance: Instance, network: Network) -> Resources:
    tables = total(memory_cost(m.width, m.depth) for m in instance.memories)
    return total([tables] * instance.number("Lanes")) + _handshake(instance, network)


def _pool(instance: Instance, network: Network) -> Resources:
    n = instance.number
    bits = n("Lanes") * n("Taps") * n("OutWidth")
    return Resources(3 * bits // 2 + 15, 7 * bits // 4 + 3)


def _reduce(instance: Instance, network: Network) -> Resources:
    n = instance.number
    width = n("Lanes") * n("OutWidth")
    return memory_cost(width, n("Channels") // n("Lanes")) + Resources(lut=2 * width + 60, ff=2 * width + 60)


def _threshold(instance: Instance, network: Network) -> Resources:
    n = instance.number
    compares = n("Lanes") * n("Levels") * (n("InWidth") + 2)
    return Resources(lut=compares, ff=compares) + total(memory_cost(m.width, m.depth) for m in instance.memories)


def _softmax(instance: Instance, network: Network) -> Resources:
    return Resources(lut=1500, ff=900, dsp=4) + total(memory_cost(m.width, m.depth) for m in instance.memories)


_FORMULAS: dict[str, Callable[[Instance, Network], Resources]] = {
    "hwc_mvu": _mvu,
    "hwc_matmul": _matmul,
    "hwc_dwu": _dwu,
    "hwc_requant": _requant,
    "hwc_window": _window,
    "hwc_width": _width,
    "hwc_pad": _pad,
    "hwc_permute": _buffer,
    "hwc_fifo": _fifo,
    "hwc_state": _state,
    "hwc_lut": _lut,
    "hwc_pool": _pool,
    "hwc_reduce": _reduce,
    "hwc_softmax": _softmax,
    "hwc_threshold": _threshold,
}
