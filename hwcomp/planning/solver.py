"""The exact part of the planner: two-dimensional no-overlap (steps by bytes) in OR-Tools CP-SAT."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# OR-Tools' Python interface is only partly typed.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hwcomp.planning.buffers import Buffer, InPlace, Plan

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_SEED = 1


@dataclass(frozen=True, slots=True)
class _Problem:
    """The model and its variables; offsets and sizes in units of the alignment."""

    model: cp_model.CpModel
    arena: cp_model.IntVar
    offsets: dict[str, cp_model.IntVar] = field(default_factory=dict)
    shared: list[tuple[InPlace, cp_model.IntVar]] = field(default_factory=list)


def solve(
    buffers: Sequence[Buffer], in_place: Sequence[InPlace], unit: int, bound: int, hint: Plan, effort: float
) -> Plan | None:
    """A plan smaller than `hint`, or `hint` proved optimal; None where the search within `effort` shows neither.

    Args:
        buffers, in_place: as `arena.plan`; sizes are multiples of `unit`.
        bound: bytes that no plan goes below.
        hint: a valid plan to start from.
        effort: limit in CP-SAT's deterministic time.
    """
    from ortools.sat.python import cp_model

    problem = _state([b for b in buffers if b.bytes], in_place, unit, bound, hint)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = _SEED
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(problem.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    offsets = {b.name: 0 for b in buffers}
    offsets.update({name: int(solver.value(variable)) * unit for name, variable in problem.offsets.items()})
    chosen = tuple(pair for pair, on in problem.shared if solver.boolean_value(on))
    least = int(solver.best_objective_bound) * unit
    return Plan(offsets, int(solver.value(problem.arena)) * unit, least, status == cp_model.OPTIMAL, chosen)


def _state(buffers: Sequence[Buffer], in_place: Sequence[InPlace], unit: int, bound: int, hint: Plan) -> _Problem:
    """State the problem: each buffer is a rectangle of steps by bytes; an in-place pair may shorten its source's."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    top = hint.arena_bytes // unit
    problem = _Problem(model, model.new_int_var(bound // unit, top, "arena"))
    for buffer in buffers:
        size = buffer.bytes // unit
        offset = model.new_int_var(0, top - size, buffer.name)
        model.add(offset + size <= problem.arena)
        model.add_hint(offset, hint.offsets[buffer.name] // unit)
        problem.offsets[buffer.name] = offset
    hinted = set(hint.in_place)
    for pair in in_place:
        if pair.source in problem.offsets and pair.result in problem.offsets:
            on = model.new_bool_var(f"{pair.source} = {pair.result}")
            model.add(problem.offsets[pair.source] == problem.offsets[pair.result]).only_enforce_if(on)
            model.add_hint(on, pair in hinted)
            problem.shared.append((pair, on))
    for buffer in buffers:
        model.add_at_most_one(on for pair, on in problem.shared if pair.source == buffer.name)
        model.add_at_most_one(on for pair, on in problem.shared if pair.result == buffer.name)
    _keep_apart(problem, buffers, unit)
    model.minimize(problem.arena)
    return problem


def _keep_apart(problem: _Problem, buffers: Sequence[Buffer], unit: int) -> None:
    """No two rectangles overlap. A source whose result lies over it ends one step earlier."""
    model = problem.model
    steps, bytes_ = [], []
    for buffer in buffers:
        size = buffer.bytes // unit
        switches = [on for pair, on in problem.shared if pair.source == buffer.name]
        length = buffer.last - buffer.first + 1
        if switches:
            shortened = model.new_int_var(length - 1, length, f"{buffer.name}.length")
            end = model.new_int_var(buffer.last, buffer.last + 1, f"{buffer.name}.end")
            model.add(shortened == length - sum(switches))
            steps.append(model.new_interval_var(buffer.first, shortened, end, f"{buffer.name}.steps"))
        else:
            steps.append(model.new_fixed_size_interval_var(buffer.first, length, f"{buffer.name}.steps"))
        bytes_.append(model.new_fixed_size_interval_var(problem.offsets[buffer.name], size, f"{buffer.name}.bytes"))
    model.add_no_overlap_2d(steps, bytes_)
