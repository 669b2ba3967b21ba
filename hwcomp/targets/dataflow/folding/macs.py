"""How well a design keeps its multipliers busy: MACs a multiplier and clock, in the steady state."""

from __future__ import annotations

import math

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.ir.ops.dot import Conv2d, Dense, MatMul
from hwcomp.targets.dataflow.network import Instance, Network


def macs_of(graph: Graph, op: Op) -> int:
    """Multiply-accumulates of a frame; 0 of an operator that is no dot product. Borders count: they are computed."""
    if not isinstance(op, Conv2d | Dense | MatMul):
        return 0
    size = graph.values[op.outputs[0]].type.size
    if isinstance(op, Conv2d):
        return size * math.prod(graph.values[op.inputs[1]].shape[1:])
    if isinstance(op, Dense):
        return size * graph.values[op.inputs[1]].shape[1]
    return size * graph.values[op.inputs[0]].shape[-1]


def multipliers_of(instance: Instance) -> int:
    """Products that an instance makes a clock, for dot products alone: those of a Requant are no MACs."""
    n = instance.number
    if instance.module == "hwc_mvu":
        return n("Pe") * n("Simd")
    if instance.module == "hwc_dwu":
        return n("Lanes") * n("Taps")
    return n("Pe") if instance.module == "hwc_matmul" else 0


def layer_rate(graph: Graph, network: Network, index: int, interval: int) -> float | None:
    """MACs a multiplier and clock of operator `index`, of frames `interval` clocks apart; None where it has none."""
    multipliers = sum(multipliers_of(i) for i in network.instances if i.layer == index)
    return macs_of(graph, graph.ops[index]) / (multipliers * interval) if multipliers else None


def mac_rate(graph: Graph, network: Network, interval: int) -> float | None:
    """As `layer_rate`, of all layers with multipliers together: the total of MACs over that of multipliers."""
    multipliers = sum(multipliers_of(i) for i in network.instances)
    multiplying = {i.layer for i in network.instances if multipliers_of(i)}
    total = sum(macs_of(graph, op) for index, op in enumerate(graph.ops) if index in multiplying)
    return total / (multipliers * interval) if multipliers else None
