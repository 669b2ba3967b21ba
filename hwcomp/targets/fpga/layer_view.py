"""What a bundle says of its layers: kernel, folding, what they are estimated to take, and what other kernels would."""

from __future__ import annotations

from hwcomp.ir.graph import Graph
from hwcomp.support.naming import comment
from hwcomp.targets.dataflow.design import Design
from hwcomp.targets.dataflow.estimate.cost import Resources, cost_of, total
from hwcomp.targets.dataflow.folding.kernels import Kernel
from hwcomp.targets.dataflow.folding.macs import layer_rate
from hwcomp.targets.dataflow.network import Instance
from hwcomp.targets.dataflow.timing.interval import interval_of
from hwcomp.targets.fpga.views import KernelRow, LayerRow


def layer_rows(design: Design, graph: Graph) -> tuple[LayerRow, ...]:
    """A row for each operator that has modules of its own, in order."""
    rows: list[LayerRow] = []
    for index, op in enumerate(graph.ops):
        own = [i for i in design.network.instances if i.layer == index]
        if not own:
            continue
        cost = total(cost_of(i, design.network, design.device.family) for i in own)
        taken, others = design.kernels.get(index, (None, ()))
        rows.append(
            LayerRow(
                what=f"{type(op).__name__} '{comment(op.loc.node or op.name, 60)}'".replace("|", "_"),
                kernel="-" if taken is None else taken.name,
                fold=_fold(design, index, own),
                interval=thousands(max(interval_of(i, design.network) for i in own)),
                rate=rate_text(layer_rate(graph, design.network, index, design.schedule.interval)),
                lut=thousands(cost.lut),
                ff=thousands(cost.ff),
                dsp=thousands(cost.dsp),
                bram=thousands(cost.bram),
                estimate=numbers(cost),
                instances=tuple(i.name for i in own),
                others=tuple(_row(other) for other in others),
            )
        )
    return tuple(rows)


def _fold(design: Design, index: int, own: list[Instance]) -> str:
    """Lanes and units; of an adder graph what it is made of."""
    choice, bodies = design.folding.choices[index], [i.body for i in own if i.body is not None]
    if bodies:
        return ", ".join(body.summary for body in bodies)
    return f"lanes {choice.lanes}, pe {choice.pe}, simd {choice.simd}"


def _row(kernel: Kernel) -> KernelRow:
    found = kernel.candidate
    return KernelRow(
        kernel=kernel.name,
        note="" if kernel.is_fast else "too slow",
        interval=thousands(found.interval),
        lut=thousands(found.cost.lut),
        ff=thousands(found.cost.ff),
        dsp=thousands(found.cost.dsp),
        bram=thousands(found.cost.bram),
        interval_cycles=found.interval,
        estimate=numbers(found.cost),
    )


def rate_text(rate: float | None) -> str:
    """MACs a multiplier and clock; a dash for what has no MACs."""
    return "-" if rate is None else f"{rate:.3f}"


def thousands(number: int) -> str:
    """For people."""
    return f"{number:,}"


def numbers(cost: Resources) -> dict[str, int]:
    """For a manifest."""
    return {name: cost.of(name) for name in ("lut", "ff", "dsp", "bram")}
