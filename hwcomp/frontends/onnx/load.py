"""ModelProto -> `Model`: the file is hostile until everything here has passed."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hwcomp.frontends.onnx.source import Attribute, Model, Node, PortInfo, Tensor
from hwcomp.frontends.onnx.tensors import check_size, decode
from hwcomp.ir.types import Location
from hwcomp.support.errors import HwcompError, Problem, raise_all

MAX_FILE_BYTES = 1 << 30
MAX_NODES = 200_000
MAX_NAME = 10_000
"""Characters; names become those of members of archives, which have at most 65535 bytes."""
_REPEAT = "export the model again"
_DEFAULT_DOMAINS = ("", "ai.onnx")
OPSETS = range(7, 26)


def load(path: Path) -> Model:
    """Read and check a model file.

    Raises:
        HwcompError: HWC001 unreadable, HWC107 opset, HWC2xx malformed; all problems of the graph's structure at once.
    """
    proto = _parse(path)
    source, graph = path.name, proto.graph
    versions = _versions(proto, source)
    if proto.functions:
        raise HwcompError("HWC102", "the model defines functions of its own", source, "inline them: onnx.inliner")
    if len(graph.node) > MAX_NODES:
        raise HwcompError("HWC209", f"the graph has {len(graph.node)} nodes", source, "export a smaller model")
    if graph.sparse_initializer:
        raise HwcompError("HWC104", "sparse constants are not supported", source, "store them as dense ones")
    folder = path.resolve().parent
    constants: dict[str, Tensor] = {}
    for item in graph.initializer:
        at = str(Location(source, item.name, "initializer"))
        if item.name in constants:
            raise HwcompError("HWC213", f"the constant '{item.name}' is defined twice", at, _REPEAT)
        constants[item.name] = decode(item, folder, at)
    ports = [p for p in graph.input if p.name not in constants]
    inputs = tuple(_port(p, source, "Input") for p in ports)
    outputs = tuple(str(p.name) for p in graph.output)
    nodes = [_node(n, source, versions, folder) for n in graph.node]
    ordered = _ordered(nodes, constants, inputs, outputs, source)
    return Model(source, ordered, constants, inputs, outputs)


def _parse(path: Path) -> Any:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise HwcompError("HWC209", "the file is larger than 1 GiB", path.name, "keep weights as external data")
        data = path.read_bytes()
    except OSError as error:
        raise HwcompError("HWC001", f"it cannot be read: {error.strerror}", str(path), "check the path") from error
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(data)
    except (DecodeError, RuntimeError, UnicodeDecodeError) as error:
        raise HwcompError("HWC201", "the file is not a whole ONNX model", path.name, "copy the file again") from error
    if not proto.HasField("graph") or not (proto.graph.node or proto.graph.output):
        raise HwcompError("HWC201", "the file holds no graph", path.name, "copy or export the file again")
    if any(isinstance(name, bytes) or "\0" in name or len(name) > MAX_NAME for name in _names(proto.graph)):
        what = f"a name in the graph is not UTF-8, holds a NUL, or has more than {MAX_NAME} characters"
        raise HwcompError("HWC201", what, path.name, "copy or export the file again")
    return proto


def _names(graph: Any) -> Iterator[Any]:
    """Every name in the graph; protobuf gives bytes where it is not UTF-8."""
    for item in (*graph.input, *graph.output, *graph.initializer):
        yield item.name
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        yield from (item.name for item in node.attribute)


def _versions(proto: Any, source: str) -> dict[str, int]:
    """Version of each domain, the default domain as ''."""
    versions = {("" if o.domain in _DEFAULT_DOMAINS else o.domain): int(o.version) for o in proto.opset_import}
    if "" not in versions:
        versions[""] = 1 if not versions else max(13, *versions.values())
        if not proto.opset_import:
            raise HwcompError("HWC107", "the model names no operator set", source, _REPEAT)
    if versions[""] not in OPSETS:
        raise HwcompError(
            "HWC107", f"operator set {versions['']} is not in {OPSETS.start}..{OPSETS.stop - 1}", source,
            "convert it: onnx.version_converter, to opset 13",
        )  # fmt: skip
    return versions


def _port(proto: Any, source: str, kind: str) -> PortInfo:
    import onnx

    at = str(Location(source, proto.name, kind))
    if not proto.type.HasField("tensor_type"):
        raise HwcompError("HWC104", "it is not a tensor", at, "export the model with tensor inputs")
    tensor = proto.type.tensor_type
    numbers = onnx.TensorProto.DataType
    name = numbers.Name(tensor.elem_type) if tensor.elem_type in numbers.values() else str(tensor.elem_type)
    if not tensor.HasField("shape"):
        raise HwcompError("HWC105", "its shape is not given", at, "export with a static shape")
    shape: list[int] = []
    for dim in tensor.shape.dim:
        size = int(dim.dim_value) if dim.HasField("dim_value") else 1
        if size <= 0 and dim.HasField("dim_value"):
            raise HwcompError("HWC208", f"a dimension is {size}", at, "export with a static, positive shape")
        shape.append(size)
    check_size(shape, at)
    return PortInfo(proto.name, name, tuple(shape))


def _node(proto: Any, source: str, versions: Mapping[str, int], folder: Path) -> Node:
    domain = "" if proto.domain in _DEFAULT_DOMAINS else proto.domain
    shown = proto.name or next((o for o in proto.output if o), "")
    loc = Location(source, shown, proto.op_type)
    attributes: dict[str, Attribute] = {}
    for item in proto.attribute:
        if item.name in attributes:
            raise HwcompError("HWC213", f"attribute '{item.name}' is given twice", str(loc), _REPEAT)
        attributes[item.name] = _attribute(item, loc, folder)
    inputs, outputs = tuple(proto.input), tuple(proto.output)
    return Node(proto.op_type, domain, inputs, outputs, attributes, loc, versions.get(domain, 1))


def _attribute(item: Any, loc: Location, folder: Path) -> Attribute:
    import onnx

    kind = onnx.AttributeProto
    if item.type == kind.INT:
        return int(item.i)
    if item.type == kind.FLOAT:
        return float(item.f)
    if item.type == kind.STRING:
        return bytes(item.s).decode("utf-8", "replace")
    if item.type == kind.INTS:
        return tuple(int(v) for v in item.ints)
    if item.type == kind.FLOATS:
        return tuple(float(v) for v in item.floats)
    if item.type == kind.STRINGS:
        return tuple(bytes(v).decode("utf-8", "replace") for v in item.strings)
    if item.type == kind.TENSOR:
        return decode(item.t, folder, str(loc)).array
    if item.type in (kind.GRAPH, kind.GRAPHS):
        raise HwcompError("HWC102", "operators with subgraphs (If, Loop, Scan) are not supported", str(loc),
                          "export the model without control flow")  # fmt: skip
    raise HwcompError("HWC219", f"attribute '{item.name}' has no type that is supported", str(loc), _REPEAT)


def _ordered(
    nodes: Sequence[Node],
    constants: Mapping[str, Tensor],
    inputs: Sequence[PortInfo],
    outputs: Sequence[str],
    source: str,
) -> tuple[Node, ...]:
    """The nodes that outputs need, in execution order, ties in the file's order.

    Raises: HWC210 cycle, HWC212 undefined, HWC213 defined twice, HWC222 outputs.
    """
    problems: list[Problem] = []
    known = {*constants, *(port.name for port in inputs)}
    maker = _makers(nodes, constants, inputs, source, problems)
    for node in nodes:
        for name in dict.fromkeys(filter(None, node.inputs)):
            if name not in maker and name not in known:
                problems.append(Problem("HWC212", f"input '{name}' is never defined", str(node.loc), _REPEAT))
    if not outputs:
        problems.append(Problem("HWC222", "the model has no output", source, _REPEAT))
    for name in outputs:
        if name not in maker and name not in known:
            problems.append(Problem("HWC222", f"nothing computes the output '{name}'", source, _REPEAT))
    raise_all(problems)
    return _sorted(nodes, maker, _needed(nodes, maker, outputs), source)


def _makers(
    nodes: Sequence[Node],
    constants: Mapping[str, Tensor],
    inputs: Sequence[PortInfo],
    source: str,
    problems: list[Problem],
) -> dict[str, int]:
    """Which node makes each value; values defined twice become problems."""
    maker: dict[str, int] = {}
    known = set(constants)
    for port in inputs:
        if port.name in known or not port.name:
            problems.append(Problem("HWC213", f"'{port.name}' is defined twice", source, _REPEAT))
        known.add(port.name)
    for index, node in enumerate(nodes):
        for name in filter(None, node.outputs):
            if name in maker or name in known:
                problems.append(Problem("HWC213", f"'{name}' is defined twice", str(node.loc), _REPEAT))
            maker[name] = index
    return maker


def _needed(nodes: Sequence[Node], maker: Mapping[str, int], outputs: Sequence[str]) -> set[int]:
    """Indices of the nodes that the outputs depend on."""
    waiting = [maker[name] for name in outputs if name in maker]
    found = set(waiting)
    while waiting:
        for name in nodes[waiting.pop()].inputs:
            index = maker.get(name, -1)
            if index >= 0 and index not in found:
                found.add(index)
                waiting.append(index)
    return found


def _sorted(nodes: Sequence[Node], maker: Mapping[str, int], needed: set[int], source: str) -> tuple[Node, ...]:
    """Topological order by Kahn's algorithm."""
    before = {i: {maker[n] for n in nodes[i].inputs if n in maker} for i in needed}
    after: dict[int, list[int]] = {i: [] for i in needed}
    for i, makers in before.items():
        for j in makers:
            after[j].append(i)
    missing = {i: len(makers) for i, makers in before.items()}
    ready = [i for i, count in missing.items() if count == 0]
    heapq.heapify(ready)
    order: list[Node] = []
    while ready:
        i = heapq.heappop(ready)
        order.append(nodes[i])
        for j in after[i]:
            missing[j] -= 1
            if missing[j] == 0:
                heapq.heappush(ready, j)
    if len(order) < len(needed):
        stuck = nodes[min(i for i, count in missing.items() if count > 0)]
        raise HwcompError("HWC210", "the operator depends on its own output", str(stuck.loc), _REPEAT)
    return tuple(order)
