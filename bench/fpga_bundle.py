"""The instances of an fpga bundle, read back from its RTL: estimates are of the very design that is synthesised."""

from __future__ import annotations

import re
from pathlib import Path

from hwcomp.ir.types import IntType
from hwcomp.support.manifest import read_manifest
from hwcomp.targets.dataflow.modules.spec import Bits, Parameter
from hwcomp.targets.dataflow.network import Direction, Instance, Memory, Network, Stream, StreamPort

_INSTANCE = re.compile(r"^  (hwc_\w+) #\((.*?)\n  \) (\w+) \((.*?)\n  \);", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"\.(\w+)\((.*?)\),?\s*$", re.MULTILINE)
_NET = re.compile(r"^  logic \[(\d+):0\] (\w+_data);", re.MULTILINE)
_SIZED = re.compile(r"(\d+)'h([0-9a-f]+)$")


def network_of(bundle: Path) -> Network:
    """The core's instances and the top's, with the widths of their streams."""
    name = read_manifest(bundle).c_name
    streams: dict[str, Stream] = {}
    instances: list[Instance] = []
    for part in ("core", "top"):
        text = (bundle / "rtl" / f"{name}_{part}.sv").read_text(encoding="utf-8")
        for width, net in _NET.findall(text):
            streams[f"{part}.{net}"] = Stream(f"{part}.{net}", int(width) + 1, IntType(1, False), 1)
        instances += [_instance(part, bundle, *found) for found in _INSTANCE.findall(text)]
    return Network(name, streams, tuple(instances), (), ())


def _instance(part: str, bundle: Path, module: str, parameters: str, name: str, connections: str) -> Instance:
    own: dict[str, Parameter] = {}
    memories: list[Memory] = []
    for key, text in _FIELD.findall(parameters):
        value = _value(text)
        if isinstance(value, str) and value.startswith("mem/"):
            memories.append(_memory(key, bundle / value))
        else:
            own[key] = value
    ports: list[StreamPort] = []
    for key, text in _FIELD.findall(connections):
        if part == "core" and key.endswith(("_data_i", "_data_o")) and not key.startswith("load_"):
            nets = [f"core.{net.strip()}" for net in text.strip("{}").split(",")]
            direction = Direction.IN if key.endswith("_i") else Direction.OUT
            ports.append(StreamPort(key[: -len("_data_i")], direction, tuple(reversed(nets))))
    return Instance(module, name, own, tuple(ports), tuple(memories))


def _memory(parameter: str, path: Path) -> Memory:
    words = [int(line, 16) for line in path.read_text(encoding="ascii").split()]
    width = max(max(word.bit_length() for word in words), 1)
    return Memory(parameter, path.stem, width, len(words), lambda: words)


def _value(text: str) -> Parameter:
    sized = _SIZED.match(text)
    if sized:
        return Bits(int(sized[1]), int(sized[2], 16))
    return text.strip('"') if text.startswith('"') else int(text)
