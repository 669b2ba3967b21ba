"""Single instances to fit the estimates with: random parameters and words, small enough to synthesise in seconds."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

from bench.fpga_point import Point, point, words
from bench.fpga_points_adders import adder_graph, serial_graph
from hwcomp.ir.types import IntType
from hwcomp.targets.dataflow.choice import Fabric
from hwcomp.targets.dataflow.modules.log_softmax import LogSoftmaxShape
from hwcomp.targets.dataflow.modules.lstm import LstmShape, rescales
from hwcomp.targets.dataflow.modules.spec import Parameter, pack_fields
from hwcomp.targets.dataflow.network import Direction, Memory, Stream, StreamPort


def _mvu(r: random.Random) -> Point:
    shapes = ((1, 1), (1, 4), (1, 8), (1, 9), (2, 1), (2, 3), (2, 6), (3, 4), (4, 1), (4, 3), (8, 1))
    pe, simd = r.choice(shapes)
    groups, beats = r.choice((1, 2, 4, 8, 16)), r.choice((1, 3, 8, 9, 16, 24, 64))
    width, weight, acc = r.choice((8, 8, 8, 4, 16)), r.choice((8, 8, 8, 4, 2)), r.choice((16, 18, 20, 22, 24))
    parameters: dict[str, Parameter] = {
        "InWidth": width, "InSigned": r.choice((0, 1, 1)), "WeightWidth": weight, "AccWidth": acc, "Simd": simd,
        "Pe": pe, "InChannels": beats * simd, "OutChannels": groups * pe,
        "WeightStyle": r.choice(("block", "distributed")) if beats * groups <= 256 else "block",
        "MultStyle": r.choice(("dsp", "lut")),
    }  # fmt: skip
    memories = [
        words(r, "WeightFile", pe * simd, weight, beats * groups, 2 ** (weight - 2)),
        words(r, "BiasFile", pe, acc, groups, 2 ** (acc - 5)),
    ]
    return point("hwc_mvu", parameters, [("in", [simd * width])], [pe * acc], memories)


def _packed_mvu(r: random.Random) -> Point:
    """Several products a block, as many as fit the blocks of every family."""
    pe, simd, pack = r.choice((2, 4, 6, 8)), r.choice((1, 1, 2, 3)), 1
    while pack == 1:
        width, weight, signed = r.choice((4, 8, 8)), r.choice((2, 3, 4)), r.choice((0, 1, 1))
        pack = Fabric((18, 18), packs=True).pack(width, signed != 0, weight, pe)
    groups, beats, acc = r.choice((2, 4, 8)), r.choice((3, 8, 16)), r.choice((16, 18, 20))
    parameters: dict[str, Parameter] = {
        "InWidth": width, "InSigned": signed, "WeightWidth": weight, "AccWidth": acc, "Simd": simd, "Pe": pe,
        "InChannels": beats * simd, "OutChannels": groups * pe, "WeightStyle": "block", "MultStyle": "packed",
        "Pack": pack,
    }  # fmt: skip
    memories = [
        words(r, "WeightFile", pe * simd, weight, beats * groups, 2 ** (weight - 2)),
        words(r, "BiasFile", pe, acc, groups, 2 ** (acc - 5)),
    ]
    return point("hwc_mvu", parameters, [("in", [simd * width])], [pe * acc], memories)


def _dwu(r: random.Random) -> Point:
    lanes, groups, acc = r.choice((1, 2, 4)), r.choice((1, 2, 4, 8, 16)), r.choice((17, 18, 20, 22))
    kernel = r.choice((4, 9, 25))
    taps = r.choice([t for t in (1, 2, 3, 5, 9) if kernel % t == 0 and lanes * t <= 12])
    parameters: dict[str, Parameter] = {
        "InWidth": 8, "InSigned": r.choice((0, 1, 1)), "WeightWidth": 8, "AccWidth": acc, "Lanes": lanes,
        "Channels": groups * lanes, "KernelTaps": kernel, "Taps": taps,
        "WeightStyle": r.choice(("block", "distributed")), "MultStyle": r.choice(("dsp", "lut")),
    }  # fmt: skip
    memories = [
        words(r, "WeightFile", taps * lanes, 8, kernel // taps * groups, 40),
        words(r, "BiasFile", lanes, acc, groups, 2 ** (acc - 5)),
    ]
    return point("hwc_dwu", parameters, [("in", [taps * lanes * 8])], [lanes * acc], memories)


def _offsets(r: random.Random, sets: int, bits: int, depth: int, shift: int) -> Memory:
    """As requants have them: a half, the same for all or with a few channels corrected; or anything."""
    kind, seed = r.choice(("same", "few", "few", "any")), r.random()
    if kind == "any":
        return words(r, "OffsetFile", sets, bits, depth)

    def make() -> list[int]:
        own, half = random.Random(seed), 1 << (shift - 1)
        values = [half] * (sets * depth)
        if kind == "few":
            values = [half + (own.getrandbits(16) if own.random() < 0.2 else 0) for _ in values]
        return [sum(v << (k * bits) for k, v in enumerate(values[w * sets : (w + 1) * sets])) for w in range(depth)]

    return Memory("OffsetFile", "OffsetFile", sets * bits, depth, make)


def _requant(r: random.Random) -> Point:
    inputs = r.choice((1, 1, 1, 2))
    width = r.choice((8, 9)) if inputs > 1 else r.choice((8, 12, 16, 18, 20, 22, 24))
    lanes, shared = r.choice((1, 1, 1, 2, 3)), r.random() < 0.3
    groups = 1 if shared else r.choice((1, 2, 4, 8, 16, 32, 64))
    mult, shift = r.choice((12, 16, 20, 22, 23, 24, 31)), r.choice((20, 24, 29, 30, 32, 38))
    acc = width + mult + 1 + (inputs > 1)
    shift = min(shift, acc - 9)
    negative = r.random() < 0.3
    low, zero = r.choice((-128, 0)), r.choice((-128, 0, 5))
    parameters: dict[str, Parameter] = {
        "Inputs": inputs, "InWidth": width, "InSigned": 1, "In1Width": width, "In1Signed": 1, "MultWidth": mult,
        "MultSigned": r.choice((0, 0, 0, 1)), "OffsetWidth": acc - 2, "AmountWidth": shift, "AccWidth": acc,
        "Lanes": lanes, "Channels": 1 if shared else lanes * groups, "Shift": shift,
        "Tie": r.choice(("floor", "floor", "even", "away")), "MultStyle": r.choice(("dsp", "lut")),
        "HasNegative": int(negative), "NegativeBias": pack_fields((12345 if negative else 0,), 64), "Zero": zero,
        "Lo": low, "Hi": 127, "OutWidth": 8,
    }  # fmt: skip
    sets = 1 if shared else lanes
    memories = [
        words(r, "MultFile", inputs * sets, mult, groups),
        _offsets(r, sets, acc - 2, groups, shift),
        *([words(r, "AmountFile", sets, shift, groups)] if negative else []),
    ]
    return point("hwc_requant", parameters, [("in", [lanes * width] * inputs)], [lanes * 8], memories)


def _window(r: random.Random) -> Point:
    lanes, groups = r.choice((1, 2, 4, 8)), r.choice((1, 2, 4, 8, 16))
    kernel, width = r.choice((2, 3, 5)), r.choice((8, 8, 4))
    wide, stride = r.choice((8, 12, 16, 30, 66)), r.choice((1, 1, 2))
    high = r.choice((kernel, kernel, 1))
    parameters: dict[str, Parameter] = {
        "Width": width, "Lanes": lanes, "Channels": groups * lanes, "InHeight": wide, "InWidth": wide,
        "KernelHeight": kernel if high > 1 else 1, "KernelWidth": kernel if r.random() < 0.8 or high == 1 else 1,
        "StrideHeight": stride, "StrideWidth": stride, "DilationHeight": 1, "DilationWidth": 1,
    }  # fmt: skip
    taps = math.prod(int(str(parameters[name])) for name in ("KernelHeight", "KernelWidth"))
    return point("hwc_window", parameters, [("in", [lanes * width])], [taps * lanes * width])


def _width(r: random.Random) -> Point:
    small, ratio, width = r.choice((1, 2, 3, 4, 8)), r.choice((1, 2, 3, 4, 8, 9, 16)), r.choice((8, 8, 16, 20, 24))
    first, second = (small, small * ratio) if r.random() < 0.4 else (small * ratio, small)
    parameters: dict[str, Parameter] = {"Width": width, "InLanes": first, "OutLanes": second}
    return point("hwc_width", parameters, [("in", [width * first])], [width * second])


def _pad(r: random.Random) -> Point:
    lanes, groups, wide = r.choice((1, 2, 4, 8, 16)), r.choice((1, 2, 4, 16)), r.choice((7, 10, 14, 28, 64))
    left, right = r.choice(((0, 1), (1, 1), (1, 1), (2, 2), (4, 5)))
    parameters: dict[str, Parameter] = {
        "Width": 8, "Lanes": lanes, "Channels": groups * lanes, "InHeight": wide, "InWidth": wide, "PadTop": left,
        "PadLeft": left, "PadBottom": right, "PadRight": right, "PadValue": r.choice((0, -128, 83)),
    }  # fmt: skip
    return point("hwc_pad", parameters, [("in", [lanes * 8])], [lanes * 8])


def _fifo(r: random.Random) -> Point:
    width = r.choice((1, 8, 16, 32, 64, 72, 144))
    depth = r.choice((2, 3, 4, 8, 15, 16, 17, 30, 33, 64, 100, 300, 1500))
    return point("hwc_fifo", {"Width": width, "Depth": depth}, [("in", [width])], [width])


def _state(r: random.Random) -> Point:
    width, depth = r.choice((8, 16, 40, 128)), r.choice((1, 2, 3, 8, 20, 40, 160))
    memory = words(r, "InitFile", width // 8, 8, depth)
    if r.random() < 0.5:
        memory = replace(memory, make=lambda: [0] * depth)
    return point("hwc_state", {"Width": width, "Beats": depth}, [("in", [width])], [width], [memory])


def _permute(r: random.Random) -> Point:
    lanes, beats = r.choice((1, 2, 8)), r.choice((4, 10, 25, 64, 150, 490))
    parameters: dict[str, Parameter] = {"Width": 8, "Lanes": lanes, "InBeats": beats, "OutBeats": beats}
    order = list(range(beats))
    r.shuffle(order)
    bits = max(1, (beats - 1).bit_length())
    memory = Memory("AddressFile", "AddressFile", bits, beats, lambda: order)
    return point("hwc_permute", parameters, [("in", [lanes * 8])], [lanes * 8], [memory])


def _clamp(r: random.Random) -> Point:
    lanes, bits, out, shift = (
        r.choice((1, 4, 16, 32)),
        r.choice((10, 14, 18, 24)),
        r.choice((2, 4, 6, 8)),
        r.choice((2, 5)),
    )
    signed = r.choice((0, 1))
    lo, hi = (-(1 << out - 1), (1 << out - 1) - 1) if signed else (0, (1 << out) - 1)
    parameters: dict[str, Parameter] = {
        "InWidth": bits, "InSigned": 1, "Lanes": lanes, "Shift": shift, "Zero": r.choice((0, 0, 1)), "Lo": lo, "Hi": hi,
        "OutWidth": out,
    }  # fmt: skip
    return point("hwc_clamp", parameters, [("in", [lanes * bits])], [lanes * out])


def _lut(r: random.Random) -> Point:
    lanes, out = r.choice((1, 2, 4)), r.choice((8, 8, 16))
    bits = r.choice((4, 8, 8))
    parameters: dict[str, Parameter] = {
        "InWidth": bits, "InSigned": 1, "InputMin": -(1 << (bits - 1)), "Entries": 1 << bits, "Channels": 1,
        "Lanes": lanes, "OutWidth": out,
    }  # fmt: skip
    memory = words(r, "TableFile", 1, out, 1 << bits)
    return point("hwc_lut", parameters, [("in", [lanes * bits])], [lanes * out], [memory])


def _pool(r: random.Random) -> Point:
    lanes, taps, is_max = r.choice((1, 2, 4, 8)), r.choice((2, 3, 4, 9)), r.choice((0, 1))
    out = 8 if is_max else 8 + (taps - 1).bit_length()
    parameters: dict[str, Parameter] = {
        "Width": 8, "Signed": r.choice((0, 1)), "Lanes": lanes, "Taps": taps, "IsMax": is_max, "OutWidth": out,
    }  # fmt: skip
    return point("hwc_pool", parameters, [("in", [lanes * taps * 8])], [lanes * out])


def _reduce(r: random.Random) -> Point:
    lanes, groups = r.choice((1, 2, 4, 8)), r.choice((1, 2, 8, 16, 64))
    pixels, is_max = r.choice((16, 25, 125)), r.choice((0, 0, 1))
    out = 8 if is_max else 8 + pixels.bit_length()
    parameters: dict[str, Parameter] = {
        "Width": 8, "Signed": r.choice((0, 1)), "Lanes": lanes, "Channels": lanes * groups, "Pixels": pixels,
        "IsMax": is_max, "OutWidth": out,
    }  # fmt: skip
    return point("hwc_reduce", parameters, [("in", [lanes * 8])], [lanes * out])


def _threshold(r: random.Random) -> Point:
    lanes, groups = r.choice((1, 2, 4)), r.choice((1, 8, 32))
    levels, width = r.choice((1, 3, 7, 15)), r.choice((8, 12, 16))
    bits = levels.bit_length()
    parameters: dict[str, Parameter] = {
        "InWidth": width, "InSigned": 1, "Lanes": lanes, "Channels": lanes * groups, "Levels": levels,
        "Base": r.choice((0, -(1 << (bits - 1)))), "OutWidth": bits,
    }  # fmt: skip
    memory = words(r, "ThresholdFile", lanes * levels, width + 1, groups)
    return point("hwc_threshold", parameters, [("in", [lanes * width])], [lanes * bits], [memory])


def _softmax(r: random.Random) -> Point:
    parameters: dict[str, Parameter] = {
        "InWidth": 8, "InSigned": r.choice((0, 1)), "Channels": r.choice((4, 10, 12, 100)), "Entries": 256,
        "IntegerBits": 12, "OutBits": 8, "Zero": -128, "Lo": -128, "Hi": 127, "OutWidth": 8,
    }  # fmt: skip
    memories = [words(r, "ExpFile", 1, 31, 256), words(r, "SumFile", 1, 32, 256)]
    return point("hwc_softmax", parameters, [("in", [8])], [8], memories)


def _log_softmax(r: random.Random) -> Point:
    is_wide = r.random() < 0.4
    shape = LogSoftmaxShape(
        in_width=8, in_signed=r.random() < 0.7, channels=r.choice((4, 10, 12, 100)), entries=256, is_wide=is_wide,
        out_width=32 if is_wide else 8, radius=0 if is_wide else 127, reverse=(0, 0) if is_wide else (1073741824, 21),
        log_shift=5 if is_wide else 0, lo=-128, hi=127,
    )  # fmt: skip
    memories = [words(r, "DiffFile", 1, 32, 256), words(r, "SumFile", 1, 31, 256)]
    return point("hwc_log_softmax", shape.params(), [("in", [8])], [shape.out_width], memories)


def _lstm(r: random.Random) -> Point:
    units = r.choice((8, 20, 32))
    simd, acc, width = r.choice([s for s in (1, 2, 4, 5, 8) if units % s == 0]), r.choice((20, 22)), r.choice((20, 22))
    scales = [[(r.randrange(1 << 30, 1 << 31), -r.randrange(3, 8)) for _ in range(4)] for _ in range(2)]
    forget, give, hidden = (0, -15), (0, -r.randrange(15, 18)), (r.randrange(1 << 30, 1 << 31), -21)
    shape = LstmShape(
        in_width=width, acc_width=acc, weight_width=8, units=units, simd=simd, steps=r.choice((8, 28)),
        x=rescales(scales[0]), h=rescales(scales[1]), forget=rescales([forget]), input=rescales([give]),
        hidden=rescales([hidden]), hidden_zero=r.choice((0, 4)), cell_range=(-32768, 32767),
        weight_style=r.choice(("block", "distributed")) if units == 8 else "block", mult_style=r.choice(("dsp", "lut")),
    )  # fmt: skip
    memories = [
        words(r, "WeightFile", simd, 8, 4 * units * units // simd, 40), words(r, "BiasFile", 1, acc, 4 * units),
        words(r, "GateFile", 1, 33, 512), words(r, "CellFile", 1, 33, 256),
    ]  # fmt: skip
    made, network = point("hwc_lstm", shape.params(), [("in", [width]), ("in1", [8]), ("in2", [16])], [8], memories)
    last = StreamPort("out1", Direction.OUT, ("out1_0",))
    network = replace(network, streams={**network.streams, "out1_0": Stream("out1_0", 16, IntType(1, False), 1)})
    return replace(made, ports=(*made.ports, last)), network


def _matmul(r: random.Random) -> Point:
    pe, groups, inner, acc = r.choice((1, 2, 4)), r.choice((1, 2, 4)), r.choice((4, 16, 32)), r.choice((18, 20, 24))
    parameters: dict[str, Parameter] = {
        "AWidth": 8, "ASigned": r.choice((0, 1)), "AZero": r.choice((0, 3)), "BWidth": 8, "BSigned": 1,
        "BZero": r.choice((0, -5)), "AccWidth": acc, "Rows": r.choice((1, 4, 10)), "Inner": inner,
        "Columns": groups * pe, "Pe": pe, "MultStyle": r.choice(("dsp", "lut")),
    }  # fmt: skip
    return point("hwc_matmul", parameters, [("in", [8]), ("in1", [pe * 8])], [pe * acc])


def _binary(r: random.Random) -> Point:
    lanes, kind = r.choice((1, 2, 4, 8)), r.choice(("add", "sub", "min", "max", "mul"))
    a, b = r.choice((8, 12)), r.choice((8, 16))
    out = a + b if kind == "mul" else max(a, b) + (kind in ("add", "sub"))
    parameters: dict[str, Parameter] = {
        "Op": kind, "AWidth": a, "ASigned": 1, "AZero": 3 if kind == "mul" else 0, "BWidth": b, "BSigned": 1,
        "BZero": 0, "OutWidth": out, "Lanes": lanes,
    }  # fmt: skip
    return point("hwc_binary", parameters, [("in", [lanes * a]), ("in1", [lanes * b])], [lanes * out])


def _concat(r: random.Random) -> Point:
    lanes, inputs = r.choice((1, 2, 8, 16)), r.choice((2, 3, 4))
    bursts = pack_fields(tuple(r.choice((1, 2, 8, 32)) for _ in range(inputs)))
    parameters: dict[str, Parameter] = {"Width": 8, "Lanes": lanes, "Inputs": inputs, "Bursts": bursts}
    return point("hwc_concat", parameters, [("in", [lanes * 8] * inputs)], [lanes * 8])


def _take(r: random.Random) -> Point:
    width, period = r.choice((8, 32)), r.choice((4, 30, 120, 1000))
    start = r.randrange(period)
    return point("hwc_take", {"Width": width, "Period": period, "Start": start, "Count": period - start},
                 [("in", [width])], [width])  # fmt: skip


def _argmax(r: random.Random) -> Point:
    width, channels, out = r.choice((8, 16)), r.choice((4, 10, 100)), r.choice((8, 32))
    parameters: dict[str, Parameter] = {
        "Width": width, "Signed": 1, "Channels": channels, "SelectLast": r.choice((0, 1)), "OutWidth": out,
    }  # fmt: skip
    return point("hwc_argmax", parameters, [("in", [width])], [out])


def _fork(r: random.Random) -> Point:
    width, outputs = r.choice((8, 32, 128)), r.choice((2, 3, 4))
    return point("hwc_fork", {"Width": width, "Outputs": outputs}, [("in", [width])], [width] * outputs)


def _cluster_entry(r: random.Random) -> Point:
    width, interval = r.choice((8, 64, 200)), r.choice((1, 2, 5, 16, 64))
    made, network = point("hwc_cluster_entry", {"Width": width, "Interval": interval}, [("in", [width])], [width])
    made = replace(made, wires=(("room_i", "room"),))
    return made, replace(network, instances=(made,))


def _cluster_exit(r: random.Random) -> Point:
    width, reserve = r.choice((8, 24, 64, 128)), r.choice((2, 5, 12, 28, 60))
    parameters: dict[str, Parameter] = {"Width": width, "Depth": reserve + r.choice((3, 8)), "Reserve": reserve}
    made, network = point("hwc_cluster_exit", parameters, [("in", [width])], [width])
    made = replace(made, wires=(("room_o", "room"),))
    return made, replace(network, instances=(made,))


def _slice(r: random.Random) -> Point:
    width = r.choice((8, 24, 64, 200))
    return point("hwc_stream_reg", {"Width": width}, [("in", [width])], [width])


def _edge(module: str) -> Callable[[random.Random], Point]:
    def make(r: random.Random) -> Point:
        beats = r.choice((1, 10, 64, 784, 1960))
        width, lanes = r.choice((4, 8, 8, 16)), r.choice((1, 2, 8))
        parameters: dict[str, Parameter] = {"Width": width, "Lanes": lanes, "Beats": beats}
        return point(module, {} if module == "hwc_axil" else parameters, [], [])

    return make


MAKERS: dict[str, Callable[[random.Random], Point]] = {
    "hwc_mvu": _mvu, "hwc_dwu": _dwu, "hwc_requant": _requant, "hwc_window": _window, "hwc_width": _width,
    "hwc_pad": _pad, "hwc_fifo": _fifo, "hwc_state": _state, "hwc_permute": _permute, "hwc_lut": _lut,
    "hwc_clamp": _clamp,
    "hwc_pool": _pool, "hwc_reduce": _reduce, "hwc_threshold": _threshold, "hwc_softmax": _softmax,
    "hwc_adders": adder_graph, "hwc_serial": serial_graph,
    "hwc_matmul": _matmul, "hwc_binary": _binary, "hwc_concat": _concat, "hwc_take": _take, "hwc_argmax": _argmax,
    "hwc_log_softmax": _log_softmax, "hwc_lstm": _lstm,
    "hwc_cluster_entry": _cluster_entry, "hwc_cluster_exit": _cluster_exit,
    "hwc_fork": _fork, "hwc_stream_reg": _slice, "hwc_axis_in": _edge("hwc_axis_in"),
    "hwc_axis_out": _edge("hwc_axis_out"), "hwc_axil": _edge("hwc_axil"),
}  # fmt: skip
"""A random instance of each module."""


def points(module: str, number: int, seed: int = 0) -> list[Point]:
    """`number` instances of `module`, the same for one seed; of `hwc_mvu` half as many packed ones beside them."""
    rng = random.Random(f"{module}{seed}")
    others = [_packed_mvu(random.Random(f"packed{seed}{i}")) for i in range(number // 2 if module == "hwc_mvu" else 0)]
    return [MAKERS[module](rng) for _ in range(number)] + others
