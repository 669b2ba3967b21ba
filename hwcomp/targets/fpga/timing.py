"""How many clocks an instance takes for a frame in the steady state."""

from __future__ import annotations

from hwcomp.targets.fpga.network import Instance, Network, Stream


def interval_of(instance: Instance, network: Network) -> int:
    """Clocks between frames: beats of the busiest port, or of the folded computation."""
    inputs = [network.streams[name] for name in instance.inputs]
    outputs = [network.streams[name] for name in instance.outputs]
    beats = max((s.beats for s in (*inputs, *outputs)), default=0)
    if instance.module == "hwc_mvu":
        return max(beats, outputs[0].beats * instance.number("InChannels") // instance.number("Simd"))
    if instance.module == "hwc_dwu":
        return max(beats, outputs[0].beats * instance.number("KernelTaps") // instance.number("Taps"))
    if instance.module == "hwc_concat":
        return max(beats, outputs[0].beats)
    if instance.module == "hwc_softmax":
        return softmax_interval(inputs[0], instance)
    return beats


def softmax_interval(stream: Stream, instance: Instance) -> int:
    """Three passes over a row, and the reciprocal between them."""
    rows = stream.beats // instance.number("Channels")
    return rows * (3 * instance.number("Channels") + _RECIPROCAL_CLOCKS)


_RECIPROCAL_CLOCKS = 64


def network_interval(network: Network) -> tuple[int, str]:
    """The design's interval and the instance that sets it."""
    found = [(interval_of(instance, network), instance.name) for instance in network.instances]
    return max(found, key=lambda entry: entry[0], default=(1, ""))
