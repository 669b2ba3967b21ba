"""FIFOs where beats must wait: on the branches of a fork that meet again, and where bursts meet a steady module."""

from __future__ import annotations

from dataclasses import replace

from hwcomp.targets.fpga.builder import renamed
from hwcomp.targets.fpga.network import Direction, Instance, Network, Stream, StreamPort
from hwcomp.targets.fpga.schedule import Schedule, schedule_of

_SLACK = 2
"""Beats more than the schedule says: a FIFO's own latency delays its reader."""


def with_fifos(network: Network, schedule: Schedule) -> tuple[Network, Schedule]:
    """The network with the FIFOs that its schedule asks for, and the schedule of that."""
    depths = fifo_depths(network, schedule)
    if not depths:
        return network, schedule
    streams: dict[str, Stream] = dict(network.streams)
    instances: list[Instance] = []
    readers = network.readers()
    behind = {name: f"{name}_fifo" for name in depths}
    for index, instance in enumerate(network.instances):
        own = {name: behind[name] for name in instance.inputs if name in behind and readers[name] == index}
        instances.append(_reading(instance, own))
    for name, fresh in behind.items():
        streams[fresh] = replace(network.streams[name], name=fresh, value="")
    made = [_fifo(network.streams[name], behind[name], depth) for name, depth in depths.items()]
    placed = _in_order(network, instances, made)
    whole = replace(network, streams=streams, instances=tuple(placed))
    final = schedule_of(whole)
    return whole, replace(final, interval=schedule.interval)


def fifo_depths(network: Network, schedule: Schedule) -> dict[str, int]:
    """The depth for each stream that needs a FIFO."""
    return {name: most + _SLACK for name, most in schedule.waiting.items() if most > 1}


def _reading(instance: Instance, names: dict[str, str]) -> Instance:
    if not names:
        return instance
    outputs = {name: name for name in instance.outputs}
    return renamed(instance, {name: new for name, new in names.items() if name not in outputs})


def _fifo(stream: Stream, behind: str, depth: int) -> Instance:
    ports = (
        StreamPort("in", Direction.IN, (stream.name,)),
        StreamPort("out", Direction.OUT, (behind,)),
    )
    return Instance("hwc_fifo", f"u_{behind}", {"Width": stream.width, "Depth": depth}, ports)


def _in_order(network: Network, instances: list[Instance], made: list[Instance]) -> list[Instance]:
    """Each FIFO right behind the instance that fills it, inputs' FIFOs first."""
    producers = network.producers()
    after: dict[int, list[Instance]] = {}
    for fifo in made:
        after.setdefault(producers.get(fifo.inputs[0], -1), []).append(fifo)
    placed = list(after.get(-1, []))
    for index, instance in enumerate(instances):
        placed += [instance, *after.get(index, [])]
    return placed
