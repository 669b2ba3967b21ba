"""Folding: for each operator one of its choices, so that the design is as fast or small as asked. Exact, by CP-SAT."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# OR-Tools' Python interface is only partly typed.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from hwcomp.ir.graph import Graph
from hwcomp.ir.op import Op
from hwcomp.targets.fpga.builder import NetworkBuilder
from hwcomp.targets.fpga.choice import Choice
from hwcomp.targets.fpga.cost import Resources, network_cost
from hwcomp.targets.fpga.lower import isolated, lowering_of
from hwcomp.targets.fpga.timing import network_interval

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    _Picks = dict[int, list[tuple["Candidate", cp_model.IntVar]]]

_SEED = 1
_EFFORT = 20.0
_SLACK_PERCENT = 90
"""How much of each limit the layers may take: the rest is for width converters and FIFOs, placed afterwards."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A choice, its interval in clocks and what it costs."""

    choice: Choice
    interval: int
    cost: Resources


@dataclass(frozen=True, slots=True)
class Folding:
    """What the solver found. choices: by the operator's index; interval: the largest of the layers'."""

    choices: Mapping[int, Choice]
    interval: int
    cost: Resources
    bound_by: int


_SHARED = ("lut", "dsp", "bram")
"""The resources that limit a design; there are always enough flip-flops."""

Menu = Mapping[int, Sequence[Candidate]]
"""The candidates of each operator, by its index."""


def menu_of(graph: Graph) -> dict[int, list[Candidate]]:
    """Every choice of every operator that no other of its choices beats in all respects, fastest first."""
    known: dict[object, list[Candidate]] = {}
    menu: dict[int, list[Candidate]] = {}
    for index, op in enumerate(graph.ops):
        key = (type(op), tuple(str(graph.values[n].type) for n in (*op.inputs, *op.outputs)), _fields(op))
        if key not in known:
            known[key] = _candidates(graph, index)
        menu[index] = known[key]
    return menu


def _fields(op: Op) -> str:
    """What of an operator sets its choices, beside its types; a Requant's constants set widths, so they count."""
    skipped = {"name", "inputs", "outputs", "loc", "certificate"}
    return repr([(f.name, getattr(op, f.name)) for f in fields(op) if f.name not in skipped])


def _candidates(graph: Graph, index: int) -> list[Candidate]:
    op = graph.ops[index]
    found = []
    for choice in lowering_of(op).choices(NetworkBuilder(graph, "probe", {}), op):
        network = isolated(graph, index, op, choice)
        found.append(Candidate(choice, network_interval(network)[0], network_cost(network)))
    return _undominated(found)


def _undominated(candidates: Sequence[Candidate]) -> list[Candidate]:
    def key(c: Candidate) -> tuple[int, ...]:
        return (c.interval, c.cost.dsp, c.cost.bram, c.cost.lut, c.choice.lanes * c.choice.pe * c.choice.simd)

    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=key):
        mine = key(candidate)[:4]
        if not any(all(a <= b for a, b in zip(key(other)[:4], mine, strict=True)) for other in kept):
            kept.append(candidate)
    return kept


def fastest(menu: Menu, limits: Resources) -> Folding | None:
    """The least interval within `limits`, and for it the least resources; None where nothing fits."""
    interval = _solve_interval(menu, limits)
    return None if interval is None else smallest(menu, interval, limits)


def smallest(menu: Menu, interval: int, limits: Resources) -> Folding | None:
    """The least resources, as shares of the limits, of all foldings no slower than `interval`; None where none fits."""
    from ortools.sat.python import cp_model

    fitting = {i: [c for c in candidates if c.interval <= interval] for i, candidates in menu.items()}
    if any(not candidates for candidates in fitting.values()):
        return None
    model = cp_model.CpModel()
    chosen, sums = _state(model, fitting, limits)
    weights = _weights(limits)
    model.minimize(sum(weights[name] * total for name, total in sums.items()))
    solver = _solver()
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return _folding({i: next(c for c, on in picks if solver.boolean_value(on)) for i, picks in chosen.items()})


def _solve_interval(menu: Menu, limits: Resources) -> int | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen, _ = _state(model, menu, limits)
    most = max(c.interval for candidates in menu.values() for c in candidates)
    interval = model.new_int_var(0, most, "interval")
    for picks in chosen.values():
        model.add(sum(c.interval * on for c, on in picks) <= interval)
    model.minimize(interval)
    solver = _solver()
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return int(solver.value(interval))


def _solver() -> cp_model.CpSolver:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = _SEED
    solver.parameters.max_deterministic_time = _EFFORT
    return solver


def _state(model: cp_model.CpModel, menu: Menu, limits: Resources) -> tuple[_Picks, dict[str, cp_model.LinearExprT]]:
    """One boolean a candidate, one of them true for each operator, sums within the limits."""
    chosen: _Picks = {}
    for index, candidates in menu.items():
        picks = [(c, model.new_bool_var(f"c{index}_{number}")) for number, c in enumerate(candidates)]
        model.add_exactly_one(on for _, on in picks)
        chosen[index] = picks
    sums: dict[str, cp_model.LinearExprT] = {}
    for name in _SHARED:
        sums[name] = sum(c.cost.of(name) * on for picks in chosen.values() for c, on in picks)
        model.add(sums[name] <= limits.of(name) * _SLACK_PERCENT // 100)
    return chosen, sums


def _weights(limits: Resources) -> dict[str, int]:
    """What a unit of each resource is worth: the scarcer, the more."""
    unit = 64 * max(limits.lut, 1)
    return {"lut": 64, "dsp": unit // max(limits.dsp, 1), "bram": unit // max(limits.bram, 1)}


def _folding(picked: Mapping[int, Candidate]) -> Folding:
    slowest = max(picked, key=lambda i: picked[i].interval)
    cost = Resources()
    for candidate in picked.values():
        cost += candidate.cost
    return Folding({i: c.choice for i, c in picked.items()}, picked[slowest].interval, cost, slowest)


def intervals_of(menu: Menu) -> list[int]:
    """Every interval that the design can have, ascending."""
    least = max(min(c.interval for c in candidates) for candidates in menu.values())
    return sorted({c.interval for candidates in menu.values() for c in candidates if c.interval >= least})
