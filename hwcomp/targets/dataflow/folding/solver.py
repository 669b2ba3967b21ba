"""Folding: for each operator one of its choices, so that the design is as fast or small as asked. Exact, by CP-SAT."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# OR-Tools' Python interface is only partly typed.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwcomp.targets.dataflow.choice import Choice
from hwcomp.targets.dataflow.estimate.cost import Resources

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    _Picks = dict[int, list[tuple["Candidate", cp_model.IntVar]]]

_SEED = 1
_EFFORT = 20.0


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


@dataclass(frozen=True, slots=True)
class Budget:
    """limits: what there is; prices: what a unit of each resource is worth. What is left over costs nothing."""

    limits: Resources
    prices: Resources

    def worth(self, cost: Resources) -> int:
        """The price of it all."""
        return sum(self.prices.of(name) * cost.of(name) for name in PRICED)

    def missing(self, cost: Resources) -> dict[str, int]:
        """How much of each resource is too much."""
        return {n: cost.of(n) - self.limits.of(n) for n in LIMITED if cost.of(n) > self.limits.of(n)}


LIMITED = ("lut", "dsp", "bram")
"""The resources that limit a design; there are always enough flip-flops."""

PRICED = ("lut", "ff", "dsp", "bram")

Menu = Mapping[int, Sequence[Candidate]]
"""The candidates of each operator, by its index."""


def undominated(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that no other beats in all respects, fastest first."""

    def key(c: Candidate) -> tuple[int, ...]:
        return (c.interval, c.cost.dsp, c.cost.bram, c.cost.lut, c.choice.lanes * c.choice.pe * c.choice.simd)

    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=key):
        mine = key(candidate)[:4]
        if not any(all(a <= b for a, b in zip(key(other)[:4], mine, strict=True)) for other in kept):
            kept.append(candidate)
    return kept


def fastest(menu: Menu, budget: Budget) -> Folding | None:
    """The least interval within the limits, and for it the least worth; None where nothing fits."""
    interval = _solve_interval(menu, budget.limits)
    return None if interval is None else smallest(menu, interval, budget)


def smallest(menu: Menu, interval: int, budget: Budget) -> Folding | None:
    """The least worth of all foldings no slower than `interval`; None where none is within the limits."""
    from ortools.sat.python import cp_model

    fitting = {i: [c for c in candidates if c.interval <= interval] for i, candidates in menu.items()}
    if any(not candidates for candidates in fitting.values()):
        return None
    model = cp_model.CpModel()
    chosen = _state(model, fitting, budget.limits)
    model.minimize(sum(budget.worth(c.cost) * on for picks in chosen.values() for c, on in picks))
    solver = _solver()
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return _folding({i: next(c for c, on in picks if solver.boolean_value(on)) for i, picks in chosen.items()})


def _solve_interval(menu: Menu, limits: Resources) -> int | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = _state(model, menu, limits)
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


def _state(model: cp_model.CpModel, menu: Menu, limits: Resources) -> _Picks:
    """One boolean a candidate, one of them true for each operator, sums within the limits."""
    chosen: _Picks = {}
    for index, candidates in menu.items():
        picks = [(c, model.new_bool_var(f"c{index}_{number}")) for number, c in enumerate(candidates)]
        model.add_exactly_one(on for _, on in picks)
        chosen[index] = picks
    for name in LIMITED:
        model.add(sum(c.cost.of(name) * on for picks in chosen.values() for c, on in picks) <= limits.of(name))
    return chosen


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
