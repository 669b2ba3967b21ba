"""What could be built, before anything is: the chosen design, its neighbours, and what lies between the extremes."""

from __future__ import annotations

from collections.abc import Sequence

from hwcomp.ir.graph import Graph
from hwcomp.targets.base import Plan, PlannedDesign
from hwcomp.targets.dataflow.boards import Device
from hwcomp.targets.dataflow.design import make_frontier
from hwcomp.targets.dataflow.folding.search import Neighbour
from hwcomp.targets.dataflow.folding.trial import Trial
from hwcomp.targets.dataflow.loading import template_of
from hwcomp.targets.dataflow.options import DesignOptions, WeightMemory

CHOSEN = "chosen"
_NAME = "plan"


def make_plan(graph: Graph, options: DesignOptions, device: Device | None = None, *, everything: bool = False) -> Plan:
    """The designs around what the options ask for, on their board or on `device`; `everything`: of all speeds.

    Raises:
        HwcompError: HWC420, HWC421, HWC422 the goal cannot be met.
    """
    shape = graph if options.weights is WeightMemory.ROM else template_of(graph)
    found = make_frontier(shape, _NAME, options, device, everything=everything)
    return plan_of(found.chosen, found.neighbours, found.device, found.clock_mhz, found.all)


def plan_of(
    chosen: Trial, neighbours: Sequence[Neighbour], device: Device, clock_mhz: int, others: Sequence[Trial] = ()
) -> Plan:
    """The designs with their names, the fastest first."""
    kinds = {id(n.trial): n.kind if n.fits else f"{n.kind}, does not fit" for n in neighbours}
    kinds[id(chosen)] = CHOSEN
    trials = {id(trial): trial for trial in (chosen, *(n.trial for n in neighbours), *others)}
    ordered = sorted(trials.items(), key=lambda entry: entry[1].interval)
    return Plan(device.title, clock_mhz, tuple(_design(kinds.get(key, ""), t, clock_mhz) for key, t in ordered))


def _design(kind: str, trial: Trial, clock_mhz: int) -> PlannedDesign:
    interval, cost = trial.interval, trial.cost
    return PlannedDesign(
        kind=kind,
        interval_cycles=interval,
        frames_a_second=clock_mhz * 1_000_000 // max(interval, 1),
        latency_cycles=trial.schedule.latency,
        lut=cost.lut,
        ff=cost.ff,
        dsp=cost.dsp,
        bram=cost.bram,
        macs_per_multiplier=None if trial.rate is None else round(trial.rate, 3),
    )
