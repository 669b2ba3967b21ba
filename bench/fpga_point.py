"""One instance alone, with streams and memories of its own."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from hwcomp.ir.types import IntType
from hwcomp.targets.dataflow.modules.spec import Parameter
from hwcomp.targets.dataflow.network import Direction, Instance, Memory, Network, Stream, StreamPort

Point = tuple[Instance, Network]


def point(
    module: str,
    parameters: Mapping[str, Parameter],
    inputs: Sequence[tuple[str, Sequence[int]]],
    outputs: Sequence[int],
    memories: Sequence[Memory] = (),
) -> Point:
    """An instance and a network of its streams; widths in bits of each port's streams."""
    streams: dict[str, Stream] = {}
    ports: list[StreamPort] = []
    sides = [(prefix, Direction.IN, widths) for prefix, widths in inputs] + [("out", Direction.OUT, outputs)]
    for prefix, direction, widths in sides:
        names = tuple(f"{prefix}{index}" for index in range(len(widths)))
        streams |= {name: Stream(name, width, IntType(1, False), 1) for name, width in zip(names, widths, strict=True)}
        ports.append(StreamPort(prefix, direction, names))
    instance = Instance(module, "u_alone", dict(parameters), tuple(ports), tuple(memories))
    return instance, Network("alone", streams, (instance,), (), ())


def words(rng: random.Random, parameter: str, fields: int, bits: int, depth: int, spread: int = 0) -> Memory:
    """Random words of signed fields: uniform, or normal with the deviation `spread`."""
    seed = rng.random()

    def make() -> list[int]:
        own = random.Random(seed)
        least, most = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        values = [
            min(max(round(own.gauss(0, spread)), least), most) if spread else own.randint(least, most)
            for _ in range(fields * depth)
        ]
        return [
            sum((v & ((1 << bits) - 1)) << (i * bits) for i, v in enumerate(values[w * fields : (w + 1) * fields]))
            for w in range(depth)
        ]

    return Memory(parameter, parameter, fields * bits, depth, make)
