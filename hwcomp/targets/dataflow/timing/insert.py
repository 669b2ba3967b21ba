"""Modules of one input and one output, put into streams of a network that is built already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hwcomp.targets.dataflow.builder import renamed
from hwcomp.targets.dataflow.modules.spec import Parameter
from hwcomp.targets.dataflow.network import Direction, Instance, Network, Stream, StreamPort


def inserted(
    network: Network,
    module: str,
    suffix: str,
    made: Mapping[str, Mapping[str, Parameter]],
    wires: tuple[tuple[str, str], ...] = (),
) -> Network:
    """The network with a `module` in each stream that `made` names, of the parameters it gives, and with `wires`.

    The stream behind is called as the one before, with `suffix`; it carries no value of its own, and is the output of
    the design where the one before was. Each new instance stands right behind the one that fills it, those at inputs
    first.
    """
    readers = network.readers()
    behind = {name: f"{name}_{suffix}" for name in made}
    streams: dict[str, Stream] = dict(network.streams)
    for name, fresh in behind.items():
        streams[fresh] = replace(network.streams[name], name=fresh, value="")
    instances = [
        renamed_inputs(instance, {n: behind[n] for n in instance.inputs if n in behind and readers[n] == index})
        for index, instance in enumerate(network.instances)
    ]
    new = [_instance(module, name, behind[name], parameters, wires) for name, parameters in made.items()]
    outputs = tuple(replace(edge, stream=behind.get(edge.stream, edge.stream)) for edge in network.outputs)
    return replace(network, streams=streams, instances=tuple(_in_order(network, instances, new)), outputs=outputs)


def renamed_inputs(instance: Instance, names: Mapping[str, str]) -> Instance:
    """The instance with other streams at its inputs."""
    outputs = set(instance.outputs)
    return renamed(instance, {name: new for name, new in names.items() if name not in outputs})


def _instance(
    module: str, name: str, behind: str, parameters: Mapping[str, Parameter], wires: tuple[tuple[str, str], ...]
) -> Instance:
    ports = (
        StreamPort("in", Direction.IN, (name,)),
        StreamPort("out", Direction.OUT, (behind,)),
    )
    return Instance(module, f"u_{behind}", dict(parameters), ports, wires=wires)


def _in_order(network: Network, instances: list[Instance], made: list[Instance]) -> list[Instance]:
    producers = network.producers()
    after: dict[int, list[Instance]] = {}
    for new in made:
        after.setdefault(producers.get(new.inputs[0], -1), []).append(new)
    placed = list(after.get(-1, []))
    for index, instance in enumerate(instances):
        placed += [instance, *after.get(index, [])]
    return placed
