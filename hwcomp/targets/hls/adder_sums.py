"""An adder graph in C++: for each node a sum of two shifted ones, in as many bits as its range needs."""

from __future__ import annotations

from hwcomp.adders.codes import signed_width
from hwcomp.adders.graph import AdderGraph, Output, ranges
from hwcomp.targets.dataflow.modules.adders import AdderBody
from hwcomp.targets.dataflow.network import Instance
from hwcomp.targets.hls.views import SumsView

Span = tuple[int, int]


def sums_name(instance: Instance) -> str:
    """Of the struct of an instance's graph."""
    return f"sums_{instance.name}"


def sums_view(instance: Instance) -> SumsView:
    """The statements: inputs, nodes, outputs."""
    assert isinstance(instance.body, AdderBody), "adders of digits are not offered to C++"
    graph = instance.body.graph
    spans = ranges(graph)
    read = {add.first for add in graph.adds} | {add.second for add in graph.adds} | {o.node for o in graph.outputs}
    lines = [
        f"const {_type(span)} n{node} = {_type(span)}(x.lane[{node}]);"
        for node, span in enumerate(graph.inputs)
        if node in read
    ]
    for node, add in enumerate(graph.adds, len(graph.inputs)):
        first, second = _shifted(add.first, add.first_shift, spans), _shifted(add.second, add.second_shift, spans)
        lines.append(f"const {_type(spans[node])} n{node} = {first} {'-' if add.subtract else '+'} {second};")
    lines += [f"y.lane[{lane}] = Out({_output(out, graph, spans)});" for lane, out in enumerate(graph.outputs)]
    what = f"{len(graph.inputs)} elements to {len(graph.outputs)}, {instance.body.adders} adders"
    return SumsView(sums_name(instance), what, tuple(lines))


def _type(span: Span) -> str:
    return f"hwc::sint<{signed_width(*span)}>"


def _shifted(node: int, shift: int, spans: list[Span]) -> str:
    low, high = spans[node]
    return f"({_type((low << shift, high << shift))}(n{node}) << {shift})" if shift else f"n{node}"


def _output(out: Output, graph: AdderGraph, spans: list[Span]) -> str:
    constant = f"{_type((out.constant, out.constant))}({out.constant})"
    if out.node is None:
        return constant
    return f"{constant} {'-' if out.negate else '+'} {_shifted(out.node, out.shift, spans)}"
