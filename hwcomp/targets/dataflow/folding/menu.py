"""What each choice of each operator takes, as the instances that it would be; and of these the solver's menu."""

from __future__ import annotations

from dataclasses import fields

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.types import Value
from hwcomp.targets.dataflow.boards import Device
from hwcomp.targets.dataflow.builder import NetworkBuilder
from hwcomp.targets.dataflow.choice import Fabric
from hwcomp.targets.dataflow.estimate.cost import network_cost
from hwcomp.targets.dataflow.folding.solver import Candidate, Menu, undominated
from hwcomp.targets.dataflow.lower import isolated, lowering_of
from hwcomp.targets.dataflow.timing.interval import network_interval


def menu_of(offers: Menu) -> dict[int, list[Candidate]]:
    """Every choice of every operator that no other of its choices beats in all respects, fastest first."""
    known = {id(offered): undominated(offered) for offered in offers.values()}
    return {index: known[id(offered)] for index, offered in offers.items()}


def offers_of(graph: Graph, device: Device, fabric: Fabric) -> dict[int, list[Candidate]]:
    """Every choice of every operator."""
    known: dict[object, list[Candidate]] = {}
    offers: dict[int, list[Candidate]] = {}
    for index, op in enumerate(graph.ops):
        values = [graph.values[name] for name in (*op.inputs, *op.outputs)]
        key = (type(op), tuple(_described(v, fabric) for v in values), _fields(op))
        if key not in known:
            known[key] = _candidates(graph, index, device, fabric)
        offers[index] = known[key]
    return offers


def _described(value: Value, fabric: Fabric) -> tuple[object, ...]:
    """What of a value sets an operator's choices; of constants their contents too, where they may be adder graphs."""
    held = value.data.tobytes() if value.data is not None and fabric.adder_levels else b""
    return str(value.type), str(value.range), held


def _fields(op: Op) -> str:
    """What of an operator sets its choices, beside its types; a Requant's constants set widths, so they count."""
    skipped = {"name", "inputs", "outputs", "loc", "certificate"}
    return repr([(f.name, getattr(op, f.name)) for f in fields(op) if f.name not in skipped])


def _candidates(graph: Graph, index: int, device: Device, fabric: Fabric) -> list[Candidate]:
    op = graph.ops[index]
    found: list[Candidate] = []
    for choice in lowering_of(op).choices(NetworkBuilder(graph, "probe", {}, fabric), op):
        network = isolated(graph, index, op, choice, fabric)
        found.append(Candidate(choice, network_interval(network)[0], network_cost(network, device.family)))
    return found
