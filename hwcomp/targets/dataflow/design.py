"""From a graph and the user's goals to a design: folding, network, FIFOs, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwcomp.ir.graph import Graph
from hwcomp.targets.dataflow.boards import DEVICES, Device
from hwcomp.targets.dataflow.choice import Fabric
from hwcomp.targets.dataflow.estimate.cost import Resources
from hwcomp.targets.dataflow.folding.goals import Asked, budget_of, choose, goal_clocks
from hwcomp.targets.dataflow.folding.kernels import Kernel, kernels_of
from hwcomp.targets.dataflow.folding.menu import menu_of, offers_of
from hwcomp.targets.dataflow.folding.search import Neighbour, Search
from hwcomp.targets.dataflow.folding.solver import Folding, Menu
from hwcomp.targets.dataflow.folding.trial import Trial, make_trial
from hwcomp.targets.dataflow.network import Network
from hwcomp.targets.dataflow.ops.adders import most_digits
from hwcomp.targets.dataflow.options import DesignOptions, WeightMemory
from hwcomp.targets.dataflow.timing.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Design:
    """network: with its FIFOs; cost: the estimate for all of it; rate: MACs a multiplier and clock; chosen: all this as
    the search had it; neighbours: what else could be had; kernels: of each layer that had several, by the operator's
    index: the one it has, and the others."""

    network: Network
    folding: Folding
    schedule: Schedule
    cost: Resources
    rate: float | None
    chosen: Trial
    device: Device
    clock_mhz: int
    neighbours: tuple[Neighbour, ...]
    kernels: Mapping[int, tuple[Kernel, tuple[Kernel, ...]]]


@dataclass(frozen=True, slots=True)
class Frontier:
    """What can be chosen from: `chosen` as the options ask, its neighbours, and all designs that are worth a look."""

    chosen: Trial
    neighbours: tuple[Neighbour, ...]
    all: tuple[Trial, ...]
    device: Device
    clock_mhz: int


def make_design(graph: Graph, name: str, options: DesignOptions, device: Device | None = None) -> Design:
    """The design that the options ask for, on their board or on `device`.

    Raises:
        HwcompError: HWC420, HWC421, HWC422 the goal cannot be met.
    """
    asked, search, offers = _search(graph, name, options, device)
    t = choose(asked, search)
    found = {i: kernels_of(offers[i], choice, t.interval, search.budget) for i, choice in t.folding.choices.items()}
    return Design(
        network=t.network,
        folding=t.folding,
        schedule=t.schedule,
        cost=t.cost,
        rate=t.rate,
        chosen=t,
        device=asked.device,
        clock_mhz=asked.clock_mhz,
        neighbours=search.neighbours(t),
        kernels={index: kernels for index, kernels in found.items() if kernels is not None},
    )


def make_frontier(
    graph: Graph, name: str, options: DesignOptions, device: Device | None = None, *, everything: bool = False
) -> Frontier:
    """The designs around the one that the options ask for; with `everything`, those of all speeds.

    Raises:
        HwcompError: as `make_design`.
    """
    asked, search, _ = _search(graph, name, options, device, everything=everything)
    chosen = choose(asked, search)
    designs = tuple(search.frontier()) if everything else ()
    return Frontier(chosen, search.neighbours(chosen), designs, asked.device, asked.clock_mhz)


def _search(
    graph: Graph, name: str, options: DesignOptions, other: Device | None, *, everything: bool = False
) -> tuple[Asked, Search, Menu]:
    device = other or DEVICES[options.board]
    clock = options.clock_mhz or device.clock_mhz
    asked = Asked(graph, options, device, clock, goal_clocks(options, clock))
    budget = budget_of(options, device)
    fixed = options.weights is not WeightMemory.RAM
    fabric = Fabric(
        mult_bits=device.mult_bits,
        adder_levels=options.adder_levels if fixed else 0,
        most_digits=most_digits(graph, asked.goal, budget.limits.lut),
        most_lut=budget.limits.lut,
        goal=0 if everything else asked.goal,
        compares=fixed,
        packs=options.is_rtl and device.packs,
        clusters=options.is_rtl,
        digits=device.digits if options.is_rtl and options.adder_levels and fixed else (),
        serial_operands=device.serial_operands,
    )
    offers, loops = offers_of(graph, device, fabric), bool(graph.states)
    search = Search(menu_of(offers), budget, lambda folding: make_trial(graph, name, folding, device, fabric), loops)
    return asked, search, offers
