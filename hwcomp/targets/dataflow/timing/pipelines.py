"""Clocks through the pipelines of the computing modules, by their parameters."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log2

from hwcomp.targets.dataflow.modules.compute import levels, mul_latency, product_latency
from hwcomp.targets.dataflow.modules.log_softmax import log_softmax_clocks, log_softmax_latency
from hwcomp.targets.dataflow.modules.stream import fifo_latency
from hwcomp.targets.dataflow.network import Instance


def pipeline_latency(instance: Instance) -> int:
    """Clocks from the last input beat that an output beat needs, to that output beat."""
    return _LATENCIES[instance.module](instance)


def _dot(instance: Instance, terms: int) -> int:
    n = instance.number
    signed = bool(n("InSigned"))
    multiplier = mul_latency(n("InWidth"), signed, n("WeightWidth"), str(instance.parameters["MultStyle"]))
    return 2 + multiplier + levels(terms) + 1


def _mvu(instance: Instance) -> int:
    n = instance.number
    own_operands = instance.parameters["MultStyle"] == "dsp" and n("Pe") > 1
    return own_operands + _dot(instance, n("Simd")) + (n("OutChannels") > n("Pe"))


def _requant(instance: Instance) -> int:
    n = instance.number
    x = n("InWidth") + 1 - n("InSigned")
    if n("Inputs") > 1:
        x = max(x, n("In1Width") + 1 - n("In1Signed"))
    mult, style = n("MultWidth") + 1 - n("MultSigned"), str(instance.parameters["MultStyle"])
    product = (
        product_latency(x, mult, n("XChunk"), n("MultChunk")) if style == "dsp" else mul_latency(x, True, mult, style)
    )
    joined = 1 if n("Inputs") > 1 else 0
    return joined + 1 + product + levels(n("Inputs")) + n("HasNegative") + 3


def softmax_clocks(instance: Instance) -> int:
    """Clocks between vectors of `hwc_softmax`: three passes over it, and the reciprocal; or of `hwc_log_softmax`."""
    if instance.module == "hwc_log_softmax":
        return log_softmax_clocks(instance.parameters)
    return 3 * instance.number("Channels") + 3 + _reciprocal(instance)


def _reciprocal(instance: Instance) -> int:
    """Normalisation of the sum bit by bit, and seven products of six clocks."""
    return 32 + ceil(log2(instance.number("Channels"))) + 42


def _matmul(instance: Instance) -> int:
    """Memory and its second register, multiplier, accumulator."""
    n = instance.number
    a, b = (n(f"{x}Width") + (n(f"{x}Zero") != 0 or not n(f"{x}Signed")) for x in ("A", "B"))
    return 2 + mul_latency(a, True, b, str(instance.parameters["MultStyle"])) + 1


def _fixed(clocks: int) -> Callable[[Instance], int]:
    return lambda instance: clocks


_LATENCIES: dict[str, Callable[[Instance], int]] = {
    "hwc_stream_reg": _fixed(1),
    "hwc_adders": lambda instance: instance.number("Stages"),
    "hwc_serial": lambda instance: instance.number("Period") + instance.number("Levels") + 1,
    "hwc_cluster_entry": _fixed(0),
    "hwc_cluster_exit": lambda instance: fifo_latency(instance.number("Depth")),
    "hwc_fork": _fixed(0),
    "hwc_fifo": lambda instance: fifo_latency(instance.number("Depth")),
    "hwc_mvu": _mvu,
    "hwc_matmul": _matmul,
    "hwc_dwu": lambda instance: _dot(instance, instance.number("Taps")),
    "hwc_requant": _requant,
    "hwc_binary": _fixed(3),
    "hwc_clamp": _fixed(1),
    "hwc_lut": _fixed(2),
    "hwc_pool": lambda instance: 1 + levels(instance.number("Taps")),
    "hwc_reduce": _fixed(2),
    "hwc_threshold": lambda instance: 2 + levels(instance.number("Levels")),
    "hwc_softmax": lambda instance: instance.number("Channels") + 3 + _reciprocal(instance) + 12,
    "hwc_log_softmax": lambda instance: log_softmax_latency(instance.parameters),
}
