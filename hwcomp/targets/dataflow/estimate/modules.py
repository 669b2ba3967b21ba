"""The bill of each module of `rtl/lib`."""

from __future__ import annotations

from collections.abc import Callable

from hwcomp.targets.dataflow.estimate import adders, dot, recurrent, requant, streams
from hwcomp.targets.dataflow.estimate.bill import Bill, bits
from hwcomp.targets.dataflow.estimate.family import Family
from hwcomp.targets.dataflow.network import Instance, Network


def bill_of(instance: Instance, network: Network, family: Family) -> Bill:
    """What `instance` is made of; a module without a rule is a register for each bit that it gives."""
    bill = Bill(family)
    rule = RULES.get(instance.module)
    if rule is None:
        bill.both("beat", sum(network.streams[name].width for name in instance.outputs))
    else:
        rule(bill, instance)
    return bill


def axis_in(bill: Bill, instance: Instance) -> None:
    """A register slice and a counter of beats, which checks `tlast`."""
    streams.stream_reg(bill, instance.number("Width") * instance.number("Lanes"))
    bill.both("count", bits(instance.number("Beats") + 1))


def axil(bill: Bill, instance: Instance) -> None:
    """Always the same."""


RULES: dict[str, Callable[[Bill, Instance], None]] = {
    "hwc_adders": adders.adders,
    "hwc_argmax": streams.argmax,
    "hwc_axil": axil,
    "hwc_axis_in": axis_in,
    "hwc_axis_out": axis_in,
    "hwc_binary": streams.binary,
    "hwc_cluster_entry": streams.cluster_entry,
    "hwc_cluster_exit": streams.cluster_exit,
    "hwc_concat": streams.concat,
    "hwc_dwu": dot.dwu,
    "hwc_fifo": streams.fifo,
    "hwc_fork": streams.fork,
    "hwc_log_softmax": recurrent.log_softmax,
    "hwc_lstm": recurrent.lstm,
    "hwc_clamp": requant.clamp,
    "hwc_lut": requant.lut,
    "hwc_matmul": dot.matmul,
    "hwc_mvu": dot.mvu,
    "hwc_pad": streams.pad,
    "hwc_permute": streams.permute,
    "hwc_pool": streams.pool,
    "hwc_reduce": streams.reduce,
    "hwc_requant": requant.requant,
    "hwc_softmax": recurrent.softmax,
    "hwc_serial": adders.serial,
    "hwc_state": streams.state,
    "hwc_stream_reg": streams.slice_,
    "hwc_take": streams.take,
    "hwc_threshold": requant.threshold,
    "hwc_width": streams.width,
    "hwc_window": streams.window,
}
"""By module."""
