"""The memory planner: buffers that live for some steps get offsets in one arena, as small as can be.

Two buffers whose lives meet may not overlap, except that a step may write its result over an input that dies there
(`InPlace`): the two then have one offset. First come greedy placements in several orders. Where the best of them misses
the liveness bound, CP-SAT (OR-Tools) searches, and mostly proves, the optimum. Everything is deterministic: one
worker, a fixed seed, a limit in deterministic time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from hwcomp.planning.buffers import Buffer, InPlace, Plan
from hwcomp.planning.solver import solve


def plan(buffers: Sequence[Buffer], in_place: Sequence[InPlace] = (), alignment: int = 4, effort: float = 8.0) -> Plan:
    """Place `buffers` at multiples of `alignment` (bytes).

    Args:
        buffers: names are distinct.
        in_place: what may share, not what must.
        effort: the solver's limit in its deterministic time, about seconds; 0 leaves the solver out.

    Raises:
        ValueError: a name occurs twice, or an in-place pair does not meet in one step or differs in size.
    """
    _check(buffers, in_place)
    rounded = [replace(b, bytes=-(-b.bytes // alignment) * alignment) for b in buffers]
    bound = lower_bound(rounded, in_place)
    best = _greedy(rounded, in_place)
    if best.arena_bytes == bound or effort <= 0:
        return replace(best, lower_bound_bytes=bound, optimal=best.arena_bytes == bound)
    found = solve(rounded, in_place, alignment, bound, best, effort)
    if found is None:
        return replace(best, lower_bound_bytes=bound)
    return Plan(found.offsets, found.arena_bytes, max(bound, found.lower_bound_bytes), found.optimal, found.in_place)


def overlaps(buffers: Sequence[Buffer], made: Plan) -> list[tuple[str, str]]:
    """The pairs of buffers that hold data at the same step in the same bytes: none in a valid plan."""
    shared = {(pair.source, pair.result) for pair in made.in_place}
    wrong: list[tuple[str, str]] = []
    for i, a in enumerate(buffers):
        for b in buffers[i + 1 :]:
            if a.last < b.first or b.last < a.first or not a.bytes or not b.bytes:
                continue
            start_a, start_b = made.offsets[a.name], made.offsets[b.name]
            if (a.name, b.name) in shared or (b.name, a.name) in shared:
                if start_a != start_b:
                    wrong.append((a.name, b.name))
            elif start_a < start_b + b.bytes and start_b < start_a + a.bytes:
                wrong.append((a.name, b.name))
    return wrong


def lower_bound(buffers: Sequence[Buffer], in_place: Sequence[InPlace]) -> int:
    """The most bytes alive at any step; a result that could lie over an input is not counted in its first step."""
    shares = {pair.result for pair in in_place}
    steps = sorted({b.first for b in buffers})
    alive = (
        sum(b.bytes for b in buffers if b.first <= step <= b.last and not (b.first == step and b.name in shares))
        for step in steps
    )
    # A result in place also lives in its first step as its source, but alone where it has outlived it.
    return max([*alive, *(b.bytes for b in buffers)], default=0)


def _check(buffers: Sequence[Buffer], in_place: Sequence[InPlace]) -> None:
    named = {b.name: b for b in buffers}
    if len(named) != len(buffers):
        raise ValueError("two buffers have one name")
    for pair in in_place:
        source, result = named[pair.source], named[pair.result]
        if source.last != result.first or source.bytes != result.bytes or source.first == source.last:
            raise ValueError(f"{pair.source} does not end where {pair.result} begins, or differs in size")


_ORDERS: tuple[Callable[[Buffer], tuple[int, int]], ...] = (
    lambda b: (-b.bytes, b.first),
    lambda b: (-b.bytes * (b.last - b.first + 1), b.first),
    lambda b: (b.first - b.last, -b.bytes),
    lambda b: (b.first, -b.bytes),
    lambda b: (-b.last, -b.bytes),
)


def _greedy(buffers: Sequence[Buffer], in_place: Sequence[InPlace]) -> Plan:
    """The best of first-fit placements in several orders, with every pair merged and with none."""
    plans: list[Plan] = []
    for pairs in ((), chosen_pairs(in_place)) if in_place else ((),):
        groups = _groups(buffers, pairs)
        for order in _ORDERS:
            plans.append(_first_fit(groups, sorted(groups, key=order), pairs))
    return min(plans, key=lambda p: p.arena_bytes)


def chosen_pairs(in_place: Sequence[InPlace]) -> tuple[InPlace, ...]:
    """A subset in which no buffer is source twice or result twice: the first of each."""
    sources: set[str] = set()
    results: set[str] = set()
    chosen: list[InPlace] = []
    for pair in in_place:
        if pair.source not in sources and pair.result not in results:
            chosen.append(pair)
            sources.add(pair.source)
            results.add(pair.result)
    return tuple(chosen)


def _groups(buffers: Sequence[Buffer], pairs: Sequence[InPlace]) -> dict[Buffer, tuple[str, ...]]:
    """Chains of buffers that share a place, each as one buffer, with the names it stands for."""
    after = {pair.source: pair.result for pair in pairs}
    results = {pair.result for pair in pairs}
    named = {b.name: b for b in buffers}
    groups: dict[Buffer, tuple[str, ...]] = {}
    for buffer in buffers:
        if buffer.name in results:
            continue
        chain = [buffer]
        while chain[-1].name in after:
            chain.append(named[after[chain[-1].name]])
        groups[replace(buffer, last=max(b.last for b in chain))] = tuple(b.name for b in chain)
    return groups


def _first_fit(groups: Mapping[Buffer, tuple[str, ...]], order: Sequence[Buffer], pairs: tuple[InPlace, ...]) -> Plan:
    """Put each buffer, in `order`, at the least offset where no buffer placed before is in its way."""
    placed: list[tuple[int, Buffer]] = []
    for buffer in order:
        offset = 0
        for start, other in sorted(placed, key=lambda entry: entry[0]):
            if other.last < buffer.first or buffer.last < other.first:
                continue
            if start >= offset + buffer.bytes:
                break
            offset = max(offset, start + other.bytes)
        placed.append((offset, buffer))
    arena = max((start + b.bytes for start, b in placed), default=0)
    offsets = {name: start for start, b in placed for name in groups[b]}
    return Plan(offsets, arena, 0, False, pairs)
