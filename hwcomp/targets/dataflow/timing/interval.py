"""How many clocks an instance takes for a frame in the steady state."""

from __future__ import annotations

from hwcomp.targets.dataflow.modules.lstm import lstm_clocks
from hwcomp.targets.dataflow.network import Instance, Network
from hwcomp.targets.dataflow.timing.pipelines import softmax_clocks

_BEAT_CLOCKS = {"hwc_serial": "Period", "hwc_cluster_entry": "Interval"}
"""Modules that take so many clocks for each beat, by the name of a parameter."""


def interval_of(instance: Instance, network: Network) -> int:
    """Clocks between frames: beats of the busiest port, or of the folded computation."""
    inputs = [network.streams[name] for name in instance.inputs]
    outputs = [network.streams[name] for name in instance.outputs]
    beats = max((s.beats for s in (*inputs, *outputs)), default=0)
    if instance.module == "hwc_mvu":
        return max(beats, outputs[0].beats * instance.number("InChannels") // instance.number("Simd"))
    if instance.module == "hwc_dwu":
        return max(beats, outputs[0].beats * instance.number("KernelTaps") // instance.number("Taps"))
    if instance.module in _BEAT_CLOCKS:
        return beats * instance.number(_BEAT_CLOCKS[instance.module])
    if instance.module == "hwc_matmul":
        return max(beats, outputs[0].beats * instance.number("Inner"))
    if instance.module == "hwc_concat":
        return max(beats, outputs[0].beats)
    if instance.module == "hwc_lstm":
        clocks = lstm_clocks(instance.parameters)
        return inputs[1].beats // clocks.units * clocks.sequence(instance.number("Steps"))
    if instance.module in ("hwc_softmax", "hwc_log_softmax"):
        return inputs[0].beats // instance.number("Channels") * softmax_clocks(instance)
    return beats


def network_interval(network: Network) -> tuple[int, str]:
    """The design's interval and the instance that sets it."""
    found = [(interval_of(instance, network), instance.name) for instance in network.instances]
    return max(found, key=lambda entry: entry[0], default=(1, ""))
